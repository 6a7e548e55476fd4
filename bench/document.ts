// The figures in docs/performance.md: each block between two markers is written by the program that made it.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const DOCS = join(import.meta.dirname, "../docs");

/** Writes a block of docs/performance.md; the markers stay. @throws Error when they are missing */
export function writeBlock(name: string, content: string): void {
  const file = join(DOCS, "performance.md");
  const text = readFileSync(file, "utf8");
  const [start, end] = [`<!-- ${name}: written by the bench -->`, `<!-- end of ${name} -->`];
  const [before, rest] = text.split(start);
  const after = rest?.split(end)[1];
  if (before === undefined || after === undefined) throw new Error(`${file} has no block "${name}"`);
  writeFileSync(file, `${before}${start}\n\n${content}\n\n${end}${after}`);
}

/** Writes the plot beside it. */
export function writePlot(svg: string): void {
  writeFileSync(join(DOCS, "performance.svg"), svg);
}

/** A table in Markdown. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [head, head.map(() => "---"), ...rows];
  return lines.map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}
