// Reads what `npm run build` made: code that goes into the template as text.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { InfraBundleName } from "./bundle.ts";
import type { EdgeBundleName } from "./edge-bundles.ts";

const DIST = join(import.meta.dirname, "../../dist");

/** One of the built CommonJS files, by its path under `dist/`. */
export type BuiltFile =
  | `edge/${EdgeBundleName}.js`
  | "edge/gatehouse-function.json"
  | `infra/${InfraBundleName}.js`;

/** @throws Error naming the command that makes the file. */
export function readBuiltFile(file: BuiltFile): string {
  try {
    return readFileSync(join(DIST, file), "utf8");
  } catch (cause) {
    throw new Error(`dist/${file} cannot be read. Run "npm run build" first; it makes this file.`, { cause });
  }
}
