import { beforeEach, describe, expect, test, vi } from "vitest";
import { parseConfig } from "../../../edge/config/document.ts";
import { KeySet } from "../../../edge/token/jwks.ts";
import type { Place } from "../../../edge/token/place.ts";
import { TokenVerifier } from "../../../edge/token/token.ts";
import { createVerifyJwt, type VerifyJwt } from "../../../edge/token/verify-jwt.ts";
import { loadBundle, refusalOf } from "../fixtures/bundle.ts";
import { CLIENT_ID, configDocument, NOW } from "../fixtures/config.ts";
import { viewerEvent } from "../fixtures/events.ts";
import { ID_CLAIMS, JWKS, KEY, OTHER_KEY, token } from "../fixtures/tokens.ts";

/** No test here waits for one. */
const DEADLINE = Number.POSITIVE_INFINITY;

let published: object;
let fetches: number;
const CONFIG = parseConfig(configDocument({ userPool: { ...configDocument().userPool, jwks: JWKS } }));

function verifier(verifyJwt = createVerifyJwt()) {
  const http = async () => {
    fetches += 1;
    return { status: 200, body: JSON.stringify(published) };
  };
  const keys = new KeySet(CONFIG, http, Date.now);
  return { keys, tokens: new TokenVerifier(CONFIG, keys, verifyJwt, Date.now) };
}

/** How a request with these tokens in its cookies ends; nobody answers the edge's own calls. */
async function codeFor(values: readonly string[]): Promise<unknown> {
  const nobody = "http://127.0.0.1:1";
  const handler = loadBundle(
    "gatehouse",
    configDocument({
      userPool: { ...configDocument().userPool, jwks: JWKS },
      endpoints: { cognitoIdentity: nobody, jwksUri: nobody },
      cookies: { names: ["a"] },
    }),
  );
  const Cookie = values.map((value) => `a=${value}`).join("; ");
  const { body } = refusalOf(await handler(viewerEvent({ headers: { Cookie } })));
  return JSON.parse(body).code;
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"], now: NOW });
  published = JWKS;
  fetches = 0;
  vi.spyOn(console, "log").mockReturnValue();
  return () => {
    vi.useRealTimers();
    vi.restoreAllMocks();
  };
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

test("of failures that say the same, the first is told", async () => {
  const { tokens } = verifier();
  const forged = token({}, OTHER_KEY, { kid: KEY.kid });
  const another = token({ aud: "stranger" });
  await expect(tokens.verify([forged, another, "x"], DEADLINE)).rejects.toMatchObject({
    code: "token_invalid",
    cause: { name: "InvalidSignature" },
  });
  await expect(tokens.verify([another, forged, "x"], DEADLINE)).rejects.toMatchObject({
    code: "token_invalid",
    cause: { name: "AnotherClient" },
  });
});

describe("of two tokens in a request's cookies, the failure that says more is the answer", () => {
  const failures: [code: string, value: string][] = [
    ["keys_unavailable", token({}, OTHER_KEY)],
    ["token_expired", token({ exp: NOW / 1000 - 1 })],
    ["id_token_required", token({ token_use: "access" })],
    ["token_invalid", "x"],
  ];
  const pairs = failures.flatMap(([code, value], at) =>
    failures.slice(at + 1).map(([other, lesser]) => [code, other, value, lesser] as const),
  );
  test.each(pairs)("%s, not %s", async (code, _, value, lesser) => {
    expect(await codeFor([value, lesser])).toBe(code);
    expect(await codeFor([lesser, value])).toBe(code);
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

test("any number of tokens with something behind them do not hide the real one", async () => {
  const malformed = ["", ".", ".e30", "=", "!"].map((tail) => `${token({ sub: "x" })}.${tail}`);
  const planted = Array.from({ length: 30 }, () => malformed).flat();
  expect(await codeFor(planted)).toBe("token_invalid");
  expect(await codeFor([...planted, token()])).toBe("exchange_unavailable");
});

test("a remembered token keeps nothing of the header that it came in", async () => {
  const { tokens } = verifier();
  const header = `${"x".repeat(17_000)}; id=${token()}; ${"y".repeat(10_000)}`;
  const { raw, sub } = await tokens.verify([header.slice(17_005, -10_002)], DEADLINE);
  expect([raw, sub]).toEqual([header.slice(17_005, -10_002), ID_CLAIMS.sub]);
});

describe("of several places", () => {
  const good = (sub: string) => token({ sub });
  const over = (sub: string) => token({ sub, exp: NOW / 1000 });
  const forged = token({ sub: "ada" }, OTHER_KEY, { kid: KEY.kid });
  const cases: Record<string, [places: readonly Place[], outcome: string]> = {
    none: [[], "token_missing"],
    "the first with a good one": [[{ candidates: [good("ada")] }, { candidates: [good("bob")] }], "ada"],
    "one with nothing does not count": [[{ candidates: [] }, { candidates: [good("bob")] }], "bob"],
    "one with a forged one does not count": [
      [{ candidates: [forged] }, { candidates: [good("bob")] }],
      "bob",
    ],
    "one with an ended session stops others": [
      [{ candidates: [over("ada")] }, { candidates: [good("bob")] }],
      "token_expired",
    ],
    "and not the same user's": [[{ candidates: [over("ada")] }, { candidates: [good("ada")] }], "ada"],
    "the first to tell counts, not the last": [
      [{ candidates: [over("ada")] }, { candidates: [over("bob")] }, { candidates: [good("bob")] }],
      "token_expired",
    ],
    "several users' ended ones": [
      [{ candidates: [over("ada"), over("bob")] }, { candidates: [good("bob")] }],
      "bob",
    ],
    "one that is held by nobody known": [
      [{ candidates: [forged], isHeld: true }, { candidates: [good("bob")] }],
      "token_invalid",
    ],
    "one that is held, with an ended session": [
      [{ candidates: [over("ada")], isHeld: true }, { candidates: [good("bob"), good("ada")] }],
      "ada",
    ],
  };
  test.each(Object.entries(cases))("%s", async (_, [places, outcome]) => {
    const { tokens } = verifier();
    const found = tokens.verifyFirst(places, DEADLINE).then(
      ({ sub }) => sub,
      ({ code }) => code,
    );
    expect(await found).toBe(outcome);
  });

  test("nobody is asked for the signature of what cannot count", async () => {
    const real = createVerifyJwt();
    const verifyJwt = vi.fn<VerifyJwt>((...input) => real(...input));
    const { tokens } = verifier(verifyJwt);
    const places = [{ candidates: [], isHeld: true }, { candidates: [good("bob")] }];
    await expect(tokens.verifyFirst(places, DEADLINE)).rejects.toMatchObject({ code: "token_missing" });
    expect(verifyJwt).not.toHaveBeenCalled();
  });

  test("a list that has been searched is not searched again", async () => {
    const real = createVerifyJwt();
    const verifyJwt = vi.fn<VerifyJwt>((...input) => real(...input));
    const { tokens } = verifier(verifyJwt);
    const candidates = [forged, over("ada"), forged];
    await expect(tokens.verify(candidates, DEADLINE)).rejects.toMatchObject({ code: "token_expired" });
    expect((await tokens.genuine(candidates, DEADLINE)).map(({ sub }) => sub)).toEqual(["ada"]);
    expect(verifyJwt).toHaveBeenCalledTimes(3);
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

test("who somebody was is told by the keys at hand: by those baked in, and none that the pool has removed", async () => {
  const { tokens, keys } = verifier();
  expect(await tokens.genuine([token()], DEADLINE)).toHaveLength(1);
  expect(fetches).toBe(0);
  published = { keys: [OTHER_KEY.jwk] };
  await keys.refetch(DEADLINE);
  expect(await tokens.genuine([token(), token({}, OTHER_KEY)], DEADLINE)).toHaveLength(1);
  expect(fetches).toBe(1);
});

test("a key that nobody knows checks nothing", async () => {
  const verifyJwt = vi.fn<VerifyJwt>();
  const { tokens } = verifier(verifyJwt);
  await expect(tokens.verify([token({}, OTHER_KEY)], DEADLINE)).rejects.toMatchObject({
    code: "token_invalid",
  });
  expect(verifyJwt).not.toHaveBeenCalled();
});

test("a thousand unknown key ids cost one fetch, and known ones none", async () => {
  const { tokens } = verifier();
  await tokens.verify([token()], DEADLINE);
  expect(fetches).toBe(0);
  const unknown = token({}, OTHER_KEY);
  for (let count = 0; count < 1_000; count += 1) await tokens.verify([unknown], DEADLINE).catch(() => {});
  expect(fetches).toBe(1);
});
