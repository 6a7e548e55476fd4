// Reads interfaces with their comments out of TypeScript's text: the compiler has no API to ask.

/** One field of an interface. */
export interface Field {
  readonly name: string;
  readonly type: string;
  readonly isOptional: boolean;
  /** The comment's text, with its paragraphs and lists. */
  readonly text: string;
  /** What `@default` says. */
  readonly fallback: string | undefined;
  /** The fields of an object that is described in place. */
  readonly fields: readonly Field[];
}

/** The fields of an interface. @throws Error when the text has no such interface */
export function fieldsOf(source: string, name: string): readonly Field[] {
  const start = source.search(RegExp(`^(export )?interface ${name}\\b[^{]*\\{`, "m"));
  if (start < 0) throw new Error(`no interface ${name}`);
  return parseFields(bodyAt(source, source.indexOf("{", start)));
}

/** What stands between a brace and its counterpart. */
function bodyAt(source: string, open: number): string {
  let depth = 0;
  for (let at = open; at < source.length; at += 1) {
    if (source.startsWith("/*", at)) at = source.indexOf("*/", at) + 1;
    else if (source.startsWith("//", at)) at = source.indexOf("\n", at);
    else if (source[at] === "{") depth += 1;
    else if (source[at] === "}") depth -= 1;
    if (depth === 0) return source.slice(open + 1, at);
  }
  throw new Error("a brace that does not end");
}

const FIELD = /^\s*(?:\/\*\*([\s\S]*?)\*\/\s*)?readonly (\w+)(\?)?:\s*/;

function parseFields(body: string): readonly Field[] {
  const found: Field[] = [];
  let rest = body;
  for (let match = FIELD.exec(rest); match; match = FIELD.exec(rest)) {
    const [all, comment = "", name = "", optional] = match;
    const behind = rest.slice(all.length);
    const type = behind.slice(0, endOfType(behind));
    const fields = type.startsWith("{") ? parseFields(bodyAt(type, 0)) : [];
    found.push({
      name,
      type: type.replace(/\s+/g, " "),
      isOptional: optional === "?",
      fields,
      ...parsed(comment),
    });
    rest = behind.slice(type.length + 1);
  }
  if (rest.trim() !== "") throw new Error(`not understood: ${rest.trim().slice(0, 80)}`);
  return found;
}

/** The semicolon that is in no brackets, or the end of an object on one line. */
function endOfType(text: string): number {
  let depth = 0;
  for (let at = 0; at < text.length; at += 1) {
    if (text.startsWith("/*", at)) at = text.indexOf("*/", at) + 1;
    else if (/[{(<[]/.test(text[at] ?? "")) depth += 1;
    else if (/[})>\]]/.test(text[at] ?? "") && text[at - 1] !== "=") depth -= 1;
    else if (text[at] === ";" && depth === 0) return at;
  }
  return text.trimEnd().length;
}

function parsed(comment: string): Pick<Field, "text" | "fallback"> {
  const text = comment
    .split("\n")
    .map((line) => line.replace(/^\s*\* ?/, "").trimEnd())
    .join("\n")
    .trim();
  const [before = "", fallback] = text.split(/^@default /m);
  return { text: before.trim(), fallback: fallback?.replace(/\s+/g, " ").trim() };
}
