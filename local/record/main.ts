// `npm run record`: writes the events that the functions receive into test/events, one a file.

import { mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { chromiumMissing } from "../browser/chromium.ts";
import { curlMissing } from "./curl.ts";
import { recordEvents } from "./recording.ts";

const FOLDER = join(import.meta.dirname, "../../test/events");

const [unknown] = process.argv.slice(2);
const problems =
  unknown === undefined
    ? [chromiumMissing(), curlMissing()].filter((reason) => reason !== undefined)
    : [`Unexpected argument '${unknown}'\nusage: npm run record`];
if (problems.length > 0) {
  console.error(problems.join("\n"));
  process.exitCode = 1;
} else {
  const events = await recordEvents();
  for (const [name, event] of events) {
    const file = join(FOLDER, `${name}.json`);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, `${JSON.stringify(event, null, 2)}\n`);
  }
  for (const file of await strangers(events)) {
    await rm(join(FOLDER, file));
    console.log(`removed ${file}, which no scenario makes`);
  }
  console.log(`${events.size} events in ${FOLDER}`);
}

/** Files of an earlier recording that this one did not make. */
async function strangers(events: ReadonlyMap<string, unknown>): Promise<readonly string[]> {
  const folders = new Set([...events.keys()].map((name) => dirname(name)));
  const files = await Promise.all([...folders].map(async (folder) => await jsonFiles(folder)));
  return files.flat().filter((file) => !events.has(file.slice(0, -".json".length)));
}

async function jsonFiles(folder: string): Promise<readonly string[]> {
  const files = await readdir(join(FOLDER, folder));
  return files.filter((file) => file.endsWith(".json")).map((file) => `${folder}/${file}`);
}
