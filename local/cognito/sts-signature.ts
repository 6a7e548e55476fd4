// Who calls the security token service: the Signature Version 4 of its `Authorization` header, verified by aws4fetch.

import { timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import { AwsV4Signer } from "aws4fetch";
import type { Session, Sessions } from "../iam/sessions.ts";
import { StsError } from "./sts-errors.ts";

/** One POST as it arrived. */
export interface StsMessage {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** What verification depends on. */
export interface SignatureDeps {
  readonly sessions: Pick<Sessions, "find">;
  readonly region: string;
  /** The clock, in milliseconds. */
  readonly now: () => number;
}

const FORM =
  /^AWS4-HMAC-SHA256 Credential=([^/,]+)\/(\d{8})\/([^/,]+)\/([^/,]+)\/aws4_request, ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/;
const MAX_SKEW_MS = 15 * 60 * 1000;

/**
 * The session that signed the call.
 * @throws StsError for a signature that is missing, malformed, expired, unknown or wrong.
 */
export async function callerOf(message: StsMessage, deps: SignatureDeps): Promise<Session> {
  const authorization = message.headers.authorization;
  if (authorization === undefined)
    throw new StsError("MissingAuthenticationToken", "Request is missing Authentication Token");
  const [, accessKeyId, date, region, service, signedHeaders, signature] = FORM.exec(authorization) ?? [];
  if (!accessKeyId || !signedHeaders || !signature)
    throw new StsError("IncompleteSignature", "Authorization header is not of the form AWS4-HMAC-SHA256");
  const dateTime = headerOf(message, "x-amz-date");
  refuseScope({ date, region, service, dateTime }, deps);
  const session = sessionOf(accessKeyId, message, deps);
  const signer = signerFor(message, signedHeaders.split(";"), session, dateTime, deps.region);
  if (!sameText(await signer.signature(), signature))
    throw new StsError(
      "SignatureDoesNotMatch",
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

function refuseScope(scope: Scope, { region, now }: SignatureDeps): void {
  if (scope.service !== "sts" || scope.region !== region || !scope.dateTime.startsWith(scope.date ?? " "))
    throw new StsError("SignatureDoesNotMatch", `Credential should be scoped to ${region} and 'sts'.`);
  const dateMs = Date.parse(
    scope.dateTime.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, "$1-$2-$3T$4:$5:$6Z"),
  );
  if (!(Math.abs(now() - dateMs) <= MAX_SKEW_MS))
    throw new StsError("SignatureDoesNotMatch", `Signature expired: ${scope.dateTime} is too far from now`);
}

function sessionOf(accessKeyId: string, message: StsMessage, { sessions, now }: SignatureDeps): Session {
  const session = sessions.find(accessKeyId);
  if (!session || headerOf(message, "x-amz-security-token") !== session.credentials.sessionToken)
    throw new StsError("InvalidClientTokenId", "The security token included in the request is invalid.");
  if (session.credentials.expiresAt * 1000 <= now())
    throw new StsError("ExpiredToken", "The security token included in the request is expired");
  return session;
}

/** The host and every `x-amz-*` header count only when they are signed. */
function signerFor(
  message: StsMessage,
  signedHeaders: readonly string[],
  { credentials }: Session,
  datetime: string,
  region: string,
): AwsV4Signer {
  const unsigned = Object.keys(message.headers).filter(
    (name) => (name === "host" || name.startsWith("x-amz-")) && !signedHeaders.includes(name),
  );
  if (unsigned.length > 0)
    throw new StsError("SignatureDoesNotMatch", `${unsigned.join(", ")}: must be a signed header.`);
  const headers = signedHeaders.filter((name) => name !== "host");
  return new AwsV4Signer({
    method: "POST",
    url: `http://${headerOf(message, "host")}/`,
    headers: Object.fromEntries(headers.map((name) => [name, headerOf(message, name)])),
    body: message.body,
    ...credentials,
    service: "sts",
    region,
    datetime,
    allHeaders: true,
  });
}

function headerOf({ headers }: StsMessage, name: string): string {
  return [headers[name] ?? ""].flat().join(",");
}

function sameText(ours: string, theirs: string): boolean {
  const [a, b] = [Buffer.from(ours), Buffer.from(theirs)];
  return a.length === b.length && timingSafeEqual(a, b);
}
