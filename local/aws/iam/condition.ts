// Conditions: IAM's operators over the context of a request; an operator this file does not know throws.

import { BlockList, isIP } from "node:net";
import { type Context, matches, matchesArn } from "./pattern.ts";
import { type Condition, PolicyError } from "./policy.ts";

/** What a test sees beside its two values. */
interface Scope {
  readonly context: Context;
  /** Whether `${...}` in the policy is a variable. */
  readonly variables: boolean;
}

type Test = (expected: string, actual: string, scope: Scope) => boolean;

interface Operator {
  readonly test: Test;
  readonly negated: boolean;
}

/**
 * Whether one condition of a statement holds.
 * @throws PolicyError for an operator or operand that is not implemented.
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-logic-multiple-context-keys-or-values.html
 */
export function holds(condition: Condition, scope: Scope): boolean {
  const actual = scope.context.get(condition.key.toLowerCase()) ?? [];
  if (condition.operator === "Null")
    return condition.values.some((value) => bool(value) === (actual.length === 0));
  const { quantifier, name, ifExists } = parseOperator(condition.operator);
  const operator = OPERATORS.get(name);
  if (!operator) throw new PolicyError(`condition operator ${condition.operator} is not implemented`);
  if (actual.length === 0) return ifExists || quantifier === "all" || (!quantifier && operator.negated);
  const one = (value: string) =>
    condition.values.some((expected) => operator.test(expected, value, scope)) !== operator.negated;
  if (quantifier === "all") return actual.every(one);
  if (quantifier === "any") return actual.some(one);
  if (actual.length > 1)
    throw new PolicyError(`${condition.key} has several values: ${condition.operator} needs ForAnyValue`);
  return actual.every(one);
}

/** Whether a condition operator, with its set prefix and `IfExists`, is one that `holds` implements. */
export function isOperator(text: string): boolean {
  return text === "Null" || OPERATORS.has(parseOperator(text).name);
}

function parseOperator(text: string): { quantifier?: "all" | "any"; name: string; ifExists: boolean } {
  const parts = /^(?:(ForAllValues|ForAnyValue):)?([A-Za-z]+?)(IfExists)?$/.exec(text);
  const [, set, name = "", suffix] = parts ?? [];
  return {
    ...(set && { quantifier: set === "ForAllValues" ? "all" : "any" }),
    name,
    ifExists: suffix !== undefined,
  };
}

const text =
  (wildcards: boolean, ignoreCase = false): Test =>
  (expected, actual, { context, variables }) =>
    matches(expected, actual, { variables: variables ? context : undefined, wildcards, ignoreCase });

const arn: Test = (expected, actual, { context, variables }) =>
  matchesArn(expected, actual, {
    variables: variables ? context : undefined,
    wildcards: true,
    ignoreCase: false,
  });

const compared =
  (read: (value: string) => number, compare: (actual: number, expected: number) => boolean): Test =>
  (expected, actual) =>
    compare(read(actual), operand(read, expected));

function operand(read: (value: string) => number, expected: string): number {
  const value = read(expected);
  if (Number.isNaN(value)) throw new PolicyError(`cannot compare with ${JSON.stringify(expected)}`);
  return value;
}

const number = (value: string) => (value.trim() === "" ? Number.NaN : Number(value));
const date = (value: string) => (/^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value));

function bool(value: string): boolean {
  const lower = value.toLowerCase();
  if (lower !== "true" && lower !== "false") throw new PolicyError(`${value} is neither true nor false`);
  return lower === "true";
}

const address: Test = (expected, actual) => {
  const [network = "", prefix] = expected.split("/");
  const family = isIP(network) === 6 ? "ipv6" : "ipv4";
  if (isIP(network) === 0) throw new PolicyError(`${expected} is not an address range`);
  const list = new BlockList();
  list.addSubnet(network, Number(prefix ?? (family === "ipv6" ? 128 : 32)), family);
  return list.check(actual, isIP(actual) === 6 ? "ipv6" : "ipv4");
};

const both = (positive: string, negative: string, test: Test): [string, Operator][] => [
  [positive, { test, negated: false }],
  [negative, { test, negated: true }],
];
const orderings = (type: string, read: (value: string) => number): [string, Operator][] => [
  ...both(
    `${type}Equals`,
    `${type}NotEquals`,
    compared(read, (a, b) => a === b),
  ),
  [`${type}LessThan`, { test: compared(read, (a, b) => a < b), negated: false }],
  [`${type}LessThanEquals`, { test: compared(read, (a, b) => a <= b), negated: false }],
  [`${type}GreaterThan`, { test: compared(read, (a, b) => a > b), negated: false }],
  [`${type}GreaterThanEquals`, { test: compared(read, (a, b) => a >= b), negated: false }],
];

const OPERATORS: ReadonlyMap<string, Operator> = new Map([
  ...both("StringEquals", "StringNotEquals", text(false)),
  ...both("StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase", text(false, true)),
  ...both("StringLike", "StringNotLike", text(true)),
  ...both("ArnEquals", "ArnNotEquals", arn),
  ...both("ArnLike", "ArnNotLike", arn),
  ...both("IpAddress", "NotIpAddress", address),
  ...orderings("Numeric", number),
  ...orderings("Date", date),
  ["Bool", { test: (expected, actual) => bool(expected) === bool(actual), negated: false }],
]);
