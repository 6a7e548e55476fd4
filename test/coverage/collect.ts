// Leaves what a test file has run of the edge, imported or in a bundle, where the report is made from.
import { randomUUID } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll } from "vitest";

const FOLDER = join(import.meta.dirname, "../../.nyc_output");

afterAll(() => {
  const counted: unknown = Reflect.get(globalThis, "__coverage__");
  if (counted === undefined) return;
  mkdirSync(FOLDER, { recursive: true });
  writeFileSync(join(FOLDER, `${randomUUID()}.json`), JSON.stringify(counted));
});
