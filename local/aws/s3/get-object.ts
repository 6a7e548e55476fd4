// GetObject and HeadObject: what is answered once the request is allowed.

import { Readable } from "node:stream";
import type { Bucket } from "./bucket.ts";
import { S3Error } from "./errors.ts";
import type { StoredObject } from "./object.ts";
import { isNotModified, rangeOf } from "./preconditions.ts";
import type { S3Request } from "./request.ts";

/** An answer before S3's own headers are put on it. */
export interface S3Response {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Not sent for HEAD. */
  readonly body: () => Readable;
}

/** Query parameters that replace response headers. */
const OVERRIDES = ["type", "language", "expires", "cache-control", "disposition", "encoding"].map((name) => ({
  parameter: `response-${name === "cache-control" || name === "expires" ? name : `content-${name}`}`,
  header: name === "cache-control" ? "Cache-Control" : name === "expires" ? "Expires" : `content-${name}`,
}));

/**
 * Reads one object.
 * @throws S3Error for a missing key or version, a failed precondition, an impossible range.
 */
export async function getObject(request: S3Request, bucket: Bucket, anonymous: boolean): Promise<S3Response> {
  const overrides = OVERRIDES.filter(({ parameter }) => request.query.has(parameter));
  if (anonymous && overrides.length > 0)
    throw new S3Error(
      "InvalidRequest",
      "Request specific response headers cannot be used for anonymous GET requests.",
    );
  const object = await findObject(request, bucket);
  const headers = objectHeaders(object, bucket);
  if (isNotModified(request, object)) return { status: 304, headers, body: () => Readable.from([]) };
  const replaced = Object.fromEntries(
    overrides.map(({ parameter, header }) => [header.toLowerCase(), request.query.get(parameter) ?? ""]),
  );
  return withBody(request, object, { ...object.headers, ...replaced, ...headers });
}

function withBody(request: S3Request, object: StoredObject, headers: Record<string, string>): S3Response {
  const range = rangeOf(request, object);
  const { start, end } = range ?? { start: 0, end: object.size - 1 };
  return {
    status: range ? 206 : 200,
    headers: {
      ...headers,
      "Content-Length": String(end - start + 1),
      ...(range && { "Content-Range": `bytes ${start}-${end}/${object.size}` }),
    },
    body: () => (object.size === 0 ? Readable.from([]) : object.read(start, end)),
  };
}

function objectHeaders(object: StoredObject, bucket: Bucket): Record<string, string> {
  return {
    "Last-Modified": object.lastModified.toUTCString(),
    ETag: `"${object.etag}"`,
    "x-amz-server-side-encryption": "AES256",
    ...(bucket.versioning && { "x-amz-version-id": object.versionId }),
    "Accept-Ranges": "bytes",
  };
}

async function findObject(request: S3Request, bucket: Bucket): Promise<StoredObject> {
  const versionId = request.query.get("versionId");
  const found = await bucket.find(request.key, versionId);
  if (found.kind === "object") return found.object;
  if (found.kind === "no-version")
    throw new S3Error("NoSuchVersion", undefined, { Key: request.key, VersionId: versionId ?? "" });
  if (found.kind === "no-key") throw new S3Error("NoSuchKey", undefined, { Key: request.key });
  const marker = { "x-amz-delete-marker": "true", "x-amz-version-id": found.versionId };
  if (versionId === undefined) throw new S3Error("NoSuchKey", undefined, { Key: request.key }, marker);
  throw new S3Error("MethodNotAllowed", undefined, { Method: request.method }, marker);
}
