// What exactly S3 is asked for: the key, the query, and who may share the answer.
import { hash } from "node:crypto";
import { type Access, type Areas, cacheScope, keyPath } from "../areas.ts";
import type { Config } from "../config/config.ts";
import { GateError } from "../errors.ts";
import { listQuery, objectQuery, type Query } from "../request/query.ts";
import type { AssetRoute, ListRoute } from "../request/route.ts";
import type { Other } from "../request/site.ts";
import type { VerifiedToken } from "../token/token.ts";
import { prefixed, scopeWithQuery } from "./others.ts";

/** One request to S3. */
export interface Target {
  readonly method: "GET" | "HEAD";
  /** The canonical path, with the origin's prefix. */
  readonly path: string;
  readonly query: Query;
  /** Viewers with the same scope may share a cached answer. */
  readonly cacheScope: string;
  /** Where else to look when the key is not there; nowhere outside of sites. */
  readonly others: readonly Other[];
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
  { config, now }: { readonly config: Config; readonly now: () => number },
): Target {
  const path = prefixed(keyPath(access, route.path, identityId), config);
  const { method } = route;
  if (route.kind === "asset") {
    const query = objectQuery(querystring, access.area, route.path);
    const { others = NOWHERE } = route;
    const scope = cacheScope(access, identityId);
    return { method, path, query, others, cacheScope: scopeWithQuery(scope, querystring, others) };
  }
  const query = listQuery(querystring, decodeURIComponent(path.slice(1)));
  const digest = hash("sha256", JSON.stringify([identityId, query, Math.floor(now() / 1000)]), "hex");
  return { method, path: "/", query, others: NOWHERE, cacheScope: `${access.scope}:list:${digest}` };
}

const NOWHERE: readonly Other[] = [];
