// The SDK build's `VerifyJwt`: aws-jwt-verify does all of it.
import { createPublicKey, type KeyObject } from "node:crypto";
import { verifyJwtSync } from "aws-jwt-verify/jwt-verifier";
import type { RsaJwk } from "../config/jwk-set.ts";
import type { VerifyJwt } from "../token/verify-jwt.ts";

/** Issuer, audience, use and times are checked by ourselves, in both builds: see `token`. */
const SIGNATURE_ALONE = { issuer: null, audience: null, graceSeconds: Number.POSITIVE_INFINITY };

/** The same check as the default build's, by `verifyJwtSync`; the state is the imported keys. */
export function createVerifyJwt(): VerifyJwt {
  const keyObjects = new WeakMap<RsaJwk, KeyObject>();
  return (jwt, _, jwk) => {
    const key = keyObjects.get(jwk) ?? createPublicKey({ key: jwk, format: "jwk" });
    keyObjects.set(jwk, key);
    try {
      verifyJwtSync(jwt, jwk, SIGNATURE_ALONE, () => key);
      return true;
    } catch {
      // It says so by an error; which one it is makes no difference.
      return false;
    }
  };
}
