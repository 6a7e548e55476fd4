// Who calls an AWS API: the Signature Version 4 of a POST's `Authorization` header, verified by aws4fetch.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-authentication-methods.html

import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import { AwsV4Signer } from "aws4fetch";
import type { Session, Sessions } from "./sessions.ts";

/** One POST to `/` as it arrived. */
export interface SignedMessage {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** What verification depends on. */
export interface SignatureDeps {
  readonly sessions: Pick<Sessions, "find">;
  /** The service of the credential scope, such as `sts`. */
  readonly service: string;
  readonly region: string;
  /** The clock, in milliseconds. */
  readonly now: () => number;
}

/** What is wrong with a signature; services have their own codes for it. */
export type SignatureProblem = "missing" | "malformed" | "wrong" | "unknown-key" | "expired-key";

/** A signature that is refused. */
export class SignatureError extends Error {
  override readonly name = "SignatureError";
  readonly problem: SignatureProblem;

  constructor(problem: SignatureProblem, message: string) {
    super(message);
    this.problem = problem;
  }
}

const FORM =
  /^AWS4-HMAC-SHA256 Credential=([^/,]+)\/(\d{8})\/([^/,]+)\/([^/,]+)\/aws4_request, ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/;
const MAX_SKEW_MS = 15 * 60 * 1000;

/**
 * The session that signed the call.
 * @throws SignatureError for a signature that is missing, malformed, expired, unknown or wrong.
 */
export async function callerOf(message: SignedMessage, deps: SignatureDeps): Promise<Session> {
  const authorization = message.headers.authorization;
  if (authorization === undefined)
    throw new SignatureError("missing", "Request is missing Authentication Token");
  const [, accessKeyId, date, region, service, signedHeaders, signature] = FORM.exec(authorization) ?? [];
  if (!accessKeyId || !signedHeaders || !signature)
    throw new SignatureError("malformed", "Authorization header is not of the form AWS4-HMAC-SHA256");
  const dateTime = headerOf(message, "x-amz-date");
  refuseScope({ date, region, service, dateTime }, deps);
  refuseHash(message);
  const session = sessionOf(accessKeyId, message, deps);
  const signer = signerFor(message, signedHeaders.split(";"), session, { ...deps, dateTime });
  if (!sameText(await signer.signature(), signature))
    throw new SignatureError(
      "wrong",
      "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.",
    );
  return session;
}

interface Scope {
  readonly date: string | undefined;
  readonly region: string | undefined;
  readonly service: string | undefined;
  readonly dateTime: string;
}

function refuseScope(scope: Scope, { service, region, now }: SignatureDeps): void {
  if (scope.service !== service || scope.region !== region || !scope.dateTime.startsWith(scope.date ?? " "))
    throw new SignatureError("wrong", `Credential should be scoped to ${region} and '${service}'.`);
  const dateMs = Date.parse(
    scope.dateTime.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, "$1-$2-$3T$4:$5:$6Z"),
  );
  if (!(Math.abs(now() - dateMs) <= MAX_SKEW_MS))
    throw new SignatureError("wrong", `Signature expired: ${scope.dateTime} is too far from now`);
}

/** The signature covers the hash that the caller names, so that hash has to be the body's. */
function refuseHash(message: SignedMessage): void {
  const named = message.headers["x-amz-content-sha256"];
  if (named !== undefined && named !== createHash("sha256").update(message.body).digest("hex"))
    throw new SignatureError("wrong", "The provided x-amz-content-sha256 is not the hash of the body.");
}

function sessionOf(accessKeyId: string, message: SignedMessage, { sessions, now }: SignatureDeps): Session {
  const session = sessions.find(accessKeyId);
  if (!session || headerOf(message, "x-amz-security-token") !== session.credentials.sessionToken)
    throw new SignatureError("unknown-key", "The security token included in the request is invalid.");
  if (session.credentials.expiresAt * 1000 <= now())
    throw new SignatureError("expired-key", "The security token included in the request is expired");
  return session;
}

/** The host and every `x-amz-*` header count only when they are signed. */
function signerFor(
  message: SignedMessage,
  signedHeaders: readonly string[],
  { credentials }: Session,
  { service, region, dateTime }: SignatureDeps & { readonly dateTime: string },
): AwsV4Signer {
  const unsigned = Object.keys(message.headers).filter(
    (name) => (name === "host" || name.startsWith("x-amz-")) && !signedHeaders.includes(name),
  );
  if (unsigned.length > 0)
    throw new SignatureError("wrong", `${unsigned.join(", ")}: must be a signed header.`);
  const headers = signedHeaders.filter((name) => name !== "host");
  return new AwsV4Signer({
    method: "POST",
    url: `http://${headerOf(message, "host")}/`,
    headers: Object.fromEntries(headers.map((name) => [name, headerOf(message, name)])),
    body: message.body,
    ...credentials,
    service,
    region,
    datetime: dateTime,
    allHeaders: true,
  });
}

function headerOf({ headers }: SignedMessage, name: string): string {
  return [headers[name] ?? ""].flat().join(",");
}

function sameText(ours: string, theirs: string): boolean {
  const [a, b] = [Buffer.from(ours), Buffer.from(theirs)];
  return a.length === b.length && timingSafeEqual(a, b);
}
