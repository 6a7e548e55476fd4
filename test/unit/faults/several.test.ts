// Two endpoints that are slow at once: each in its own time box, and together still in time.
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { ID_COOKIE, REFRESH_COOKIE } from "../fixtures/gate.ts";
import { OTHER_KEY } from "../fixtures/tokens.ts";
import { type Endpoint, FAULTS } from "./faults.ts";
import { type Fault, pass } from "./proxy.ts";
import { collectLogs, Stage } from "./stage.ts";
import { STATES, type StateName } from "./states.ts";

const MAX_MS = 4_500;
const HOUR = 3_600_000;

beforeAll(() => collectLogs([]));
afterAll(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

const after =
  (ms: number, then: Fault = pass): Fault =>
  (call) =>
    void setTimeout(() => void then(call), ms);
const hangs = FAULTS.hangs;
const refuses = FAULTS["400, refused"];

/** What is done to a stage that is in a state. */
type Trouble = (stage: Stage) => void;
const slow =
  (faults: Partial<Record<Endpoint, Fault>>): Trouble =>
  (stage) => {
    for (const [endpoint, fault] of Object.entries(faults)) stage.proxy(endpoint as Endpoint).fault = fault;
  };
const newKey: Trouble = ({ aws }) => {
  aws.published = [...aws.published, OTHER_KEY];
  aws.signingKey = OTHER_KEY;
};
const oldKeys: Trouble = (stage) => {
  const token = stage.browser.jar.get(ID_COOKIE);
  stage.passTime(HOUR + 1);
  if (token !== undefined) stage.browser.jar.set(ID_COOKIE, stage.aws.idToken({ exp: 1 }));
};
const plantedRefreshToken: Trouble = ({ browser }) => {
  browser.jar.set(`${REFRESH_COOKIE}`, "secret-planted");
  browser.jar.set("x", `1; ${REFRESH_COOKIE}=secret-refresh`);
};

/** The troubles come in this order. */
type Case = readonly [name: string, state: StateName, troubles: readonly Trouble[]];

const expired: StateName = "token expired, refresh token";
const CASES: readonly Case[] = [
  ["key set and pool hang", "key unknown", [slow({ keys: after(1_400), pool: hangs })]],
  ["old keys hang beside a pool that hangs", "keys an hour old", [slow({ keys: hangs, pool: hangs })]],
  ["GetId is slow, credentials hang", "nothing known", [slow({ pool: alternately(after(1_700), hangs) })]],
  ["each first try hangs", "nothing known", [slow({ pool: alternately(hangs, after(1_700)) })]],
  ["the refresh is slow, the pool hangs", expired, [slow({ api: after(2_400), pool: hangs })]],
  [
    "the refresh brings a new key, the key set hangs",
    expired,
    [newKey, slow({ api: after(2_400), keys: hangs })],
  ],
  [
    "the refresh is slow, old keys and pool hang",
    expired,
    [oldKeys, slow({ api: after(2_400), keys: hangs, pool: hangs })],
  ],
  [
    "two refresh tokens, both slow, and old keys that hang",
    expired,
    [
      oldKeys,
      plantedRefreshToken,
      slow({ api: alternately(after(2_300, refuses), after(1_700)), keys: hangs }),
    ],
  ],
  [
    "the code is slow and brings a new key, the key set hangs",
    "callback",
    [newKey, slow({ login: after(3_300), keys: hangs })],
  ],
  [
    "old keys and pool hang at the last hop",
    "finish",
    [oldKeysOfSession, slow({ keys: hangs, pool: hangs })],
  ],
  [
    "a hand-over with a new key, everything slow",
    "hand-over",
    [newKey, slow({ keys: after(1_400), api: after(2_300), pool: hangs })],
  ],
  [
    "a hand-over with a slow refresh, old keys hang",
    "hand-over",
    [oldKeys, slow({ api: after(3_300), keys: hangs })],
  ],
  ["a sign-out where the revocation hangs", "logout", [slow({ login: hangs })]],
];

/** Time goes by between the hops, and the token is still good. */
function oldKeysOfSession(stage: Stage): void {
  stage.passTime(HOUR + 1);
  stage.browser.jar.set(ID_COOKIE, stage.aws.idToken());
}

function alternately(...faults: readonly Fault[]): Fault {
  let calls = 0;
  return (call) => {
    const fault = faults[calls % faults.length] ?? pass;
    calls += 1;
    return fault(call);
  };
}

test.concurrent.each(CASES)("%s", async (_, state, troubles) => {
  await using stage = await new Stage("gatehouse-auth").start();
  const ask = await STATES[state](stage);
  for (const trouble of troubles) trouble(stage);
  const startedAt = performance.now();
  const { status } = await ask();
  expect(performance.now() - startedAt).toBeLessThan(MAX_MS);
  expect(["signed", 200, 303, 307, 503]).toContain(status);
});
