// A template can be deployed under any name: what an account has only once is called after the stack that it becomes.
import { isRecord } from "../../edge/config/json.ts";

/**
 * A template's resources, in which names that CDK has made of one stack's name are made of the deployed one's. CloudFront's
 * policies, functions and stores have such names, and an account has each of them once; all else is named by CloudFormation.
 */
export function namedAfterStack(
  resources: Readonly<Record<string, unknown>>,
  stackName: string,
): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(resources).map(([id, resource]) => [
      id,
      isOfCloudFront(resource) ? withNames(resource, stackName) : resource,
    ]),
  );
}

function isOfCloudFront(resource: unknown): boolean {
  return isRecord(resource) && String(resource["Type"]).startsWith("AWS::CloudFront::");
}

function withNames(value: unknown, stackName: string): unknown {
  if (Array.isArray(value)) return value.map((item) => withNames(item, stackName));
  if (!isRecord(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      key,
      key === "Name" && typeof item === "string" && item.includes(stackName)
        ? { "Fn::Sub": item.replace(stackName, "$${AWS::StackName}") }
        : withNames(item, stackName),
    ]),
  );
}
