// Compression at the edge: "Serve compressed files",
// docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/ServingCompressedFiles.html

import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";
import { wantedEncodings } from "./accept-encoding.ts";
import type { Behavior } from "./distribution.ts";
import { addHeader, type Header, type Headers, headerValue, setHeader } from "./headers.ts";

// "The object's size must be between 1,000 and 10,000,000 bytes."
const MIN_BYTES = 1_000;
const MAX_BYTES = 10_000_000;

// "File types that CloudFront compresses"
const COMPRESSIBLE: ReadonlySet<string> = new Set(
  `application/dash+xml application/eot application/font application/font-sfnt application/javascript application/json
  application/opentype application/otf application/pdf application/pkcs7-mime application/protobuf application/rss+xml
  application/truetype application/ttf application/vnd.apple.mpegurl application/vnd.mapbox-vector-tile
  application/vnd.ms-fontobject application/wasm application/xhtml+xml application/xml application/x-font-opentype
  application/x-font-truetype application/x-font-ttf application/x-httpd-cgi application/x-javascript
  application/x-mpegurl application/x-opentype application/x-otf application/x-perl application/x-ttf font/eot
  font/opentype font/otf font/ttf image/svg+xml text/css text/csv text/html text/javascript text/js text/plain
  text/richtext text/tab-separated-values text/xml text/x-component text/x-java-source text/x-script
  vnd.apple.mpegurl`.split(/\s+/),
);

const compressors = {
  gzip: promisify(gzip),
  br: (body: Buffer) => promisify(brotliCompress)(body, { params: { [constants.BROTLI_PARAM_QUALITY]: 5 } }),
};

interface Compressed {
  readonly headers: Map<string, readonly Header[]>;
  readonly body: Buffer;
}

/** The answer compressed for this request, or undefined where CloudFront leaves it as it is. */
export async function compress(
  requestHeaders: Headers,
  behavior: Behavior,
  status: number,
  headers: Headers,
  body: Buffer,
): Promise<Compressed | undefined> {
  const [encoding] = wantedEncodings(requestHeaders, behavior.cachePolicy);
  if (!behavior.compress || encoding === undefined || status !== 200 || !isCompressible(headers, body))
    return undefined;
  const smaller = await compressors[encoding](body);
  const result = new Map<string, readonly Header[]>(headers);
  setHeader(result, "Content-Encoding", encoding);
  setHeader(result, "Content-Length", String(smaller.length));
  result.delete("accept-ranges");
  addHeader(result, "Vary", "Accept-Encoding");
  weakenEtag(result);
  return { headers: result, body: smaller };
}

function isCompressible(headers: Headers, body: Buffer): boolean {
  const type = (headerValue(headers, "content-type") ?? "").split(";", 1)[0]?.trim().toLowerCase() ?? "";
  if (!headers.has("content-length") || headers.has("content-encoding")) return false;
  return body.length >= MIN_BYTES && body.length <= MAX_BYTES && COMPRESSIBLE.has(type);
}

// A strong ETag becomes weak, a weak one stays, anything else is removed.
function weakenEtag(headers: Map<string, readonly Header[]>): void {
  const etag = headerValue(headers, "etag");
  if (etag === undefined || etag.startsWith("W/")) return;
  if (etag.startsWith('"')) setHeader(headers, "ETag", `W/${etag}`);
  else headers.delete("etag");
}
