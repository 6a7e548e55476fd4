// Narrowing of a template's JSON: every reading of an unknown value goes through these.

export type JsonObject = Readonly<Record<string, unknown>>;

/** The value as an object, or undefined for anything else (arrays included). */
export function objectOf(value: unknown): JsonObject | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  return Object.fromEntries(Object.entries(value));
}

/** The value as an object; throws naming `where`. */
export function requireObject(value: unknown, where: string): JsonObject {
  const object = objectOf(value);
  if (object === undefined) throw new Error(`${where}: must be an object`);
  return object;
}

/** The value as a string (CloudFormation turns scalars into strings); throws naming `where`. */
export function requireString(value: unknown, where: string): string {
  if (typeof value === "string") return value;
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  throw new Error(
    `${where}: must be a string, not ${value === undefined ? "nothing" : JSON.stringify(value)}`,
  );
}

/** The value as an array; throws naming `where`. */
export function requireArray(value: unknown, where: string): readonly unknown[] {
  if (!Array.isArray(value)) throw new Error(`${where}: must be a list`);
  return value;
}
