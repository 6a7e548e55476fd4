// A token's signature, checked on node:crypto: the default build's `VerifyJwt`.
import { createPublicKey, type KeyObject, verify } from "node:crypto";
import type { RsaJwk } from "../config/jwk-set.ts";

/**
 * Whether a compact JWT with this `alg` is signed with a key of ours; never throws, for whoever plants tokens plants many.
 * `opens` says that it would be somebody's session.
 */
export type VerifyJwt = (jwt: string, alg: unknown, jwk: RsaJwk, opens: boolean) => boolean;

/** RS256 and nothing else (RFC 7518 §3.3); the state is the imported keys. */
export function createVerifyJwt(): VerifyJwt {
  const keyObjects = new WeakMap<RsaJwk, KeyObject>();
  const keyObject = (jwk: RsaJwk) => {
    const key = keyObjects.get(jwk) ?? createPublicKey({ key: jwk, format: "jwk" });
    keyObjects.set(jwk, key);
    return key;
  };
  return (jwt, alg, jwk) => {
    if (alg !== "RS256") return false;
    const at = jwt.lastIndexOf(".");
    const [signed, signature] = [jwt.slice(0, at), jwt.slice(at + 1)];
    return verify("RSA-SHA256", Buffer.from(signed), keyObject(jwk), Buffer.from(signature, "base64url"));
  };
}
