// What a request asks for: a CORS preflight, an asset by its canonical path, or the list of keys below one.
import { header, type ViewerRequest } from "./cloudfront.ts";
import type { Config } from "./config.ts";
import { GateError } from "./errors.ts";
import { canonicalPath } from "./path.ts";

export type Route = { readonly kind: "preflight" } | AssetRoute | ListRoute;

export interface AssetRoute {
  readonly kind: "asset";
  readonly method: "GET" | "HEAD";
  readonly path: string;
}

export interface ListRoute {
  readonly kind: "list";
  readonly method: "GET";
  /** Ends with a slash. */
  readonly path: string;
}

/** Where the gate's own endpoints are; no object is ever served from below it. */
const BASE_PATH = "/.gatehouse/";
const LIST_PATH = `${BASE_PATH}list/`;

/** @throws GateError `method_not_allowed`, `invalid_path`, `uri_too_long` or `not_found` */
export function routeOf(request: ViewerRequest, { listing }: Pick<Config, "listing">): Route {
  const { method, uri } = request;
  if (method === "GET" || method === "HEAD") {
    const path = canonicalPath(uri);
    if (!path.startsWith(BASE_PATH)) return { kind: "asset", method, path };
    // S3 takes HEAD on a bucket for another operation, without a prefix: lists are for GET.
    if (listing.enabled && method === "GET" && path.startsWith(LIST_PATH) && uri.endsWith("/"))
      return { kind: "list", method, path: listedPath(path) };
    throw new GateError("not_found");
  }
  if (method === "OPTIONS" && header(request, "origin")) return { kind: "preflight" };
  throw new GateError("method_not_allowed");
}

/** The path behind the endpoint; `canonicalPath` has put `index.html` behind its slash. */
function listedPath(path: string): string {
  return path.slice(LIST_PATH.length - 1, -"index.html".length);
}
