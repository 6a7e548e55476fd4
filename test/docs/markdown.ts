// Reads Markdown as far as the tests need it: headings with their anchors, links, and blocks of code.

/** A fenced block of code. */
export interface Block {
  /** The first word behind the fence, such as `sh`. */
  readonly language: string;
  /** The rest of that line: what kind of it. */
  readonly kind: string;
  readonly text: string;
  /** Where it starts, counted from 1. */
  readonly line: number;
}

/** A link or picture. */
export interface Link {
  readonly target: string;
  readonly line: number;
}

/** What a page holds. */
export interface Page {
  readonly anchors: ReadonlySet<string>;
  readonly links: readonly Link[];
  readonly blocks: readonly Block[];
  /** The text without blocks of code, by line. */
  readonly prose: readonly string[];
}

/** Reads a page. */
export function parseMarkdown(text: string): Page {
  const prose: string[] = [];
  const blocks: Block[] = [];
  let open:
    | { readonly indent: string; readonly info: string; readonly line: number; text: string }
    | undefined;
  for (const [index, line] of text.split("\n").entries()) {
    const fence = /^( *)```(.*)$/.exec(line);
    if (open && fence) {
      const [language = "", ...kind] = open.info.trim().split(/ +/);
      blocks.push({ language, kind: kind.join(" "), text: open.text, line: open.line });
      open = undefined;
    } else if (open) open.text += `${line.startsWith(open.indent) ? line.slice(open.indent.length) : line}\n`;
    else if (fence) open = { indent: fence[1] ?? "", info: fence[2] ?? "", line: index + 1, text: "" };
    prose.push(open || fence ? "" : line);
  }
  if (open) throw new Error(`line ${open.line}: a block of code that does not end`);
  return { prose, blocks, anchors: anchorsOf(prose), links: linksOf(prose) };
}

/** As GitHub makes them: lower case, no punctuation, hyphens for spaces, and a number where there would be two. */
function anchorsOf(prose: readonly string[]): ReadonlySet<string> {
  const anchors = new Set<string>();
  for (const line of prose) {
    const [, heading] = /^#{1,6} +(.+?)#* *$/.exec(line) ?? [];
    if (heading === undefined) continue;
    const anchor = slugOf(heading);
    let unique = anchor;
    for (let count = 1; anchors.has(unique); count += 1) unique = `${anchor}-${count}`;
    anchors.add(unique);
  }
  return anchors;
}

/** The anchor of a heading. */
export function slugOf(heading: string): string {
  const text = heading.replace(/!?\[([^\]]*)\]\([^)]*\)/g, "$1").replace(/[*`]/g, "");
  return text
    .trim()
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\p{M} _-]/gu, "")
    .replaceAll(" ", "-");
}

function linksOf(prose: readonly string[]): readonly Link[] {
  return prose.flatMap((line, index) =>
    [...line.replace(/`[^`]*`/g, "``").matchAll(/\]\(([^)\s]+)\)|(?:src|href)="([^"]+)"/g)].map(
      ([, target, attribute]) => ({ target: target ?? attribute ?? "", line: index + 1 }),
    ),
  );
}
