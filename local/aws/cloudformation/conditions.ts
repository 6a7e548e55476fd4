// The Conditions section: which named conditions hold for this deployment.

import { type JsonObject, requireArray, requireString } from "./json.ts";
import { intrinsicOf } from "./template.ts";

/** Answers whether a named condition holds; `resolve` evaluates the values that Fn::Equals compares. */
export function conditionReader(
  conditions: JsonObject,
  resolve: (value: unknown, where: string) => unknown,
): (name: string) => boolean {
  const underway = new Set<string>();
  const holds = (name: string): boolean => {
    if (!(name in conditions)) throw new Error(`Conditions.${name}: no such condition`);
    if (underway.has(name)) throw new Error(`Conditions.${name}: refers to itself`);
    underway.add(name);
    const result = evaluate(conditions[name], `Conditions.${name}`);
    underway.delete(name);
    return result;
  };
  const evaluate = (expression: unknown, where: string): boolean => {
    const intrinsic = intrinsicOf(expression);
    if (intrinsic === undefined) throw new Error(`${where}: not a condition function`);
    const { name, argument } = intrinsic;
    if (name === "Condition") return holds(requireString(argument, where));
    const parts = requireArray(argument, `${where}.${name}`);
    if (name === "Fn::Equals") {
      return JSON.stringify(resolve(parts[0], where)) === JSON.stringify(resolve(parts[1], where));
    }
    if (name === "Fn::And") return parts.every((part) => evaluate(part, where));
    if (name === "Fn::Or") return parts.some((part) => evaluate(part, where));
    if (name === "Fn::Not") return !evaluate(parts[0], where);
    throw new Error(`${where}: ${name} is not a condition function`);
  };
  return holds;
}
