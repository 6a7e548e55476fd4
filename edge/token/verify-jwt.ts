// A token's signature, checked on node:crypto: the default build's `VerifyJwt`.
import { createPublicKey, type KeyObject, verify } from "node:crypto";
import type { decomposeUnverifiedJwt } from "aws-jwt-verify/jwt";
import type { RsaJwk } from "../config/jwk-set.ts";

/** Whether a token is signed with the key that it names; never throws, for whoever plants tokens plants many. */
export type VerifyJwt = (jwt: string, unverified: UnverifiedJwt, jwk: RsaJwk) => boolean;

/** A token's parts, before anything of it has been checked but its form. */
export type UnverifiedJwt = ReturnType<typeof decomposeUnverifiedJwt>;

/** RS256 and nothing else (RFC 7518 §3.3); the state is the imported keys. */
export function createVerifyJwt(): VerifyJwt {
  const keyObjects = new WeakMap<RsaJwk, KeyObject>();
  const keyObject = (jwk: RsaJwk) => {
    const key = keyObjects.get(jwk) ?? createPublicKey({ key: jwk, format: "jwk" });
    keyObjects.set(jwk, key);
    return key;
  };
  return (_, { header, headerB64, payloadB64, signatureB64 }, jwk) => {
    if (header.alg !== "RS256") return false;
    const signed = Buffer.from(`${headerB64}.${payloadB64}`);
    return verify("RSA-SHA256", signed, keyObject(jwk), Buffer.from(signatureB64, "base64url"));
  };
}
