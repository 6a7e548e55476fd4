// Values that are too long for one cookie: in as many as they need, read back whole or not at all.
import { hash } from "node:crypto";

/** `~<how many><hash of the whole>~` before every part: no other value of ours begins so. */
const MARK = /^~([2-9])[\w-]{8}~/;
const MARK_CHARACTERS = 11;
/** Others can plant parts beside the real ones, but for its mark, which they do not know. */
const MAX_TRIED = 3;

/** The name of a part: the first one has the name of the whole. */
export function partName(name: string, index: number): string {
  return index === 0 ? name : `${name}-${index}`;
}

/** A value as the parts that it takes, each of at most so many characters; itself, where it takes one. */
export function partsOf(value: string, characters: number): readonly string[] {
  if (value.length <= characters) return [value];
  const size = characters - MARK_CHARACTERS;
  const count = Math.ceil(value.length / size);
  const mark = `~${count}${tagOf(value)}~`;
  return Array.from({ length: count }, (_, index) => mark + value.slice(index * size, (index + 1) * size));
}

/**
 * The values of a cookie, those in parts put together. What is left of another value, of another tab's renewal at the same
 * time or of somebody else's is not mixed in: all parts have one mark, and the whole has its hash.
 */
export function wholeValues(name: string, valuesOf: (name: string) => readonly string[]): readonly string[] {
  const values = valuesOf(name);
  if (!values.some((value) => value.startsWith("~"))) return values;
  const tried = new Map<string, number>();
  return values.flatMap((value) => {
    if (!value.startsWith("~")) return [value];
    const [mark = "", count = "0"] = MARK.exec(value) ?? [];
    const tries = tried.get(mark) ?? 0;
    tried.set(mark, tries + 1);
    const whole = mark && tries < MAX_TRIED ? joined(value, mark, Number(count), name, valuesOf) : undefined;
    return whole === undefined ? [] : [whole];
  });
}

function joined(
  head: string,
  mark: string,
  count: number,
  name: string,
  valuesOf: (name: string) => readonly string[],
): string | undefined {
  let whole = head.slice(mark.length);
  for (let index = 1; index < count; index += 1) {
    const part = valuesOf(partName(name, index)).find((value) => value.startsWith(mark));
    if (part === undefined) return undefined;
    whole += part.slice(mark.length);
  }
  return mark === `~${count}${tagOf(whole)}~` ? whole : undefined;
}

/** 48 bits: enough to tell one's own parts from others; whether a token is genuine is for its signature to say. */
function tagOf(value: string): string {
  return hash("sha256", value, "base64url").slice(0, 8);
}
