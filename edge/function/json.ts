// Texts of tokens and passes, read without an error: what cannot be read says nothing.

/** The object that a part of a JWT holds; undefined for anything else. */
export function objectIn(part: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value = JSON.parse(Buffer.from(part, "base64url").toString());
    return typeof value === "object" && value !== null ? value : undefined;
  } catch (_) {
    return undefined;
  }
}

/** Whether a list holds a value. */
export function holds(list: unknown, value: unknown): boolean {
  return Array.isArray(list) && list.includes(value);
}
