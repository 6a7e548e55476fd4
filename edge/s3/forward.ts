// What leaves for the cache and S3: the canonical path, the signed query, the cache scope, and nothing else of the viewer's.

import { GateError } from "../errors.ts";
import {
  type CloudFrontHeaders,
  headerEntries,
  type RequestResult,
  type ViewerRequest,
} from "../request/cloudfront.ts";
import { CACHE_SCOPE_HEADER, mayHold, PASSED_HEADERS } from "../request/passed-headers.ts";

/** CloudFront takes 8,192 bytes of URL; the rest is room for the scheme and its own additions. */
const MAX_URI_BYTES = 7_600;

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
  for (const [index, name] of PASSED_HEADERS.entries()) {
    const entries = headerEntries(request, name);
    if (entries && mayHold(index, lengthOf(entries))) headers[name] = entries;
  }
  headers[CACHE_SCOPE_HEADER] = [{ key: CACHE_SCOPE_HEADER, value: cacheScope }];
  return headers;
}

function lengthOf(entries: readonly { readonly value: string }[]): number {
  let length = 0;
  for (const { value } of entries) length += value.length;
  return length;
}
