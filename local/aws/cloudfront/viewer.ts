// The viewer's request, taken apart as CloudFront sees it, and the limits it must keep.

import { CloudFrontError } from "./errors.ts";
import { type Header, headerBytes, headersFromRaw } from "./headers.ts";

/** A request as it arrived. Paths and queries are byte strings (latin1), exactly as sent. */
export interface ViewerRequest {
  readonly method: string;
  readonly rawPath: string;
  readonly rawQuery: string;
  readonly headers: ReadonlyMap<string, readonly Header[]>;
  readonly clientIp: string;
  readonly httpVersion: string;
  readonly isHttps: boolean;
  readonly requestId: string;
  /** The body, read whole when first asked for. */
  readonly body: () => Promise<Buffer>;
}

/** What a connection tells of a request. */
export interface ArrivedRequest {
  readonly method: string;
  readonly target: string;
  readonly rawHeaders: readonly string[];
  readonly remoteAddress: string;
  readonly httpVersion: string;
  readonly isHttps: boolean;
  readonly requestId: string;
  readonly body: () => Promise<Buffer>;
}

// "Quotas", docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cloudfront-limits.html: length of a URL.
export const MAX_URL_BYTES = 8192;

/** Takes a request apart; throws 400 for a target that is no path. */
export function parseViewerRequest(arrived: ArrivedRequest): ViewerRequest {
  const target = arrived.target.replace(/^https?:\/\/[^/?]*/i, "");
  const question = target.indexOf("?");
  const rawPath = question === -1 ? target : target.slice(0, question);
  const headers = arrivedHeaders(arrived);
  if ((rawPath !== "" && !rawPath.startsWith("/")) || !headers.has("host")) {
    throw new CloudFrontError(400, "the request target is no path, or Host is missing");
  }
  return {
    method: arrived.method,
    rawPath: rawPath || "/",
    rawQuery: question === -1 ? "" : target.slice(question + 1),
    headers,
    clientIp: arrived.remoteAddress.replace(/^::ffff:(?=\d+\.)/, ""),
    httpVersion: arrived.httpVersion,
    isHttps: arrived.isHttps,
    requestId: arrived.requestId,
    body: arrived.body,
  };
}

// HTTP/2: pseudo-header fields are the request line, and RFC 9113 §8.2.3 joins cookie crumbs into one line.
function arrivedHeaders(arrived: ArrivedRequest): Map<string, Header[]> {
  const headers = headersFromRaw(arrived.rawHeaders);
  if (!arrived.httpVersion.startsWith("2")) return headers;
  const authority = headers.get(":authority")?.[0]?.value;
  const joined = new Map<string, Header[]>();
  if (authority !== undefined) joined.set("host", [{ key: "Host", value: authority }]);
  for (const [name, lines] of headers) {
    if (name.startsWith(":") || (name === "host" && authority !== undefined)) continue;
    const crumbs = lines.map(({ value }) => value).join("; ");
    joined.set(name, name === "cookie" ? [{ key: "cookie", value: crumbs }] : lines);
  }
  return joined;
}

/**
 * "Maximum length of a request and maximum length of a URL" (request and response behaviour pages):
 * beyond either, CloudFront answers 413 and ends the connection.
 */
export function requireLimits(viewer: ViewerRequest, maxRequestBytes: number): void {
  const url = `${viewer.rawPath}${viewer.rawQuery === "" ? "" : `?${viewer.rawQuery}`}`;
  const request = `${viewer.method} ${url} HTTP/1.1\r\n`.length + headerBytes(viewer.headers);
  if (url.length <= MAX_URL_BYTES && request <= maxRequestBytes) return;
  throw new CloudFrontError(413, `URL ${url.length} bytes, request ${request} bytes`, { closes: true });
}

/** A byte string as text: UTF-8, or ISO-8859-1 where it is not ("URI, query string, and headers encoding"). */
export function textOf(bytes: string): string {
  const buffer = Buffer.from(bytes, "latin1");
  const text = buffer.toString("utf8");
  return Buffer.from(text, "utf8").equals(buffer) ? text : bytes;
}

/** Text as the byte string that goes onto the wire: UTF-8. */
export function bytesOf(text: string): string {
  return Buffer.from(text, "utf8").toString("latin1");
}
