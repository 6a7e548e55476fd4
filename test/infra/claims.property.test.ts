// Claims and paths by the thousand: `npm run soak` checks ten times as many.
import { expect, test } from "vitest";
import { checkPairs } from "./claims-pairs.ts";

test("ten thousand pairs of people and paths: edge, IAM and definition agree", () => {
  const seen = checkPairs(10_000, 20_261_126);
  expect(seen.pairs).toBeGreaterThanOrEqual(10_000);
  expect(seen.own).toBeGreaterThan(500);
  expect(seen.refused).toBeGreaterThan(500);
  expect(seen.shared).toBeGreaterThan(100);
});
