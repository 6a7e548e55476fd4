// Project Wycheproof's vectors, as far as they apply: RS256 in the compact form, and the RSA signature below it.
import { createPublicKey, verify } from "node:crypto";
import { decomposeUnverifiedJwt } from "aws-jwt-verify/jwt";
import { describe, expect, test } from "vitest";
import { createVerifyJwt as createSdkVerifyJwt } from "../../../edge/sdk/verify-jwt.ts";
import { createVerifyJwt, type UnverifiedJwt } from "../../../edge/token/verify-jwt.ts";
import jws from "../../vectors/wycheproof/json_web_signature_rs256.json" with { type: "json" };
import rsa from "../../vectors/wycheproof/rsa_signature_2048_sha256.json" with { type: "json" };

const { kid, n, e } = jws.public;
const JWK = { kty: "RSA", alg: "RS256", use: "sig", kid, n, e } as const;
const CLAIMS = Buffer.from(JSON.stringify({ iss: "https://issuer.example" })).toString("base64url");

/** The vectors sign `foo`, which is no claims: as if these were, so that all else is decided on the signature. */
function withClaims(text: string): UnverifiedJwt {
  const [header, payload = "", signature, ...more] = text.split(".");
  if (payload === "") return decomposeUnverifiedJwt(text);
  return {
    ...decomposeUnverifiedJwt([header, CLAIMS, signature, ...more].join(".")),
    payloadB64: payload,
  };
}

function outcomeOf(check: () => boolean): string {
  try {
    return String(check());
  } catch (error) {
    return String(error);
  }
}

const rows = jws.tests.map(({ tcId, comment, ...vector }) => [`${tcId} ${comment}`, vector] as const);

describe("JWS, with claims in the payload's place", () => {
  const verifyJwt = createVerifyJwt();
  test.each(rows)("%s", (_, { jws: text, result, flags }) => {
    const check = () => verifyJwt(text, withClaims(text), JWK);
    if (result === "valid") expect(check()).toBe(true);
    else if (flags.includes("ModifiedPadding")) expect(check()).toBe(false);
    else expect(outcomeOf(check)).toMatch(/^false$|exactly 3 parts|Empty JWT|not a valid JSON/);
  });
});

describe.each([
  ["on node:crypto", createVerifyJwt],
  ["by aws-jwt-verify", createSdkVerifyJwt],
])("JWS as it is, %s", (_, create) => {
  test.each(rows)("%s: no claims, no token", (_, { jws: text }) => {
    expect(() => create()(text, decomposeUnverifiedJwt(text), JWK)).toThrow(
      /not a valid JSON object|exactly 3 parts|Empty JWT/,
    );
  });
});

describe("RSA signatures, as our one call of node:crypto reads them", () => {
  const key = createPublicKey({ key: rsa.keyJwk, format: "jwk" });
  const signatures = rsa.tests.map(
    ({ tcId, comment, ...vector }) => [`${tcId} ${comment || vector.msg}`, vector] as const,
  );
  test.each(signatures)("%s", (_, { msg, sig, result }) => {
    // What Wycheproof calls acceptable, for the sake of old software, is not.
    const verdict = verify("RSA-SHA256", Buffer.from(msg, "hex"), key, Buffer.from(sig, "hex"));
    expect(verdict).toBe(result === "valid");
  });
});
