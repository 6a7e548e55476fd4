// Roles as the resolved template describes them, parsed once.

import { parsePolicy } from "./parse.ts";
import type { Policy } from "./policy.ts";

/** A role in the template's words: policy documents as plain data. */
export interface RoleDocument {
  /** `AssumeRolePolicyDocument`. */
  readonly trust: unknown;
  /** The documents of its inline and attached policies. */
  readonly policies: readonly unknown[];
}

/** A role with its documents parsed. */
export interface Role {
  readonly arn: string;
  readonly trust: Policy;
  readonly policies: readonly Policy[];
}

/**
 * Parses every role of a template, keyed by ARN.
 * @throws PolicyError naming what is not implemented.
 */
export function parseRoles(documents: ReadonlyMap<string, RoleDocument>): ReadonlyMap<string, Role> {
  return new Map(
    [...documents].map(([arn, { trust, policies }]) => [
      arn,
      {
        arn,
        trust: parsePolicy(trust, "trust"),
        policies: policies.map((policy) => parsePolicy(policy, "identity")),
      },
    ]),
  );
}
