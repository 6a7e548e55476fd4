// Gives a role what its areas say, and the function what it needs to assume roles.
import { Annotations, Validations } from "aws-cdk-lib";
import { Effect, type IRole, Policy, PolicyStatement, type Role } from "aws-cdk-lib/aws-iam";
import type { IBucket } from "aws-cdk-lib/aws-s3";
import type { Construct } from "constructs";
import type { Statement } from "../access/index.ts";
import { acknowledgeWildcard } from "./wildcard.ts";

/** Adds the statements to the role's policy. */
export function grantAssets(role: IRole, bucket: IBucket, statements: readonly Statement[]): void {
  const arns = (resources: readonly string[] | undefined) =>
    resources?.map((resource) => `${bucket.bucketArn}${resource}`);
  for (const { effect, actions, resources, notResources, conditions } of statements)
    role.addToPrincipalPolicy(
      new PolicyStatement({
        effect: effect === "Allow" ? Effect.ALLOW : Effect.DENY,
        actions: [...actions],
        resources: arns(resources),
        notResources: arns(notResources),
        conditions,
      }),
    );
  acknowledgeFindings(role, bucket, statements);
}

/** What cdk-nag and CDK find in these policies. */
function acknowledgeFindings(role: IRole, bucket: IBucket, statements: readonly Statement[]): void {
  const allowed = statements.filter(({ effect }) => effect === "Allow");
  const wildcards = allowed.flatMap(({ resources = [] }) => resources).filter((text) => text.includes("*"));
  for (const resource of new Set(wildcards))
    acknowledgeWildcard(
      role,
      `${bucket.bucketArn}${resource}`,
      "Users may read every asset of their areas; which keys exist is not known here.",
    );
  const all = statements.flatMap(({ resources = [], notResources = [] }) => [...resources, ...notResources]);
  if (all.some((resource) => ESCAPE.test(resource)))
    Validations.of(role).acknowledge({
      id: "CloudFormation-Validate::E3510",
      reason: "CDK's pattern of an ARN does not know IAM's own way to write *, ? and $ in a key.",
    });
}

const ESCAPE = /\$\{[*?$]\}/;

/**
 * A role that somebody else made may have other rights to read objects, which the policy would take away when it has to
 * deny everything that is not an asset.
 */
export function warnAboutDenial(scope: Construct, role: IRole, statements: readonly Statement[]): void {
  if (!statements.some(({ effect, notResources }) => effect === "Deny" && notResources)) return;
  Annotations.of(scope).addWarningV2(
    "gatehouse:roleReadsAssetsOnly",
    `With these areas the policy of ${role.node.path} denies s3:GetObject on everything but the assets. ` +
      "If the role reads other objects of S3 too, give Gatehouse a role of its own.",
  );
}

/** Lets the function assume exactly these roles. The policy is not part of the role's own, on which they depend. */
export function allowAssumingRoles(
  scope: Construct,
  functionRole: Role,
  roles: readonly IRole[],
  actions: readonly string[],
): void {
  new Policy(scope, "AssumeRoles", {
    roles: [functionRole],
    statements: [
      new PolicyStatement({ actions: [...actions], resources: roles.map(({ roleArn }) => roleArn) }),
    ],
  });
}
