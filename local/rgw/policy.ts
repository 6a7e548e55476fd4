// Policies in the form that RADOS Gateway 16.2 evaluates; what it would evaluate differently from IAM is refused here.
//
// It knows no policy variables. So a role gets a widened policy (variables as `*`), and each session a session policy
// with the variables filled in: together they allow what IAM allows. `local/README.md` lists the other differences.

import { parsePolicy } from "../aws/iam/parse.ts";
import { type Patterns, PolicyError, type PrincipalPattern, type Statement } from "../aws/iam/policy.ts";
import { conditionsOf } from "./conditions.ts";

/** Condition keys of the session, by name; a value with several entries cannot be filled in. */
export type SessionContext = Readonly<Record<string, string | readonly string[]>>;

/** A policy for `policyText`. */
export interface GatewayPolicy {
  readonly Version: "2012-10-17";
  readonly Statement: readonly object[];
}

/** The policy of a role, at least as wide as IAM's for every session. */
export function rolePolicy(documents: readonly unknown[]): GatewayPolicy {
  return policyOf(identityStatements(documents).flatMap((statement) => widened(statement)));
}

/** The policy of one session, exactly IAM's; undefined when the role's own says all. */
export function sessionPolicy(
  documents: readonly unknown[],
  context: SessionContext,
): GatewayPolicy | undefined {
  const statements = identityStatements(documents);
  if (!statements.some(hasVariables)) return undefined;
  return policyOf(statements.flatMap((statement) => filledIn(statement, context)));
}

/**
 * The bucket policy. Statements about TLS are left out, for the gateway is on loopback without it; CloudFront's service
 * principal becomes a user of the gateway; roles that are not there are left out.
 */
export function bucketPolicy(document: unknown, roleNames: ReadonlySet<string>): GatewayPolicy {
  const statements = parsePolicy(document, "resource").statements.filter(
    (statement) => !isAboutTls(statement),
  );
  return policyOf(
    statements.flatMap((statement) => {
      const principals = (statement.principals ?? []).flatMap((principal) =>
        principalOf(principal, roleNames),
      );
      const conditions = statement.conditions.filter(({ key }) => key.toLowerCase() !== "aws:sourcearn");
      if (principals.length === 0) return [];
      return [{ ...statementOf({ ...statement, conditions }), Principal: { AWS: principals } }];
    }),
  );
}

/** The name under which a role is known to the gateway. */
export function roleName(arn: string): string {
  return arn.split("/").at(-1) ?? "";
}

function policyOf(statements: readonly object[]): GatewayPolicy {
  return { Version: "2012-10-17", Statement: statements };
}

/** Only what concerns S3: the gateway refuses actions of other services. */
function identityStatements(documents: readonly unknown[]): readonly Statement[] {
  return documents
    .flatMap((document) => parsePolicy(document, "identity").statements)
    .map((statement) => ({
      ...statement,
      actions: {
        ...statement.actions,
        list: statement.actions.list.filter((action) => /^(s3:|\*$)/i.test(action)),
      },
    }))
    .filter((statement) => statement.actions.list.length > 0);
}

function hasVariables(statement: Statement): boolean {
  const values = statement.conditions.flatMap((condition) => condition.values);
  return [...(statement.resources?.list ?? []), ...values].some(isVariable);
}

function isVariable(text: string): boolean {
  return /\$\{[^*?$]/.test(text);
}

/** An Allow as wide as any session may need; a Deny with variables is left to the session policy. */
function widened(statement: Statement): readonly object[] {
  if (!hasVariables(statement)) return [statementOf(statement)];
  if (statement.effect === "Deny") return [];
  const conditions = statement.conditions.filter((condition) => !condition.values.some(isVariable));
  return [statementOf({ ...statement, conditions, resources: widenedResources(statement.resources) })];
}

function widenedResources(resources: Patterns | undefined): Patterns {
  const { negated = false, list = [] } = resources ?? {};
  if (!negated) return { negated, list: list.map((pattern) => pattern.replace(/\$\{[^*?$][^}]*\}/g, "*")) };
  const fixed = list.filter((pattern) => !isVariable(pattern));
  return fixed.length > 0 ? { negated, list: fixed } : { negated: false, list: ["*"] };
}

function filledIn(statement: Statement, context: SessionContext): readonly object[] {
  const resources = statement.resources?.list.flatMap((pattern) => fill(pattern, context)) ?? [];
  const conditions = statement.conditions.map((condition) => ({
    ...condition,
    values: condition.values.flatMap((value) => fill(value, context)).map(gatewayText),
  }));
  const negated = statement.resources?.negated ?? false;
  if (conditions.some(({ values }) => values.length === 0)) return [];
  if (resources.length > 0)
    return [statementOf({ ...statement, conditions, resources: { negated, list: resources } })];
  return negated
    ? [statementOf({ ...statement, conditions, resources: { negated: false, list: ["*"] } })]
    : [];
}

/** A pattern with its variables' values, wildcards in them escaped; none when one of them has no value. */
function fill(pattern: string, context: SessionContext): readonly string[] {
  const values = new Map(Object.entries(context).map(([key, value]) => [key.toLowerCase(), value]));
  let complete = true;
  const filled = pattern.replace(/\$\{([^*?$][^}]*)\}/g, (_all, variable: string) => {
    const [key = "", otherwise] = variable.split(/, *'(.*)'/);
    const value = values.get(key.trim().toLowerCase()) ?? otherwise;
    if (typeof value !== "string") complete = false;
    return typeof value === "string" ? value.replace(/[*?$]/g, (character) => `\${${character}}`) : "";
  });
  return complete ? [filled] : [];
}

function statementOf(statement: Statement): object {
  if (statement.actions.negated)
    throw new PolicyError(`${statement.sid}: RADOS Gateway does not evaluate NotAction as IAM does`);
  const resources = statement.resources?.list.map(gatewayArn) ?? ["*"];
  return {
    Effect: statement.effect,
    Action: statement.actions.list,
    [statement.resources?.negated ? "NotResource" : "Resource"]: resources,
    ...(statement.conditions.length > 0 && { Condition: conditionsOf(statement.conditions) }),
  };
}

/** A colon inside a key is a malformed ARN to the gateway, and `${*}` unknown to it: `?` stands for that one character. */
function gatewayArn(arn: string): string {
  const [head, ...key] = arn.split("/");
  const rest = key.join("/").replace(/\$\{([*?$])\}|:/g, (_all, escaped) => (escaped === "$" ? "$" : "?"));
  return key.length === 0 ? arn : `${head}/${rest}`;
}

/** In conditions too, escapes are unknown to the gateway. */
function gatewayText(value: string): string {
  return value.replace(/\$\{([*?$])\}/g, "$1");
}

/** The policy as the gateway reads it: the same condition key may come several times. */
export function policyText(policy: GatewayPolicy): string {
  return JSON.stringify(policy).replace(/"([\w:]+)#\d+":/g, '"$1":');
}

function isAboutTls(statement: Statement): boolean {
  return statement.conditions.some(({ key }) => /^(aws:securetransport|s3:tlsversion)$/i.test(key));
}

function principalOf(principal: PrincipalPattern, roleNames: ReadonlySet<string>): readonly string[] {
  if (principal.value === "*") return ["*"];
  if (principal.type === "Service")
    return principal.value === "cloudfront.amazonaws.com" ? ["arn:aws:iam:::user/cloudfront"] : [];
  const name = roleName(principal.value);
  return roleNames.has(name) ? [`arn:aws:iam:::role/${name}`] : [];
}
