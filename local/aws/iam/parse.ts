// Reads an IAM policy document and refuses every element it does not know.

import { isOperator } from "./condition.ts";
import {
  type Condition,
  type Patterns,
  type Policy,
  PolicyError,
  type PolicyKind,
  type PrincipalPattern,
  type Statement,
} from "./policy.ts";

/**
 * Parses one policy document (an object, or its JSON text).
 * @throws PolicyError on any element that is unknown, missing or misplaced: an evaluator must not guess.
 */
export function parsePolicy(document: unknown, kind: PolicyKind): Policy {
  const policy = record(typeof document === "string" ? JSON.parse(document) : document, "policy");
  known(policy, ["Version", "Id", "Statement"], "policy");
  const version = policy["Version"] ?? "2008-10-17";
  if (version !== "2012-10-17" && version !== "2008-10-17")
    throw new PolicyError(`unknown policy version ${JSON.stringify(version)}`);
  const statements = policy["Statement"];
  const list: unknown[] = Array.isArray(statements) ? statements : [statements];
  return {
    variables: version === "2012-10-17",
    statements: list.map((statement, index) => parseStatement(statement, kind, `Statement[${index}]`)),
  };
}

const ELEMENTS = [
  "Sid",
  "Effect",
  "Principal",
  "Action",
  "NotAction",
  "Resource",
  "NotResource",
  "Condition",
];

function parseStatement(value: unknown, kind: PolicyKind, at: string): Statement {
  const statement = record(value, at);
  known(statement, ELEMENTS, at);
  const effect = statement["Effect"];
  if (effect !== "Allow" && effect !== "Deny") throw new PolicyError(`${at}.Effect: Allow or Deny`);
  const principals = parsePrincipals(statement["Principal"], at);
  if ((principals !== undefined) !== (kind !== "identity"))
    throw new PolicyError(`${at}.Principal: ${principals ? "not allowed in an identity policy" : "missing"}`);
  const actions = parsePatterns(statement, "Action", at);
  if (!actions) throw new PolicyError(`${at}: Action or NotAction is missing`);
  const resources = parsePatterns(statement, "Resource", at);
  if ((resources !== undefined) !== (kind !== "trust"))
    throw new PolicyError(`${at}.Resource: ${resources ? "not allowed in a trust policy" : "missing"}`);
  if (!resources?.list.every((resource) => resource === "*" || resource.startsWith("arn:")) && resources)
    throw new PolicyError(`${at}.Resource: neither an ARN nor "*"`);
  return {
    sid: typeof statement["Sid"] === "string" ? statement["Sid"] : at,
    effect,
    principals,
    actions,
    resources,
    conditions: parseConditions(statement["Condition"], `${at}.Condition`),
  };
}

function parsePatterns(
  statement: Record<string, unknown>,
  element: "Action" | "Resource",
  at: string,
): Patterns | undefined {
  const positive = statement[element];
  const negative = statement[`Not${element}`];
  if (positive !== undefined && negative !== undefined)
    throw new PolicyError(`${at}: both ${element} and Not${element}`);
  if (positive !== undefined) return { negated: false, list: strings(positive, `${at}.${element}`) };
  return negative === undefined
    ? undefined
    : { negated: true, list: strings(negative, `${at}.Not${element}`) };
}

function parsePrincipals(value: unknown, at: string): readonly PrincipalPattern[] | undefined {
  if (value === undefined) return undefined;
  if (value === "*") return [{ type: "*", value: "*" }];
  return Object.entries(record(value, `${at}.Principal`)).flatMap(([type, patterns]) => {
    if (type !== "AWS" && type !== "Service" && type !== "Federated")
      throw new PolicyError(`${at}.Principal.${type}: unknown kind of principal`);
    return strings(patterns, `${at}.Principal.${type}`).map((pattern) => ({ type, value: pattern }));
  });
}

function parseConditions(value: unknown, at: string): readonly Condition[] {
  if (value === undefined) return [];
  return Object.entries(record(value, at)).flatMap(([operator, keys]) =>
    Object.entries(record(keys, `${at}.${operator}`)).map(([key, values]) => ({
      operator: implemented(operator, at),
      key,
      values: strings(values, `${at}.${operator}.${key}`),
    })),
  );
}

function implemented(operator: string, at: string): string {
  if (!isOperator(operator)) throw new PolicyError(`${at}.${operator}: operator not implemented`);
  return operator;
}

function strings(value: unknown, at: string): readonly string[] {
  const list: unknown[] = Array.isArray(value) ? value : [value];
  if (list.length === 0) throw new PolicyError(`${at}: empty list`);
  return list.map((item) => {
    if (typeof item === "string") return item;
    if (typeof item === "boolean" || typeof item === "number") return String(item);
    throw new PolicyError(`${at}: expected a string, got ${JSON.stringify(item)}`);
  });
}

function known(value: Record<string, unknown>, allowed: readonly string[], at: string): void {
  const unknown = Object.keys(value).find((name) => !allowed.includes(name));
  if (unknown !== undefined) throw new PolicyError(`${at}.${unknown}: element not implemented`);
}

function record(value: unknown, at: string): Record<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new PolicyError(`${at}: expected an object`);
  return { ...value };
}
