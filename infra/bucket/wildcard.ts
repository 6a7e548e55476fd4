// cdk-nag asks that each wildcard in a policy is acknowledged by its exact text; this writes that text.
import { Stack } from "aws-cdk-lib";
import type { IConstruct } from "constructs";
import { acknowledge } from "../cdk/acknowledge.ts";

/** Says why a policy under `scope` names this resource with a wildcard. */
export function acknowledgeWildcard(scope: IConstruct, resource: string, reason: string): void {
  const text = flatten(Stack.of(scope).resolve(resource));
  const rule = `AwsSolutions-IAM5[Resource::${text}]`;
  // CDK keeps no white space in ids, so that cdk-nag does not know its own again: then CDK has to match them.
  acknowledge(scope, { id: /\s/.test(rule) ? `AwsSolutions::${rule}` : rule, reason });
}

/** References and variables as cdk-nag prints them: `<Bucket.Arn>/*`. */
function flatten(value: unknown): string {
  if (typeof value !== "object" || value === null)
    return String(value).replaceAll("${", "<").replaceAll("}", ">");
  const [[name, argument] = []] = Object.entries(value);
  if (name === "Fn::Sub") return flatten(argument);
  if (name === "Ref") return `<${argument}>`;
  if (name === "Fn::GetAtt" && Array.isArray(argument)) return `<${argument.join(".")}>`;
  if (name === "Fn::Join" && Array.isArray(argument)) return argument[1].map(flatten).join(argument[0]);
  return JSON.stringify(value);
}
