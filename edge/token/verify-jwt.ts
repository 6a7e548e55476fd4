// A token's signature and issuer, checked on node:crypto: the default build's `VerifyJwt`.
import { createPublicKey, type KeyObject, verify } from "node:crypto";
import { JwtInvalidSignatureAlgorithmError, JwtInvalidSignatureError } from "aws-jwt-verify/error";
import { type decomposeUnverifiedJwt, validateJwtFields } from "aws-jwt-verify/jwt";
import type { JwtHeader, JwtPayload } from "aws-jwt-verify/jwt-model";
import type { RsaJwk } from "../config/jwk-set.ts";

/** A token whose signature and issuer have been checked. Its times, audience and use have not. */
export interface SignedJwt {
  readonly header: JwtHeader;
  readonly payload: JwtPayload;
}

/** Checks a token with the key that it names; throws when signature or issuer are wrong. */
export type VerifyJwt = (jwt: string, unverified: UnverifiedJwt, jwk: RsaJwk, issuer: string[]) => SignedJwt;

/** A token's parts, before anything of it has been checked but its form. */
export type UnverifiedJwt = ReturnType<typeof decomposeUnverifiedJwt>;

/** Times are checked by our own clock, with what follows from them: see `token`. */
export const JWT_FIELDS = { audience: null, graceSeconds: 1e15 };

/** RS256 and nothing else (RFC 7518 §3.3); the state is the imported keys. */
export function createVerifyJwt(): VerifyJwt {
  const keyObjects = new WeakMap<RsaJwk, KeyObject>();
  const keyObject = (jwk: RsaJwk) => {
    const key = keyObjects.get(jwk) ?? createPublicKey({ key: jwk, format: "jwk" });
    keyObjects.set(jwk, key);
    return key;
  };
  return (_, { header, headerB64, payload, payloadB64, signatureB64 }, jwk, issuer) => {
    if (header.alg !== "RS256") throw new JwtInvalidSignatureAlgorithmError("RS256 only", header.alg);
    const signed = Buffer.from(`${headerB64}.${payloadB64}`);
    if (!verify("RSA-SHA256", signed, keyObject(jwk), Buffer.from(signatureB64, "base64url")))
      throw new JwtInvalidSignatureError("Invalid signature");
    validateJwtFields(payload, { issuer, ...JWT_FIELDS });
    return { header, payload };
  };
}
