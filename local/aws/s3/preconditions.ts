// Conditional requests and ranges, decided before any byte is read (RFC 9110 §13 and §14, in S3's reading).

import { S3Error } from "./errors.ts";
import type { StoredObject } from "./object.ts";
import type { S3Request } from "./request.ts";

/** Bytes `start` to `end`, both included. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/**
 * Whether the viewer's copy is still good (304).
 * @throws S3Error PreconditionFailed.
 */
export function isNotModified(request: S3Request, object: StoredObject): boolean {
  const { headers } = request;
  const ifMatch = headers.get("if-match");
  if (ifMatch !== undefined && !listsEtag(ifMatch, object)) throw failed("If-Match");
  const unmodifiedSince = timeOf(headers.get("if-unmodified-since"));
  if (ifMatch === undefined && unmodifiedSince !== undefined && seconds(object) > unmodifiedSince)
    throw failed("If-Unmodified-Since");
  const ifNoneMatch = headers.get("if-none-match");
  if (ifNoneMatch !== undefined) return listsEtag(ifNoneMatch, object);
  const modifiedSince = timeOf(headers.get("if-modified-since"));
  return modifiedSince !== undefined && seconds(object) <= modifiedSince;
}

/**
 * The range to send, or undefined for the whole object: without a range, with one that is not understood, with
 * several, or when `If-Range` names another version.
 * @throws S3Error InvalidRange.
 */
export function rangeOf(request: S3Request, object: StoredObject): ByteRange | undefined {
  const range = request.headers.get("range");
  if (range === undefined || !isCurrent(request.headers.get("if-range"), object)) return undefined;
  const [, first = "", last = ""] = /^bytes=(\d*)-(\d*)$/.exec(range.trim()) ?? [];
  if (first === "" && last === "") return undefined;
  if (first !== "" && last !== "" && Number(first) > Number(last)) return undefined;
  const start = first === "" ? Math.max(0, object.size - Number(last)) : Number(first);
  const end = first === "" || last === "" ? object.size - 1 : Math.min(Number(last), object.size - 1);
  if (start < object.size) return { start, end };
  throw new S3Error(
    "InvalidRange",
    undefined,
    { RangeRequested: range, ActualObjectSize: String(object.size) },
    { "Content-Range": `bytes */${object.size}` },
  );
}

function isCurrent(ifRange: string | undefined, object: StoredObject): boolean {
  if (ifRange === undefined) return true;
  return ifRange.startsWith('"') ? ifRange === `"${object.etag}"` : timeOf(ifRange) === seconds(object);
}

function listsEtag(list: string, object: StoredObject): boolean {
  const tags = list.split(",").map((tag) => tag.trim().replace(/^W\//, "").replaceAll('"', ""));
  return tags.includes("*") || tags.includes(object.etag);
}

function timeOf(header: string | undefined): number | undefined {
  const ms = header === undefined ? Number.NaN : Date.parse(header);
  return Number.isNaN(ms) ? undefined : Math.floor(ms / 1000);
}

function seconds(object: StoredObject): number {
  return Math.floor(object.lastModified.getTime() / 1000);
}

function failed(condition: string): S3Error {
  return new S3Error("PreconditionFailed", undefined, { Condition: condition });
}
