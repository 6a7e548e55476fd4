// Gives a role what its areas say, and the function what it needs to assume roles.
import { Annotations } from "aws-cdk-lib";
import { Effect, type IRole, ManagedPolicy, Policy, PolicyStatement, type Role } from "aws-cdk-lib/aws-iam";
import type { IBucket } from "aws-cdk-lib/aws-s3";
import type { Construct, IConstruct } from "constructs";
import type { Statement } from "../access/index.ts";
import { acknowledge } from "../cdk/acknowledge.ts";
import { acknowledgeWildcard } from "./wildcard.ts";

/** Adds the statements to the role's policy. */
export function grantAssets(role: IRole, bucket: IBucket, statements: readonly Statement[]): void {
  for (const statement of policyStatements(bucket, statements)) role.addToPrincipalPolicy(statement);
  acknowledgeFindings(role, bucket, statements);
}

/** The statements as CDK has them. */
export function policyStatements(
  bucket: IBucket,
  statements: readonly Statement[],
): readonly PolicyStatement[] {
  const arns = (resources: readonly string[] | undefined) =>
    resources?.map((resource) => `${bucket.bucketArn}${resource}`);
  return statements.map(
    ({ effect, actions, resources, notResources, conditions }) =>
      new PolicyStatement({
        effect: effect === "Allow" ? Effect.ALLOW : Effect.DENY,
        actions: [...actions],
        resources: arns(resources),
        notResources: arns(notResources),
        conditions,
      }),
  );
}

/** What cdk-nag and CDK find in these policies. */
export function acknowledgeFindings(
  holder: IConstruct,
  bucket: IBucket,
  statements: readonly Statement[],
): void {
  const allowed = statements.filter(({ effect }) => effect === "Allow");
  const wildcards = allowed.flatMap(({ resources = [] }) => resources).filter((text) => text.includes("*"));
  for (const resource of new Set(wildcards))
    acknowledgeWildcard(
      holder,
      `${bucket.bucketArn}${resource}`,
      "Users may read every asset of their areas; which keys exist is not known here.",
    );
  const all = statements.flatMap(({ resources = [], notResources = [] }) => [...resources, ...notResources]);
  if (all.some((resource) => ESCAPE.test(resource)))
    acknowledge(holder, {
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
  const broad = statements.filter(({ effect, notResources }) => effect === "Deny" && notResources);
  if (broad.length === 0) return;
  const actions = broad.some((statement) => statement.actions.includes("s3:PutObject"))
    ? "s3:GetObject and s3:PutObject"
    : "s3:GetObject";
  Annotations.of(scope).addWarningV2(
    "gatehouse:roleReadsAssetsOnly",
    `With these areas the policy of ${role.node.path} denies ${actions} on everything but the assets. ` +
      "If the role reads other objects of S3 too, give Gatehouse a role of its own.",
  );
}

/** How many roles' ARNs a policy surely holds: 6,144 characters, and a role's ARN has up to 100. */
const ROLES_PER_POLICY = 55;

/**
 * Lets the function assume exactly these roles. The policy is not part of the role's own, on which they depend; many
 * roles take several, for all inline ones of a role have 10,240 characters together.
 */
export function allowAssumingRoles(
  scope: Construct,
  functionRole: Role,
  roles: readonly IRole[],
  actions: readonly string[],
): void {
  const statementFor = (some: readonly IRole[]) =>
    new PolicyStatement({ actions: [...actions], resources: some.map(({ roleArn }) => roleArn) });
  if (roles.length <= ROLES_PER_POLICY) {
    new Policy(scope, "AssumeRoles", { roles: [functionRole], statements: [statementFor(roles)] });
    return;
  }
  for (let start = 0; start < roles.length; start += ROLES_PER_POLICY)
    new ManagedPolicy(scope, `AssumeRoles${start}`, {
      roles: [functionRole],
      statements: [statementFor(roles.slice(start, start + ROLES_PER_POLICY))],
    });
}
