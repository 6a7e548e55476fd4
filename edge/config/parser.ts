// Parsers of JSON values that collect all problems instead of stopping at the first. Runs where a configuration is made.
import { isRecord } from "./json.ts";
import { unknownNames } from "./names.ts";

/** Where problems are collected while a document is read. */
export interface Reading {
  readonly problems: string[];
  readonly isToken: (value: unknown) => boolean;
}

/** Reads one value; a wrong one is a problem of its field, and something of the right type stands in for it. */
export type Parser<T> = (value: unknown, field: string, reading: Reading) => T;

/** Text that passes a rule. */
export function string(rule: Pick<RegExp, "test">, expected: string): Parser<string> {
  return (value, field, { problems, isToken }) => {
    if (typeof value === "string" && (isToken(value) || rule.test(value))) return value;
    problems.push(`${field}: expected ${expected}`);
    return "";
  };
}

/** A list of one kind of value. */
export function list<T>(item: Parser<T>, atLeast = 0): Parser<readonly T[]> {
  return (value, field, reading) => {
    if (Array.isArray(value) && value.length >= atLeast)
      return value.map((entry: unknown, index) => item(entry, `${field}[${index}]`, reading));
    reading.problems.push(`${field}: expected a list${atLeast > 0 ? ` of at least ${atLeast}` : ""}`);
    return [];
  };
}

/** One of a few words; the first is the default. */
export function oneOf<Word extends string>(fallback: Word, ...others: readonly Word[]): Parser<Word> {
  const words = [fallback, ...others];
  return (value, field, { problems }) => {
    const found = value === undefined ? fallback : words.find((word) => word === value);
    if (!found) problems.push(`${field}: expected ${words.join(" or ")}`);
    return found ?? fallback;
  };
}

/** An object of any names, with one kind of value. */
export function record<T>(item: Parser<T>): Parser<Readonly<Record<string, T>>> {
  return (value, field, reading) => {
    if (!isRecord(value)) reading.problems.push(`${field}: expected an object`);
    const entries = Object.entries(isRecord(value) ? value : {});
    return Object.fromEntries(
      entries.map(([name, entry]) => [name, item(entry, `${field}.${name}`, reading)]),
    );
  };
}

/** True or false; false by default. */
export const flag: Parser<boolean> = (value, field, { problems }) => {
  if (value !== undefined && typeof value !== "boolean") problems.push(`${field}: expected true or false`);
  return value === true;
};

/** An object that may be left out when all of its fields may. */
export function defaulted<T>(parser: Parser<T>): Parser<T> {
  return (value, field, reading) => parser(value ?? {}, field, reading);
}

/** Exactly this word. */
export function word<Word extends string>(only: Word): Parser<Word> {
  return (value, field, { problems }) => {
    if (value !== only) problems.push(`${field}: expected ${only}`);
    return only;
  };
}

/** A whole number of seconds, at most a year. */
export function seconds(value: unknown, field: string, { problems }: Reading): number {
  if (typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= 31_536_000) return value;
  problems.push(`${field}: expected seconds, at most a year`);
  return 0;
}

/** A whole number in a range. */
export function whole(from: number, to: number): Parser<number> {
  return (value, field, { problems }) => {
    if (typeof value === "number" && Number.isInteger(value) && value >= from && value <= to) return value;
    problems.push(`${field}: expected a whole number from ${from} to ${to}`);
    return from;
  };
}

/** A time as whole seconds since the epoch. */
export function epochSeconds(value: unknown, field: string, { problems }: Reading): number {
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0 && value < 1e10) return value;
  problems.push(`${field}: expected whole seconds since the epoch`);
  return 0;
}

/** A number from 0 to 1. */
export function share(value: unknown, field: string, { problems }: Reading): number {
  if (typeof value === "number" && value >= 0 && value <= 1) return value;
  problems.push(`${field}: expected a share from 0 to 1`);
  return 0;
}

/** A value that may be left out. */
export function optional<T, Fallback>(parser: Parser<T>, fallback: Fallback): Parser<T | Fallback> {
  return (value, field, reading) => (value === undefined ? fallback : parser(value, field, reading));
}

/** An object of exactly these fields: a misspelt setting is a mistake, not a default. */
export function object<T extends object>(
  shape: { readonly [Field in keyof T]: Parser<T[Field]> },
): Parser<T> {
  return (value, field, reading) => {
    const at = (name: string) => (field ? `${field}.${name}` : name);
    if (!isRecord(value)) reading.problems.push(`${field || "(document)"}: expected an object`);
    const source = isRecord(value) ? value : {};
    const inner = isRecord(value) ? reading : { ...reading, problems: [] };
    reading.problems.push(...unknownNames(Object.keys(source), Object.keys(shape), at("")));
    const result: Partial<T> = {};
    for (const name in shape) result[name] = shape[name](source[name], at(name), inner);
    return result as T;
  };
}

/** What another function reads; its error message is the problem. */
export function parsed<T>(parse: (value: unknown) => T, fallback: T): Parser<T> {
  return (value, field, { problems, isToken }) => {
    try {
      return isToken(value) ? fallback : parse(value);
    } catch (error) {
      problems.push(`${field}: ${error instanceof Error ? error.message : error}`);
      return fallback;
    }
  };
}
