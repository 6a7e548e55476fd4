// What programs post to the endpoints: one JSON object, of texts that each have a form.

import { isRecord } from "../config/json.ts";
import { GateError } from "../errors.ts";

const MAX_BODY_CHARACTERS = 16_384;

/**
 * A JSON object out of a body.
 * @throws GateError `invalid_request`, `body_too_large`
 */
export function parsed(body: string): Record<string, unknown> {
  if (body.length > MAX_BODY_CHARACTERS) throw new GateError("body_too_large");
  try {
    const value: unknown = JSON.parse(body);
    if (isRecord(value)) return value;
  } catch {
    // The same outcome as JSON of another shape; the parser's message would quote the body.
  }
  throw new GateError("invalid_request");
}

/** Whether a value is text of this form. */
export function isText(value: unknown, rule: RegExp): value is string {
  return typeof value === "string" && rule.test(value);
}
