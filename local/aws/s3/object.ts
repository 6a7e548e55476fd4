// One stored object, wherever its bytes are.

import { createHash } from "node:crypto";
import { extname } from "node:path";
import { Readable } from "node:stream";

/** An object version as S3 serves it. */
export interface StoredObject {
  readonly key: string;
  readonly size: number;
  /** The hexadecimal MD5 of the bytes, without quotes. */
  readonly etag: string;
  readonly lastModified: Date;
  /** `null` (the word) for objects stored before versioning. */
  readonly versionId: string;
  /** Lower-cased: `content-type`, `cache-control`, `x-amz-meta-...`. */
  readonly headers: Readonly<Record<string, string>>;
  /** The bytes from `start` to `end`, both included. */
  readonly read: (start: number, end: number) => Readable;
}

/** An object whose bytes are in memory. */
export function objectFromBytes(
  key: string,
  bytes: Uint8Array,
  headers: Readonly<Record<string, string>>,
  version: { readonly versionId: string; readonly lastModified: Date },
): StoredObject {
  return {
    key,
    size: bytes.length,
    etag: createHash("md5").update(bytes).digest("hex"),
    headers: { "content-type": contentTypeOf(key), ...headers },
    ...version,
    read: (start, end) => Readable.from([Buffer.from(bytes.subarray(start, end + 1))]),
  };
}

/** The content type an upload tool would guess; `binary/octet-stream` is S3's own default. */
export function contentTypeOf(key: string): string {
  return TYPES[extname(key).toLowerCase()] ?? "binary/octet-stream";
}

const TYPES: Readonly<Record<string, string>> = {
  ".avif": "image/avif",
  ".css": "text/css",
  ".csv": "text/csv",
  ".gif": "image/gif",
  ".htm": "text/html",
  ".html": "text/html",
  ".ico": "image/vnd.microsoft.icon",
  ".jpeg": "image/jpeg",
  ".jpg": "image/jpeg",
  ".js": "text/javascript",
  ".json": "application/json",
  ".m3u8": "application/vnd.apple.mpegurl",
  ".m4a": "audio/mp4",
  ".md": "text/markdown; charset=utf-8",
  ".mjs": "text/javascript",
  ".mov": "video/quicktime",
  ".mp3": "audio/mpeg",
  ".mp4": "video/mp4",
  ".mpd": "application/dash+xml",
  ".ogg": "audio/ogg",
  ".opus": "audio/ogg",
  ".pdf": "application/pdf",
  ".png": "image/png",
  ".svg": "image/svg+xml",
  ".ts": "video/mp2t",
  ".txt": "text/plain; charset=utf-8",
  ".wasm": "application/wasm",
  ".wav": "audio/wav",
  ".webm": "video/webm",
  ".webp": "image/webp",
  ".woff2": "font/woff2",
  ".xml": "application/xml",
  ".zip": "application/zip",
};
