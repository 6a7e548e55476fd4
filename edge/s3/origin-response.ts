// What S3 answers before it is cached: its errors become ours, its own headers go, and active content is put into a sandbox.

import type { Log } from "../answer/log.ts";
import { type Answering, refusal } from "../answer/respond.ts";
import type { Areas, Showing } from "../areas.ts";
import type { Area, Config } from "../config/config.ts";
import { answerTo, type ErrorCode } from "../errors.ts";
import {
  header,
  headerValues,
  type OriginResponse,
  type OriginResult,
  readEvent,
  readOriginResponse,
} from "../request/cloudfront.ts";
import { uriEncodePath } from "../request/path.ts";
import { languageIn } from "./audience.ts";
import { cachedHeaders } from "./browser-cache.ts";
import { CACHE_SCOPE_HEADER } from "./forward.ts";

/** S3's statuses that mean something to a viewer; 403 is S3's "no such key" for a role that may not list. */
const STATUSES: ReadonlyMap<number, ErrorCode> = new Map([
  [403, "not_found"],
  [404, "not_found"],
  [412, "precondition_failed"],
  [416, "range_not_satisfiable"],
]);

/** S3's statuses that show an object, or that it is the one that is known. */
const SHOWN: readonly number[] = [200, 206, 304];

/** What S3 says of itself: where an object is kept, under whose key and until when. */
const OF_S3 = /^(server$|x-amz-)/;

/** Types that browsers run scripts in, wherever in the header: HTML, any XML with SVG, and multipart of them. */
const ACTIVE = /html|xml|xsl|multipart/i;

/** One plain media type; browsers guess at anything else, and may guess HTML. */
const PLAIN = /^[a-z]+\/[\w.+-]+ *(;[^,]*)?$/i;

/**
 * Decides what of S3's response is cached and shown. S3's error bodies can echo the signed request and the session
 * token, and one miss can answer many viewers: none of them passes, nor a redirect to the bucket's region. What S3 says
 * of how it keeps an object is nobody's business either.
 */
export function originResponse(
  event: unknown,
  deps: Answering & { readonly areas: Areas; readonly log: Log; readonly now: () => number },
): OriginResult {
  const { config, areas, log } = deps;
  const request = readEvent(event);
  // A key's canonical path is never the bucket's own.
  const isList = request.uri === "/";
  const scope = header(request, CACHE_SCOPE_HEADER);
  const key = isList ? "" : keyOf(request.uri, config);
  const response = kept(readOriginResponse(event), scope, areas.of(key), deps.now());
  if (SHOWN.includes(response.status)) return shown(response, (showing) => areas.lets(showing, key));
  const code = codeOf(response.status, isList);
  const { status } = answerTo(code);
  log({
    level: code === "origin_error" ? "error" : "warn",
    code,
    status,
    originStatus: response.status,
    requestId: request.requestId,
    method: request.method,
  });
  // A public area's viewers are taken for people, those of a list for programs.
  const language = scope ? languageIn(scope) : "";
  const headers = { "accept-language": [{ value: language }] };
  const answer = refusal(code, { ...request, headers }, deps, !isList && language !== undefined);
  return { ...answer, headers: { ...readOnly(response), ...answer.headers } };
}

/** All that is the viewer's own in a list's request, once it is signed, are its parameters. */
function codeOf(status: number, isList: boolean): ErrorCode {
  if (isList && status === 400) return "invalid_query";
  return STATUSES.get(status) ?? "origin_error";
}

/**
 * An answer with the headers that it is cached with. Public areas have no scope: their objects are everybody's. Browsers
 * may keep those of an area that says so; but no pages.
 */
function kept(response: OriginResponse, scope: string, area: Area | undefined, now: number): OriginResponse {
  const isPage = languageIn(scope) !== undefined;
  if (!scope || (area?.browserMaxAge && !isPage)) return response;
  const headers = cachedHeaders(response.headers, isPage, now);
  return { ...response, headers, raw: { ...response.raw, headers } };
}

/** The path within the origin's prefix. */
function keyOf(uri: string, { origin }: Config): string {
  const prefix = uriEncodePath(origin.path);
  return uri.startsWith(prefix) ? uri.slice(prefix.length) : uri;
}

/**
 * Without S3's own headers, and in a sandbox where it could run scripts: an uploaded page must not use its reader's
 * session. A 304 replaces the headers of what is cached by its own (RFC 9111 §4.3.4); without a type it leaves type and
 * policy as they are.
 */
function shown({ status, raw, headers }: OriginResponse, lets: (showing: Showing) => boolean): OriginResult {
  const isPassed = (name: string) =>
    !OF_S3.test(name) ||
    (name === "x-amz-version-id" && lets("versions")) ||
    (name.startsWith("x-amz-meta-") && lets("metadata"));
  const passed = Object.fromEntries(Object.entries(headers).filter(([name]) => isPassed(name)));
  const types = headerValues({ headers }, "content-type");
  const type = types.join();
  const isHarmless = PLAIN.test(type) && !ACTIVE.test(type);
  const isUnchanged = status === 304 && types.length === 0;
  if (isHarmless || isUnchanged || lets("trusted")) return { ...raw, headers: passed };
  const policies = headerValues({ headers }, "content-security-policy").map((value) => ({ value }));
  return { ...raw, headers: { ...passed, "content-security-policy": [...policies, { value: "sandbox" }] } };
}

/** What CloudFront forbids to remove at origin-response. */
function readOnly({ headers }: OriginResponse): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(headers).filter(([name]) => name === "transfer-encoding" || name === "via"),
  );
}
