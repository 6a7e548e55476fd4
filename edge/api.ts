// What an API behind the gate is asked: what its viewer asked, with the ID token that was verified and without what is the gate's.

import { isFromKnownOrigin } from "./answer/own-origin.ts";
import { basePathOf } from "./config/aws-names.ts";
import type { Config } from "./config/config.ts";
import { GateError } from "./errors.ts";
import {
  type CloudFrontHeaders,
  header,
  headerEntries,
  type RequestResult,
  type ViewerRequest,
} from "./request/cloudfront.ts";
import { isOwnCookie } from "./request/cookies.ts";
import { withoutMarkers } from "./request/marks.ts";
import { canonicalPath } from "./request/path.ts";
import { fitsUrl } from "./s3/forward.ts";
import { tokenPlaces } from "./token/candidates.ts";
import type { Place } from "./token/place.ts";
import type { VerifiedToken } from "./token/token.ts";

const SAFE = /^(GET|HEAD|OPTIONS)$/;
/** As browsers write paths (RFC 3986, "pchar"). */
const WRITTEN = /^[\w.~!$&'()*+,;=:@%/-]*$/;
const INDEX = "index.html";

/**
 * The canonical path of an API's request, which is no key: a slash at its end stays one.
 * @throws GateError `invalid_path` for what APIs read in several ways, `not_found` for the gate's own endpoints
 */
export function apiPath({ uri }: ViewerRequest, config: Config): string {
  const path = canonicalPath(uri);
  if (path.includes("//")) throw new GateError("invalid_path");
  if (path.startsWith(basePathOf(config))) throw new GateError("not_found");
  return uri.endsWith("/") ? path.slice(0, -INDEX.length) : path;
}

/**
 * Where the token of an API's request may be. What changes something, and what opens a WebSocket, which no preflight comes
 * before, has to come from a page of ours: a browser sends its session along for anybody's. A program that says nothing of
 * where it comes from is believed for the token alone that it brings itself.
 * @throws GateError `origin_not_allowed`
 */
export function apiPlaces(request: ViewerRequest, config: Config): readonly Place[] {
  const places = tokenPlaces(request, config);
  const isSafe = SAFE.test(request.method) && header(request, "sec-websocket-key") === "";
  if (isSafe || isFromKnownOrigin(request, config)) return places;
  const [origin, site] = [header(request, "origin"), header(request, "sec-fetch-site")];
  if (origin === "" && site === "same-origin") return places;
  if (origin === "" && site === "") return places.slice(0, 1);
  throw new GateError("origin_not_allowed");
}

/**
 * The request that goes on to the API: nothing of it is changed but what the gate adds, and what is its own.
 * @throws GateError `uri_too_long`
 */
export function forwardToApi(request: ViewerRequest, path: string, token: VerifiedToken): RequestResult {
  const { clientIp, method, uri, querystring } = request;
  const query = withoutMarkers(querystring).replace(/[^!"$-~]+/g, (text) =>
    encodeURIComponent(text.toWellFormed()),
  );
  const asked = WRITTEN.test(uri) ? uri : path;
  if (!fitsUrl(asked, query)) throw new GateError("uri_too_long");
  return { clientIp, method, uri: asked, querystring: query, headers: headersFor(request, token) };
}

/** What the gate writes nobody else can, and no cookie of its session is the API's: that has the token. */
function headersFor(request: ViewerRequest, token: VerifiedToken): CloudFrontHeaders {
  const headers: CloudFrontHeaders = {};
  for (const name of Object.keys(request.headers)) {
    const entries = headerEntries(request, name);
    if (entries && name !== "cookie" && !name.startsWith("x-gatehouse-")) headers[name] = entries;
  }
  const cookies = (headerEntries(request, "cookie") ?? []).flatMap((entry) => {
    const value = othersIn(entry.value);
    return value === "" ? [] : [{ ...entry, value }];
  });
  if (cookies.length > 0) headers["cookie"] = cookies;
  headers["authorization"] = [{ key: "Authorization", value: `Bearer ${token.raw}` }];
  return headers;
}

function othersIn(cookies: string): string {
  return cookies
    .split(";")
    .filter((pair) => !isOwnCookie(pair))
    .join(";")
    .trim();
}
