// PutObject: the whole body under the key, with the headers that S3 keeps.
import type { IncomingMessage } from "node:http";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import type { Bucket } from "./bucket.ts";
import { S3Error } from "./errors.ts";
import type { S3Response } from "./get-object.ts";
import type { S3Request } from "./request.ts";

/** What an object keeps of the request that stored it. */
const KEPT = /^(cache-control|content-(disposition|encoding|language|type)|expires|x-amz-meta-.*)$/;

/**
 * Stores the body.
 * @throws S3Error MissingContentLength for a body of unknown length
 */
export async function putObject(
  request: S3Request,
  message: IncomingMessage,
  bucket: Bucket,
): Promise<S3Response> {
  if (!request.headers.has("content-length")) throw new S3Error("MissingContentLength");
  const kept = [...request.headers].filter(([name]) => KEPT.test(name));
  const { etag, versionId } = bucket.put(request.key, await buffer(message), Object.fromEntries(kept));
  const headers = {
    ETag: `"${etag}"`,
    "Content-Length": "0",
    ...(bucket.versioning && { "x-amz-version-id": versionId }),
  };
  return { status: 200, headers, body: () => Readable.from([]) };
}
