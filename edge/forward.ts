// What leaves for the cache and S3: the canonical path, the signed query, the cache scope, and nothing else of the viewer's.
import {
  type CloudFrontHeaders,
  headerValues,
  type RequestResult,
  type ViewerRequest,
} from "./cloudfront.ts";
import { GateError } from "./errors.ts";

/** The header in the cache key that only this function writes: what a cached object may be shared by. */
export const CACHE_SCOPE_HEADER = "x-gatehouse-cache-scope";

/** CloudFront takes 8,192 bytes of URL; the rest is room for the scheme and its own additions. */
const MAX_URI_BYTES = 7_600;

/** S3 refuses 8,192 bytes of headers, and one refusal can answer many viewers: none of theirs may be long. */
const MAX_HEADER_BYTES = 1_024;

/**
 * The viewer's headers that stay: what CloudFront forbids to remove at viewer-request, what it answers ranges,
 * conditions, compression and CORS by. Everything else, cookies and tokens first of all, ends here.
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/edge-function-restrictions-all.html
 */
const READ_ONLY = ["host", "content-length", "transfer-encoding", "via"];
const PASSED = [
  "accept-encoding",
  "if-match",
  "if-modified-since",
  "if-none-match",
  "if-range",
  "if-unmodified-since",
  "origin",
  "range",
  "user-agent",
];

/**
 * The request that goes on.
 * @throws GateError `uri_too_long` when CloudFront could not carry it
 */
export function forward(
  request: ViewerRequest,
  path: string,
  signedQuery: string,
  cacheScope: string,
): RequestResult {
  if (path.length + 1 + signedQuery.length > MAX_URI_BYTES) throw new GateError("uri_too_long");
  return {
    clientIp: request.clientIp,
    method: request.method,
    uri: path,
    querystring: signedQuery,
    headers: forwardedHeaders(request, cacheScope),
  };
}

function forwardedHeaders(request: ViewerRequest, cacheScope: string): CloudFrontHeaders {
  const headers: CloudFrontHeaders = {};
  for (const name of READ_ONLY) copy(request, name, headers);
  for (const name of PASSED) {
    const size = headerValues(request, name).reduce((sum, value) => sum + value.length, 0);
    if (size <= MAX_HEADER_BYTES) copy(request, name, headers);
  }
  headers[CACHE_SCOPE_HEADER] = [{ key: CACHE_SCOPE_HEADER, value: cacheScope }];
  return headers;
}

function copy(request: ViewerRequest, name: string, headers: CloudFrontHeaders): void {
  const values = headerValues(request, name);
  if (values.length > 0) headers[name] = values.map((value) => ({ key: name, value }));
}
