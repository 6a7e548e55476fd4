// Gives many roles what they have in common in policies that they share, and what is their own inside of each.
import { CfnRole, type IRole, ManagedPolicy, PolicyDocument, Role } from "aws-cdk-lib/aws-iam";
import type { IBucket } from "aws-cdk-lib/aws-s3";
import type { Construct } from "constructs";
import type { Reader, SharedRights, Statement } from "../access/index.ts";
import { acknowledgeFindings, policyStatements } from "./rights.ts";

/**
 * Makes the policies and gives them to the roles. A role's own part stands in the role itself: a policy beside each
 * would be one resource more for each group, of which a stack has 500.
 */
export function grantShared(
  scope: Construct,
  bucket: IBucket,
  { policies, of }: SharedRights,
  roles: readonly (readonly [Reader, IRole])[],
): void {
  const made = new Map(
    Object.entries(policies).map(([name, statements]) => [
      name,
      createPolicy(scope, `Rights${name}`, bucket, statements),
    ]),
  );
  for (const [reader, role] of roles) {
    const { carries, own, further } = of(reader);
    for (const policy of carries.flatMap((name) => made.get(name) ?? [])) role.addManagedPolicy(policy);
    for (const [index, statements] of further.entries())
      role.addManagedPolicy(createPolicy(role, `Rights${index}`, bucket, statements));
    if (own.length > 0) putInside(role, bucket, own);
  }
}

function createPolicy(
  scope: Construct,
  id: string,
  bucket: IBucket,
  statements: readonly Statement[],
): ManagedPolicy {
  const policy = new ManagedPolicy(scope, id, {
    description: "Gatehouse: rights of signed-in users",
    statements: [...policyStatements(bucket, statements)],
  });
  acknowledgeFindings(policy, bucket, statements);
  return policy;
}

function putInside(role: IRole, bucket: IBucket, statements: readonly Statement[]): void {
  const resource = role instanceof Role ? role.node.defaultChild : undefined;
  if (!(resource instanceof CfnRole)) throw new Error(`${role.node.path} is not made by this app`);
  const policyDocument = new PolicyDocument({ statements: [...policyStatements(bucket, statements)] });
  resource.policies = [{ policyName: "Assets", policyDocument }];
  acknowledgeFindings(role, bucket, statements);
}
