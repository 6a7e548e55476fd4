// A role's statements as a policy that the local IAM evaluates; the bucket is `assets`.
import type { Statement } from "../../infra/access/index.ts";
import { decide } from "../../local/aws/iam/decide.ts";
import { parsePolicy } from "../../local/aws/iam/parse.ts";

export const BUCKET = "arn:aws:s3:::assets";
const ROLE = "arn:aws:iam::111122223333:role/reader";

/** The document as CloudFormation would send it. */
export function documentOf(statements: readonly Statement[]): unknown {
  const arns = (resources: readonly string[] | undefined) => resources?.map((text) => `${BUCKET}${text}`);
  const document = {
    Version: "2012-10-17",
    Statement: statements.map(({ effect, actions, resources, notResources, conditions }) => ({
      Effect: effect,
      Action: actions,
      Resource: arns(resources),
      NotResource: arns(notResources),
      Condition: conditions,
    })),
  };
  return JSON.parse(JSON.stringify(document));
}

/** Whether the policy lets a session of the role do this. */
export type Allows = (action: string, resource: string, context?: Record<string, string>) => boolean;

export function evaluator(statements: readonly Statement[], session: Record<string, string>): Allows {
  const policies = statements.length > 0 ? [parsePolicy(documentOf(statements), "identity")] : [];
  const principal = { kind: "role", arn: ROLE, sessionArn: ROLE } as const;
  return (action, resource, context = {}) =>
    decide({ principal, action, resource, context: { ...session, ...context } }, { identity: policies }) ===
    "allow";
}
