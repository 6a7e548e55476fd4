// Conditional requests answered from the cache (RFC 9110 §13).

import { type Headers, headerValue } from "./headers.ts";

/** Whether the viewer already has the object: 304. */
export function isNotModified(request: Headers, response: Headers): boolean {
  const noneMatch = headerValue(request, "if-none-match");
  if (noneMatch !== undefined) return matchesAny(noneMatch, headerValue(response, "etag"), weakly);
  return isAtLeast(headerValue(request, "if-modified-since"), headerValue(response, "last-modified"));
}

/** Whether If-Match or If-Unmodified-Since fails: 412. */
export function failsPrecondition(request: Headers, response: Headers): boolean {
  const match = headerValue(request, "if-match");
  if (match !== undefined) return !matchesAny(match, headerValue(response, "etag"), strongly);
  const since = headerValue(request, "if-unmodified-since");
  const modified = headerValue(response, "last-modified");
  return since !== undefined && modified !== undefined && !isAtLeast(since, modified);
}

/** Whether a range may be cut from the object: no If-Range, or one that names exactly this object. */
export function allowsRange(request: Headers, response: Headers): boolean {
  const ifRange = headerValue(request, "if-range");
  if (ifRange === undefined) return true;
  if (/^(W\/)?"/.test(ifRange)) return strongly(ifRange, headerValue(response, "etag") ?? "");
  return ifRange === headerValue(response, "last-modified");
}

function matchesAny(
  list: string,
  etag: string | undefined,
  compare: (a: string, b: string) => boolean,
): boolean {
  if (etag === undefined) return false;
  return (
    list.trim() === "*" ||
    (list.match(/(?:W\/)?"[^"]*"/g) ?? []).some((candidate) => compare(candidate, etag))
  );
}

function weakly(a: string, b: string): boolean {
  return a.replace(/^W\//, "") === b.replace(/^W\//, "");
}

function strongly(a: string, b: string): boolean {
  return !a.startsWith("W/") && a === b;
}

function isAtLeast(date: string | undefined, than: string | undefined): boolean {
  if (date === undefined || than === undefined) return false;
  return Date.parse(date) >= Date.parse(than);
}
