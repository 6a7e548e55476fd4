// Keys change while people are signed in: the user pool's signing keys, and the keys that cookies are sealed with.
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { configDocument } from "../fixtures/config.ts";
import { ID_COOKIE, SEALED_COOKIE } from "../fixtures/gate.ts";
import { KEY, OTHER_KEY } from "../fixtures/tokens.ts";
import { collectLogs, Stage } from "./stage.ts";

const MINUTE = 60_000;
const BUILDS = ["gatehouse-auth", "gatehouse-sdk-auth", "gatehouse-sts-auth"] as const;
const image = { dest: "image" };

beforeAll(() => collectLogs([]));
afterAll(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

/** Loads a picture as a browser does, over renewals; the statuses on the way. */
async function load(stage: Stage, url = "/a.txt"): Promise<readonly (number | string)[]> {
  const first = await stage.ask(url, image);
  if (first.status !== 307) return [first.status];
  return [first.status, (await stage.ask(first.location, image)).status];
}

describe.each(BUILDS)("%s: the user pool's keys", (bundle) => {
  test("a new key comes, the old one leaves, and nobody who is signed in sees an error", async () => {
    await using stage = await new Stage(bundle).start();
    await stage.signIn();
    const late = stage.aws.idToken({ exp: Math.floor(Date.now() / 1000) + 86_400 });
    const steps: readonly (readonly [
      what: string,
      minutes: number,
      change: () => void,
      statuses: unknown[],
    ])[] = [
      ["signed in", 0, () => {}, ["signed"]],
      ["the new key is published", 20, () => publish(stage, [KEY, OTHER_KEY]), ["signed"]],
      ["the pool signs with it", 10, () => signWith(stage, OTHER_KEY), ["signed"]],
      ["the session is renewed with it", 31, () => {}, [307, "signed"]],
      ["a container that has seen neither", 5, () => void stage.coldStart(), ["signed"]],
      ["the old key leaves", 5, () => publish(stage, [OTHER_KEY]), ["signed"]],
      ["the container asks for old keys", 60, () => {}, [307, "signed"]],
      ["and goes on", 20, () => {}, ["signed"]],
    ];
    for (const [what, minutes, change, statuses] of steps) {
      stage.passTime(minutes * MINUTE);
      change();
      expect(await load(stage), what).toEqual(statuses);
    }
    stage.browser.jar.set(ID_COOKIE, late);
    expect(await stage.ask("/a.txt", image), "a token of the key that left").toMatchObject({
      code: "token_invalid",
    });
  });

  test("sign-ins that are under way while the key changes are finished", async () => {
    await using stage = await new Stage(bundle).start();
    const query = await stage.startSignIn();
    publish(stage, [KEY, OTHER_KEY]);
    stage.aws.signingKey = OTHER_KEY;
    const back = await stage.ask(`/.gatehouse/callback?${query}`);
    expect([back.status, (await stage.ask(back.location)).status]).toEqual([303, 303]);
    expect(await load(stage)).toEqual(["signed"]);
  });

  test("a key that was removed in haste ends its tokens within the hour, or with a deployment", async () => {
    await using stage = await new Stage(bundle).start();
    stage.browser.jar.set(ID_COOKIE, stage.aws.idToken({ exp: Math.floor(Date.now() / 1000) + 86_400 }));
    expect(await load(stage)).toEqual(["signed"]);
    publish(stage, [OTHER_KEY]);
    expect(await load(stage)).toEqual(["signed"]);
    stage.passTime(61 * MINUTE);
    // The request that asks for credentials notices, the next one is refused.
    expect([await load(stage), await load(stage)]).toEqual([["signed"], [401]]);
    stage.coldStart({ userPool: { ...configDocument().userPool, jwks: { keys: [OTHER_KEY.jwk] } } });
    expect(await load(stage)).toEqual([401]);
  });
});

test("a browser that comes back after its key has left signs in again: nothing says whose session to renew", async () => {
  await using stage = await new Stage("gatehouse-auth").start();
  await stage.signIn();
  publish(stage, [OTHER_KEY]);
  stage.aws.signingKey = OTHER_KEY;
  stage.passTime(48 * 60 * MINUTE);
  stage.coldStart({ userPool: { ...configDocument().userPool, jwks: { keys: [OTHER_KEY.jwk] } } });
  expect(await stage.ask("/a.txt", image)).toMatchObject({ status: 401, code: "token_invalid", cookies: [] });
  expect(await stage.ask("/a.txt")).toMatchObject({
    status: 302,
    location: "/.gatehouse/login?return_to=%2Fa.txt",
  });
});

function publish({ aws }: Stage, keys: readonly (typeof KEY)[]): void {
  aws.published = keys;
}

function signWith({ aws }: Stage, key: typeof KEY): void {
  aws.signingKey = key;
}

const [A, B, C] = ["a", "b", "c"].map((digit) => digit.repeat(64)) as [string, string, string];
const keys = (current: string, previous = "none") => ({ auth: { keys: { current, previous } } });

describe.each(BUILDS)("%s: the sealing keys", (bundle) => {
  const exchanges = (stage: Stage) => stage.proxy(bundle.includes("-sts") ? "sts" : "pool").tries;

  const deployments: readonly (readonly [name: string, after: object, calls: "no call" | "one exchange"])[] =
    [
      ["the same keys", keys(A), "no call"],
      ["a new key, the old one beside it", keys(B, A), "no call"],
      ["two rotations later", keys(C, B), "one exchange"],
      ["another key alone", keys(B), "one exchange"],
      ["a key in the wrong place", keys(A.toUpperCase().toLowerCase(), B), "no call"],
    ];
  test.each(deployments)("a sealed session under %s", async (_, after, calls) => {
    await using stage = await new Stage(bundle).start(keys(A));
    await stage.signIn();
    stage.coldStart(after);
    const before = exchanges(stage);
    expect(await load(stage)).toEqual(["signed"]);
    expect(exchanges(stage) > before).toBe(calls === "one exchange");
    expect(stage.logged).toEqual([]);
  });

  test("the previous key opens, and never seals", async () => {
    await using stage = await new Stage(bundle).start(keys(B, A));
    await stage.signIn();
    const sealed = stage.browser.jar.get(SEALED_COOKIE);
    const opens = async (after: object) => {
      stage.browser.jar.set(SEALED_COOKIE, sealed ?? "");
      stage.coldStart(after);
      const before = exchanges(stage);
      expect(await load(stage)).toEqual(["signed"]);
      return exchanges(stage) === before;
    };
    expect([await opens(keys(B)), await opens(keys(A))]).toEqual([true, false]);
  });

  const attempts: readonly (readonly [name: string, after: object, status: number])[] = [
    ["a new key, the old one beside it", keys(B, A), 303],
    ["two rotations later, which starts it again", keys(C, B), 302],
  ];
  test.each(attempts)("a sign-in that is under way under %s", async (_, after, status) => {
    await using stage = await new Stage(bundle).start(keys(A));
    const query = await stage.startSignIn();
    stage.coldStart(after);
    expect(await stage.ask(`/.gatehouse/callback?${query}`)).toMatchObject({ status });
  });

  test("a renewal's marker is known under the new key", async () => {
    await using stage = await new Stage(bundle).start(keys(A));
    await stage.signIn();
    stage.passTime(61 * MINUTE);
    const before = new Map(stage.browser.jar);
    const { location } = await stage.ask("/a.txt", image);
    stage.browser.jar.clear();
    for (const [name, value] of before) stage.browser.jar.set(name, value);
    stage.coldStart(keys(B, A));
    expect(await stage.ask(location, image)).toMatchObject({ status: 401, code: "token_expired" });
    expect(await stage.ask(location.replace(/.$/, "~"), image)).toMatchObject({ status: 307 });
  });
});
