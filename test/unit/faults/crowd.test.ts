// A thousand requests at once: one exchange for one user, few fetches for unknown keys, and no queue behind either.
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import type { EdgeBundleName } from "../../../infra/build/edge-bundles.ts";
import { answerOf } from "../fixtures/browser.ts";
import { viewerEvent } from "../fixtures/events.ts";
import { ID_CLAIMS, KEY, signed } from "../fixtures/tokens.ts";
import { accessKeyIdOf, identityIdOf } from "./aws.ts";
import type { Handler } from "./build.ts";
import { FAULTS, type FaultName } from "./faults.ts";
import { collectLogs, Stage } from "./stage.ts";

const CROWD = 1_000;
const COOL_DOWN_MS = 10_000;

beforeAll(() => collectLogs([]));
afterAll(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

const eventOf = (token: string, others: readonly string[] = [], uri = "/a.txt") =>
  viewerEvent({
    uri,
    headers: { Authorization: token, Cookie: others.map((it) => `__Host-gatehouse-id=${it}`) },
  });

/** Everywhere in a signed request that says whose it is. */
interface Whose {
  readonly path: string;
  readonly cacheScope: string;
  readonly accessKeyId: string;
}

function whoseIs(sub: string, bundle: EdgeBundleName): Whose {
  // STS knows no identity ids: the folder is called as the user.
  const id = encodeURIComponent(bundle.includes("-sts") ? sub : identityIdOf(sub));
  return { path: `/users/${id}/a.txt`, cacheScope: `owner:${id}`, accessKeyId: accessKeyIdOf(sub) };
}

function whoseOf(answer: Awaited<ReturnType<Handler>>): Whose | string | undefined {
  const { code, headers, forwarded } = answerOf(answer);
  if (!forwarded) return code;
  const [accessKeyId = ""] =
    new URLSearchParams(forwarded.querystring).get("X-Amz-Credential")?.split("/") ?? [];
  const cacheScope = headers["x-gatehouse-cache-scope"]?.replace(/^[0-9a-f]{16}:/, "") ?? "";
  return { path: forwarded.uri, cacheScope, accessKeyId };
}

/** In an order that has nothing to do with whose they are, the same in each run. */
function shuffled<T>(list: readonly T[]): readonly T[] {
  return list.map((_, index) => list[(index * 7_919) % list.length]).filter((it) => it !== undefined);
}

/** A token that names our pool and a key of its own, so that nobody can check its signature. */
function tokenOfUnknownKey(stage: Stage, n: number): string {
  const iat = Math.floor(stage.now() / 1000);
  const parts = [
    { alg: "RS256", kid: `unknown-${n}` },
    { ...ID_CLAIMS, iat, exp: iat + 3_600 },
  ];
  const signedText = parts.map((part) => Buffer.from(JSON.stringify(part)).toString("base64url")).join(".");
  return `${signedText}.${"A".repeat(342)}`;
}

/** A stage whose clock stands still, however long a thousand requests take. */
async function stopped(bundle: EdgeBundleName): Promise<Stage> {
  const stage = await new Stage(bundle).start();
  stage.stoppedAt = Date.now();
  return stage;
}

const crowd = Array.from({ length: CROWD }, (_, index) => index);

describe.each([
  ["gatehouse-auth", "pool", 2],
  ["gatehouse-sdk-auth", "pool", 2],
  ["gatehouse-sts-auth", "sts", 1],
] as const)("%s", (bundle, endpoint, calls) => {
  const worlds: readonly (readonly [fault: FaultName, status: number | "signed", tries: number])[] = [
    ["answers after half a second", "signed", calls],
    ["500", 503, 2],
    ["hangs", 503, 2],
    ["400, throttled", 503, bundle.includes("-sdk") ? 2 : 1],
  ];
  test.each(worlds)(
    "a thousand requests of one new user, where the exchange %s",
    async (fault, status, tries) => {
      await using stage = await stopped(bundle);
      stage.proxy(endpoint).fault = FAULTS[fault];
      const handler = stage.coldStart();
      const token = stage.aws.idToken();
      const answers = await Promise.all(crowd.map(() => handler(eventOf(token))));
      expect(new Set(answers.map((answer) => answerOf(answer).status))).toEqual(new Set([status]));
      expect(stage.proxy(endpoint).tries).toBe(tries);
    },
  );

  test("a thousand requests of 50 users at once: each gets the own folder, with the own credentials", async () => {
    await using stage = await stopped(bundle);
    stage.proxy(endpoint).fault = FAULTS["answers after half a second"];
    const handler = stage.coldStart({ areas: [{ path: "/me/*", owner: "users/{identityId}/" }] });
    const subs = Array.from({ length: 50 }, (_, index) => `user-${index}`);
    const events = subs.flatMap((sub) => {
      const good = stage.aws.idToken({ sub });
      // Viewers who try: with somebody else's token that is over, and with one that is forged.
      const over = stage.aws.idToken({ sub: `${sub}0`, exp: 1 });
      const forged = `${stage.aws.idToken({ sub: `${sub}1` }).slice(0, -4)}AAAA`;
      const own = [[good], [forged, good]].map((tokens) => ({ sub, tokens }));
      // Whose token is in Authorization is said there, be it over: no other's counts behind it.
      const others = [
        [over, good],
        [over, forged, good],
        [forged, over],
      ].map((tokens) => ({
        sub: undefined,
        tokens,
      }));
      const tries = [...own, ...others];
      return Array.from({ length: CROWD / 50 / tries.length }, () => tries).flat();
    });
    const eventWith = ([first = "", ...others]: readonly string[]) => eventOf(first, others, "/me/a.txt");
    const seen = await Promise.all(
      shuffled(events).map(async ({ sub, tokens }) => [sub, await handler(eventWith(tokens))] as const),
    );
    expect(seen).toHaveLength(CROWD);
    expect(seen.map(([, answer]) => whoseOf(answer))).toEqual(
      seen.map(([sub]) => (sub === undefined ? "token_expired" : whoseIs(sub, bundle))),
    );
    expect(stage.proxy(endpoint).tries).toBe(subs.length * calls);
  });
});

describe("a thousand tokens with unknown keys", () => {
  const worlds: readonly (readonly [fault: FaultName, code: string])[] = [
    ["answers after half a second", "token_invalid"],
    ["500", "keys_unavailable"],
    ["resets", "keys_unavailable"],
    ["hangs", "keys_unavailable"],
  ];
  test.each(worlds)("at once, where the key set %s: one fetch", async (fault, code) => {
    await using stage = await stopped("gatehouse-auth");
    stage.proxy("keys").fault = FAULTS[fault];
    const handler = stage.coldStart();
    const answers = await Promise.all(crowd.map((n) => handler(eventOf(tokenOfUnknownKey(stage, n)))));
    expect(new Set(answers.map((answer) => answerOf(answer).code))).toEqual(new Set([code]));
    expect(stage.proxy("keys").tries).toBe(1);
  });

  test("one after the other, ten a second: one fetch in ten seconds", async () => {
    await using stage = await stopped("gatehouse-auth");
    const handler = stage.coldStart();
    for (const n of crowd) {
      expect(answerOf(await handler(eventOf(tokenOfUnknownKey(stage, n))))).toMatchObject({
        code: "token_invalid",
      });
      stage.passTime(100);
    }
    expect(stage.proxy("keys").tries).toBe((CROWD * 100) / COOL_DOWN_MS);
  });

  test("tokens that name another pool, or no key, cause no fetch at all", async () => {
    await using stage = await stopped("gatehouse-auth");
    const handler = stage.coldStart();
    const iss = "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_Another";
    for (const header of [{ alg: "RS256" }, { alg: "RS256", kid: "" }, { alg: "RS256", kid: "k" }])
      await handler(eventOf(signed(header, { ...ID_CLAIMS, iss }, KEY)));
    await handler(eventOf(signed({ alg: "RS256" }, ID_CLAIMS, KEY)));
    expect(stage.proxy("keys").tries).toBe(0);
  });

  test("nobody with a known key waits for the fetch that they cause", async () => {
    await using stage = await stopped("gatehouse-auth");
    const handler = stage.coldStart();
    const known = stage.aws.idToken();
    await handler(eventOf(known));
    // Whatever has been fetched until now is no excuse.
    stage.passTime(COOL_DOWN_MS);
    const order: string[] = [];
    stage.proxy("keys").fault = FAULTS.hangs;
    const unknown = crowd.map(async (n) => {
      await handler(eventOf(tokenOfUnknownKey(stage, n)));
      order.push("unknown");
    });
    const others = crowd.map(async () => {
      expect(answerOf(await handler(eventOf(known))).status).toBe("signed");
      order.push("known");
    });
    await Promise.all([...unknown, ...others]);
    expect(order.slice(0, CROWD)).toEqual(crowd.map(() => "known"));
  });

  test.each([
    ["planted before the real one", (known: string, planted: string) => eventOf(planted, [known])],
    ["planted behind the real one", (known: string, planted: string) => eventOf(known, [planted])],
  ])("one that is %s locks nobody out while the key set is down", async (_, eventWith) => {
    await using stage = await stopped("gatehouse-auth");
    const handler = stage.coldStart();
    stage.proxy("keys").fault = FAULTS["500"];
    for (const n of [1, 2, 3]) {
      const event = eventWith(stage.aws.idToken(), tokenOfUnknownKey(stage, n));
      expect(answerOf(await handler(event)).status).toBe("signed");
    }
    expect(stage.proxy("keys").tries).toBeLessThanOrEqual(1);
  });
});
