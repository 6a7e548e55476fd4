// The presigned form of Signature Version 4: its parameters, their limits, and S3's answers to bad ones.
// https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html

import { S3Error } from "./errors.ts";
import type { S3Request } from "./request.ts";
import type { UnverifiedSignature } from "./signature.ts";

const WEEK_SECONDS = 604_800;
const MAX_SKEW_MS = 15 * 60 * 1000;

/**
 * Reads the `X-Amz-*` query parameters.
 * @throws S3Error AuthorizationQueryParametersError.
 */
export function claimedByQuery(request: S3Request, region: string): UnverifiedSignature {
  const required = (name: string) => request.query.get(name) ?? refuse();
  if (required("X-Amz-Algorithm") !== "AWS4-HMAC-SHA256")
    refuse('X-Amz-Algorithm only supports "AWS4-HMAC-SHA256 and AWS4-ECDSA-P256-SHA256"');
  const signature = required("X-Amz-Signature");
  const dateTime = required("X-Amz-Date");
  const signedHeaders = required("X-Amz-SignedHeaders").split(";");
  const credential = required("X-Amz-Credential");
  const expires = required("X-Amz-Expires");
  if (!/^\d{8}T\d{6}Z$/.test(dateTime))
    refuse("X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\"");
  refuseBadExpiry(expires);
  const scope = parseScope(credential, region, dateTime);
  const sessionToken = request.query.get("X-Amz-Security-Token");
  return { where: "query", ...scope, dateTime, signedHeaders, signature, sessionToken };
}

function refuseBadExpiry(expires: string): void {
  if (!/^-?\d+$/.test(expires)) refuse("X-Amz-Expires should be a number");
  if (Number(expires) < 0) refuse("X-Amz-Expires must be non-negative");
  if (Number(expires) > WEEK_SECONDS)
    refuse(
      "X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less than 604800 seconds",
    );
}

function parseScope(credential: string, region: string, dateTime: string) {
  const parts = credential.split("/");
  const [accessKeyId = "", scopeDate = "", scopeRegion = "", service = "", terminator] = parts;
  const wrong = "Error parsing the X-Amz-Credential parameter; ";
  if (parts.length !== 5)
    refuse(
      `${wrong}the Credential is mal-formed; expecting "<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request".`,
    );
  if (scopeRegion !== region)
    refuse(`${wrong}the region '${scopeRegion}' is wrong; expecting '${region}'`, { Region: region });
  if (service !== "s3") refuse(`${wrong}incorrect service "${service}". This endpoint belongs to "s3".`);
  if (terminator !== "aws4_request")
    refuse(`${wrong}incorrect terminal "${terminator}". This endpoint uses "aws4_request".`);
  if (scopeDate !== dateTime.slice(0, 8))
    refuse(
      `Invalid credential date "${scopeDate}". This date is not the same as X-Amz-Date: "${dateTime.slice(0, 8)}".`,
    );
  return { accessKeyId, scopeDate, region: scopeRegion, service };
}

/**
 * `X-Amz-Expires` counts from `X-Amz-Date`; the clock may be 15 minutes behind it.
 * @throws S3Error AccessDenied, as S3 answers it.
 */
export function refuseExpiredUrl(request: S3Request, dateMs: number, nowMs: number): void {
  const seconds = Number(request.query.get("X-Amz-Expires"));
  const fields = {
    "X-Amz-Expires": String(seconds),
    Expires: isoSeconds(dateMs + seconds * 1000),
    ServerTime: isoSeconds(nowMs),
  };
  if (dateMs > nowMs + MAX_SKEW_MS) throw new S3Error("AccessDenied", "Request is not yet valid", fields);
  if (nowMs >= dateMs + seconds * 1000) throw new S3Error("AccessDenied", "Request has expired", fields);
}

function isoSeconds(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}

function refuse(message?: string, fields: Readonly<Record<string, string>> = {}): never {
  throw new S3Error("AuthorizationQueryParametersError", message, fields);
}
