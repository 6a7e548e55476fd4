// Recomputes a Signature Version 4 with aws4fetch: another implementation than the one under test.

import { timingSafeEqual } from "node:crypto";
import { AwsV4Signer } from "aws4fetch";
import type { Credentials } from "../iam/sessions.ts";
import { S3Error } from "./errors.ts";
import type { S3Request } from "./request.ts";

/** What a request says about its own signature, in the query string or in `Authorization`. */
export interface UnverifiedSignature {
  readonly where: "query" | "header";
  readonly accessKeyId: string;
  /** `yyyymmdd` of the credential scope. */
  readonly scopeDate: string;
  readonly region: string;
  readonly service: string;
  /** `yyyymmddThhmmssZ`. */
  readonly dateTime: string;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
  readonly sessionToken: string | undefined;
}

/**
 * Compares the signature of a request with ours.
 * @throws S3Error SignatureDoesNotMatch, with the canonical request in it as S3 sends it.
 */
export async function verifySignature(
  request: S3Request,
  claimed: UnverifiedSignature,
  credentials: Credentials,
): Promise<void> {
  const signer = signerFor(request, claimed, credentials);
  if (sameText(await signer.signature(), claimed.signature)) return;
  const [stringToSign, canonicalRequest] = [await signer.stringToSign(), await signer.canonicalString()];
  throw new S3Error("SignatureDoesNotMatch", undefined, {
    AWSAccessKeyId: claimed.accessKeyId,
    StringToSign: stringToSign,
    SignatureProvided: claimed.signature,
    StringToSignBytes: hexBytes(stringToSign),
    CanonicalRequest: canonicalRequest,
    CanonicalRequestBytes: hexBytes(canonicalRequest),
  });
}

function signerFor(
  request: S3Request,
  claimed: UnverifiedSignature,
  { secretAccessKey }: Credentials,
): AwsV4Signer {
  const signer = new AwsV4Signer({
    method: request.method,
    url: urlToSign(request),
    headers: headersToSign(request, claimed.signedHeaders),
    accessKeyId: claimed.accessKeyId,
    secretAccessKey,
    ...(claimed.sessionToken !== undefined && { sessionToken: claimed.sessionToken }),
    service: claimed.service,
    region: claimed.region,
    datetime: claimed.dateTime,
    signQuery: claimed.where === "query",
    allHeaders: true,
  });
  if (hasDotSegment(request.key)) signer.encodedPath = `${request.bucketPath}/${encodeKey(request.key)}`;
  return signer;
}

/**
 * aws4fetch decodes the path and encodes it once, as S3 does, but reads it through `URL`, which would resolve
 * dot segments; and it adds the signing parameters itself, so only the signature has to go.
 */
function urlToSign(request: S3Request): string {
  const path = hasDotSegment(request.key) ? "/" : `${request.bucketPath}/${encodeKey(request.key)}`;
  const query = [...request.query]
    .filter(([name]) => name !== "X-Amz-Signature")
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`);
  return `http://${request.host}${path}?${query.join("&")}`;
}

function headersToSign(request: S3Request, signedHeaders: readonly string[]): Record<string, string> {
  const others = signedHeaders.filter((name) => name !== "host");
  return Object.fromEntries(others.map((name) => [name, request.headers.get(name) ?? ""]));
}

function hasDotSegment(key: string): boolean {
  return key.split("/").some((segment) => segment === "." || segment === "..");
}

function encodeKey(key: string): string {
  return encodeURIComponent(key)
    .replaceAll("%2F", "/")
    .replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
}

function sameText(ours: string, theirs: string): boolean {
  const [a, b] = [Buffer.from(ours), Buffer.from(theirs)];
  return a.length === b.length && timingSafeEqual(a, b);
}

function hexBytes(text: string): string {
  return [...Buffer.from(text)].map((byte) => byte.toString(16).padStart(2, "0")).join(" ");
}
