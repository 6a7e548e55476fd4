// Ranges cut from a cached object: "How CloudFront processes partial requests for an object (range GETs)",
// docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/RangeGETs.html

import { randomBytes } from "node:crypto";
import { type Header, type Headers, headerValue, setHeader } from "./headers.ts";

/** Inclusive positions of the first and last byte. */
export interface ByteRange {
  readonly first: number;
  readonly last: number;
}

/**
 * The ranges of a Range header over `size` bytes; undefined asks for the whole object, which CloudFront also serves
 * when ranges are malformed, overlap or descend; an empty list means that none can be satisfied.
 */
export function parseRanges(header: string, size: number): readonly ByteRange[] | undefined {
  const list = /^bytes=(.*)$/i.exec(header.trim())?.[1];
  if (list === undefined) return undefined;
  const ranges: ByteRange[] = [];
  for (const spec of list.split(",")) {
    const range = parseRange(spec.trim(), size);
    if (range === undefined) return undefined;
    const previous = ranges.at(-1);
    if (previous !== undefined && range.first <= previous.last) return undefined;
    if (range.first < size && range.first <= range.last) ranges.push(range);
  }
  return ranges;
}

function parseRange(spec: string, size: number): ByteRange | undefined {
  const match = /^(\d*)-(\d*)$/.exec(spec);
  const [, first = "", last = ""] = match ?? [];
  if (first === "" && last === "") return undefined;
  if (first === "")
    return { first: Number(last) === 0 ? size : Math.max(0, size - Number(last)), last: size - 1 };
  if (last !== "" && Number(last) < Number(first)) return undefined;
  return { first: Number(first), last: last === "" ? size - 1 : Math.min(Number(last), size - 1) };
}

/** A part of an object, ready to be sent. */
export interface Partial {
  readonly status: 206 | 416;
  readonly headers: Map<string, readonly Header[]>;
  readonly body: Buffer;
}

/** The 206 (one range, or several as multipart/byteranges) or 416 for the ranges of a whole object. */
export function partial(ranges: readonly ByteRange[], headers: Headers, body: Buffer): Partial {
  const [only] = ranges;
  const result = new Map<string, readonly Header[]>(headers);
  if (only === undefined) {
    setHeader(result, "Content-Range", `bytes */${body.length}`);
    return withBody(416, result, Buffer.alloc(0));
  }
  if (ranges.length > 1) return multipart(ranges, result, body);
  setHeader(result, "Content-Range", contentRange(only, body.length));
  return withBody(206, result, body.subarray(only.first, only.last + 1));
}

function multipart(
  ranges: readonly ByteRange[],
  headers: Map<string, readonly Header[]>,
  body: Buffer,
): Partial {
  const boundary = randomBytes(16).toString("hex");
  const type = headerValue(headers, "content-type");
  const parts = ranges.flatMap((range) => [
    Buffer.from(
      `\r\n--${boundary}\r\n${type === undefined ? "" : `Content-Type: ${type}\r\n`}Content-Range: ${contentRange(range, body.length)}\r\n\r\n`,
      "latin1",
    ),
    body.subarray(range.first, range.last + 1),
  ]);
  setHeader(headers, "Content-Type", `multipart/byteranges; boundary=${boundary}`);
  return withBody(206, headers, Buffer.concat([...parts, Buffer.from(`\r\n--${boundary}--\r\n`)]));
}

function withBody(status: 206 | 416, headers: Map<string, readonly Header[]>, body: Buffer): Partial {
  setHeader(headers, "Content-Length", String(body.length));
  return { status, headers, body };
}

function contentRange({ first, last }: ByteRange, size: number): string {
  return `bytes ${first}-${last}/${size}`;
}
