// Gates as far apart as configurations go, and the tries at them.
import fc from "fast-check";
import type { ConfigDocument } from "../../../edge/config/config.ts";
import { configDocument } from "../fixtures/config.ts";
import { judge, Leak } from "./invariants.ts";
import { checkOwner } from "./ownership.ts";
import { arbitraryTry } from "./requests.ts";
import { EDITORS, LEADS, World } from "./world.ts";

const CHANGES: readonly Partial<ConfigDocument>[] = [
  {
    origin: { ...configDocument().origin, path: "/site" },
    groups: { editors: { roleArn: EDITORS }, leads: { roleArn: LEADS } },
    listing: { enabled: true },
    cookies: { names: ["app-token"], amplify: true },
    cors: { origins: ["https://app.example.com"] },
    areas: [
      { path: "/team/open.txt" },
      { path: "/team/plans/*", groups: ["leads"] },
      { path: "/team/*", groups: ["editors", "leads"], versions: true },
      { path: "/me/*", owner: "users/{identityId}/", downloads: true },
      { path: "/a b/*", groups: ["editors"], downloads: true, versions: true },
      { path: "/public/*", public: true },
      { path: "/docs/*", browserMaxAge: 60, trusted: true },
    ],
  },
  {
    signing: { cfId: "signed", head: "HEAD" },
    cookies: { domain: "example.com", sameSite: "None", partitioned: true },
    areas: [
      { path: "/me/*", owner: "users/{identityId}/" },
      { path: "/*", downloads: true },
    ],
  },
  { cookies: { domain: "example.com", names: ["app-token"], amplify: true } },
  { areas: [{ path: "/me/*", owner: "users/{identityId}/" }, { path: "/*" }] },
];

/** New processes after this many tries, so that all of them meet empty memories, too. */
const TRIES_PER_PROCESS = 500;

/** What came of how many tries. */
export type Outcomes = Map<string, number>;

/**
 * Throws this many generated requests at every world, and checks each answer. The clock must stand at the tokens' time.
 * @throws the first that breaks an invariant, made as small as it gets
 */
export async function tryWorlds(tries: number, seed: number, outcomes: Outcomes): Promise<void> {
  for (const changes of CHANGES) {
    const world = await World.open(changes);
    const log = console.log;
    console.log = (line: string) => world.logged.push(line);
    try {
      await tryWorld(world, Math.ceil(tries / CHANGES.length), seed, outcomes);
    } finally {
      console.log = log;
      await world.close();
    }
  }
}

async function tryWorld(world: World, tries: number, seed: number, outcomes: Outcomes): Promise<void> {
  let count = 0;
  const property = fc.asyncProperty(arbitraryTry(world.sealed), async ({ event, isPossible }) => {
    count += 1;
    if (count % TRIES_PER_PROCESS === 0) world.coldStart();
    const results = await world.ask(event);
    checkOwner(world, event, results);
    const outcome = await judge(world, event, results);
    if (isPossible && outcome === "500 internal_error")
      throw new Leak("everything CloudFront sends is foreseen");
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
  });
  await fc.assert(property, { numRuns: tries, seed });
}
