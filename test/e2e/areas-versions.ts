// An area with `versions: true`: each version is an object of its own, in the cache too.

import { expect } from "vitest";
import { NAMES } from "./areas-layouts.ts";
import type { Stage } from "./areas-stage.ts";

const PATH = "/archive/report.pdf";
const KEY = PATH.slice(1);

/** Puts a second version, asks for both in turn as everybody, and puts the first one's bytes back. */
export async function askForVersions(stage: Stage): Promise<void> {
  const first = stage.bytesOf(KEY);
  const second = Buffer.from("the second version");
  const [current] = await stage.force("ann", { key: KEY });
  const versionId = encodeURIComponent(current?.headers["x-amz-version-id"] ?? "");
  await stage.gate.store.put(KEY, second);
  stage.gate.cloudFront.invalidate();
  for (const name of [...NAMES, ...NAMES]) {
    const older = await stage.ask(name, { path: PATH, query: `versionId=${versionId}` });
    expect([older.status, older.body.toString()]).toEqual([200, first.toString()]);
    const newer = await stage.ask(name, { path: PATH });
    expect([newer.status, newer.body.toString()]).toEqual([200, second.toString()]);
  }
  const elsewhere = await stage.ask("ann", { path: "/shared/notes.txt", query: `versionId=${versionId}` });
  expect(elsewhere.body).toEqual(stage.bytesOf("shared/notes.txt"));
  await stage.gate.store.put(KEY, first);
  stage.gate.cloudFront.invalidate();
}
