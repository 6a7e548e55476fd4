// Every fault of every endpoint in every state of a session: a clear answer in time, few tries, and nobody locked out.
import { isDeepStrictEqual } from "node:util";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { ANSWERS, type ErrorCode } from "../../../edge/errors.ts";
import type { EdgeBundleName } from "../../../infra/build/edge-bundles.ts";
import { SECRETS } from "../fixtures/gate.ts";
import { breakDown, ENDPOINTS, type Endpoint, FAULTS, type FaultName } from "./faults.ts";
import { collectLogs, Stage } from "./stage.ts";
import { cookiesOf, STATES, type StateName } from "./states.ts";

/** How a call ends that finds an endpoint like this: well, or with a code. */
type End = "ok" | ErrorCode;

/** What a fault does: to the exchange, with its tries; to the key set; to a code, a revocation and a refresh token. */
interface Row {
  /** Its tries with nothing known, with the identity in memory, and with the identity in an expired seal. */
  readonly pool: readonly [End, number, number, number];
  readonly sts: readonly [End, number, number, number];
  readonly keys: End;
  readonly code: End;
  readonly revoke: End;
  readonly refresh: End;
}

const ASIDE = {
  keys: "keys_unavailable",
  code: "sign_in_unavailable",
  revoke: "sign_in_unavailable",
  refresh: "sign_in_unavailable",
} as const;
const FINE = { keys: "ok", code: "ok", revoke: "ok", refresh: "ok" } as const;
const down = (code: ErrorCode, tries: number): Row => ({
  pool: [code, tries, tries, tries],
  sts: [code, tries, tries, tries],
  ...ASIDE,
});
/** An answer that says nothing: asking again would not help. A revocation needs no more than the status. */
const EMPTY: Row = { ...down("exchange_unavailable", 1), revoke: "ok" };
const HARMLESS: Row = { pool: ["ok", 2, 1, 1], sts: ["ok", 1, 1, 1], ...FINE };
const refused = (code: ErrorCode, aside: Partial<Row>): Row => ({ ...down(code, 1), ...aside });
/** An identity that the pool does not know is asked for anew; nobody knows why STS does not want a role. */
const ASKED_ANEW = ["exchange_misconfigured", 1, 2, 2] as const;
const DEAD = down("exchange_unavailable", 2);
const MUTE = down("exchange_timeout", 2);

const TABLE: Readonly<Record<FaultName, Row>> = {
  refuses: down("exchange_unavailable", 0),
  hangs: MUTE,
  "hangs behind the headers": MUTE,
  "hangs in the body": MUTE,
  "drips a byte every 100 ms": { ...MUTE, revoke: "ok" },
  "drips for half a second": HARMLESS,
  "answers after half a second": HARMLESS,
  "cuts in the status line": DEAD,
  "cuts in a header": DEAD,
  "cuts in the body": DEAD,
  "cuts in a chunk": DEAD,
  "closes without a word": DEAD,
  resets: DEAD,
  "speaks another protocol": DEAD,
  "answers 100 and hangs": MUTE,
  "a header of 100,000 bytes": DEAD,
  "a body of 65,536 bytes": HARMLESS,
  "a body of 65,536 bytes in chunks": HARMLESS,
  "a body of 65,537 bytes": DEAD,
  "a body of 65,537 bytes in chunks": DEAD,
  "a body of 10 MB": DEAD,
  "a body of 10 MB that is right": DEAD,
  "a body of 10 MB in chunks that is right": DEAD,
  "a body without an end": DEAD,
  "400, refused in 100,000 bytes": DEAD,
  "400, refused": refused("session_ended", {
    sts: ASKED_ANEW,
    code: "sign_in_failed",
    refresh: "session_ended",
  }),
  "400, throttled": refused("exchange_throttled", { code: "sign_in_failed" }),
  "400, not found": refused("exchange_misconfigured", {
    pool: ASKED_ANEW,
    sts: ASKED_ANEW,
    code: "sign_in_failed",
    refresh: "session_ended",
  }),
  "400 with nothing in it": refused("exchange_unavailable", { code: "sign_in_failed" }),
  "400 with a text that is no type": refused("exchange_unavailable", { code: "sign_in_failed" }),
  "403, HTML": refused("exchange_unavailable", { code: "sign_in_failed" }),
  "404, HTML": refused("exchange_unavailable", { code: "sign_in_failed" }),
  "429": refused("exchange_throttled", {}),
  "500": DEAD,
  "503": DEAD,
  "503, HTML": DEAD,
  "a redirect to itself": refused("exchange_unavailable", { code: "sign_in_failed" }),
  "200, HTML": EMPTY,
  "200, empty": EMPTY,
  "204": refused("exchange_unavailable", { code: "sign_in_failed" }),
  "200, null": EMPTY,
  "200, a list": EMPTY,
  "200, an empty object": EMPTY,
  "200, half of the answer": EMPTY,
  "200, every text a number": EMPTY,
  "200, every text empty": { ...EMPTY, code: "sign_in_failed", refresh: "token_missing" },
  "200, every text a list": EMPTY,
  "another user's identity id": { ...HARMLESS, pool: ["exchange_unavailable", 2, 1, 1] },
  "an identity id that is a path": { ...HARMLESS, pool: ["exchange_unavailable", 1, 1, 1] },
  "credentials that have expired": {
    ...HARMLESS,
    pool: ["exchange_unavailable", 2, 1, 1],
    sts: ["exchange_unavailable", 1, 1, 1],
  },
  "credentials without an end": {
    ...HARMLESS,
    pool: ["exchange_unavailable", 2, 1, 1],
    sts: ["exchange_unavailable", 1, 1, 1],
  },
  "a clock an hour ahead": HARMLESS,
  "a clock an hour behind": HARMLESS,
  "reused connections are dead": { ...HARMLESS, pool: ["ok", 3, 2, 1], sts: ["ok", 1, 2, 1] },
  "reused connections are mute": { ...HARMLESS, pool: ["ok", 3, 2, 1], sts: ["ok", 1, 2, 1] },
};

/**
 * The tries of the pool where the SDK counts them in its own way: it asks once more when it is throttled, and does not
 * where a body hangs, drips or grows too large behind good headers, nor where what came is no HTTP that it can read.
 */
const SDK_TRIES: Partial<Record<FaultName, number>> = {
  "400, throttled": 2,
  "429": 2,
  "hangs behind the headers": 1,
  "hangs in the body": 1,
  "drips a byte every 100 ms": 1,
  "a body of 65,537 bytes": 1,
  "a body of 65,537 bytes in chunks": 1,
  "a body of 10 MB": 1,
  "a body of 10 MB that is right": 1,
  "a body of 10 MB in chunks that is right": 1,
  "a body without an end": 1,
  "400, refused in 100,000 bytes": 1,
  "speaks another protocol": 1,
  "a header of 100,000 bytes": 1,
};

/** What an answer shows. */
interface Outcome {
  readonly status: number | "signed";
  /** What the log says happened, if anything did. */
  readonly codes: readonly string[];
  readonly retryAfter: number | undefined;
  /** Calls that reached the broken endpoint. */
  readonly tries: number;
  /** What of the session was set or removed. */
  readonly cookies: string;
}

/** How a state ends when nothing is wrong. */
const WELL: Readonly<Record<StateName, Pick<Outcome, "status" | "cookies">>> = {
  "nothing known": { status: "signed", cookies: "" },
  "identity known": { status: "signed", cookies: "" },
  "memory live": { status: "signed", cookies: "" },
  "sealed live": { status: "signed", cookies: "" },
  "sealed expired": { status: "signed", cookies: "" },
  "keys an hour old": { status: "signed", cookies: "" },
  "key unknown": { status: "signed", cookies: "" },
  "key unknown, on a kept connection": { status: "signed", cookies: "" },
  "token expired, refresh token": { status: 307, cookies: "+id +refresh +sealed" },
  callback: { status: 303, cookies: "+id +refresh" },
  finish: { status: 303, cookies: "+sealed" },
  "hand-over": { status: 200, cookies: "+id +refresh +sealed" },
  logout: { status: 303, cookies: "-id -refresh -sealed" },
};
/** A renewal is always a line in the log. */
const LOGGED = (state: StateName) => (state === "token expired, refresh token" ? ["token_expired"] : []);

/** Where the fault is: at one endpoint, or everywhere. */
type Place = Endpoint | "everywhere";

/** The states whose request needs new credentials. */
const EXCHANGES: readonly StateName[] = [
  "nothing known",
  "identity known",
  "sealed expired",
  "keys an hour old",
  "key unknown",
  "token expired, refresh token",
  "finish",
  "hand-over",
];
/** The states whose request calls an endpoint. Where everything is down, live credentials go on serving. */
const MEETS: Readonly<Record<Place, readonly StateName[]>> = {
  pool: EXCHANGES,
  sts: EXCHANGES,
  keys: ["keys an hour old", "key unknown", "key unknown, on a kept connection"],
  login: ["callback", "logout"],
  api: ["token expired, refresh token", "hand-over"],
  everywhere: ["memory live", "sealed live"],
};

function expected({ bundle, place, fault, state }: Case): Outcome {
  const row = TABLE[fault];
  const well = { ...WELL[state], codes: LOGGED(state), retryAfter: undefined, tries: 0 };
  if (place === "everywhere") return well;
  if (place === "pool" || place === "sts") {
    const [end, ...tries] = row[place];
    const others = bundle === "gatehouse-sdk-auth" ? SDK_TRIES[fault] : undefined;
    return exchangeEnds(state, end, others ?? tries[COLUMNS[state] ?? 0] ?? 0, well);
  }
  const once = { ...well, tries: fault === "refuses" ? 0 : 1 };
  if (state === "keys an hour old") return once;
  if (place === "keys") return ends(row.keys, once);
  if (state === "callback") return codeEnds(fault, row.code, once);
  if (state === "logout") return { ...once, codes: row.revoke === "ok" ? [] : [row.revoke] };
  if (state === "hand-over") return handOverEnds(row.refresh, once);
  return renewalEnds(row.refresh, once);
}

const COLUMNS: Partial<Record<StateName, number>> = { "identity known": 1, "sealed expired": 2 };

function ends(end: End, well: Outcome): Outcome {
  if (end === "ok") return well;
  const { status, retryAfter }: { status: number; retryAfter?: number } = ANSWERS[end];
  return { ...well, status, retryAfter, codes: [end], cookies: "" };
}

/** A code that the pool refuses as used or unknown starts the sign-in again. */
function codeEnds(fault: FaultName, end: End, well: Outcome): Outcome {
  return { ...ends(end, well), ...(fault === "400, refused" && { status: 302 }) };
}

/** A session without renewal is set up where the pool refuses the refresh token alone. */
function handOverEnds(end: End, well: Outcome): Outcome {
  return end === "session_ended" ? { ...well, cookies: "+id +sealed", codes: [end] } : ends(end, well);
}

/** Without credentials a sign-in succeeds all the same: the next request asks for them again. */
function exchangeEnds(state: StateName, end: End, tries: number, well: Outcome): Outcome {
  if (end === "ok") return { ...well, tries };
  if (WELL[state].status === "signed") return { ...ends(end, well), tries };
  const cookies = well.cookies.replace(/ ?\+sealed/, "");
  return { ...well, tries, cookies, codes: [end, ...LOGGED(state)] };
}

/** A refused refresh token, or one that brings none, sends the browser round once more, with all its cookies. */
function renewalEnds(end: End, well: Outcome): Outcome {
  if (end === "session_ended" || end === "token_missing")
    return { ...well, cookies: "", codes: [end, "token_expired"] };
  const { codes, ...rest } = ends(end, well);
  return { ...rest, codes: end === "ok" ? codes : [end, "token_expired"] };
}

interface Case {
  readonly bundle: EdgeBundleName;
  readonly place: Place;
  readonly fault: FaultName;
  readonly state: StateName;
}
interface Seen {
  readonly outcome: Outcome;
  readonly ms: number;
  readonly leaks: boolean;
}

const FAULT_NAMES = Object.keys(FAULTS) as FaultName[];
/**
 * The builds, and where each can meet a fault. Those for STS differ in their exchange alone, those with the SDK in
 * exchange, signature and the check of a token; its keys are fetched as everywhere.
 */
const BUILDS: readonly (readonly [EdgeBundleName, readonly Place[]])[] = [
  ["gatehouse-auth", ["pool", "keys", "login", "api", "everywhere"]],
  ["gatehouse-sts-auth", ["sts", "everywhere"]],
  ["gatehouse-sdk-auth", ["pool", "keys", "everywhere"]],
  ["gatehouse-sts-sdk-auth", ["sts", "everywhere"]],
];
const CASES: readonly Case[] = BUILDS.flatMap(([bundle, places]) =>
  places.flatMap((place) =>
    FAULT_NAMES.flatMap((fault) => MEETS[place].map((state) => ({ bundle, place, fault, state }))),
  ),
);

/** Lambda ends the function after five seconds. */
const MAX_MS = 4_500;
/** Enough for a machine that was busy, too few to hide a fault of ours for long. */
const MAX_AGAIN = 40;
/** All of them take a minute where nothing else runs, and what was late is asked again. */
const MAX_ALL_MS = 300_000;
const nameOf = ({ bundle, place, fault, state }: Case) => `${bundle}, ${place} ${fault}, ${state}`;
const seen = new Map<string, Seen>();
const stray: string[] = [];
const unhandled: unknown[] = [];
const onUnhandled = (reason: unknown) => void unhandled.push(reason);

async function run(one: Case): Promise<void> {
  await using stage = await new Stage(one.bundle).start();
  const ask = await STATES[one.state](stage);
  const proxies = ENDPOINTS.filter((it) => [it, "everywhere"].includes(one.place)).map((it) =>
    stage.proxy(it),
  );
  const triesOf = () => proxies.reduce((sum, { tries }) => sum + tries, 0);
  const before = triesOf();
  stage.logged.length = 0;
  for (const proxy of proxies) await breakDown(proxy, one.fault);
  const startedAt = performance.now();
  const answer = await ask();
  const ms = performance.now() - startedAt;
  const retryAfter = answer.headers["retry-after"];
  const outcome = {
    status: answer.status,
    codes: stage.logged.map((line) => JSON.parse(line).code),
    retryAfter: retryAfter === undefined ? undefined : Number(retryAfter),
    tries: triesOf() - before,
    cookies: cookiesOf(answer),
  };
  seen.set(nameOf(one), { outcome, ms, leaks: SECRETS.test(`${answer.body}${stage.logged}`) });
}

async function runAll(cases: readonly Case[], atOnce: number): Promise<void> {
  const queue = [...cases];
  const worker = async () => {
    for (let next = queue.pop(); next; next = queue.pop()) await run(next);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}

/** Waits for an answer most of its time, so that many can run at once. */
const isIdle = ({ fault }: Case) => /hang|drip|second|mute/.test(fault);
const closesPort = ({ fault }: Case) => fault === "refuses";

function isAsExpected(one: Case): boolean {
  return isDeepStrictEqual(of(one).outcome, expected(one));
}

beforeAll(async () => {
  collectLogs(stray);
  process.on("unhandledRejection", onUnhandled);
  const others = CASES.filter((one) => !closesPort(one));
  await runAll(others.filter(isIdle), 40);
  await runAll(
    others.filter((one) => !isIdle(one)),
    6,
  );
  // A port that was closed may be given to another stage.
  await runAll(CASES.filter(closesPort), 1);
  // What a busy machine has delayed is asked again, alone.
  const late = CASES.filter((one) => of(one).ms >= MAX_MS || !isAsExpected(one));
  await runAll(late.slice(0, MAX_AGAIN), 1);
}, MAX_ALL_MS);
afterAll(() => {
  process.off("unhandledRejection", onUnhandled);
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

function of(one: Case): Seen {
  const found = seen.get(nameOf(one));
  if (!found) throw new Error(`not run: ${nameOf(one)}`);
  return found;
}

describe.each(BUILDS)("%s", (bundle, places) => {
  describe.each(places)("%s", (place) => {
    test.each(FAULT_NAMES)("%s", (fault) => {
      const cases = MEETS[place].map((state) => ({ bundle, place, fault, state }));
      const outcomes = (outcomeOf: (one: Case) => Outcome) =>
        Object.fromEntries(cases.map((one) => [one.state, outcomeOf(one)]));
      expect(outcomes((one) => of(one).outcome)).toEqual(outcomes(expected));
    });
  });
});

test("each answer comes before Lambda would end the function", () => {
  const slow = [...seen].filter(([, { ms }]) => ms >= MAX_MS).map(([name, { ms }]) => `${name}: ${ms} ms`);
  const slowest = Math.max(...[...seen.values()].map(({ ms }) => ms));
  process.stdout.write(
    `${seen.size} faults in their states, the slowest answer after ${Math.ceil(slowest)} ms\n`,
  );
  expect(slow).toEqual([]);
  expect(seen.size).toBe(CASES.length);
});

test("no answer and no log line holds what an endpoint or a browser said", () => {
  expect([...seen].filter(([, { leaks }]) => leaks).map(([name]) => name)).toEqual([]);
});

test("nothing is left over: no line of nobody's, no rejection that nobody handles", () => {
  expect(stray).toEqual([]);
  expect(unhandled).toEqual([]);
});
