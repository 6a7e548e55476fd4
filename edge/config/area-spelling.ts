// How the text of areas is spelt. S3 compares keys byte by byte, so that a second spelling is another key.
import type { Area } from "./config.ts";
import { folderOf } from "./owner.ts";

/** What of an area's text would be read in another way than it was meant, starting with the field's name. */
export function spellingProblems(area: Area, areas: readonly Area[]): readonly string[] {
  const others = areas.filter((other) => other !== area);
  const { path, owner } = area;
  const problems = [
    encodingProblem("path", path),
    ...others.map((other) => formProblem("path", path, path, other)),
  ];
  if (owner) problems.push(encodingProblem("owner", owner), ...folderProblems(owner, others));
  return problems.filter((problem) => problem !== undefined);
}

function folderProblems(owner: string, others: readonly Area[]): readonly (string | undefined)[] {
  return others
    .filter((other) => !other.owner)
    .map((other) => formProblem("owner", owner, `/${folderOf(owner)}*`, other));
}

/** Written as browsers show it, a path selects no key that people mean, and a broader area takes theirs. */
function encodingProblem(field: string, text: string): string | undefined {
  if (!/%[0-9a-f]{2}/i.test(text)) return undefined;
  const decoded = decodedOrNothing(text);
  const meant = decoded === undefined ? "" : `: "${decoded}"`;
  return `${field}: "${text}" is percent-encoded; areas are written decoded${meant}`;
}

function decodedOrNothing(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

/**
 * An `é` is one character or two, which look alike and are two keys. Where another area is around, it would own the keys
 * in the form that is not written here, with its readers; where none is, nobody reads them.
 */
function formProblem(field: string, text: string, pattern: string, other: Area): string | undefined {
  if (!ownsAnotherForm(other.path, pattern)) return undefined;
  return `${field}: "${text}" has letters with two Unicode forms, and keys in the other form would be those of "${other.path}"`;
}

/** Whether keys that a pattern would select in another Unicode form are selected by the outer one. */
function ownsAnotherForm(outer: string, pattern: string): boolean {
  if (!outer.endsWith("/*")) return outer !== pattern && outer.normalize() === pattern.normalize();
  const folder = outer.slice(0, -1);
  if (!pattern.normalize().startsWith(folder.normalize())) return false;
  return !pattern.startsWith(folder) || hasForms(pattern.slice(folder.length));
}

function hasForms(text: string): boolean {
  return text !== text.normalize("NFC") || text !== text.normalize("NFD");
}
