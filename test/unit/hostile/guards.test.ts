// Guards that nothing else would miss: each of these goes red when its line in the edge does.
import { createDecipheriv, createHmac } from "node:crypto";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { Areas } from "../../../edge/areas.ts";
import type { ConfigDocument } from "../../../edge/config/config.ts";
import { parseConfig } from "../../../edge/config/document.ts";
import { opened, seal, sealingKeys } from "../../../edge/session/seal.ts";
import { KeySet } from "../../../edge/token/jwks.ts";
import { TokenVerifier } from "../../../edge/token/token.ts";
import { createVerifyJwt, type VerifyJwt } from "../../../edge/token/verify-jwt.ts";
import { configDocument, NOW } from "../fixtures/config.ts";
import { ID_CLAIMS, JWKS, KEY, OTHER_KEY, token } from "../fixtures/tokens.ts";

/** No test here waits for one. */
const DEADLINE = Number.POSITIVE_INFINITY;

const SECONDS = NOW / 1000;
const KEYS = { current: "1f".repeat(32) };

function verifier(changes: Partial<ConfigDocument> = {}, verifyJwt = createVerifyJwt()): TokenVerifier {
  const document = configDocument(changes);
  const config = parseConfig({
    ...document,
    userPool: { ...document.userPool, jwks: JWKS, domain: "login.example.com" },
  });
  const http = async () => ({ status: 200, body: JSON.stringify(JWKS) });
  return new TokenVerifier(config, new KeySet(config, http, Date.now), verifyJwt, Date.now);
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"], now: NOW });
  return () => vi.useRealTimers();
});

describe("tokens", () => {
  test.each([
    ["before", SECONDS - 61, "token_expired"],
    ["then", SECONDS - 60, undefined],
    ["after", SECONDS - 59, undefined],
  ])("issued %s notBefore", async (_, iat, code) => {
    const tokens = verifier({ auth: { keys: KEYS, notBefore: SECONDS - 60 } });
    const answer = tokens.verify([token({ iat })], DEADLINE);
    if (code === undefined) expect((await answer).issuedAt).toBe(iat);
    else await expect(answer).rejects.toMatchObject({ code });
  });

  test("without a time of issue, they could be as old as can be", async () => {
    await expect(verifier().verify([token({ iat: undefined })], DEADLINE)).rejects.toMatchObject({
      code: "token_invalid",
    });
  });

  test("nbf is the first moment at which one is good", async () => {
    expect((await verifier().verify([token({ nbf: SECONDS })], DEADLINE)).notBefore).toBe(SECONDS);
    await expect(verifier().verify([token({ nbf: SECONDS + 0.001 })], DEADLINE)).rejects.toMatchObject({
      code: "token_invalid",
    });
  });

  test("36 of them are checked, and no more", async () => {
    const forged = token({}, OTHER_KEY, { kid: KEY.kid });
    const behind = (count: number) =>
      verifier().verify([...Array<string>(count).fill(forged), token()], DEADLINE);
    expect((await behind(35)).sub).toBe(ID_CLAIMS.sub);
    await expect(behind(36)).rejects.toMatchObject({ code: "token_invalid" });
    const malformed = [...Array<string>(500).fill("a.b.c"), token()];
    expect((await verifier().verify(malformed, DEADLINE)).sub).toBe(ID_CLAIMS.sub);
  });

  test("what is beyond them is not even read, and what has not the form of one takes no place", async () => {
    const forged = token({}, OTHER_KEY, { kid: KEY.kid });
    const tokens = verifier();
    const parse = vi.spyOn(JSON, "parse");
    const asked = tokens.verify(Array<string>(60).fill(forged), DEADLINE);
    await expect(asked).rejects.toMatchObject({ code: "token_invalid" });
    expect(parse).toHaveBeenCalledTimes(2 * 36);
    parse.mockRestore();
    const long = Array<string>(60).fill(`${forged}${"A".repeat(100)}~`);
    await expect(tokens.verify([...long, token()], DEADLINE)).resolves.toMatchObject({ sub: ID_CLAIMS.sub });
  });

  test("of more than that, those as long as the real one: shorter ones fit in front of it by the dozen", async () => {
    const short = token({ sub: "x", "cognito:username": undefined }, OTHER_KEY, { kid: KEY.kid });
    const planted = Array<string>(60).fill(short);
    expect(short.length).toBeLessThan(token().length);
    await expect(verifier().verify([...planted, token()], DEADLINE)).resolves.toMatchObject({
      sub: ID_CLAIMS.sub,
    });
  });

  test("a user pool's shortest token has room for fewer beside it than are checked", () => {
    const uuid = "00000000-0000-4000-8000-000000000000";
    const claims = { origin_jti: uuid, event_id: uuid, jti: uuid, "cognito:username": uuid, sub: uuid };
    const shortest = token({ ...claims, aud: "1234567890abcdefghijklmnop" }, KEY, { kid: "k".repeat(44) });
    expect(37 * shortest.length).toBeGreaterThan(32_768);
  });

  test("one that was remembered is found behind any number of others", async () => {
    const tokens = verifier();
    await tokens.verify([token()], DEADLINE);
    const forged = token({}, OTHER_KEY, { kid: KEY.kid });
    await expect(tokens.verify([...Array<string>(82).fill(forged), "x"], DEADLINE)).rejects.toMatchObject({
      code: "token_invalid",
    });
  });

  test("each is checked once while it lasts", async () => {
    const real = createVerifyJwt();
    const verifyJwt = vi.fn<VerifyJwt>((...input) => real(...input));
    const tokens = verifier({}, verifyJwt);
    const good = token();
    for (let count = 0; count < 5; count += 1) await tokens.verify([good], DEADLINE);
    expect(verifyJwt).toHaveBeenCalledTimes(1);
  });

  test("who somebody was is told by every genuine one, over or not, of the 36 that are checked", async () => {
    const real = createVerifyJwt();
    const verifyJwt = vi.fn<VerifyJwt>((...input) => real(...input));
    const [over, forged] = [token({ exp: SECONDS - 1 }), token({}, OTHER_KEY, { kid: KEY.kid })];
    const another = ID_CLAIMS.sub.replaceAll("a", "b");
    const candidates = [
      "a.b.c",
      over,
      "",
      token({ sub: another }),
      ...Array<string>(100).fill(forged),
      token(),
    ];
    const genuine = await verifier({}, verifyJwt).genuine(candidates, DEADLINE);
    expect(genuine.map(({ sub }) => sub)).toEqual([ID_CLAIMS.sub, another]);
    expect(verifyJwt).toHaveBeenCalledTimes(36);
  });

  test.each([
    ["a text", "editors", []],
    ["numbers among them", ["editors", 7, null, ["leads"]], ["editors"]],
    ["null", null, []],
  ])("groups that are %s", async (_, groups, expected) => {
    const verified = await verifier().verify(
      [token({ "cognito:groups": groups, "cognito:roles": groups })],
      DEADLINE,
    );
    expect([verified.groups, verified.roles]).toEqual([expected, expected]);
  });
});

describe("sealed values", () => {
  const key = Buffer.from(KEYS.current, "hex");
  const keys = sealingKeys(
    parseConfig(configDocument({ auth: { keys: KEYS }, endpoints: { oauth: "https://login.example.com" } })),
  );

  test("are AES-256-GCM under HMAC-SHA-256 of key and salt, as anybody can read who has the key", () => {
    const sealed = Buffer.from(seal(Buffer.from("a session"), "for a test", keys), "base64url");
    const [salt, iv, text, tag] = [
      sealed.subarray(9, 25),
      sealed.subarray(25, 37),
      sealed.subarray(37, -16),
      sealed.subarray(-16),
    ];
    const own = createHmac("sha256", key).update("gatehouse seal 1").update(salt).digest();
    const decipher = createDecipheriv("aes-256-gcm", own, iv)
      .setAAD(Buffer.from("for a test"))
      .setAuthTag(tag);
    expect(Buffer.concat([decipher.update(text), decipher.final()]).toString()).toBe("a session");
  });

  test("of 4,096 characters open, and none of more", () => {
    const longest = seal(Buffer.alloc(3_072 - 53, 7), "long", keys);
    expect(longest).toHaveLength(4_096);
    expect([...opened([longest], "long", keys)]).toEqual([Buffer.alloc(3_019, 7)]);
    expect([...opened([`${longest}=`], "long", keys)]).toEqual([]);
  });

  test("of nothing are 53 bytes, and open", () => {
    const sealed = seal(Buffer.alloc(0), "nothing", keys);
    expect(sealed).toHaveLength(71);
    expect([...opened([sealed], "nothing", keys)]).toEqual([Buffer.alloc(0)]);
  });
});

describe("areas", () => {
  const areas = new Areas(
    parseConfig(
      configDocument({
        areas: [
          { path: "/me/*", owner: "docs/private/{identityId}/" },
          { path: "/docs/*", trusted: true },
          { path: "/other/*" },
        ],
      }),
    ),
  );

  test("users' own folders are nowhere else's to list", () => {
    expect(areas.listable("/docs/")).toBeUndefined();
    expect(areas.listable("/docs/private/")).toBeUndefined();
    expect(areas.listable("/docs/public/")).toBeDefined();
    expect(areas.listable("/other/")).toBeDefined();
    expect(areas.listable("/me/")?.owner).toBe("docs/private/{identityId}/");
  });

  test("what users have stored is never trusted, whatever area is around it", () => {
    expect(areas.lets("trusted", "/docs/page.html")).toBe(true);
    expect(areas.lets("trusted", "/docs/private/somebody/page.html")).toBe(false);
    expect(areas.lets("trusted", "/me/page.html")).toBe(false);
    expect(areas.lets("trusted", "/other/page.html")).toBe(false);
  });
});
