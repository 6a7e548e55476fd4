// Values in several cookies: read back whole or not at all, whatever lies beside the parts.
import { describe, expect, test } from "vitest";
import { partName, partsOf, wholeValues } from "../../../edge/request/parts.ts";

const LONG = Array.from({ length: 1_000 }, (_, index) => String(index)).join(".");
const OTHER = [...LONG].reverse().join("");

/** A jar of values by name, as a request brings them. */
function read(jar: Record<string, readonly string[]>): readonly string[] {
  return wholeValues("id", (name) => jar[name] ?? []);
}

function jarOf(value: string, characters = 1_000): Record<string, string[]> {
  return Object.fromEntries(partsOf(value, characters).map((part, index) => [partName("id", index), [part]]));
}

test.each([
  [1_000, 1],
  [1_001, 2],
  [1_978, 2],
  [1_979, 3],
  [8_901, 9],
])("%i characters in cookies of 1,000 take %i", (length, count) => {
  const value = "x".repeat(length);
  const parts = partsOf(value, 1_000);
  expect(parts).toHaveLength(count);
  expect(Math.max(...parts.map((part) => part.length))).toBeLessThanOrEqual(1_000);
  expect(read(jarOf(value))).toEqual([value]);
});

describe("not at all", () => {
  const parts = jarOf(LONG);
  const others = jarOf(OTHER);
  const jars: Record<string, Record<string, readonly string[]>> = {
    "without its first part": { ...parts, id: [] },
    "without its second": { ...parts, "id-1": [] },
    "without its last": { ...parts, "id-3": [] },
    "with the second of another": { ...parts, "id-1": others["id-1"] ?? [] },
    "with the first of another": { ...parts, id: others["id"] ?? [] },
    "with two in each other's place": { ...parts, "id-1": parts["id-2"] ?? [], "id-2": parts["id-1"] ?? [] },
    "with a character changed": { ...parts, "id-2": [`${parts["id-2"]?.[0]?.slice(0, -1)}!`] },
    "with a character less": { ...parts, "id-3": [parts["id-3"]?.[0]?.slice(0, -1) ?? ""] },
    "with another count": { ...parts, id: [(parts["id"]?.[0] ?? "").replace("~4", "~3")] },
    "a mark alone": { id: ["~2AAAAAAAA~"] },
    "no mark": { id: ["~", "~~", "~1AAAAAAAA~x", "~2AAA~x"], "id-1": ["~2AAA~x"] },
  };
  test.each(Object.entries(jars))("%s", (_, jar) => {
    expect(read(jar)).toEqual([]);
  });
});

describe("whole", () => {
  const parts = jarOf(LONG);
  const others = jarOf(OTHER);
  const both = (name: string) => [...(others[name] ?? []), ...(parts[name] ?? [])];
  const jars: Record<string, [jar: Record<string, readonly string[]>, values: readonly string[]]> = {
    "with what a longer one has left": [{ ...parts, "id-4": ["~5BBBBBBBB~x"], "id-5": ["x"] }, [LONG]],
    "beside one in a single cookie": [{ ...parts, id: ["single", ...(parts["id"] ?? [])] }, ["single", LONG]],
    "beside another, part by part": [
      Object.fromEntries(Object.keys(parts).map((name) => [name, both(name)])),
      [OTHER, LONG],
    ],
    "behind five hundred planted ones": [
      Object.fromEntries(
        Object.keys(parts).map((name) => [
          name,
          [
            ...Array.from({ length: 500 }, (_, i) => `~4${String(i).padStart(8, "0")}~x`),
            ...(parts[name] ?? []),
          ],
        ]),
      ),
      [LONG],
    ],
  };
  test.each(Object.entries(jars))("%s", (_, [jar, values]) => {
    expect(read(jar)).toEqual(values);
  });

  test("a value without parts is the list that is there", () => {
    const values = ["a", "b"];
    expect(wholeValues("id", () => values)).toBe(values);
  });
});
