// What one reader takes for one key and another for another: the edge and S3 must agree on 100,000 odd paths.
import fc from "fast-check";
import { expect, test } from "vitest";
import { Areas } from "../../edge/areas.ts";
import type { AreaDocument } from "../../edge/config/config.ts";
import { parseConfig } from "../../edge/config/document.ts";
import { GateError } from "../../edge/errors.ts";
import { canonicalPath } from "../../edge/request/path.ts";
import { configDocument } from "./fixtures/config.ts";

const DOCUMENTS: readonly AreaDocument[] = [
  { path: "/internal/open.txt" },
  { path: "/internal/*", groups: ["staff"] },
  { path: "/me/*", owner: "users/{identityId}/" },
  { path: "/a+b/*", groups: ["staff"] },
  { path: "/ß/*", groups: ["staff"] },
  { path: "/*" },
];
const GROUPS = { staff: { roleArn: "arn:aws:iam::123456789012:role/staff" } };
const AREAS = new Areas(parseConfig(configDocument({ areas: DOCUMENTS, groups: GROUPS })));

/** An area by the key that S3 reads, in the plainest way: no code of the edge. */
function areaOfKey(key: string): string | undefined {
  if (key.startsWith("users/")) return undefined;
  const prefixes = DOCUMENTS.map(({ path }) => path.slice(1));
  return prefixes.find((path) => (path.endsWith("*") ? key.startsWith(path.slice(0, -1)) : key === path));
}

/** How S3 reads a request path: decoded once, a plus is a space, nothing normalised. */
function keyAtS3(path: string): string {
  return decodeURIComponent(path.slice(1).replaceAll("+", " "));
}

function edgeReading(uri: string): { readonly path: string; readonly area: string | undefined } | undefined {
  try {
    const path = canonicalPath(uri);
    return { path, area: AREAS.of(path)?.path.slice(1) };
  } catch (error) {
    if (error instanceof GateError) return undefined;
    throw error;
  }
}

const piece = fc.constantFrom(
  "internal",
  "%69nternal",
  "%49nternal",
  "INTERNAL",
  "open.txt",
  "users",
  "%75sers",
  "us%65rs",
  "me",
  "a+b",
  "a%2Bb",
  "a%2bb",
  "a%20b",
  "a b",
  "ä",
  "%C3%A4",
  "%c3%a4",
  "a%CC%88",
  "%2e%2e",
  "%2E.",
  "..",
  ".",
  "...",
  ".%2e",
  "%2F",
  "%2f",
  "%5C",
  "\\",
  "%00",
  "%0a",
  "%C0%AE",
  "%C0%AF",
  "%E0%80%AF",
  "%u002e",
  "%",
  "%2",
  "%25",
  "%252e%252e",
  "%252F",
  ";",
  ";a=b",
  "a;",
  "?",
  "#",
  "%3F",
  "%23",
  "*",
  "%2A",
  "~",
  "%7E",
  "x",
  "X",
  ".txt",
  "trailing.",
  "trailing.%20",
  "\u202e",
  "\ufeff",
  "😀",
  "\ud800",
  "",
);
const uri = fc
  .array(fc.tuple(fc.constantFrom("/", "/", "/", "//", ""), piece), { minLength: 1, maxLength: 6 })
  .map((pieces) => `/${pieces.map(([slash, text]) => slash + text).join("")}`);

test("100,000 paths: the area that was authorised owns the key that S3 reads", () => {
  const outcomes = { refused: 0, nobodys: 0, allowed: 0 };
  fc.assert(
    fc.property(uri, (path) => {
      const edge = edgeReading(path);
      if (!edge) {
        outcomes.refused += 1;
        return;
      }
      const key = keyAtS3(edge.path);
      if (edge.area === undefined) expect(areaOfKey(key)).toBeUndefined();
      // The owner area's keys lie elsewhere; its own name space is nobody else's.
      else expect(areaOfKey(key)).toBe(edge.area);
      expect(key.split("/")).not.toContain("..");
      outcomes[edge.area === undefined ? "nobodys" : "allowed"] += 1;
    }),
    { numRuns: 100_000 },
  );
  for (const count of Object.values(outcomes)) expect(count).toBeGreaterThan(100);
});
