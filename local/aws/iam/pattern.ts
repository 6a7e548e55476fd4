// Patterns: IAM's wildcards and policy variables, matched without ever turning a request's value into a wildcard.

import { PolicyError } from "./policy.ts";

/** What is known of a request, by lower-cased condition key. */
export type Context = ReadonlyMap<string, readonly string[]>;

/** How the text of one pattern is to be read. */
export interface Reading {
  /** Substitute `${key}` from here; undefined leaves the text as it stands. */
  readonly variables: Context | undefined;
  readonly wildcards: boolean;
  readonly ignoreCase: boolean;
}

/** Lower-cases the keys of a request's context and makes every value a list. */
export function contextOf(values: Readonly<Record<string, string | readonly string[]>>): Context {
  return new Map(
    Object.entries(values).map(([key, value]) => [
      key.toLowerCase(),
      typeof value === "string" ? [value] : value,
    ]),
  );
}

/** Whether a value matches a pattern; a pattern with a variable that has no value matches nothing. */
export function matches(pattern: string, value: string, reading: Reading): boolean {
  const expression = hasVariables(pattern, reading)
    ? compile(pattern, reading)
    : compiledOnce(pattern, reading);
  return expression?.test(value) === true;
}

/** Whether every variable of a pattern has a value. */
export function isResolved(pattern: string, context: Context): boolean {
  return [...pattern.matchAll(/\$\{([^}]*)\}/g)].every(
    ([, text = ""]) => variable(text, context) !== undefined,
  );
}

function hasVariables(pattern: string, { variables }: Reading): boolean {
  return variables !== undefined && pattern.includes("$");
}

/** Generated policies would fill it without end; a stack's hold a few hundred. */
const MAX_COMPILED = 5_000;
/** The expressions of patterns that mean the same in every request. */
const COMPILED = new Map<string, RegExp | undefined>();

function compiledOnce(pattern: string, reading: Reading): RegExp | undefined {
  const key = `${reading.wildcards} ${reading.ignoreCase} ${pattern}`;
  if (COMPILED.size >= MAX_COMPILED) COMPILED.clear();
  if (!COMPILED.has(key)) COMPILED.set(key, compile(pattern, reading));
  return COMPILED.get(key);
}

function compile(pattern: string, reading: Reading): RegExp | undefined {
  const source = regexSource(pattern, reading);
  return source === undefined ? undefined : new RegExp(`^${source}$`, reading.ignoreCase ? "isu" : "su");
}

const COMPONENTS = 6;

/**
 * ARNs are compared component by component, so that a `*` in one does not reach over a colon into the next.
 * The sixth component keeps its colons: object keys may hold them.
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_ARN
 */
export function matchesArn(pattern: string, arn: string, reading: Reading): boolean {
  if (pattern === "*") return true;
  const expected = components(splitOutsideVariables(pattern));
  const actual = components(arn.split(":"));
  if (expected.length < COMPONENTS) return pattern.endsWith("*") && matches(pattern, arn, reading);
  return (
    actual.length === COMPONENTS &&
    expected.every((part, index) => matches(part, actual[index] ?? "", reading))
  );
}

function components(parts: readonly string[]): readonly string[] {
  if (parts.length <= COMPONENTS) return parts;
  return [...parts.slice(0, COMPONENTS - 1), parts.slice(COMPONENTS - 1).join(":")];
}

/** Splits at colons, but not inside `${aws:PrincipalTag/x}`. */
function splitOutsideVariables(text: string): readonly string[] {
  const parts = [""];
  for (const piece of text.match(/\$\{[^}]*\}|:|[^:$]+|\$/g) ?? [])
    if (piece === ":") parts.push("");
    else parts[parts.length - 1] += piece;
  return parts;
}

function regexSource(pattern: string, reading: Reading): string | undefined {
  let source = "";
  for (const piece of pattern.match(/\$\{[^}]*\}|[\s\S]/gu) ?? []) {
    const part = pieceSource(piece, pattern, reading);
    if (part === undefined) return undefined;
    source += part;
  }
  return source;
}

function pieceSource(piece: string, pattern: string, reading: Reading): string | undefined {
  if (reading.wildcards && piece === "*") return ".*";
  if (reading.wildcards && piece === "?") return ".";
  if (!reading.variables || !piece.startsWith("$")) return literal(piece);
  if (piece.length === 1) {
    if (pattern.includes("${")) throw new PolicyError(`unfinished variable in ${JSON.stringify(pattern)}`);
    return literal(piece);
  }
  const value = variable(piece.slice(2, -1), reading.variables);
  return value === undefined ? undefined : literal(value);
}

/** The value of `${key}` or `${key, 'default'}`; `${*}`, `${?}` and `${$}` are the characters themselves. */
function variable(text: string, context: Context): string | undefined {
  if (text === "*" || text === "?" || text === "$") return text;
  const parts = /^\s*([\w:./@+=-]+)\s*(?:,\s*'([^']*)'\s*)?$/.exec(text);
  if (!parts?.[1]) throw new PolicyError(`malformed policy variable \${${text}}`);
  const values = context.get(parts[1].toLowerCase());
  return values?.length === 1 ? values[0] : parts[2];
}

function literal(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
}
