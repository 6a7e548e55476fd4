// From a function's or version's ARN in a deployed stack to the code it names.

import { type FunctionDefinition, parseFunctionProperties } from "../lambda/index.ts";
import { requireString } from "./json.ts";
import type { DeployedResource } from "./stack.ts";

/**
 * The definition behind a function ARN; throws when the stack has none. With a version it is what was published then,
 * whatever has become of the function since.
 */
export function functionDefinition(
  resources: ReadonlyMap<string, DeployedResource>,
  functionArn: string,
): FunctionDefinition {
  const functionName = functionArn.split(":")[6] ?? "";
  for (const resource of resources.values()) {
    if (resource.type === "AWS::Lambda::Function" && resource.attributes["Arn"] === functionArn)
      return parseFunctionProperties(resource.properties, { functionName, functionArn });
    if (resource.published && resource.ref === functionArn)
      return parseFunctionProperties(resource.published, {
        functionName,
        functionArn,
        functionVersion: requireString(resource.attributes["Version"], "Version"),
      });
  }
  throw new Error(`no function of this stack has the ARN ${functionArn}`);
}
