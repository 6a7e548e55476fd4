// The SDK build's `VerifyJwt`: aws-jwt-verify does all of it.
import { createPublicKey } from "node:crypto";
import { verifyJwtSync } from "aws-jwt-verify/jwt-verifier";
import { JWT_FIELDS, type VerifyJwt } from "../token/verify-jwt.ts";

/** The same check as the default build's, by `verifyJwtSync`. */
export function createVerifyJwt(): VerifyJwt {
  return (jwt, { header }, jwk, issuer) => {
    const importKey = () => createPublicKey({ key: jwk, format: "jwk" });
    const payload = verifyJwtSync(jwt, jwk, { issuer, ...JWT_FIELDS }, importKey);
    return { header, payload };
  };
}
