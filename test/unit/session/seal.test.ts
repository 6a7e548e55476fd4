// Sealed values: what was sealed opens for its purpose, under a key of ours; everything else is nothing, and no error.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createHmacSha256, type Hmac } from "../../../edge/s3/hmac.ts";
import { opened, seal, sealingKeys } from "../../../edge/session/seal.ts";

const KEY = createHmacSha256(Buffer.alloc(32, 1));
const OTHER = createHmacSha256(Buffer.alloc(32, 2));
const open = (value: string, purpose: string, keys: readonly Hmac[]) =>
  opened([value], purpose, keys).next().value;
const PLAIN = Buffer.from("a session of somebody");
const SEALED = seal(PLAIN, "test", [KEY]);
const BYTES = Buffer.from(SEALED, "base64url");

test("what is sealed comes back, for any value, purpose and key", () => {
  const key = fc
    .uint8Array({ minLength: 32, maxLength: 32 })
    .map((bytes) => createHmacSha256(Buffer.from(bytes)));
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 2_000 }),
      fc.string({ unit: "binary" }),
      key,
      (bytes, purpose, own) => {
        const plain = Buffer.from(bytes);
        const sealed = seal(plain, purpose, [own]);
        expect(sealed).toMatch(/^[\w-]+$/);
        expect(open(sealed, purpose, [own])?.equals(plain)).toBe(true);
        expect(open(sealed, purpose, [KEY, own])?.equals(plain)).toBe(true);
        expect(open(sealed, `${purpose} `, [own])).toBeUndefined();
        expect(open(sealed, purpose, [OTHER])).toBeUndefined();
      },
    ),
  );
});

test("anything else is nothing, and never an error", () => {
  const text = fc.oneof(
    fc.string({ unit: "binary", maxLength: 5_000 }),
    fc.base64String({ maxLength: 5_000 }),
  );
  fc.assert(
    fc.property(text, fc.string(), (value, purpose) => {
      expect(open(value, purpose, [KEY, OTHER])).toBeUndefined();
    }),
  );
});

test("the same value is never sealed twice in the same way", () => {
  const sealed = Array.from({ length: 200 }, () => seal(PLAIN, "test", [KEY]));
  expect(new Set(sealed).size).toBe(200);
  expect(new Set(sealed.map((value) => value.slice(12, 24))).size).toBe(200);
});

test("it costs 53 bytes, and shows nothing but a length", () => {
  expect(BYTES.length).toBe(PLAIN.length + 53);
  expect(BYTES.includes("session")).toBe(false);
});

test("truncated at every length, from either end", () => {
  for (let length = 0; length < SEALED.length; length += 1) {
    expect(open(SEALED.slice(0, length), "test", [KEY])).toBeUndefined();
    expect(open(SEALED.slice(SEALED.length - length), "test", [KEY])).toBeUndefined();
  }
  for (let length = 0; length < BYTES.length; length += 1)
    expect(open(BYTES.subarray(0, length).toString("base64url"), "test", [KEY])).toBeUndefined();
});

test("with any bit flipped", () => {
  for (let bit = 0; bit < BYTES.length * 8; bit += 1) {
    const flipped = Buffer.from(BYTES);
    flipped.writeUInt8(flipped.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
    expect(open(flipped.toString("base64url"), "test", [KEY]), `bit ${bit}`).toBeUndefined();
  }
});

test("with a byte more at any place", () => {
  for (let at = 0; at <= BYTES.length; at += 1) {
    const longer = Buffer.concat([BYTES.subarray(0, at), Buffer.from([0]), BYTES.subarray(at)]);
    expect(open(longer.toString("base64url"), "test", [KEY]), `byte ${at}`).toBeUndefined();
  }
});

test("two values put together, and the parts of two values", () => {
  const other = Buffer.from(seal(PLAIN, "test", [KEY]), "base64url");
  expect(open(SEALED + SEALED, "test", [KEY])).toBeUndefined();
  for (const at of [25, 37, BYTES.length - 16]) {
    const mixed = Buffer.concat([BYTES.subarray(0, at), other.subarray(at)]);
    expect(open(mixed.toString("base64url"), "test", [KEY])).toBeUndefined();
  }
});

test("longer than any cookie is not even tried", () => {
  const long = seal(Buffer.alloc(3_100), "test", [KEY]);
  expect(long.length).toBeGreaterThan(4_096);
  expect(open(long, "test", [KEY])).toBeUndefined();
});

test.each([
  ["the attempt of another state", "attempt a", "attempt b"],
  ["a session in place of an attempt", '["session","pool","client","sub",""]', "attempt a"],
  ["a longer purpose", "test", "test2"],
  ["none", "test", ""],
])("another purpose: %s", (_, sealedFor, openedFor) => {
  expect(open(seal(PLAIN, sealedFor, [KEY]), openedFor, [KEY])).toBeUndefined();
});

test("hundreds of planted values in front of the real one cost a comparison each", () => {
  const asked: string[] = [];
  const key: Hmac = (text, encoding) => {
    asked.push(text);
    return KEY(text, encoding);
  };
  const planted = Array.from({ length: 400 }, (_, index) => `A${String(index).padStart(80, "0")}`);
  expect([...opened([...planted, SEALED], "test", [key])]).toEqual([PLAIN]);
  expect(asked).toHaveLength(2);
});

test("few values that begin as the real one are tried: who knows how it begins has the session", () => {
  const like = SEALED.slice(0, 80);
  expect([...opened([like, like, like, SEALED], "test", [KEY])]).toEqual([PLAIN]);
  expect([...opened([like, like, like, like, SEALED], "test", [KEY])]).toEqual([]);
});

describe("keys", () => {
  const keysOf = (current: string, previous?: string) =>
    sealingKeys({
      auth: { keys: { current, previous } } as Parameters<typeof sealingKeys>[0]["auth"],
    });
  const [one, two] = ["1".repeat(64), "2".repeat(64)];

  test("rotation: sealed with the current one, opened with the one before, too", () => {
    const before = seal(PLAIN, "test", keysOf(one));
    expect(open(before, "test", keysOf(two, one))).toEqual(PLAIN);
    expect(open(before, "test", keysOf(two, "none"))).toBeUndefined();
    const after = seal(PLAIN, "test", keysOf(two, one));
    expect(open(after, "test", keysOf(two))).toEqual(PLAIN);
    expect(open(after, "test", keysOf(one))).toBeUndefined();
  });

  test.each([
    ["none", ["none", "none"]],
    ["empty ones", ["", ""]],
    ["a short one", ["1".repeat(63), "none"]],
    ["a long one", ["1".repeat(65), "none"]],
    ["upper case", ["A".repeat(64), "none"]],
    ["words", ["x".repeat(64), "none"]],
  ] as const)("%s: nothing is sealed and nothing opens", (_, [current, previous]) => {
    const keys = keysOf(current, previous);
    expect(keys).toEqual([]);
    expect(() => seal(PLAIN, "test", keys)).toThrow("no sealing key");
    expect(open(SEALED, "test", keys)).toBeUndefined();
  });

  test("a gate without sign-in has none", () => {
    expect(sealingKeys({ auth: undefined })).toEqual([]);
  });
});
