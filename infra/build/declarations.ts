// The declarations that a consumer's compiler reads.
import { readFileSync } from "node:fs";
import { join, posix } from "node:path";

/** A declaration file by its path, and its text. */
export interface Declaration {
  readonly file: string;
  readonly text: string;
}

const IMPORT = /(\bfrom |\bimport\()"(\.[^"]+)\.ts"/g;

/**
 * The entry with everything that it imports, over any number of files. Imports end in `.js`, as published ones do: the
 * sources' own `.ts` is for those who compile them.
 */
export function reachableDeclarations(folder: string, entry: string): readonly Declaration[] {
  const found = new Map<string, string>();
  const visit = (file: string) => {
    if (found.has(file)) return;
    const text = readFileSync(join(folder, file), "utf8");
    found.set(file, text.replace(IMPORT, '$1"$2.js"'));
    for (const [, , path = ""] of text.matchAll(IMPORT))
      visit(`${posix.join(posix.dirname(file), path)}.d.ts`);
  };
  visit(entry);
  return [...found].map(([file, text]) => ({ file, text }));
}
