// What a check is, and what it can come to.
import type { Subject } from "./subject.ts";

/** What one check came to. */
export interface Finding {
  readonly verdict: "pass" | "fail" | "skip";
  /** What was seen, in a line; never a token, a cookie or a signature. */
  readonly detail: string;
  /** Instead of what the check says in general. */
  readonly means?: string;
  readonly set?: string;
}

/** One thing that is asked of a gate. */
export interface Check {
  /** Stable: documentation and scripts name it. */
  readonly id: string;
  /** What is done. */
  readonly does: string;
  /** What it means when it fails. */
  readonly means: string;
  /** What to change then. */
  readonly set: string;
  /** Which question it answers that AWS leaves open, see docs/aws-unknowns.md. */
  readonly settles?: string;
  /** Throws `Skipped` where something is missing, and `NoAnswer`. */
  readonly run: (subject: Subject) => Promise<Finding>;
}

/** Thrown where a check cannot be made. */
export class Skipped extends Error {
  override readonly name = "Skipped";
}

/** It is as it should be. */
export function pass(detail: string): Finding {
  return { verdict: "pass", detail };
}

/** It is not; `more` where the answer says more than the check does in general. */
export function fail(detail: string, more: Pick<Finding, "means" | "set"> = {}): Finding {
  return { verdict: "fail", detail, ...more };
}

/** A statement about an answer, and whether it holds. */
export type Demand = readonly [statement: string, holds: boolean];

/** Passes when every demand holds, and else names those that do not. */
export function judge(
  seen: string,
  demands: readonly Demand[],
  more?: Pick<Finding, "means" | "set">,
): Finding {
  const missed = demands.filter(([, holds]) => !holds).map(([statement]) => statement);
  return missed.length === 0 ? pass(seen) : fail(`${seen}; expected ${missed.join(", ")}`, more);
}
