// Texts of tokens and passes, read without an error: what cannot be read says nothing.

/** What a payload says. */
export type Claims = Readonly<Record<string, unknown>>;

/** The payload of a JWT; undefined for what is none. */
export function objectIn(jwt: string): Claims | undefined {
  const start = jwt.indexOf(".") + 1;
  const payload = jwt.slice(start, jwt.indexOf(".", start));
  try {
    return Object(JSON.parse(Buffer.from(payload, "base64url").toString()));
  } catch (_) {
    return undefined;
  }
}

/** Whether a list holds a value. */
export function holds(list: unknown, value: unknown): boolean {
  return Array.isArray(list) && list.includes(value);
}
