// The token: every candidate is tried, the first that verifies wins and is remembered until it expires.
import { createPublicKey, type KeyObject } from "node:crypto";
import { JwtExpiredError } from "aws-jwt-verify/error";
import { decomposeUnverifiedJwt } from "aws-jwt-verify/jwt";
import type { JwtHeader, JwtPayload } from "aws-jwt-verify/jwt-model";
import { verifyJwtSync } from "aws-jwt-verify/jwt-verifier";
import { regionOf } from "./aws-names.ts";
import { BoundedMap } from "./bounded-map.ts";
import type { Config } from "./config.ts";
import { type ErrorCode, GateError } from "./errors.ts";
import type { Jwks, RsaJwk } from "./jwk-set.ts";
import type { KeySet } from "./jwks.ts";

declare const verified: unique symbol;

/** A user-pool ID token whose signature, issuer, audience, use and times have been checked. */
export interface VerifiedToken {
  readonly [verified]: true;
  readonly raw: string;
  readonly sub: string;
  /** The user's groups in the pool. */
  readonly groups: readonly string[];
  /** The roles of those groups, as ARNs. */
  readonly roles: readonly string[];
  /** Seconds since the epoch. */
  readonly expiresAt: number;
}

/** About 1.5 KB each. */
const MAX_TOKENS = 2_000;

/**
 * At most this many candidates cost a signature check. The shortest well-formed one has 404 characters and CloudFront
 * takes 32,768 bytes of headers at most, so that no number of planted cookies crowds out the real one.
 */
const MAX_CANDIDATES = 81;

/** Three base64url parts; 342 characters are the shortest signature that a user pool makes (RSA-2048). */
const WELL_FORMED = /^[\w-]{20,}\.[\w-]{40,}\.[\w-]{342,}$/;

/** Verifies tokens; its state is the tokens it remembers, and the key set with its imported keys. */
export class TokenVerifier {
  readonly #keys: KeySet;
  readonly #now: () => number;
  readonly #issuer: string[];
  readonly #clientIds: readonly string[];
  readonly #remembered = new BoundedMap<VerifiedToken>(MAX_TOKENS);
  readonly #keyObjects = new WeakMap<RsaJwk, KeyObject>();
  #jwks: Jwks = { keys: [] };

  /** `now` is in milliseconds. */
  constructor({ userPool }: Config, keys: KeySet, now: () => number) {
    this.#keys = keys;
    this.#now = now;
    this.#issuer = issuersOf(userPool.id);
    this.#clientIds = userPool.clientIds;
  }

  /**
   * Returns the first candidate that verifies.
   * @throws GateError `token_missing` without a candidate, else the failure that says most
   */
  async verify(candidates: Iterable<string>): Promise<VerifiedToken> {
    let failure = new GateError("token_missing");
    let checked = 0;
    for (const candidate of candidates) {
      if (!candidate) continue;
      const remembered = this.#recall(candidate);
      if (remembered) return remembered;
      if (checked >= MAX_CANDIDATES) break;
      try {
        if (!isWellFormed(candidate)) throw new GateError("token_invalid");
        checked += 1;
        return this.#remember(await this.#check(candidate));
      } catch (error) {
        failure = moreTelling(failure, tokenError(error));
      }
    }
    throw failure;
  }

  #recall(candidate: string): VerifiedToken | undefined {
    this.#adoptKeys();
    const token = this.#remembered.get(candidate.slice(-43));
    return token?.raw === candidate && token.expiresAt * 1000 > this.#now() ? token : undefined;
  }

  #remember(token: VerifiedToken): VerifiedToken {
    this.#remembered.set(token.raw.slice(-43), token);
    return token;
  }

  async #check(candidate: string): Promise<VerifiedToken> {
    const jwk = await this.#keyOf(decomposeUnverifiedJwt(candidate));
    const { sub, exp, ...claims } = verifyJwtSync(
      candidate,
      jwk,
      {
        issuer: this.#issuer,
        audience: null,
        customJwtCheck: (token) => assertIdToken(token, this.#clientIds),
      },
      () => this.#keyObject(jwk),
    );
    if (typeof sub !== "string" || sub === "" || typeof exp !== "number")
      throw new GateError("token_invalid");
    if (exp * 1000 <= this.#now()) throw new GateError("token_expired");
    const groups = strings(claims["cognito:groups"]);
    const roles = strings(claims["cognito:roles"]);
    return verifiedToken({ raw: candidate, sub, groups, roles, expiresAt: exp });
  }

  /** The key a token names. Only a token that names our pool, too, makes us ask the pool for a key we do not know. */
  async #keyOf({ header, payload }: { header: JwtHeader; payload: JwtPayload }): Promise<RsaJwk> {
    const find = () => this.#jwks.keys.find(({ kid }) => kid === header.kid);
    const known = find();
    if (known) return known;
    if (!header.kid || !payload.iss || !this.#issuer.includes(payload.iss))
      throw new GateError("token_invalid");
    await this.#keys.refetch();
    this.#adoptKeys();
    const fetched = find();
    if (!fetched) throw new GateError("token_invalid");
    return fetched;
  }

  #keyObject(jwk: RsaJwk): KeyObject {
    const key = this.#keyObjects.get(jwk) ?? createPublicKey({ key: jwk, format: "jwk" });
    this.#keyObjects.set(jwk, key);
    return key;
  }

  /** Tokens of a key that the pool no longer has are forgotten with it. */
  #adoptKeys(): void {
    if (this.#jwks === this.#keys.current) return;
    this.#jwks = this.#keys.current;
    this.#remembered.clear();
  }
}

/** A pool's two issuer names: the regional one, and the one of pools that use the newer endpoint. */
function issuersOf(userPoolId: string): string[] {
  const region = regionOf(userPoolId);
  return [
    `https://cognito-idp.${region}.amazonaws.com/${userPoolId}`,
    `https://issuer-cognito-idp.${region}.amazonaws.com/${userPoolId}`,
  ];
}

/**
 * What makes a pool's token an ID token for us: its use, its one audience, and no `crit` header, which would name
 * extensions that must be understood (RFC 7515 §4.1.11).
 */
function assertIdToken(
  { header, payload }: { readonly header: JwtHeader; readonly payload: JwtPayload },
  clientIds: readonly string[],
): void {
  if (payload["token_use"] === "access") throw new GateError("id_token_required");
  if (payload["token_use"] !== "id" || "crit" in header) throw new GateError("token_invalid");
  if (typeof payload.aud !== "string" || !clientIds.includes(payload.aud))
    throw new GateError("token_invalid");
}

/** Marks claims as verified: called in one place, behind `verifySync`. */
function verifiedToken(claims: Omit<VerifiedToken, typeof verified>): VerifiedToken {
  return claims as VerifiedToken;
}

function strings(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
}

/** Base64url has several spellings of one signature; only the canonical one is a token (RFC 4648 §3.5). */
function isWellFormed(candidate: string): boolean {
  if (!WELL_FORMED.test(candidate)) return false;
  const signature = candidate.slice(candidate.lastIndexOf(".") + 1);
  return Buffer.from(signature, "base64url").toString("base64url") === signature;
}

function tokenError(error: unknown): GateError {
  if (error instanceof GateError) return error;
  if (error instanceof JwtExpiredError) return new GateError("token_expired", error);
  return new GateError("token_invalid", error);
}

const TELLING: readonly ErrorCode[] = [
  "keys_unavailable",
  "token_expired",
  "id_token_required",
  "token_invalid",
  "token_missing",
];

function moreTelling(a: GateError, b: GateError): GateError {
  return TELLING.indexOf(b.code) < TELLING.indexOf(a.code) ? b : a;
}
