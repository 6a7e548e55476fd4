// A policy in closed form: what the parser makes of an IAM document and the evaluator works on.

/** One statement of a policy, its one-or-many fields as lists. */
export interface Statement {
  readonly sid: string;
  readonly effect: "Allow" | "Deny";
  readonly principals: readonly PrincipalPattern[] | undefined;
  readonly actions: Patterns;
  readonly resources: Patterns | undefined;
  readonly conditions: readonly Condition[];
}

/** `Action`/`Resource` (any of them) or `NotAction`/`NotResource` (none of them). */
export interface Patterns {
  readonly negated: boolean;
  readonly list: readonly string[];
}

/** One entry of a `Principal` element: `{ "AWS": "..." }`; `"*"` alone is everybody. */
export interface PrincipalPattern {
  readonly type: "*" | "AWS" | "Service" | "Federated";
  readonly value: string;
}

/** One operator, one key, its values. */
export interface Condition {
  readonly operator: string;
  readonly key: string;
  readonly values: readonly string[];
}

/** A parsed policy; `variables` says whether its version gives `${...}` a meaning (2012-10-17 only). */
export interface Policy {
  readonly variables: boolean;
  readonly statements: readonly Statement[];
}

/** Where a policy is attached, which decides the elements that it must and must not have. */
export type PolicyKind = "identity" | "resource" | "trust";

/** A policy that IAM would refuse, or that uses something this evaluator does not implement. */
export class PolicyError extends Error {
  override readonly name = "PolicyError";
}
