import fc from "fast-check";
import { expect, test } from "vitest";
import { BoundedMap } from "../../edge/bounded-map.ts";

test("keeps what was used within the last half of its entries, and never more than its limit", () => {
  const keys = fc.array(fc.integer({ min: 0, max: 15 }), { minLength: 1, maxLength: 60 });
  fc.assert(
    fc.property(keys, (used) => {
      const map = new BoundedMap<number>(8);
      for (const key of used) map.get(String(key)) ?? map.set(String(key), key);
      const recent = new Set(used.toReversed().slice(0, 4));
      for (const key of recent) expect(map.get(String(key))).toBe(key);
      const kept = Array.from({ length: 16 }, (_, key) => map.get(String(key))).filter(
        (key) => key !== undefined,
      );
      expect(kept.length).toBeLessThanOrEqual(8);
    }),
  );
});

test("forgets what was not used for longest", () => {
  const map = new BoundedMap<number>(4);
  for (const key of ["a", "b", "c", "d", "e"]) map.set(key, 1);
  expect(map.get("a")).toBeUndefined();
  expect(map.get("e")).toBe(1);
});

test("the last value counts", () => {
  const map = new BoundedMap<number>(4);
  for (const value of [1, 2, 3]) map.set("a", value);
  expect(map.get("a")).toBe(3);
});

test("what is asked for in vain takes nobody's place", () => {
  const map = new BoundedMap<number>(4);
  map.set("a", 1);
  for (let count = 0; count < 20; count += 1) expect(map.get(`none-${count}`)).toBeUndefined();
  expect(map.get("a")).toBe(1);
});

test.each([
  ["young", 9],
  ["old", 4],
])("deletes and clears what is %s", (_, limit) => {
  const map = new BoundedMap<number>(limit);
  const set = () => {
    map.set("a", 1);
    map.set("b", 2);
  };
  set();
  map.delete("a");
  expect([map.get("a"), map.get("b")]).toEqual([undefined, 2]);
  map.clear();
  set();
  map.clear();
  expect([map.get("a"), map.get("b")]).toEqual([undefined, undefined]);
});
