// The pages that people read, by their path in the repository.
import { existsSync, globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Block, type Page, parseMarkdown } from "./markdown.ts";

/** The repository's root. */
export const ROOT = join(import.meta.dirname, "../..");

const PLACES = [
  "*.md",
  "docs/*.md",
  "docs/tasks/*.md",
  "edge/**/*.md",
  "infra/*.md",
  "local/**/*.md",
  "test/*/*.md",
  ".github/**/*.md",
];

/** Every page, by its path; the demo's files are no pages. */
export const PAGES: ReadonlyMap<string, Page> = new Map(
  PLACES.flatMap((place) => globSync(place, { cwd: ROOT }))
    .map((path) => path.replaceAll("\\", "/"))
    .filter((path) => !path.startsWith("local/assets/"))
    .sort()
    .map((path) => [path, parseMarkdown(readFileSync(join(ROOT, path), "utf8"))]),
);

/** A block of code, and where it is. */
export interface PlacedBlock extends Block {
  readonly path: string;
  /** For the name of a test. */
  readonly place: string;
}

/** Blocks of one of some languages, on every page. */
export function blocksOf(...languages: readonly string[]): readonly PlacedBlock[] {
  return [...PAGES].flatMap(([path, { blocks }]) =>
    blocks
      .filter(({ language }) => languages.includes(language))
      .map((block) => ({ ...block, path, place: `${path}:${block.line}` })),
  );
}

/** Whether something is there, by its path in the repository. */
export function exists(path: string): boolean {
  return existsSync(join(ROOT, path));
}
