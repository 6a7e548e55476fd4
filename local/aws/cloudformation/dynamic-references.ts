// Dynamic references: `{{resolve:service:…}}` inside text, replaced when a resource is created.

import { objectOf } from "./json.ts";

/** The value of a reference, given what stands after `resolve:`. */
export type DynamicReference = (reference: string) => string | Promise<string>;

const DYNAMIC_REFERENCE = /\{\{resolve:([^}]+)\}\}/g;

/** The value with every dynamic reference in it replaced; throws when there is one and no way to look it up. */
export async function withDynamicReferences(
  value: unknown,
  lookUp: DynamicReference | undefined,
): Promise<unknown> {
  if (typeof value === "string") return replaced(value, lookUp);
  if (Array.isArray(value)) return Promise.all(value.map((item) => withDynamicReferences(item, lookUp)));
  const object = objectOf(value);
  if (object === undefined) return value;
  const entries = Object.entries(object).map(
    async ([key, item]) => [key, await withDynamicReferences(item, lookUp)] as const,
  );
  return Object.fromEntries(await Promise.all(entries));
}

async function replaced(text: string, lookUp: DynamicReference | undefined): Promise<string> {
  let result = text;
  for (const [all, reference] of text.matchAll(DYNAMIC_REFERENCE)) {
    if (lookUp === undefined) throw new Error(`${all}: no dynamicReference was given`);
    const value = await lookUp(reference ?? "");
    result = result.replace(all, () => value);
  }
  return result;
}
