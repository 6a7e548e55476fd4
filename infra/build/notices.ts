// Whose work is inside the built functions: their licences go with the package.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type BundleName, packagesIn } from "./bundle.ts";

const ROOT = join(import.meta.dirname, "../..");
const TEXTS = /^(LICEN[CS]E|NOTICE)(\.(md|txt))?$/i;
const RULE = "=".repeat(80);

/**
 * Every package with its version and licence, then each licence text once.
 * @throws Error naming a package that says nothing of a licence
 */
export async function notices(names: readonly BundleName[]): Promise<string> {
  const folders = new Set((await Promise.all(names.map(packagesIn))).flat());
  const byText = new Map<string, readonly string[]>();
  for (const folder of [...folders].sort().map((path) => join(ROOT, path)))
    byText.set(textOf(folder), [...(byText.get(textOf(folder)) ?? []), titleOf(folder)]);
  const parts = [...byText].map(([text, titles]) => [RULE, ...titles, "", text, ""].join("\n"));
  return ["The functions in dist/ hold parts of these packages.", "", ...parts].join("\n");
}

function titleOf(folder: string): string {
  const { name, version, license }: Record<string, unknown> = JSON.parse(
    readFileSync(join(folder, "package.json"), "utf8"),
  );
  if (typeof license !== "string") throw new Error(`${folder} names no licence`);
  return `${name} ${version} (${license})`;
}

function textOf(folder: string): string {
  const files = readdirSync(folder).filter((file) => TEXTS.test(file));
  return files.map((file) => readFileSync(join(folder, file), "utf8").trim()).join("\n\n");
}
