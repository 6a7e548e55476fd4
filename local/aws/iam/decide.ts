// The decision: explicit deny, then allow, then deny by default, over identity, session and resource policies of one account.

import { holds } from "./condition.ts";
import { type Context, contextOf, isResolved, matches, matchesArn } from "./pattern.ts";
import type { Patterns, Policy, PrincipalPattern, Statement } from "./policy.ts";

/** Who asks. */
export type Principal =
  | { readonly kind: "anonymous" }
  | { readonly kind: "role"; readonly arn: string; readonly sessionArn: string }
  | { readonly kind: "service"; readonly name: string }
  | { readonly kind: "federated"; readonly provider: string };

/** One request for access. `resource` is ignored by trust policies, which have none. */
export interface AccessRequest {
  readonly principal: Principal;
  readonly action: string;
  readonly resource: string;
  readonly context: Readonly<Record<string, string | readonly string[]>>;
}

/** The policies that apply to a request. Principal and resource are taken to be of one account. */
export interface ApplicablePolicies {
  readonly identity?: readonly Policy[];
  /** The bucket policy, or a role's trust policy. */
  readonly resource?: Policy | undefined;
  /** Session policies given to AssumeRole: what they do not allow, the session cannot do. */
  readonly session?: readonly Policy[];
}

/** IAM's answer; only `allow` lets the request through. */
export type Decision = "allow" | "explicit-deny" | "implicit-deny";

/**
 * Decides one request as IAM does within one account.
 * @throws PolicyError when a policy asks for something that is not implemented; never an allow by ignorance.
 */
export function decide(request: AccessRequest, policies: ApplicablePolicies): Decision {
  const context = contextOf(request.context);
  const effects = (list: readonly Policy[]) =>
    list.flatMap((policy) =>
      policy.statements
        .filter((statement) => applies(statement, policy, request, context))
        .map((statement) => (delegates(statement, request.principal) ? "Delegate" : statement.effect)),
    );
  const identity = effects(policies.identity ?? []);
  const session = effects(policies.session ?? []);
  const resource = effects(policies.resource ? [policies.resource] : []);
  if ([...identity, ...session, ...resource].includes("Deny")) return "explicit-deny";
  const granted = [...identity, ...resource].includes("Allow");
  const limited = policies.session !== undefined && !session.includes("Allow");
  return granted && !limited ? "allow" : "implicit-deny";
}

/** Whether a role's trust policy lets a principal in, by name or, as part of the account, by its own permissions. */
export function trusts(trust: Policy, request: AccessRequest): boolean {
  const context = contextOf(request.context);
  const effects = trust.statements
    .filter((statement) => applies(statement, trust, request, context))
    .map((statement) => statement.effect);
  return effects.includes("Allow") && !effects.includes("Deny");
}

function applies(statement: Statement, policy: Policy, request: AccessRequest, context: Context): boolean {
  const variables = policy.variables ? context : undefined;
  const exactly = { variables, wildcards: true, ignoreCase: false };
  const action = { variables: undefined, wildcards: true, ignoreCase: true };
  return (
    (variables === undefined || isWhole(statement, variables)) &&
    (statement.principals === undefined ||
      statement.principals.some((p) => isPrincipal(p, request.principal))) &&
    selects(statement.actions, (pattern) => matches(pattern, request.action, action)) &&
    (statement.resources === undefined ||
      selects(statement.resources, (pattern) => matchesArn(pattern, request.resource, exactly))) &&
    statement.conditions.every((condition) => holds(condition, { context, variables: policy.variables }))
  );
}

/**
 * A variable without a value may make the whole statement void, says AWS: a Deny, too, and an Allow with all else that it
 * names. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
 */
function isWhole({ resources, conditions }: Statement, context: Context): boolean {
  const texts = [...(resources?.list ?? []), ...conditions.flatMap(({ values }) => values)];
  return texts.every((text) => isResolved(text, context));
}

function selects({ negated, list }: Patterns, match: (pattern: string) => boolean): boolean {
  return list.some(match) !== negated;
}

/** An Allow that names only the caller's account leaves the decision to identity policies; a Deny binds. */
function delegates(statement: Statement, principal: Principal): boolean {
  if (statement.effect === "Deny" || statement.principals === undefined) return false;
  const named = statement.principals.filter((pattern) => isPrincipal(pattern, principal));
  return named.every((pattern) => accountOf(pattern) !== undefined);
}

function isPrincipal(pattern: PrincipalPattern, principal: Principal): boolean {
  if (pattern.value === "*" && pattern.type !== "Service" && pattern.type !== "Federated") return true;
  if (pattern.type === "Service") return principal.kind === "service" && principal.name === pattern.value;
  if (pattern.type === "Federated")
    return principal.kind === "federated" && principal.provider === pattern.value;
  if (principal.kind !== "role") return false;
  if ([principal.arn, principal.sessionArn].includes(pattern.value)) return true;
  return accountOf(pattern) === principal.arn.split(":")[4];
}

/** The account that `{ "AWS": "111122223333" }` or its `:root` ARN stands for. */
function accountOf(pattern: PrincipalPattern): string | undefined {
  if (pattern.type !== "AWS") return undefined;
  return /^(?:arn:aws:iam::)?(\d{12})(?::root)?$/.exec(pattern.value)?.[1];
}
