// Who sent a request: reads its Signature Version 4, checks scope, clock and token, and verifies the signature.

import type { Session, Sessions } from "../iam/sessions.ts";
import { S3Error } from "./errors.ts";
import { claimedByHeader } from "./header-signature.ts";
import { claimedByQuery, refuseExpiredUrl } from "./query-signature.ts";
import type { S3Request } from "./request.ts";
import { type UnverifiedSignature, verifySignature } from "./signature.ts";

/** What verification depends on. */
export interface AuthenticateDeps {
  readonly sessions: Pick<Sessions, "find">;
  readonly region: string;
  /** The clock, in milliseconds. */
  readonly now: () => number;
  /** Headers that may be there without being signed, see `S3Options`. */
  readonly mayBeUnsigned: readonly string[];
}

/** Who asks, and how old the signature is. */
export interface Authenticated {
  readonly session: Session;
  readonly where: UnverifiedSignature["where"];
  readonly signatureAgeMs: number;
}

const MAX_SKEW_MS = 15 * 60 * 1000;

/**
 * The verified sender of a request; undefined for an anonymous one.
 * @throws S3Error for a signature that is malformed, expired, unknown or wrong.
 */
export async function authenticate(
  request: S3Request,
  deps: AuthenticateDeps,
): Promise<Authenticated | undefined> {
  const claimed = readSignature(request, deps);
  if (!claimed) return undefined;
  refuseUnsignedHeaders(request, claimed, deps.mayBeUnsigned);
  const session = sessionOf(claimed, deps);
  await verifySignature(request, claimed, session.credentials);
  const signatureAgeMs = deps.now() - parseDateTime(claimed.dateTime);
  return { session, where: claimed.where, signatureAgeMs };
}

function readSignature(request: S3Request, deps: AuthenticateDeps): UnverifiedSignature | undefined {
  const inQuery = [...request.query.keys()].some((name) =>
    /^X-Amz-(Algorithm|Signature|Credential)$/i.test(name),
  );
  const inHeader = request.headers.has("authorization");
  if (inQuery && inHeader)
    throw new S3Error(
      "InvalidArgument",
      "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature query string parameter or the Authorization header should be specified",
      { ArgumentName: "Authorization", ArgumentValue: request.headers.get("authorization") ?? "" },
    );
  if (!inQuery && !inHeader) return undefined;
  const claimed = inQuery ? claimedByQuery(request, deps.region) : claimedByHeader(request, deps.region);
  const dateMs = parseDateTime(claimed.dateTime);
  if (inQuery) refuseExpiredUrl(request, dateMs, deps.now());
  else refuseSkew(claimed.dateTime, dateMs, deps.now());
  return claimed;
}

function parseDateTime(text: string): number {
  return Date.parse(text.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, "$1-$2-$3T$4:$5:$6Z"));
}

function refuseSkew(dateTime: string, dateMs: number, nowMs: number): void {
  if (Math.abs(nowMs - dateMs) <= MAX_SKEW_MS) return;
  throw new S3Error("RequestTimeTooSkewed", undefined, {
    RequestTime: dateTime,
    ServerTime: new Date(nowMs).toISOString(),
    MaxAllowedSkewMilliseconds: String(MAX_SKEW_MS),
  });
}

/** Every `x-amz-*` header, and the host, has to be part of the signature. */
function refuseUnsignedHeaders(
  request: S3Request,
  { signedHeaders }: UnverifiedSignature,
  mayBeUnsigned: readonly string[],
): void {
  const signed = [...signedHeaders, ...mayBeUnsigned];
  const unsigned = [...request.headers.keys()].filter(
    (name) => (name === "host" || name.startsWith("x-amz-")) && !signed.includes(name),
  );
  if (unsigned.length === 0) return;
  throw new S3Error("AccessDenied", "There were headers present in the request which were not signed", {
    HeadersNotSigned: unsigned.join(", "),
  });
}

function sessionOf(claimed: UnverifiedSignature, deps: AuthenticateDeps): Session {
  const session = deps.sessions.find(claimed.accessKeyId);
  // Temporary credentials are unknown to S3 without their token, as AWS answers.
  if (!session || claimed.sessionToken === undefined)
    throw new S3Error("InvalidAccessKeyId", undefined, { AWSAccessKeyId: claimed.accessKeyId });
  if (claimed.sessionToken !== session.credentials.sessionToken)
    throw new S3Error("InvalidToken", undefined, { "Token-0": claimed.sessionToken });
  if (session.credentials.expiresAt * 1000 <= deps.now())
    throw new S3Error("ExpiredToken", undefined, { "Token-0": claimed.sessionToken });
  return session;
}
