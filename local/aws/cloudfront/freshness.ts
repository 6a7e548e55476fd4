// How long an answer may be served without asking the origin: CloudFront's own table, which is not RFC 9111's
// (MinTTL overrules no-store, there is no heuristic freshness), so no general HTTP cache library decides here.
// "Manage how long content stays in the cache (expiration)",
// docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/Expiration.html

import { DEFAULT_ERROR_CACHING_MIN_TTL, type Distribution } from "./distribution.ts";
import { type Headers, headerValue } from "./headers.ts";
import type { CachePolicy } from "./policies.ts";

// "HTTP 4xx and 5xx status codes that CloudFront always caches"; 410 and 405 stood on one of its two pages each.
const ERRORS_ALWAYS_CACHED: ReadonlySet<number> = new Set([404, 405, 410, 414, 500, 501, 502, 503, 504]);
// "… that CloudFront caches based on Cache-Control headers".
const ERRORS_CACHED_BY_HEADER: ReadonlySet<number> = new Set([400, 403, 412, 415]);
const CACHED: ReadonlySet<number> = new Set([200, 204, 206, 300, 301, 308]);
const CACHED_BY_HEADER: ReadonlySet<number> = new Set([302, 303, 307]);

/** Seconds, or undefined where nothing may be kept. 0 keeps the object, to be asked about each time. */
export function ttlSeconds(
  status: number,
  headers: Headers,
  policy: CachePolicy,
  now: number,
): number | undefined {
  if (policy.maxTtl === 0) return undefined;
  const directives = cacheControl(headers);
  const asked = askedSeconds(headers, directives, now);
  if (!CACHED.has(status) && !(CACHED_BY_HEADER.has(status) && asked !== undefined)) return undefined;
  if (isForbidden(headers, directives)) return policy.minTtl > 0 ? policy.minTtl : undefined;
  if (directives.has("no-cache")) return policy.minTtl;
  if (asked === undefined) return Math.max(policy.minTtl, policy.defaultTtl);
  return Math.min(Math.max(policy.minTtl, asked), policy.maxTtl);
}

// With MinTTL 0, an object with "Vary: *" is fetched anew each time, without conditional headers.
function isForbidden(headers: Headers, directives: ReadonlyMap<string, string>): boolean {
  return (
    directives.has("no-store") || directives.has("private") || headerValue(headers, "vary")?.trim() === "*"
  );
}

// s-maxage before max-age before Expires.
function askedSeconds(
  headers: Headers,
  directives: ReadonlyMap<string, string>,
  now: number,
): number | undefined {
  const maxAge = maxAgeSeconds(directives);
  if (maxAge !== undefined) return maxAge;
  const expires = headerValue(headers, "expires");
  if (expires === undefined) return undefined;
  const at = Date.parse(expires);
  return Number.isNaN(at) ? 0 : Math.max(0, Math.floor((at - now) / 1000));
}

function maxAgeSeconds(directives: ReadonlyMap<string, string>): number | undefined {
  for (const name of ["s-maxage", "max-age"]) {
    const seconds = directives.get(name);
    if (seconds !== undefined && /^\d+$/.test(seconds)) return Number(seconds);
  }
  return undefined;
}

function cacheControl(headers: Headers): Map<string, string> {
  const directives = (headerValue(headers, "cache-control") ?? "")
    .split(",")
    .map((part): [string, string] => {
      const [name, value] = part.trim().split("=", 2);
      return [(name ?? "").toLowerCase(), (value ?? "").replace(/^"|"$/g, "")];
    });
  return new Map(directives);
}

/**
 * Seconds that an error is kept: the greater of its error caching minimum TTL and the origin's max-age.
 * "How CloudFront caches HTTP 4xx and 5xx status codes from your origin".
 */
export function errorTtlSeconds(status: number, headers: Headers, distribution: Distribution): number {
  const maxAge = maxAgeSeconds(cacheControl(headers));
  const minimum =
    distribution.customErrorResponses.get(status)?.cachingMinTtl ?? DEFAULT_ERROR_CACHING_MIN_TTL;
  if (ERRORS_ALWAYS_CACHED.has(status)) return Math.max(minimum, maxAge ?? 0);
  if (ERRORS_CACHED_BY_HEADER.has(status) && maxAge !== undefined) return Math.max(minimum, maxAge);
  return 0;
}
