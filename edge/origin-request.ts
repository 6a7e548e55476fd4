// What runs on misses in the split placement: the whole lock once more, by the verified token, and the signature.

import { createHmac, hash, timingSafeEqual } from "node:crypto";
import { moved } from "./answer/moved.ts";
import { type Access, cacheScope, tokenFor } from "./areas.ts";
import { begin, type Deps, noteAllowed, refuse, type Visit } from "./authorize.ts";
import type { Config } from "./config/config.ts";
import { functionKeys } from "./config/function-keys.ts";
import { GateError } from "./errors.ts";
import { askedOf } from "./request/asked.ts";
import {
  header,
  headerValues,
  type RequestResult,
  type ResponseResult,
  readEvent,
  readOrigin,
  type ViewerRequest,
} from "./request/cloudfront.ts";
import { Cookies } from "./request/cookies.ts";
import { keyedScope, type ScopeSaying, sayingOf, tokenScope } from "./request/keyed-scope.ts";
import { CACHE_SCOPE_HEADER, SESSION_HEADER, TOKEN_HEADER } from "./request/passed-headers.ts";
import { type AssetRoute, type ListRoute, routeOf } from "./request/route.ts";
import { audienceSuffix } from "./s3/audience.ts";
import { forward } from "./s3/forward.ts";
import { scopeWithQuery, signedQuery } from "./s3/others.ts";
import { accessOf, targetOf } from "./s3/target.ts";
import { mayStandFor, pageOf } from "./site.ts";
import type { VerifiedToken } from "./token/token.ts";

/**
 * Decides on one miss. Nothing goes on without a verified token whose area allows the path, and no entry is filled that
 * the token's user may not read: the scope in the key has to be the one that follows from the token. A refusal may answer
 * others who ask for the same at this moment; it leads nowhere and clears nothing.
 */
export async function originRequest(event: unknown, deps: Deps): Promise<RequestResult | ResponseResult> {
  const visit = begin(deps);
  try {
    const arrived = readEvent(event);
    const given = header(arrived, CACHE_SCOPE_HEADER);
    const saying = sayingOf(given) ?? NOTHING_SAID;
    const request = asViewers(arrived, saying);
    visit.request = request;
    const route = canonicalRoute(request, deps.config);
    // Of any pool, or a machine's: the function before the cache has said whose it may be, and signed that.
    const places = [{ candidates: headerValues(arrived, TOKEN_HEADER), isHeader: true }];
    const token = await deps.tokens.verifyFirst(places, visit.deadline, true);
    visit.token = token;
    const shared = deps.areas.accessTo(route.path, token);
    visit.sub = token.sub;
    visit.area = shared.area;
    if (!isScopeOf(shared, token, saying, given, deps.config)) throw scopeDiffers();
    const page = pageOf(route, askedOf(request), deps.areas);
    const query = decodeURIComponent(saying.query);
    if (page.kind === "moved") return moved(page.to, query, request, deps.config);
    if (!mayStandFor(page, route.path, deps.areas)) throw new GateError("access_denied");
    const result = await signed(page, query, { arrived, request, token }, visit, deps);
    noteAllowed(visit, deps);
    return { ...result, ...readOrigin(event) };
  } catch (error) {
    return await refuse(error, visit, { ...deps, signIn: undefined });
  }
}

const NOTHING_SAID: ScopeSaying = { language: "", query: "" };

/** Whose miss it is, and how it came. */
interface Miss {
  readonly arrived: ViewerRequest;
  readonly request: ViewerRequest;
  readonly token: VerifiedToken;
}

async function signed(
  page: AssetRoute | ListRoute,
  query: string,
  { arrived, request, token }: Miss,
  { deadline }: Visit,
  deps: Deps,
): Promise<RequestResult> {
  const access = accessOf(page, deps.areas, token);
  const input = { token: tokenFor(access, token), roleArn: access.roleArn, request, deadline };
  const session = await deps.sessions.get(input);
  const target = targetOf(page, request.querystring, access, session.identityId, deps);
  const signature = await signedQuery(target, request.requestId, session.credentials, deps);
  const scope = scopeWithQuery(cacheScope(access, session.identityId), query, target.others);
  const audience = audienceSuffix(request, () => header(request, "accept-language"));
  return forward(arrived, target.path, signature, scope + audience);
}

/** The request as the viewer sent it, as far as that is known: pages for people in their language, JSON for the others. */
function asViewers(arrived: ViewerRequest, { language }: ScopeSaying): ViewerRequest {
  const mode = language === "" ? "cors" : "navigate";
  const destination = language === "" ? "empty" : "document";
  const headers = {
    "accept-language": [{ value: language }],
    "sec-fetch-dest": [{ value: destination }],
    "sec-fetch-mode": [{ value: mode }],
  };
  return { ...arrived, headers, cookies: new Cookies(headerValues(arrived, SESSION_HEADER)) };
}

/**
 * The route of a path that is spelt as the CloudFront Function spells it.
 * @throws GateError `invalid_path` for another spelling
 */
function canonicalRoute(request: ViewerRequest, config: Config): AssetRoute {
  const route = routeOf(request, config);
  if (route.kind !== "asset") throw new GateError("not_found");
  const spelt = request.uri.endsWith("/") ? route.path.slice(0, -"index.html".length) : route.path;
  if (spelt !== request.uri) throw new GateError("invalid_path");
  return route;
}

/** Whether a scope is one that the CloudFront Function gives to this token, now or before the keys were changed. */
function isScopeOf(
  access: Access,
  token: VerifiedToken,
  saying: ScopeSaying,
  given: string,
  config: Config,
): boolean {
  const keys = functionKeys(config.auth?.keys ?? { current: "", previous: "" });
  const bases = [
    cacheScope(access, token.sub),
    tokenScope(access.scope, hash("sha256", token.raw, "base64url")),
  ];
  return [keys.scope, keys.scopeBefore]
    .filter((key) => key !== "")
    .some((key) =>
      bases.some((base) =>
        equal(
          keyedScope(base, saying, (text) => hmac(key, text)),
          given,
        ),
      ),
    );
}

function hmac(key: string, text: string): string {
  return createHmac("sha256", key).update(text).digest("base64url");
}

function equal(a: string, b: string): boolean {
  const [expected, given] = [Buffer.from(a), Buffer.from(b)];
  return expected.length === given.length && timingSafeEqual(expected, given);
}

/** Somebody has come past the CloudFront Function, or it is older or newer than this one; the latter passes. */
function scopeDiffers(): GateError {
  return new GateError("keys_unavailable", Object.assign(new Error(), { name: "ScopeDiffers" }));
}
