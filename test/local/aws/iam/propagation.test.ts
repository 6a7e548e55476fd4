// What IAM was told counts after a while, and what was before counts until then.
import { expect, test } from "vitest";
import { Propagation } from "../../../../local/aws/iam/propagation.ts";

const ROLE = "arn:aws:iam::123456789012:role/r";
const role = (...policies: string[]) => new Map([[ROLE, { trust: {}, policies }]]);

test("a role counts after the delay, a policy of it later by as much as it came later", () => {
  let now = 0;
  const propagation = new Propagation({ now: () => now, delayMs: 20_000 });
  const policies = () => propagation.roles().get(ROLE)?.policies;
  propagation.tell(role());
  now = 5_000;
  propagation.tell(role("read"));
  now = 19_999;
  expect(policies()).toBeUndefined();
  now = 20_000;
  expect(policies()).toEqual([]);
  now = 24_999;
  expect(policies()).toEqual([]);
  now = 25_000;
  expect(policies()).toEqual(["read"]);
});

test("a role that is gone counts for as long", () => {
  let now = 0;
  const propagation = new Propagation({ now: () => now, delayMs: 10 });
  propagation.tell(role("read"));
  now = 100;
  propagation.tell(new Map());
  now = 109;
  expect(propagation.roles().size).toBe(1);
  now = 110;
  expect(propagation.roles().size).toBe(0);
});

test("the same once more starts no new delay; without a delay everything counts at once", () => {
  let now = 0;
  const propagation = new Propagation({ now: () => now, delayMs: 10 });
  propagation.tell(role("read"));
  now = 9;
  propagation.tell(role("read"));
  now = 10;
  expect(propagation.roles().size).toBe(1);
  const atOnce = new Propagation({ now: () => now, delayMs: 0 });
  atOnce.tell(role());
  expect(atOnce.roles().size).toBe(1);
});
