// A Lambda@Edge handler, ours or a peer's, loaded into this process.
import { createRequire } from "node:module";

/** What a function's file exports. */
export type Handler = (event: unknown) => Promise<unknown>;

const require = createRequire(import.meta.url);

/** Loads a CommonJS file and returns its `handler`. */
export function loadHandler(file: string): Handler {
  const exported: unknown = require(file);
  if (!isObject(exported) || typeof exported["handler"] !== "function")
    throw new Error(`${file} exports no handler`);
  const { handler } = exported;
  return async (event) => await handler(event, {});
}

/** Whether a result lets the request go on to the cache, which only an authorised one may. */
export function isForwarded(result: unknown): boolean {
  return isObject(result) && typeof result["uri"] === "string" && result["status"] === undefined;
}

/** Whether a result is a request with a SigV4 query. */
export function isSigned(result: unknown): boolean {
  return (
    isForwarded(result) && isObject(result) && String(result["querystring"]).includes("X-Amz-Signature=")
  );
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
