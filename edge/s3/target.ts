// What exactly S3 is asked for: the key, the query, and who may share the answer.
import { hash } from "node:crypto";
import { type Access, type Areas, cacheScope, keyPath } from "../areas.ts";
import type { Config } from "../config/config.ts";
import { GateError } from "../errors.ts";
import { uriEncodePath } from "../request/path.ts";
import { listQuery, objectQuery, type Query } from "../request/query.ts";
import type { AssetRoute, ListRoute } from "../request/route.ts";
import type { VerifiedToken } from "../token/token.ts";

/** One request to S3. */
export interface Target {
  readonly method: "GET" | "HEAD";
  /** The canonical path, with the origin's prefix. */
  readonly path: string;
  readonly query: Query;
  /** Viewers with the same scope may share a cached answer. */
  readonly cacheScope: string;
}

/** @throws GateError `access_denied` */
export function accessOf(route: AssetRoute | ListRoute, areas: Areas, token: VerifiedToken): Access {
  const access = areas.accessTo(route.path, token);
  if (route.kind === "list" && !areas.listable(route.path)) throw new GateError("access_denied");
  return access;
}

/**
 * The request to S3 for what is asked for. A list changes with every upload and is the caller's alone, so that its
 * scope differs from second to second, as its signature does.
 * @throws GateError `invalid_query`
 */
export function targetOf(
  route: AssetRoute | ListRoute,
  querystring: string,
  access: Access,
  identityId: string,
  { config: { origin }, now }: { readonly config: Config; readonly now: () => number },
): Target {
  const path = (origin.path && uriEncodePath(origin.path)) + keyPath(access.area, route.path, identityId);
  const { method } = route;
  if (route.kind === "asset") {
    const query = objectQuery(querystring, access.area, route.path);
    return { method, path, query, cacheScope: cacheScope(access, identityId) };
  }
  const query = listQuery(querystring, decodeURIComponent(path.slice(1)));
  const digest = hash("sha256", JSON.stringify([identityId, query, Math.floor(now() / 1000)]), "hex");
  return { method, path: "/", query, cacheScope: `${access.scope}:list:${digest}` };
}
