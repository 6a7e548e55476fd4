// What a candidate says, before its signature is checked: whether it can be a token of ours at all.
import { decomposeUnverifiedJwt } from "aws-jwt-verify/jwt";
import { type ErrorCode, GateError } from "../errors.ts";
import type { UnverifiedJwt } from "./verify-jwt.ts";

/** What an ID token of ours says. */
export interface Claims {
  readonly sub: string;
  /** The app client that it was issued to. */
  readonly clientId: string;
  /** The user's groups in the pool. */
  readonly groups: readonly string[];
  /** The roles of those groups, as ARNs. */
  readonly roles: readonly string[];
  /** Seconds since the epoch, as are the others. */
  readonly issuedAt: number;
  readonly notBefore: number;
  readonly expiresAt: number;
}

/** The shortest token: well-formed, with the shortest signature. */
const MIN_CHARACTERS = 404;

/** Three base64url parts; 342 characters are the shortest signature that a user pool makes (RSA-2048). */
const WELL_FORMED = /^[\w-]{20,}\.[\w-]{40,}\.[\w-]{342,}$/;

/** Why a candidate is no token for us; a value, for an error would cost more than the check. */
export interface Failure {
  readonly code: ErrorCode;
  /** A name for the log, where the code says too little. */
  readonly why?: string;
}

export const MALFORMED: Failure = { code: "token_invalid" };
export const FORGED: Failure = { code: "token_invalid", why: "InvalidSignature" };
export const UNKNOWN_KEY: Failure = { code: "token_invalid", why: "UnknownKey" };
export const NOT_YET: Failure = { code: "token_invalid", why: "NotYet" };
export const ACCESS_TOKEN: Failure = { code: "id_token_required" };
export const EXPIRED: Failure = { code: "token_expired" };
const ANOTHER_ISSUER: Failure = { code: "token_invalid", why: "AnotherIssuer" };
const NOT_OURS: Failure = { code: "token_invalid", why: "AnotherClient" };

/** The error for a request that ends with a failure. */
export function errorOf(failure: Failure): GateError {
  if (failure instanceof GateError) return failure;
  const { code, why } = failure;
  return new GateError(code, why === undefined ? why : Object.assign(new Error(), { name: why }));
}

/**
 * What makes a token an ID token for us: its issuer, its use, its one audience, and no `crit` header, which would name
 * extensions that must be understood (RFC 7515 §4.1.11). Nothing of it is to be believed before the signature.
 */
export function claimsOf(
  { header, payload }: UnverifiedJwt,
  issuers: readonly string[],
  clientIds: readonly string[],
): Claims | Failure {
  const { iss = "", sub, exp, iat, nbf = 0, aud, token_use: use } = payload;
  if (!issuers.includes(iss)) return ANOTHER_ISSUER;
  if (use === "access") return ACCESS_TOKEN;
  const isOurs = use === "id" && !("crit" in header) && typeof aud === "string" && clientIds.includes(aud);
  if (!isOurs || typeof sub !== "string" || sub === "" || typeof exp !== "number" || typeof iat !== "number")
    return NOT_OURS;
  // Before all dates.
  if (exp < 0) return NOT_OURS;
  return {
    sub,
    clientId: aud,
    groups: strings(payload["cognito:groups"]),
    roles: strings(payload["cognito:roles"]),
    issuedAt: iat,
    notBefore: nbf,
    expiresAt: exp,
  };
}

function strings(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
}

/** Whether a text is as long as the shortest token is. */
export function isLongEnough(candidate: string): boolean {
  return candidate.length >= MIN_CHARACTERS;
}

/** Base64url has several spellings of one signature; only the canonical one is a token (RFC 4648 §3.5). */
export function isWellFormed(candidate: string): boolean {
  if (!isLongEnough(candidate) || !WELL_FORMED.test(candidate)) return false;
  const signature = candidate.slice(candidate.lastIndexOf(".") + 1);
  return Buffer.from(signature, "base64url").toString("base64url") === signature;
}

/** The parts of a compact JWT (RFC 7519 §3.1), if it is one. */
export function decomposed(candidate: string): UnverifiedJwt | undefined {
  try {
    return decomposeUnverifiedJwt(candidate);
  } catch {
    // No claims, no token: what exactly is wrong with it helps nobody, and would quote it.
    return undefined;
  }
}
