// What a request asks for: a CORS preflight, an asset, a list of keys, or one of the own endpoints.
import { basePathOf } from "../config/aws-names.ts";
import type { Config } from "../config/config.ts";
import { GateError } from "../errors.ts";
import { header, type ViewerRequest } from "./cloudfront.ts";
import { canonicalPath } from "./path.ts";
import type { Other } from "./site.ts";

export type Route = { readonly kind: "preflight" } | AssetRoute | ListRoute | EndpointRoute;

/** One of the gate's own endpoints, if there is one of that name. */
export interface EndpointRoute {
  readonly kind: "endpoint";
  readonly method: string;
  readonly name: string;
}

export interface AssetRoute {
  readonly kind: "asset";
  readonly method: "GET" | "HEAD";
  readonly path: string;
  /** In a site: where to look when the key of the path is not there. */
  readonly others?: readonly Other[];
}

export interface ListRoute {
  readonly kind: "list";
  readonly method: "GET";
  /** Ends with a slash. */
  readonly path: string;
}

/** @throws GateError `method_not_allowed`, `invalid_path`, `uri_too_long` or `not_found` */
export function routeOf(request: ViewerRequest, config: Pick<Config, "listing" | "auth">): Route {
  const { method } = request;
  if (isPreflight(request)) return { kind: "preflight" };
  const isRead = method === "GET" || method === "HEAD";
  if (!isRead && method !== "POST") throw new GateError("method_not_allowed");
  const path = canonicalPath(request.uri);
  const base = basePathOf(config);
  if (path.startsWith(base)) return ownRoute(request, path.slice(base.length), config);
  if (!isRead) throw new GateError("method_not_allowed");
  return { kind: "asset", method, path };
}

/** Whether a browser asks before it sends a page's request to another origin. */
export function isPreflight(request: ViewerRequest): boolean {
  return request.method === "OPTIONS" && header(request, "origin") !== "";
}

/** S3 takes HEAD on a bucket for another operation, without a prefix: lists are for GET. */
function ownRoute(
  { method, uri }: ViewerRequest,
  name: string,
  { listing, auth }: Pick<Config, "listing" | "auth">,
): Route {
  if (listing.enabled && method === "GET" && name.startsWith("list/") && uri.endsWith("/"))
    return { kind: "list", method, path: listedPath(name) };
  if (!auth) throw new GateError(method === "POST" ? "method_not_allowed" : "not_found");
  return { kind: "endpoint", method, name };
}

/** The path behind the endpoint; `canonicalPath` has put `index.html` behind its slash. */
function listedPath(name: string): string {
  return name.slice("list".length, -"index.html".length);
}
