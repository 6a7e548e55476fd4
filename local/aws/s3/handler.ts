// One request from verification to answer: read, authenticate, authorize, serve.

import type { IncomingMessage } from "node:http";
import { Readable } from "node:stream";
import { parsePolicy } from "../iam/parse.ts";
import { type Authenticated, authenticate } from "./authenticate.ts";
import { type Access, authorize, decisionOn } from "./authorize.ts";
import type { Bucket } from "./bucket.ts";
import { corsHeaders } from "./cors.ts";
import { S3Error } from "./errors.ts";
import { getObject, type S3Response } from "./get-object.ts";
import { listObjects } from "./list-objects.ts";
import type { S3Options } from "./options.ts";
import { putObject } from "./put-object.ts";
import { readRequest, type S3Request } from "./request.ts";

/** Makes the function that answers one request; it throws S3Error for every refusal. */
export function handler(
  options: S3Options,
  bucket: Bucket,
): (message: IncomingMessage) => Promise<S3Response> {
  const policy = options.bucket.policy;
  const deps = {
    sessions: options.sessions,
    region: options.region,
    now: options.now ?? Date.now,
    roles: options.roles,
    bucketPolicy: policy === undefined ? undefined : parsePolicy(policy, "resource"),
    secureTransport: options.secureTransport ?? true,
    mayBeUnsigned: options.mayBeUnsigned ?? [],
  };
  return async (message: IncomingMessage): Promise<S3Response> => {
    const request = readRequest(message, options.region);
    if (request.bucket !== bucket.name)
      throw new S3Error("NoSuchBucket", undefined, { BucketName: request.bucket });
    if (request.method === "OPTIONS" && message.headers.origin !== undefined)
      return preflightAnswer(request, options);
    const isStored = request.method === "PUT" && request.key !== "";
    if (request.method !== "GET" && request.method !== "HEAD" && !isStored)
      throw new S3Error("MethodNotAllowed", undefined, { Method: request.method, ResourceType: "OBJECT" });
    const sender = await authenticate(request, deps);
    const mayList = () => decisionOn(request, listing(request), sender, deps) === "allow";
    authorize(request, accessOf(request), sender, deps);
    if (isStored) return await putObject(request, message, bucket);
    if (request.key === "") return await listObjects(request, bucket);
    return await hideMissingKeys(getObject(request, bucket, sender === undefined), mayList, sender);
  };
}

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/cors-troubleshooting.html */
function preflightAnswer(request: S3Request, { bucket }: S3Options): S3Response {
  const headers = corsHeaders(request, bucket.cors ?? []);
  if (Object.keys(headers).length > 0)
    return { status: 200, headers: { "Content-Length": "0" }, body: () => Readable.from([]) };
  throw new S3Error("AccessForbidden");
}

/** Without `s3:ListBucket` a missing key is a refusal: 403, not 404. */
async function hideMissingKeys(
  answer: Promise<S3Response>,
  mayList: () => boolean,
  sender: Authenticated | undefined,
): Promise<S3Response> {
  try {
    return await answer;
  } catch (error) {
    if (!(error instanceof S3Error) || error.code !== "NoSuchKey" || mayList()) throw error;
    if (sender?.session.principal.kind !== "role") throw new S3Error("AccessDenied");
    const { sessionArn } = sender.session.principal;
    throw new S3Error(
      "AccessDenied",
      `User: ${sessionArn} is not authorized to perform: s3:ListBucket because no identity-based policy allows the s3:ListBucket action`,
    );
  }
}

function accessOf(request: S3Request): Access {
  if (request.key === "") return listing(request);
  const resource = `arn:aws:s3:::${request.bucket}/${request.key}`;
  if (request.method === "PUT") return { action: "s3:PutObject", resource };
  return { action: request.query.has("versionId") ? "s3:GetObjectVersion" : "s3:GetObject", resource };
}

function listing(request: S3Request): Access {
  return { action: "s3:ListBucket", resource: `arn:aws:s3:::${request.bucket}` };
}
