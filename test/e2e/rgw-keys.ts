// Object keys that gateways get wrong, and generated ones.

import fc from "fast-check";

/** Keys by what is odd about them. */
export const KEYS: readonly (readonly [oddity: string, key: string])[] = [
  ["a space", "a b.txt"],
  ["spaces at both ends", " a "],
  ["a plus", "a+b.txt"],
  ["a plus and a space", "+a b+"],
  ["a percent sign", "100%.txt"],
  ["what looks like an escape", "%41%2f%.txt"],
  ["what looks like an encoded dot segment", "%2e%2e/a"],
  ["double quotes", '"quoted".txt'],
  ["single quotes", "it's.txt"],
  ["umlauts", "Größe/ümlaut.txt"],
  ["decomposed umlauts", "u\u0308mlaut.txt"],
  ["other scripts", "世界/עולם/мир.txt"],
  ["an emoji", "castle-🏰.svg"],
  ["joined emoji", "👩‍👩‍👧‍👦/🏳️‍🌈"],
  ["doubled slashes", "two//slashes///three"],
  ["a leading slash", "/leading"],
  ["semicolons", "semi;colon;v=1"],
  ["ampersands", "a&b=c&d"],
  ["a hash", "issue#1.txt"],
  ["a question mark", "what?.txt"],
  ["equal signs", "=a=b="],
  ["trailing dots", "dots..."],
  ["dots as a name", ".../a..b/.hidden"],
  ["an asterisk", "*/a*b"],
  ["the sub-delimiters", "!$&'()*+,;=:@"],
  ["brackets and bars", "[a]{b}|c^`d`<e>~"],
  ["a signing parameter", "X-Amz-Signature=0&X-Amz-Date"],
  ["a byte order mark", "\ufeffmark"],
  ["a right-to-left override", "a\u202eb"],
  ["an unpaired-looking pair", "\u{10ffff}\ue000"],
  ["1,024 bytes of ASCII", "x".repeat(1024)],
  ["1,024 bytes in short segments", "abc/def+".repeat(128)],
  ["1,024 bytes in two-byte characters", "é".repeat(512)],
  ["1,024 bytes in four-byte characters", "🏰".repeat(256)],
];

/** Any key that a URL can name here: no dot segments, control characters, backslashes or trailing slashes. */
export const anyKey: fc.Arbitrary<string> = fc
  .oneof(
    fc.string({ unit: "grapheme", minLength: 1, maxLength: 60 }),
    fc.string({ unit: "grapheme-ascii", minLength: 1, maxLength: 60 }),
    fc.string({ unit: fc.constantFrom(..."/ab.%2+ ?#&=;~_-"), minLength: 1, maxLength: 60 }),
  )
  .filter(isServed);

function isServed(key: string): boolean {
  const isPlain = key.isWellFormed() && !/[\p{Cc}\\]/u.test(key) && !key.endsWith("/");
  return isPlain && !/(^|\/)\.\.?(\/|$)/.test(key) && !/^\.gatehouse\//.test(key);
}

/** One of the ways to write a path: with every escape, or only those that no URL goes without. */
export function spelled(key: string, way: "strict" | "loose"): string {
  const strict = encodeURIComponent(key).replaceAll("%2F", "/");
  const loose = strict.replace(/%(3A|40|24|26|2C|3B|3D)/g, (code) => decodeURIComponent(code));
  return `/${way === "strict" ? strict.replace(/[!'()*~]/g, percent) : loose}`;
}

function percent(character: string): string {
  return `%${character.charCodeAt(0).toString(16)}`;
}
