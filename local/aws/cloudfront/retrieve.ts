// The cache in front of the origin: hit, revalidation, miss; waiting requests share one trip.

import type { Readable } from "node:stream";
import type { CachedObject } from "./cache.ts";
import { cacheKey } from "./cache-key.ts";
import { share } from "./collapsing.ts";
import { allowsRange } from "./conditional.ts";
import type { Behavior } from "./distribution.ts";
import type { Edge } from "./edge.ts";
import type { ResultType } from "./errors.ts";
import { CONDITIONAL_HEADERS, type EdgeRequest } from "./forward.ts";
import { errorTtlSeconds, ttlSeconds } from "./freshness.ts";
import { type Header, headerValue, setHeader } from "./headers.ts";
import type { OriginAnswer } from "./origin-answer.ts";
import { fetchFromOrigin } from "./origin-fetch.ts";

/** An object for a viewer, before conditions, ranges and the response headers policy. */
export interface Retrieved {
  readonly status: number;
  readonly statusDescription: string;
  readonly headers: Map<string, readonly Header[]>;
  readonly body: Buffer | Readable;
  readonly resultType: ResultType;
  /** Seconds since the origin answered; undefined for an answer that just came. */
  readonly age: number | undefined;
  /** The whole object came from the cache: conditions and ranges are for CloudFront to answer. */
  readonly isWholeFromCache: boolean;
}

/** The object for a request that passed its viewer-request function. */
export async function retrieve(request: EdgeRequest, behavior: Behavior, edge: Edge): Promise<Retrieved> {
  if (!behavior.cachedMethods.has(request.method))
    return fresh(await fetchFromOrigin(request, behavior, edge), "Miss");
  const key = cacheKey(request, behavior);
  const whole = edge.cache.get(key);
  const found =
    whole !== undefined && whole.expiresAt > edge.now() ? whole : (freshVariant(key, request, edge) ?? whole);
  if (found !== undefined && found.expiresAt > edge.now()) return cached(found, found === whole, "Hit", edge);
  if (found !== undefined && found.status < 400) return revalidate(key, found, request, behavior, edge);
  return miss(key, request, behavior, edge);
}

// Besides whole objects: answers to exactly this range, and answers to HEAD.
function variantKey(key: string, request: EdgeRequest): string | undefined {
  const range = headerValue(request.headers, "range");
  if (request.method === "HEAD") return `HEAD ${key}`;
  return request.method === "GET" && range !== undefined ? `range ${range} ${key}` : undefined;
}

function freshVariant(key: string, request: EdgeRequest, edge: Edge): CachedObject | undefined {
  const name = variantKey(key, request);
  const variant = name === undefined ? undefined : edge.cache.get(name);
  if (variant === undefined || variant.expiresAt <= edge.now()) return undefined;
  return allowsRange(request.headers, variant.headers) ? variant : undefined;
}

async function miss(key: string, request: EdgeRequest, behavior: Behavior, edge: Edge): Promise<Retrieved> {
  const { answer, isFirst } = await share(key, request, behavior, edge);
  if (isFirst) store(key, answer, request, edge);
  return fresh(answer, isFirst ? "Miss" : "Hit");
}

// Asks whether a stale object is still the current one ("Conditional GET requests").
async function revalidate(
  key: string,
  stale: CachedObject,
  request: EdgeRequest,
  behavior: Behavior,
  edge: Edge,
): Promise<Retrieved> {
  const { answer, isFirst } = await share(`stale ${key}`, withValidators(request, stale), behavior, edge);
  if (answer.status === 304) {
    return cached(refresh(key, stale, answer, behavior, edge), true, "RefreshHit", edge);
  }
  if (answer.status >= 500) return serveStale(key, stale, answer, edge);
  if (isFirst) store(key, answer, { ...request, method: "GET" }, edge);
  return {
    ...fresh(answer, isFirst ? "Miss" : "Hit"),
    isWholeFromCache: answer.status === 200 && Buffer.isBuffer(answer.body),
  };
}

// The 304 may have changed how long the object lives, down to not at all.
function refresh(
  key: string,
  stale: CachedObject,
  answer: OriginAnswer,
  behavior: Behavior,
  edge: Edge,
): CachedObject {
  const headers = mergedHeaders(stale, answer);
  const seconds = ttlSeconds(stale.status, headers, behavior.cachePolicy, edge.now());
  const refreshed = { ...stale, headers, ...lifetime(seconds ?? 0, edge) };
  if (seconds === undefined) edge.cache.delete(key);
  else edge.cache.set(key, refreshed);
  return refreshed;
}

// The object outlives an origin that fails, for the error caching minimum TTL at a time.
function serveStale(key: string, stale: CachedObject, answer: OriginAnswer, edge: Edge): Retrieved {
  const seconds = errorTtlSeconds(answer.status, answer.headers, edge.distribution);
  edge.cache.set(key, { ...stale, expiresAt: edge.now() + seconds * 1000 });
  return cached(stale, true, "Hit", edge);
}

// A conditional GET for the whole object: the viewer's own conditions and range are answered from it afterwards.
function withValidators(request: EdgeRequest, stale: CachedObject): EdgeRequest {
  const headers = new Map(request.headers);
  for (const name of [...CONDITIONAL_HEADERS, "range"]) headers.delete(name);
  const etag = headerValue(stale.headers, "etag");
  const modified = headerValue(stale.headers, "last-modified");
  if (etag !== undefined) setHeader(headers, "If-None-Match", etag);
  if (modified !== undefined) setHeader(headers, "If-Modified-Since", modified);
  return { ...request, method: "GET", headers };
}

// RFC 9111 §3.2, without the fields that describe a body; the ETag stays as CloudFront gave it out.
const KEPT_ON_304: ReadonlySet<string> = new Set([
  "content-length",
  "content-encoding",
  "content-type",
  "content-range",
  "etag",
  "transfer-encoding",
]);

function mergedHeaders(stale: CachedObject, answer: OriginAnswer): Map<string, readonly Header[]> {
  const headers = new Map(stale.headers);
  for (const [name, lines] of answer.headers) if (!KEPT_ON_304.has(name)) headers.set(name, lines);
  return headers;
}

function lifetime(seconds: number, edge: Edge): { storedAt: number; expiresAt: number } {
  const storedAt = edge.now();
  return { storedAt, expiresAt: storedAt + seconds * 1000 };
}

function store(key: string, answer: OriginAnswer, request: EdgeRequest, edge: Edge): void {
  const { status, statusDescription, headers, body } = answer;
  if (!Buffer.isBuffer(body)) return;
  const isError = status >= 400;
  const seconds = isError ? errorTtlSeconds(status, headers, edge.distribution) : answer.ttl;
  const canBeAsked = headers.has("etag") || headers.has("last-modified");
  if (seconds === undefined || (seconds === 0 && (isError || !canBeAsked))) return;
  const object = { status, statusDescription, headers, body, ...lifetime(seconds, edge) };
  if (isPartOnly(request, status, edge)) edge.cache.set(variantKey(key, request) ?? key, object);
  else edge.cache.set(key, object);
}

// A range that the origin cut, or an answer to HEAD, is no whole object.
function isPartOnly(request: EdgeRequest, status: number, edge: Edge): boolean {
  return status === 206 || (request.method === "HEAD" && edge.readings.headOnMiss === "HEAD");
}

function fresh(answer: OriginAnswer, resultType: ResultType): Retrieved {
  const { status, statusDescription, headers, body } = answer;
  const seen = status >= 400 ? "Error" : resultType;
  return {
    status,
    statusDescription,
    headers,
    body,
    resultType: seen,
    age: undefined,
    isWholeFromCache: false,
  };
}

function cached(object: CachedObject, isWhole: boolean, resultType: ResultType, edge: Edge): Retrieved {
  const originAge = Number(headerValue(object.headers, "age") ?? 0) || 0;
  return {
    status: object.status,
    statusDescription: object.statusDescription,
    headers: object.headers,
    body: object.body,
    resultType: object.status >= 400 ? "Error" : resultType,
    age: Math.max(0, Math.floor((edge.now() - object.storedAt) / 1000)) + originAge,
    isWholeFromCache: isWhole,
  };
}
