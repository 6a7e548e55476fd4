// Project Wycheproof's vectors, as far as they apply: RS256 in the compact form, and the RSA signature below it.
import { createPublicKey, verify } from "node:crypto";
import { describe, expect, test } from "vitest";
import { parseConfig } from "../../../edge/config/document.ts";
import { createVerifyJwt as createSdkVerifyJwt } from "../../../edge/sdk/verify-jwt.ts";
import { KeySet } from "../../../edge/token/jwks.ts";
import { TokenVerifier } from "../../../edge/token/token.ts";
import { createVerifyJwt } from "../../../edge/token/verify-jwt.ts";
import jws from "../../vectors/wycheproof/json_web_signature_rs256.json" with { type: "json" };
import rsa from "../../vectors/wycheproof/rsa_signature_2048_sha256.json" with { type: "json" };
import { configDocument } from "../fixtures/config.ts";

const { kid, n, e } = jws.public;
const JWK = { kty: "RSA", alg: "RS256", use: "sig", kid, n, e } as const;

const rows = jws.tests.map(({ tcId, comment, ...vector }) => [`${tcId} ${comment}`, vector] as const);

/** The vectors sign `foo`, which is no claims: what is decided here is the form and the signature. */
describe("JWS, with claims in the payload's place", () => {
  const verifyJwt = createVerifyJwt();
  test.each(rows)("%s", (_, { jws: text, result, flags }) => {
    const parts = text.split(".");
    const isCompact = parts.length === 3 && parts.every((part) => /^[\w-]+$/.test(part));
    const isTaken = isCompact && verifyJwt(text, algOf(parts[0] ?? ""), JWK, true);
    expect(isTaken).toBe(result === "valid");
    if (flags.includes("ModifiedPadding")) expect(isCompact).toBe(true);
  });
});

function algOf(header: string): unknown {
  const text = Buffer.from(header, "base64url").toString();
  return text.startsWith("{") ? JSON.parse(text).alg : undefined;
}

describe.each([
  ["on node:crypto", createVerifyJwt],
  ["by aws-jwt-verify", createSdkVerifyJwt],
])("JWS as it is, %s", (_, create) => {
  const document = configDocument();
  const config = parseConfig({ ...document, userPool: { ...document.userPool, jwks: { keys: [JWK] } } });
  const keys = new KeySet(config, () => Promise.reject(new Error("no network")), Date.now);
  test.each(rows)("%s: no claims, no token", async (_, { jws: text }) => {
    const tokens = new TokenVerifier(config, keys, create(), Date.now);
    const code = text === "" ? "token_missing" : "token_invalid";
    await expect(tokens.verify([text], Number.POSITIVE_INFINITY)).rejects.toMatchObject({ code });
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
