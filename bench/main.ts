// `npm run bench`: measures Gatehouse beside its peers, and prints one table.
import { mkdtempSync, rmSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { runCommand } from "../infra/build/command-line.ts";
import { makeBuilds } from "./builds.ts";
import { writeBlock, writePlot } from "./document.ts";
import { eventText } from "./events.ts";
import { measureHot } from "./hot.ts";
import { startIdentityPool } from "./identity-pool.ts";
import { measureMemory } from "./memory.ts";
import { type Options, readOptions, USAGE } from "./options.ts";
import { installPeers, loadPeers } from "./peers.ts";
import * as rows from "./rows.ts";
import { countRoundTrips, measureFirstAnswers, measureReady } from "./starts.ts";
import { json, type Machine, machineLine, markdown, type Row } from "./table.ts";
import { Users } from "./users.ts";

const tasks: Record<Options["task"], (options: Options) => void | Promise<void>> = {
  table: printTable,
  parts: async () => console.log(await (await import("./parts.ts")).measureParts()),
  scale: printScale,
  load: printLoad,
  function: printFunction,
  hostile: printHostile,
  help: () => console.log(USAGE),
};
await runCommand(async () => {
  const options = readOptions(process.argv.slice(2));
  await tasks[options.task](options);
});

async function printScale(options: Options): Promise<void> {
  const { scale } = await import("./scale.ts");
  const { text, plot } = await scale();
  print(options, "scale", text);
  if (options.write) writePlot(plot);
}

async function printLoad(options: Options): Promise<void> {
  const { load } = await import("./load.ts");
  print(options, "load", `${machineLine(machine())}\n\n${await load()}`);
}

async function printFunction(options: Options): Promise<void> {
  const { measureFunction } = await import("./function.ts");
  const { completeDocument } = await import("./builds.ts");
  const users = new Users();
  const measured = measureFunction(completeDocument(users, "https://127.0.0.1:1"), await users.user(0));
  print(options, "function", `${machineLine(machine())}\n\n${markdown(measured)}`);
}

async function printHostile(options: Options): Promise<void> {
  const { measureHostile } = await import("./hostile.ts");
  print(options, "hostile", `${machineLine(machine())}\n\n${markdown(await measureHostile())}`);
}

/** Prints a text, and writes it into its block of docs/performance.md when asked to. */
function print({ write }: Options, block: string, text: string): void {
  console.log(text);
  if (write) writeBlock(block, text);
}

async function printTable(options: Options): Promise<void> {
  installPeers();
  const folder = mkdtempSync(join(tmpdir(), "gatehouse-bench-"));
  try {
    const measured = await measure(folder, options);
    if (options.json) console.log(json(machine(), measured));
    else print(options, "table", `${machineLine(machine())}\n\n${markdown(measured)}`);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function measure(
  folder: string,
  { peer, rounds, starts, users: count }: Options,
): Promise<readonly Row[]> {
  const users = new Users();
  const user = await users.user(0);
  const identityPool = await startIdentityPool(folder, user.session);
  try {
    const builds = await makeBuilds(folder, users, identityPool.url);
    const peers = await loadPeers(folder, users.jwks, eventText(user, users.sealed(user, "live")), peer);
    const input = { folder, users, builds, identityPool };
    progress("warm containers");
    const hot = await measureHot({ users, builds, peers, rounds });
    progress("cold containers");
    const ready = await measureReady(input, starts);
    const { starts: answers, isShared } = await measureFirstAnswers(input, starts);
    const roundTrips = await countRoundTrips(input);
    progress(`${count} users`);
    const memory = await measureMemory(users, builds, count);
    return [
      ...rows.hotRows(hot, peers),
      ...rows.readyRows(ready),
      ...rows.firstAnswerRows(answers, isShared),
      ...rows.sizeRows(builds),
      ...rows.memoryRows(memory),
      ...rows.roundTripRows(roundTrips),
      ...rows.hotCauses(hot),
    ];
  } finally {
    identityPool.close();
  }
}

function machine(): Machine {
  return {
    cpu: cpus()[0]?.model ?? "unknown CPU",
    cores: cpus().length,
    node: process.versions.node,
    openssl: process.versions.openssl,
    date: new Date().toISOString().slice(0, 10),
  };
}

/** What is going on, beside the table. */
function progress(what: string): void {
  console.error(`measuring ${what} …`);
}
