// From a function's or version's ARN in a deployed stack to the code it names.

import { type FunctionDefinition, parseFunctionProperties } from "../lambda/index.ts";
import type { DeployedResource } from "./stack.ts";

/** The definition behind a function ARN (with or without a version); throws when the stack has none. */
export function functionDefinition(
  resources: ReadonlyMap<string, DeployedResource>,
  functionArn: string,
): FunctionDefinition {
  const [unqualified, version] = splitVersion(functionArn);
  for (const resource of resources.values()) {
    if (resource.type === "AWS::Lambda::Function" && resource.attributes["Arn"] === unqualified) {
      return parseFunctionProperties(resource.properties, {
        functionName: resource.ref,
        functionArn,
        ...(version === undefined ? {} : { functionVersion: version }),
      });
    }
  }
  throw new Error(`no function of this stack has the ARN ${functionArn}`);
}

// arn:aws:lambda:region:account:function:name[:version]
function splitVersion(functionArn: string): [string, string | undefined] {
  const parts = functionArn.split(":");
  return [parts.slice(0, 7).join(":"), parts[7]];
}
