// What a request asks for: a CORS preflight, or an asset by its canonical path.
import { header, type ViewerRequest } from "./cloudfront.ts";
import { GateError } from "./errors.ts";
import { canonicalPath } from "./path.ts";

export type Route =
  | { readonly kind: "preflight" }
  | { readonly kind: "asset"; readonly method: "GET" | "HEAD"; readonly path: string };

/** @throws GateError `method_not_allowed`, `invalid_path` or `uri_too_long` */
export function routeOf(request: ViewerRequest): Route {
  const { method, uri } = request;
  if (method === "GET" || method === "HEAD") return { kind: "asset", method, path: canonicalPath(uri) };
  if (method === "OPTIONS" && header(request, "origin")) return { kind: "preflight" };
  throw new GateError("method_not_allowed");
}
