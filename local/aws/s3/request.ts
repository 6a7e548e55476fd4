// One S3 request as it arrived: bucket from the Host, key from the raw path, query and headers unchanged.

import type { IncomingMessage } from "node:http";
import { S3Error } from "./errors.ts";

/** A request before anything about it has been verified. */
export interface S3Request {
  readonly method: string;
  readonly bucket: string;
  /** As it was sent; the region's endpoint without a bucket has none. */
  readonly host: string;
  /** The path as it was sent. */
  readonly rawPath: string;
  /** In path style the bucket's name with a slash before it, which is part of the path; empty by virtual host. */
  readonly bucketPath: string;
  /** The decoded object key; empty for the bucket itself. */
  readonly key: string;
  /** Decoded, in the order sent, without duplicates. */
  readonly query: ReadonlyMap<string, string>;
  /** Lower-cased names. */
  readonly headers: ReadonlyMap<string, string>;
  readonly sourceIp: string;
}

const MAX_HEADER_BYTES = 8192;
const LOOPBACK = /^127\.0\.0\.1(:\d+)?$/;
const MAX_KEY_BYTES = 1024;

/**
 * Reads a request in virtual-host style, or in path style at this machine's own address.
 * @throws S3Error for what S3 refuses before it looks at any signature.
 */
export function readRequest(message: IncomingMessage, region: string): S3Request {
  refuseLongHeaders(message.rawHeaders);
  const target = message.url ?? "/";
  const at = target.indexOf("?");
  const rawPath = at < 0 ? target : target.slice(0, at);
  const host = message.headers.host ?? "";
  const headers = new Map(
    Object.entries(message.headersDistinct).map(([name, values]) => [name, (values ?? []).join(",")]),
  );
  const bucketPath = LOOPBACK.test(host) ? (/^\/[^/]+/.exec(rawPath)?.[0] ?? "") : "";
  return {
    method: message.method ?? "GET",
    bucket: bucketPath ? bucketPath.slice(1) : bucketOf(host, region),
    host,
    rawPath,
    bucketPath,
    key: keyOf(rawPath.slice(bucketPath.length) || "/"),
    query: parseQuery(at < 0 ? "" : target.slice(at + 1)),
    headers,
    sourceIp: message.socket.remoteAddress?.replace(/^::ffff:/, "") ?? "",
  };
}

function refuseLongHeaders(rawHeaders: readonly string[]): void {
  const bytes = rawHeaders.reduce((sum, part) => sum + Buffer.byteLength(part, "latin1") + 2, 2);
  if (bytes > MAX_HEADER_BYTES)
    throw new S3Error("RequestHeaderSectionTooLarge", undefined, {
      MaxSizeAllowed: String(MAX_HEADER_BYTES),
    });
}

function bucketOf(host: string, region: string): string {
  const name = host.replace(/:\d+$/, "").toLowerCase();
  for (const endpoint of [`.s3.${region}.amazonaws.com`, ".s3.amazonaws.com"])
    if (name.endsWith(endpoint)) return name.slice(0, -endpoint.length);
  throw new S3Error("NoSuchBucket", undefined, { BucketName: name });
}

/** A raw `+` in a path is a space to S3; a plus is `%2B`. */
function keyOf(rawPath: string): string {
  if (!rawPath.startsWith("/")) throw new S3Error("InvalidURI", undefined, { URI: rawPath });
  const key = decode(rawPath.slice(1));
  const bytes = Buffer.byteLength(key);
  if (bytes > MAX_KEY_BYTES)
    throw new S3Error("KeyTooLongError", undefined, {
      Size: String(bytes),
      MaxSizeAllowed: String(MAX_KEY_BYTES),
    });
  return key;
}

function parseQuery(text: string): ReadonlyMap<string, string> {
  const query = new Map<string, string>();
  for (const pair of text.split("&").filter((part) => part !== "")) {
    const [name = "", ...value] = pair.split("=");
    const decoded = decode(name);
    // Real S3 takes the first or the last, depending on the parameter; the harsher reading refuses.
    if (query.has(decoded))
      throw new S3Error("InvalidArgument", `Duplicate query parameter ${decoded}`, { ArgumentName: decoded });
    query.set(decoded, decode(value.join("=")));
  }
  return query;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    throw new S3Error("InvalidURI", undefined, { URI: text });
  }
}
