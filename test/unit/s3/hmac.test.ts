import { createHmac } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { createHmacSha256 } from "../../../edge/s3/hmac.ts";

const ascii = fc.string({
  unit: fc.integer({ min: 0, max: 127 }).map((code) => String.fromCharCode(code)),
  maxLength: 256,
});

test("is node:crypto's HMAC, for any key and text, one after the other", () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 64 }),
      fc.array(ascii, { minLength: 1, maxLength: 4 }),
      (key, texts) => {
        const keyed = createHmacSha256(Buffer.from(key));
        for (const text of texts)
          expect(keyed(text)).toBe(createHmac("sha256", key).update(text).digest("hex"));
      },
    ),
    { numRuns: 2_000 },
  );
});

test.each([
  [256, "hashed"],
  [257, "refused"],
])("a text of %i characters is %s, and never cut", (length, outcome) => {
  const [key, text] = [Buffer.from("key"), "x".repeat(length)];
  const keyed = () => createHmacSha256(key)(text);
  if (outcome === "refused") expect(keyed).toThrow(RangeError);
  else expect(keyed()).toBe(createHmac("sha256", key).update(text).digest("hex"));
});
