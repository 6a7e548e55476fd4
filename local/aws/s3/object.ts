// One stored object, wherever its bytes are.

import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import { contentTypeOf } from "./content-type.ts";

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
