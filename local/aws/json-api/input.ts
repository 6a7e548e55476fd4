// Reads the fields of a request; members that the service does not know are ignored, as AWS does.

import type { JsonObject } from "../cloudformation/json.ts";
import { ApiError, invalidParameter } from "./error.ts";

/** @throws ApiError SerializationException when the text is no JSON object. */
export function parseInput(text: string): JsonObject {
  try {
    const input: unknown = JSON.parse(text);
    if (typeof input === "object" && input !== null && !Array.isArray(input)) return { ...input };
  } catch {
    // Answered below, like JSON of another shape.
  }
  throw new ApiError("SerializationException", "");
}

/** @throws ApiError when the text is missing or of another form. */
export function requiredText(input: JsonObject, name: string, form: RegExp): string {
  const value = input[name];
  if (typeof value === "string" && form.test(value)) return value;
  const field = `${name.charAt(0).toLowerCase()}${name.slice(1)}`;
  const rule =
    value === undefined || value === null
      ? "Member must not be null"
      : "Member must satisfy regular expression pattern";
  throw invalidParameter(
    `1 validation error detected: Value at '${field}' failed to satisfy constraint: ${rule}`,
  );
}
