// What leaves for the cache and S3: the canonical path, the signed query, the cache scope, and nothing else of the viewer's.

import { GateError } from "../errors.ts";
import {
  type CloudFrontHeaders,
  headerEntries,
  type RequestResult,
  type ViewerRequest,
} from "../request/cloudfront.ts";

/** The header in the cache key that only this function writes: what a cached object may be shared by. */
export const CACHE_SCOPE_HEADER = "x-gatehouse-cache-scope";

/** CloudFront takes 8,192 bytes of URL; the rest is room for the scheme and its own additions. */
const MAX_URI_BYTES = 7_600;

const UNLIMITED = Number.POSITIVE_INFINITY;
/** S3 refuses 8,192 bytes of headers, and one refusal can answer many viewers: none of theirs may be long. */
const MAX_HEADER_BYTES = 1_024;

/**
 * The viewer's headers that stay, each with what it may hold: what CloudFront forbids to remove at viewer-request, and
 * what it answers ranges, conditions, compression and CORS by. Everything else, cookies and tokens first, ends here.
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/edge-function-restrictions-all.html
 */
const PASSED: readonly (readonly [name: string, maxBytes: number])[] = [
  ["host", UNLIMITED],
  ["content-length", UNLIMITED],
  ["transfer-encoding", UNLIMITED],
  ["via", UNLIMITED],
  ["accept-encoding", MAX_HEADER_BYTES],
  ["if-match", MAX_HEADER_BYTES],
  ["if-modified-since", MAX_HEADER_BYTES],
  ["if-none-match", MAX_HEADER_BYTES],
  ["if-range", MAX_HEADER_BYTES],
  ["if-unmodified-since", MAX_HEADER_BYTES],
  ["origin", MAX_HEADER_BYTES],
  ["range", MAX_HEADER_BYTES],
  ["user-agent", MAX_HEADER_BYTES],
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
  if (!fitsUrl(path, signedQuery)) throw new GateError("uri_too_long");
  return {
    clientIp: request.clientIp,
    method: request.method,
    uri: path,
    querystring: signedQuery,
    headers: forwardedHeaders(request, cacheScope),
  };
}

/** Whether CloudFront can carry a path with its query. */
export function fitsUrl(path: string, query: string): boolean {
  return path.length + 1 + query.length <= MAX_URI_BYTES;
}

function forwardedHeaders(request: ViewerRequest, cacheScope: string): CloudFrontHeaders {
  const headers: CloudFrontHeaders = {};
  for (const [name, maxBytes] of PASSED) {
    const entries = headerEntries(request, name);
    if (entries && lengthOf(entries) <= maxBytes) headers[name] = entries;
  }
  headers[CACHE_SCOPE_HEADER] = [{ key: CACHE_SCOPE_HEADER, value: cacheScope }];
  return headers;
}

function lengthOf(entries: readonly { readonly value: string }[]): number {
  let length = 0;
  for (const { value } of entries) length += value.length;
  return length;
}
