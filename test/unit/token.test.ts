import { beforeEach, expect, test, vi } from "vitest";
import { parseConfig } from "../../edge/config.ts";
import { KeySet } from "../../edge/jwks.ts";
import { TokenVerifier } from "../../edge/token.ts";
import { createVerifyJwt } from "../../edge/verify-jwt.ts";
import { CLIENT_ID, configDocument, NOW } from "./fixtures/config.ts";
import { ID_CLAIMS, JWKS, KEY, OTHER_KEY, token } from "./fixtures/tokens.ts";

/** No test here waits for one. */
const DEADLINE = Number.POSITIVE_INFINITY;

let published: object;
let fetches: number;
const CONFIG = parseConfig(configDocument({ userPool: { ...configDocument().userPool, jwks: JWKS } }));

function verifier() {
  const http = async () => {
    fetches += 1;
    return { status: 200, body: JSON.stringify(published) };
  };
  const keys = new KeySet(CONFIG, http, Date.now);
  return { keys, tokens: new TokenVerifier(CONFIG, keys, createVerifyJwt(), Date.now) };
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"], now: NOW });
  published = JWKS;
  fetches = 0;
  return () => vi.useRealTimers();
});

test("the first candidate that verifies wins", async () => {
  const { tokens } = verifier();
  const first = token({ sub: "first" });
  expect(
    await tokens.verify(["", "a.b.c", token({}, OTHER_KEY, { kid: KEY.kid }), first, token()], DEADLINE),
  ).toEqual({
    raw: first,
    sub: "first",
    clientId: CLIENT_ID,
    groups: [],
    roles: [],
    issuedAt: ID_CLAIMS.iat,
    notBefore: 0,
    expiresAt: ID_CLAIMS.exp,
  });
});

test("the failure that says most is told", async () => {
  const { tokens } = verifier();
  const expired = token({ exp: NOW / 1000 - 1 });
  const access = token({ token_use: "access" });
  await expect(tokens.verify([], DEADLINE)).rejects.toMatchObject({ code: "token_missing" });
  await expect(tokens.verify(["x"], DEADLINE)).rejects.toMatchObject({ code: "token_invalid" });
  await expect(tokens.verify(["x", access, "x"], DEADLINE)).rejects.toMatchObject({
    code: "id_token_required",
  });
  await expect(tokens.verify([access, expired, "x"], DEADLINE)).rejects.toMatchObject({
    code: "token_expired",
  });
});

test("both issuer names of the pool are its own", async () => {
  const { tokens } = verifier();
  const iss = ID_CLAIMS.iss.replace("cognito-idp", "issuer-cognito-idp");
  expect((await tokens.verify([token({ iss })], DEADLINE)).sub).toBe(ID_CLAIMS.sub);
});

test("as many of the shortest forged tokens as a request's headers hold do not hide the real one", async () => {
  const { tokens } = verifier();
  const real = token();
  const header = Buffer.from('{"kid":"key-1"}').toString("base64url");
  const forged = `${header}.${Buffer.from(JSON.stringify({ a: "x".repeat(22) })).toString("base64url")}.${"A".repeat(342)}`;
  expect(forged.length).toBe(404);
  const count = Math.floor((32_768 - real.length) / forged.length);
  expect(count).toBeGreaterThan(70);
  await expect(tokens.verify([...Array<string>(count).fill(forged), real], DEADLINE)).resolves.toMatchObject({
    sub: ID_CLAIMS.sub,
  });
});

test("a remembered token is compared whole, not by its signature alone", async () => {
  const { tokens } = verifier();
  const good = token();
  await tokens.verify([good], DEADLINE);
  const [, , signature] = good.split(".");
  const forged = `${token({ sub: "somebody-else" }).split(".").slice(0, 2).join(".")}.${signature}`;
  await expect(tokens.verify([forged], DEADLINE)).rejects.toMatchObject({ code: "token_invalid" });
});

test("a key that the pool no longer has takes its remembered tokens along", async () => {
  const { tokens, keys } = verifier();
  const good = token();
  await tokens.verify([good], DEADLINE);
  published = { keys: [OTHER_KEY.jwk] };
  await keys.refetch(DEADLINE);
  await expect(tokens.verify([good], DEADLINE)).rejects.toMatchObject({ code: "token_invalid" });
});

test("a thousand unknown key ids cost one fetch, and known ones none", async () => {
  const { tokens } = verifier();
  await tokens.verify([token()], DEADLINE);
  expect(fetches).toBe(0);
  const unknown = token({}, OTHER_KEY);
  for (let count = 0; count < 1_000; count += 1) await tokens.verify([unknown], DEADLINE).catch(() => {});
  expect(fetches).toBe(1);
});
