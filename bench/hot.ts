// A warm container: requests of a known token, and the first request of a new one, in CPU time beside an RSA check.
import { verify } from "node:crypto";
import type { Builds } from "./builds.ts";
import { EventSupply, eventText } from "./events.ts";
import { type Handler, isForwarded, isSigned, loadHandler } from "./handlers.ts";
import type { Peer } from "./peers.ts";
import { type Contender, interleave, type Rounds } from "./statistics.ts";
import type { User, Users } from "./users.ts";

/** The names of what takes turns, beside the peers' own. */
export const HOT = {
  rsa: "RSA-2048 verify",
  complete: "complete",
  lock: "lock alone",
  sdk: "SDK build",
  amplify: "token in Amplify's cookies",
  json: "with the event's JSON in and out",
  first: "first request of a token, sealed",
  sdkFirst: "first request of a token, sealed, SDK build",
} as const;

const TIMES = 50;
const RUNS = 10;
const FIRSTS = 25;
const FIRST_RUNS = 4;

/** What a warm container is measured with. */
export interface HotInput {
  readonly users: Users;
  readonly builds: Builds;
  readonly peers: readonly Peer[];
  readonly rounds: number;
}

/** Measures all of it in turns. */
export async function measureHot({ users, builds, peers, rounds }: HotInput): Promise<Rounds> {
  const user = await users.user(0);
  const complete = loadHandler(builds.complete.file);
  const sealed = eventText(user, users.sealed(user, "live"));
  const unsealed = eventText(user, "");
  const amplify = eventText(user, users.sealed(user, "live"), false);
  const firsts = await firstEvents(users, FIRSTS * FIRST_RUNS * (rounds + 5));
  const contenders = [
    rsaVerify(users, user),
    await warm(HOT.complete, complete, sealed, isSigned),
    await warm(HOT.lock, loadHandler(builds.lock.file), unsealed, isSigned),
    await warm(HOT.sdk, loadHandler(builds.sdkComplete.file), sealed, isSigned),
    await warm(HOT.amplify, complete, amplify, isSigned),
    withJson(complete, sealed),
    first(HOT.first, loadHandler(builds.complete.file), firsts),
    first(HOT.sdkFirst, loadHandler(builds.sdkComplete.file), firsts),
    ...(await Promise.all(peers.map(({ name, handler }) => warm(name, handler, sealed, isForwarded)))),
  ];
  return await interleave(contenders, rounds);
}

/** The yardstick: one signature check of the same token, with an imported key. */
function rsaVerify({ publicKey }: Users, { token }: User): Contender {
  const at = token.lastIndexOf(".");
  const signed = Buffer.from(token.slice(0, at));
  const signature = Buffer.from(token.slice(at + 1), "base64url");
  const run = () => {
    for (let i = 0; i < TIMES; i += 1)
      if (!verify("RSA-SHA256", signed, publicKey, signature)) throw new Error("the token does not verify");
  };
  return { name: HOT.rsa, times: TIMES, runs: RUNS, run };
}

/** @throws Error when the first answer is not what an authorised request gets */
async function warm(
  name: string,
  handler: Handler,
  text: string,
  isRight: (result: unknown) => boolean,
): Promise<Contender> {
  if (!isRight(await handler(JSON.parse(text))))
    throw new Error(`${name} does not authorise the fixture's request`);
  const supply = new EventSupply([text]);
  return {
    name,
    times: TIMES,
    runs: RUNS,
    prepare: () => supply.fill(TIMES),
    run: () => runAll(handler, supply.events),
  };
}

async function runAll(handler: Handler, events: readonly unknown[]): Promise<void> {
  for (const event of events) await handler(event);
}

/** As Lambda's runtime does it around the function. */
function withJson(handler: Handler, text: string): Contender {
  const run = async () => {
    for (let i = 0; i < TIMES; i += 1) JSON.stringify(await handler(JSON.parse(text)));
  };
  return { name: HOT.json, times: TIMES, runs: RUNS, run };
}

async function firstEvents(users: Users, count: number): Promise<readonly string[]> {
  const made = Array.from({ length: count }, async (_, index) => {
    const user = await users.user(index + 1);
    return eventText(user, users.sealed(user, "live"));
  });
  return await Promise.all(made);
}

/** Every event comes once: no token of them is known yet. */
function first(name: string, handler: Handler, texts: readonly string[]): Contender {
  const supply = new EventSupply(texts);
  let used = 0;
  const prepare = () => {
    supply.fill(FIRSTS, used);
    used += FIRSTS;
  };
  const run = async () => {
    for (const event of supply.events)
      if (!isSigned(await handler(event))) throw new Error(`${name} refuses the fixture's request`);
  };
  return { name, times: FIRSTS, runs: FIRST_RUNS, prepare, run };
}
