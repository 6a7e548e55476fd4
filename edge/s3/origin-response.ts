// What S3 answers before it is cached: its errors become ours, its own headers go, and active content is put into a sandbox.

import { isConfiguredOrigin } from "../answer/cors.ts";
import type { Log } from "../answer/log.ts";
import { type Answering, preflight, refusal } from "../answer/respond.ts";
import type { Area, Config } from "../config/config.ts";
import { answerTo, type ErrorCode } from "../errors.ts";
import type { Showing } from "../request/area-rules.ts";
import {
  header,
  headerValues,
  type OriginResponse,
  type OriginResult,
  type ResponseResult,
  readEvent,
  readOriginResponse,
  type ViewerRequest,
} from "../request/cloudfront.ts";
import { CACHE_SCOPE_HEADER } from "../request/passed-headers.ts";
import { uriEncodePath } from "../request/path.ts";
import { languageIn } from "./audience.ts";
import { cachedHeaders } from "./browser-cache.ts";
import { type Elsewhere, findElsewhere } from "./elsewhere.ts";
import { forEveryOrigin, keepsType } from "./shared-answer.ts";

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
export async function originResponse(
  event: unknown,
  parts: Answering & Elsewhere & { readonly log: Log },
): Promise<OriginResult> {
  const { config, areas, log } = parts;
  const request = readEvent(event);
  // A key's canonical path is never the bucket's own.
  const isList = request.uri === "/";
  const scope = header(request, CACHE_SCOPE_HEADER);
  const key = isList ? "" : keyOf(request.uri, config);
  const response = kept(readOriginResponse(event), scope, areas.of(key), parts.now());
  const isPreflight = request.method === "OPTIONS";
  if (!isPreflight && SHOWN.includes(response.status)) return shown(key, response, parts);
  const code = isPreflight ? preflightCode(request, config) : codeOf(response.status, isList);
  if (code === undefined) return keeping(response, preflight(request, config));
  const found = code === "not_found" ? await findElsewhere(key, request, parts) : undefined;
  if (found && "object" in found) return shown(found.path, withReadOnly(response, found.object), parts);
  if (found) return keeping(response, found);
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
  const isPage = !isPreflight && !isList && language !== undefined;
  return keeping(response, refusal(code, { ...request, headers }, parts, isPage));
}

/** All that is the viewer's own in a list's request, once it is signed, are its parameters. */
function codeOf(status: number, isList: boolean): ErrorCode {
  if (isList && status === 400) return "invalid_query";
  return STATUSES.get(status) ?? "origin_error";
}

/** Why a preflight is refused, as that of a signed area is, which never gets here: S3 knows no origins. */
function preflightCode(request: ViewerRequest, config: Config): ErrorCode | undefined {
  const origin = header(request, "origin");
  if (!origin) return "method_not_allowed";
  return isConfiguredOrigin(origin, config) ? undefined : "origin_not_allowed";
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

/** An answer of ours, with what has to stay of S3's. */
function keeping(response: OriginResponse, ours: ResponseResult): OriginResult {
  return { ...ours, headers: { ...readOnly(response), ...ours.headers } };
}

/** An object from elsewhere, with what has to stay of S3's. */
function withReadOnly(response: OriginResponse, object: OriginResponse): OriginResponse {
  return { ...object, headers: { ...readOnly(response), ...object.headers } };
}

/** The path within the origin's prefix. */
function keyOf(uri: string, { origin }: Config): string {
  const prefix = uriEncodePath(origin.path);
  return uri.startsWith(prefix) ? uri.slice(prefix.length) : uri;
}

/**
 * An object with what its own key lets pass: without S3's own headers, and in a sandbox where it could run scripts, for
 * an uploaded page must not use its reader's session.
 */
function shown(key: string, response: OriginResponse, { config, areas }: Elsewhere): OriginResult {
  const { raw, headers } = forEveryOrigin(response, config);
  const lets = (showing: Showing) => areas.lets(showing, key);
  const isPassed = (name: string) =>
    !OF_S3.test(name) ||
    (name === "x-amz-version-id" && lets("versions")) ||
    (name.startsWith("x-amz-meta-") && lets("metadata"));
  const passed = Object.fromEntries(Object.entries(headers).filter(([name]) => isPassed(name)));
  const type = headerValues({ headers }, "content-type").join();
  const isHarmless = PLAIN.test(type) && !ACTIVE.test(type);
  if (isHarmless || keepsType(response) || lets("trusted")) return { ...raw, headers: passed };
  const policies = headerValues({ headers }, "content-security-policy").map((value) => ({ value }));
  return { ...raw, headers: { ...passed, "content-security-policy": [...policies, { value: "sandbox" }] } };
}

/** What CloudFront forbids to remove at origin-response. */
function readOnly({ headers }: OriginResponse): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(headers).filter(([name]) => name === "transfer-encoding" || name === "via"),
  );
}
