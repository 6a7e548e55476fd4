// Narrowing of JSON from outside: template properties and function results.

export type JsonObject = Readonly<Record<string, unknown>>;

/** The value as an object, or undefined for anything else (arrays included). */
export function objectOf(value: unknown): JsonObject | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  return Object.fromEntries(Object.entries(value));
}

/** The object at `value[name]`, or an empty one when the property is absent; throws for anything else. */
export function objectAt(value: JsonObject, name: string): JsonObject {
  const found = value[name];
  if (found === undefined) return {};
  const object = objectOf(found);
  if (object === undefined) throw new Error(`${name}: must be an object`);
  return object;
}

/** The list at `value[name]`, or an empty one when the property is absent; throws for anything else. */
export function listAt(value: JsonObject, name: string): readonly unknown[] {
  const found = value[name] ?? [];
  if (!Array.isArray(found)) throw new Error(`${name}: must be a list`);
  return found;
}

/** The objects of the list at `value[name]`. */
export function objectsAt(value: JsonObject, name: string): readonly JsonObject[] {
  return listAt(value, name).map((item) => objectAt({ [name]: item }, name));
}

/** The strings of the list at `value[name]`. */
export function stringsAt(value: JsonObject, name: string): readonly string[] {
  return listAt(value, name).map((item) => {
    if (typeof item !== "string") throw new Error(`${name}: must hold strings`);
    return item;
  });
}

/** The string at `value[name]`, or undefined when absent; throws for anything else. */
export function stringAt(value: JsonObject, name: string): string | undefined {
  const found = value[name];
  if (found !== undefined && typeof found !== "string") throw new Error(`${name}: must be a string`);
  return found;
}

/** The string at `value[name]`; throws when it is absent. */
export function requiredStringAt(value: JsonObject, name: string): string {
  const found = stringAt(value, name);
  if (found === undefined) throw new Error(`${name}: is missing`);
  return found;
}

/** The number at `value[name]` (CloudFormation also takes it as text), or `fallback`; throws for anything else. */
export function numberAt(value: JsonObject, name: string, fallback: number): number {
  const found = value[name];
  if (found === undefined) return fallback;
  const number = typeof found === "string" && found !== "" ? Number(found) : found;
  if (typeof number !== "number" || Number.isNaN(number)) throw new Error(`${name}: must be a number`);
  return number;
}

/** The boolean at `value[name]` (CloudFormation also takes it as text); absent is false. */
export function booleanAt(value: JsonObject, name: string): boolean {
  return value[name] === true || value[name] === "true";
}
