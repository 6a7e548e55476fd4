// The SDK build's `VerifyJwt`: aws-jwt-verify has to agree before a token opens anything.
import { createPublicKey } from "node:crypto";
import { verifyJwtSync } from "aws-jwt-verify/jwt-verifier";
import { createVerifyJwt as createFirstCheck, type VerifyJwt } from "../token/verify-jwt.ts";

/** Issuer, audience, use and times are checked by ourselves, in both builds: see `token`. */
const SIGNATURE_ALONE = { issuer: null, audience: null, graceSeconds: Number.POSITIVE_INFINITY };

/**
 * The library takes three to four times as long as the signature and says no by an error. Forged and ended tokens come
 * by the dozen, and are sorted out before it is asked.
 */
export function createVerifyJwt(): VerifyJwt {
  const firstCheck = createFirstCheck();
  return (jwt, alg, jwk, opens) => firstCheck(jwt, alg, jwk, opens) && (!opens || verifies(jwt, jwk));
}

function verifies(jwt: string, jwk: Parameters<VerifyJwt>[2]): boolean {
  try {
    verifyJwtSync(jwt, jwk, SIGNATURE_ALONE, () => createPublicKey({ key: jwk, format: "jwk" }));
    return true;
  } catch {
    // Which of its errors it is makes no difference.
    return false;
  }
}
