// What S3 answers before it is cached: its errors become ours, and active content is put into a sandbox.

import type { Log } from "../answer/log.ts";
import { type Answering, refusal } from "../answer/respond.ts";
import type { Areas } from "../areas.ts";
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

/** Types that browsers run scripts in, wherever in the header: HTML, any XML with SVG, and multipart of them. */
const ACTIVE = /html|xml|xsl|multipart/i;

/** One plain media type; browsers guess at anything else, and may guess HTML. */
const PLAIN = /^[a-z]+\/[\w.+-]+ *(;[^,]*)?$/i;

/**
 * Decides what of S3's response is cached and shown. S3's error bodies can echo the signed request and the session
 * token, and one miss can answer many viewers: none of them passes, nor a redirect to the bucket's region. An uploaded
 * page must not use its reader's session: outside areas that are `trusted`, active content is sandboxed. A 304 has no
 * type and leaves the cached headers as they are.
 */
export function originResponse(
  event: unknown,
  deps: Answering & { readonly areas: Areas; readonly log: Log; readonly now: () => number },
): OriginResult {
  const { config, areas, log } = deps;
  const request = readEvent(event);
  const scope = header(request, CACHE_SCOPE_HEADER);
  const key = keyOf(request.uri, config);
  const response = kept(readOriginResponse(event), scope, areas.of(key), deps.now());
  if (response.status === 304) return response.raw;
  if (response.status === 200 || response.status === 206)
    return areas.trusts(key) ? response.raw : sandboxed(response);
  const code = STATUSES.get(response.status) ?? "origin_error";
  const { status } = answerTo(code);
  log({
    level: code === "origin_error" ? "error" : "warn",
    code,
    status,
    originStatus: response.status,
    requestId: request.requestId,
    method: request.method,
  });
  // A public area's viewers are taken for people.
  const language = scope ? languageIn(scope) : "";
  const headers = { "accept-language": [{ value: language }] };
  const answer = refusal(code, { ...request, headers }, deps, language !== undefined);
  return { ...answer, headers: { ...readOnly(response), ...answer.headers } };
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

function sandboxed({ raw, headers }: OriginResponse): OriginResult {
  const types = headerValues({ headers }, "content-type");
  const type = types.join(",");
  if (PLAIN.test(type) && !ACTIVE.test(type)) return raw;
  const policies = headerValues({ headers }, "content-security-policy").map((value) => ({ value }));
  return { ...raw, headers: { ...headers, "content-security-policy": [...policies, { value: "sandbox" }] } };
}

/** What CloudFront forbids to remove at origin-response. */
function readOnly({ headers }: OriginResponse): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(headers).filter(([name]) => name === "transfer-encoding" || name === "via"),
  );
}
