import { describe, expect, test } from "vitest";
import { parseJwks } from "../../../edge/config/jwk-set.ts";
import { JWKS, KEY } from "../fixtures/tokens.ts";

const { alg: _alg, use: _use, ...BARE } = KEY.jwk;
const MODULUS = "A".repeat(342);

describe("a key that is", () => {
  const cases: Record<string, unknown> = {
    null: null,
    "a number": 7,
    "a list": [KEY.jwk],
    "of elliptic curves by its type alone": { ...KEY.jwk, kty: "EC" },
    "for another algorithm": { ...KEY.jwk, alg: "RS512" },
    "for encryption": { ...KEY.jwk, use: "enc" },
    "without an id": { ...KEY.jwk, kid: undefined },
    "of an id that is a number": { ...KEY.jwk, kid: 7 },
    "without a modulus": { ...KEY.jwk, n: undefined },
    "of a modulus that is a list": { ...KEY.jwk, n: Array(342).fill("A") },
    "without an exponent": { ...KEY.jwk, e: undefined },
    "of an exponent that is a number": { ...KEY.jwk, e: 65_537 },
    "of 341 characters": { ...KEY.jwk, n: MODULUS.slice(1) },
    "of exponent nothing": { ...KEY.jwk, e: "" },
    "of exponent 1": { ...KEY.jwk, e: "AQ" },
    "of exponent 2": { ...KEY.jwk, e: "Ag" },
  };
  test.each(Object.entries(cases))("%s is left out, and alone is no key set", (_, key) => {
    expect(parseJwks({ keys: [key, KEY.jwk] })).toEqual(parseJwks(JWKS));
    expect(() => parseJwks({ keys: [key] })).toThrow("holds no RS256 signing key");
  });
});

describe("a key is kept", () => {
  const cases: Record<string, [key: object, kept: object]> = {
    "that does not say what it is for": [BARE, KEY.jwk],
    "of 342 characters": [
      { ...KEY.jwk, n: MODULUS },
      { ...KEY.jwk, n: MODULUS },
    ],
    "of exponent 3": [
      { ...KEY.jwk, e: "Aw" },
      { ...KEY.jwk, e: "Aw" },
    ],
  };
  test.each(Object.entries(cases))("%s", (_, [key, kept]) => {
    expect(parseJwks({ keys: [key] })).toEqual({ keys: [kept] });
  });
});
