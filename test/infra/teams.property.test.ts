// Members of groups and paths by the thousand: `npm run soak` checks ten times as many.
import { expect, test } from "vitest";
import { checkTeamPairs } from "./teams-pairs.ts";

test("ten thousand pairs of members and paths: edge, IAM and definition agree", () => {
  const seen = checkTeamPairs(10_000, 20_261_127);
  expect(seen.pairs).toBeGreaterThanOrEqual(10_000);
  expect(seen.open).toBeGreaterThan(200);
  expect(seen.refused).toBeGreaterThan(1_000);
});
