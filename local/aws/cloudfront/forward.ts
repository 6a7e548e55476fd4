// The request that goes to the origin: only what the two policies take, and what CloudFront itself adds.
// "HTTP request headers and CloudFront behavior (custom and Amazon S3 origins)",
// docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/RequestAndResponseBehaviorCustomOrigin.html

import { originAcceptEncoding } from "./accept-encoding.ts";
import type { Behavior, Distribution } from "./distribution.ts";
import { type Header, type Headers, headerValue, setHeader } from "./headers.ts";
import type { Origin } from "./origin-config.ts";
import { selects } from "./policies.ts";
import { selectedCookies, selectedQuery } from "./selection.ts";
import { viaName } from "./via.ts";
import { bytesOf, type ViewerRequest } from "./viewer.ts";

/** The request after the viewer-request function. `rawPath` is a byte string, `querystring` text. */
export interface EdgeRequest {
  readonly method: string;
  readonly rawPath: string;
  readonly querystring: string;
  readonly headers: Headers;
  readonly viewer: ViewerRequest;
  readonly body: () => Promise<Buffer>;
}

/** What is sent to an origin. `path` holds origin path, path and query, ready for the request line. */
export interface OriginRequest {
  readonly method: string;
  /** The path without the origin path: what origin-facing events call `uri`. */
  readonly uri: string;
  readonly querystring: string;
  readonly path: string;
  readonly headers: Map<string, readonly Header[]>;
}

/** Conditional and range fields reach the origin whatever the policies say. */
export const CONDITIONAL_HEADERS = [
  "if-match",
  "if-none-match",
  "if-modified-since",
  "if-unmodified-since",
  "if-range",
];

// Removed or replaced whatever the policies say.
const NEVER_FORWARDED: ReadonlySet<string> = new Set([
  "accept-encoding",
  "connection",
  "content-length",
  "cookie",
  "expect",
  "host",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
  "user-agent",
  "via",
  "x-amz-cf-id",
  "x-forwarded-for",
  "x-forwarded-proto",
  "x-real-ip",
]);

/** Builds the origin request; `withHead` is the method for a HEAD. */
export function originRequest(
  request: EdgeRequest,
  behavior: Behavior,
  origin: Origin,
  distribution: Distribution,
  options: { readonly headAs: "HEAD" | "GET"; readonly cfId: boolean },
): OriginRequest {
  const { cachePolicy, originRequestPolicy } = behavior;
  const policies = originRequestPolicy === undefined ? [cachePolicy] : [cachePolicy, originRequestPolicy];
  const querystring = selectedQuery(
    request.querystring,
    policies.map((policy) => policy.queryStrings),
  );
  const headers = forwardedHeaders(request, behavior, origin);
  const cookies = selectedCookies(
    request.headers,
    policies.map((policy) => policy.cookies),
  );
  if (cookies !== "") setHeader(headers, "Cookie", cookies);
  addOwnHeaders(headers, request, distribution, options.cfId);
  for (const [name, lines] of origin.customHeaders) headers.set(name, lines);
  const path = `${bytesOf(origin.path)}${request.rawPath}${querystring === "" ? "" : `?${bytesOf(querystring)}`}`;
  const method = request.method === "HEAD" ? options.headAs : request.method;
  return { method, uri: request.rawPath, querystring, path, headers };
}

function forwardedHeaders(
  request: EdgeRequest,
  behavior: Behavior,
  origin: Origin,
): Map<string, readonly Header[]> {
  const headers = new Map<string, readonly Header[]>();
  setHeader(headers, "Host", hostFor(request, behavior, origin));
  for (const [name, lines] of request.headers) {
    if (isForwarded(name, request.method, behavior)) headers.set(name, lines);
  }
  for (const name of CONDITIONAL_HEADERS) copy(request.headers, headers, name);
  if (request.method === "GET") copy(request.headers, headers, "range");
  if (!isBodiless(request.method))
    for (const name of ["content-type", "content-md5"]) copy(request.headers, headers, name);
  const userAgent = isForwardedByPolicy("user-agent", behavior)
    ? headerValue(request.headers, "user-agent")
    : undefined;
  setHeader(headers, "User-Agent", userAgent ?? "Amazon CloudFront");
  return withAcceptEncoding(headers, request, behavior);
}

/** Methods whose requests carry no body towards the origin. */
export function isBodiless(method: string): boolean {
  return method === "GET" || method === "HEAD" || method === "OPTIONS";
}

function isForwarded(name: string, method: string, behavior: Behavior): boolean {
  if (NEVER_FORWARDED.has(name) || name.startsWith("x-edge-")) return false;
  if (name === "authorization" && (method === "GET" || method === "HEAD"))
    return isAuthorizationForwarded(behavior);
  return isForwardedByPolicy(name, behavior);
}

// "Configure CloudFront to forward the Authorization header": in the cache policy, or by a policy for all viewer headers.
function isAuthorizationForwarded({ cachePolicy, originRequestPolicy }: Behavior): boolean {
  if (selects(cachePolicy.headers, "authorization")) return true;
  const forwarded = originRequestPolicy?.headers;
  return forwarded !== undefined && forwarded.kind !== "only" && selects(forwarded, "authorization");
}

function isForwardedByPolicy(name: string, { cachePolicy, originRequestPolicy }: Behavior): boolean {
  return (
    selects(cachePolicy.headers, name) ||
    (originRequestPolicy !== undefined && selects(originRequestPolicy.headers, name))
  );
}

function copy(from: Headers, to: Map<string, readonly Header[]>, name: string): void {
  const lines = from.get(name);
  if (lines !== undefined) to.set(name, lines);
}

// The origin's own name, unless a policy forwards the viewer's.
function hostFor(request: EdgeRequest, behavior: Behavior, origin: Origin): string {
  const viewers = isForwardedByPolicy("host", behavior) ? headerValue(request.headers, "host") : undefined;
  return viewers ?? origin.domainName;
}

function withAcceptEncoding(
  headers: Map<string, readonly Header[]>,
  request: EdgeRequest,
  behavior: Behavior,
): Map<string, readonly Header[]> {
  const { gzip, brotli } = behavior.cachePolicy;
  if (gzip || brotli) {
    const normalized = originAcceptEncoding(request.headers, behavior.cachePolicy);
    if (normalized !== undefined) setHeader(headers, "Accept-Encoding", normalized);
  } else if (isForwardedByPolicy("accept-encoding", behavior)) {
    copy(request.headers, headers, "accept-encoding");
  }
  return headers;
}

function addOwnHeaders(
  headers: Map<string, readonly Header[]>,
  request: EdgeRequest,
  distribution: Distribution,
  cfId: boolean,
): void {
  const { viewer } = request;
  const forwardedFor = headerValue(request.headers, "x-forwarded-for");
  setHeader(
    headers,
    "X-Forwarded-For",
    forwardedFor === undefined ? viewer.clientIp : `${forwardedFor}, ${viewer.clientIp}`,
  );
  const via = headerValue(request.headers, "via");
  const own = `${viewer.httpVersion} ${viaName(distribution)}`;
  setHeader(headers, "Via", via === undefined ? own : `${via}, ${own}`);
  if (cfId) setHeader(headers, "X-Amz-Cf-Id", viewer.requestId);
}
