// What S3 answers before it is cached: its errors become ours, and active content is put into a sandbox.

import { isConfiguredOrigin } from "../answer/cors.ts";
import type { Log } from "../answer/log.ts";
import { type Answering, preflight, refusal } from "../answer/respond.ts";
import type { Config } from "../config/config.ts";
import { answerTo, type ErrorCode } from "../errors.ts";
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
import { uriEncodePath } from "../request/path.ts";
import { type Elsewhere, findElsewhere } from "./elsewhere.ts";
import { forEveryOrigin } from "./shared-answer.ts";

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
export async function originResponse(
  event: unknown,
  parts: Answering & Elsewhere & { readonly log: Log },
): Promise<OriginResult> {
  const { config, log } = parts;
  const request = readEvent(event);
  const response = readOriginResponse(event);
  const key = keyOf(request.uri, config);
  const isPreflight = request.method === "OPTIONS";
  if (response.status === 304) return response.raw;
  if (!isPreflight && (response.status === 200 || response.status === 206))
    return shown(key, response, parts);
  const code = isPreflight
    ? preflightCode(request, config)
    : (STATUSES.get(response.status) ?? "origin_error");
  if (code === undefined) return keeping(response, preflight(request, config));
  const found = code === "not_found" ? await findElsewhere(key, request, parts) : undefined;
  if (found && "object" in found) return shown(found.path, found.object, parts, readOnly(response));
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
  return keeping(response, refusal(code, request, parts, !isPreflight));
}

/** Why a preflight is refused, as that of a signed area is, which never gets here: S3 knows no origins. */
function preflightCode(request: ViewerRequest, config: Config): ErrorCode | undefined {
  const origin = header(request, "origin");
  if (!origin) return "method_not_allowed";
  return isConfiguredOrigin(origin, config) ? undefined : "origin_not_allowed";
}

/** An object, with what its own key says of it. */
function shown(
  key: string,
  response: OriginResponse,
  { config, areas }: Elsewhere,
  kept: Record<string, unknown> = {},
): OriginResult {
  const object = forEveryOrigin(response, config, kept);
  return areas.trusts(key) ? object.raw : sandboxed(object);
}

/** An answer of ours, with what has to stay of S3's. */
function keeping(response: OriginResponse, ours: ResponseResult): OriginResult {
  return { ...ours, headers: { ...readOnly(response), ...ours.headers } };
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
