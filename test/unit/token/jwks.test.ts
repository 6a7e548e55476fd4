import { expect, test } from "vitest";
import { parseConfig } from "../../../edge/config/document.ts";
import type { HttpRequest, HttpResponse } from "../../../edge/https.ts";
import { KeySet } from "../../../edge/token/jwks.ts";
import { configDocument, NOW, USER_POOL_ID } from "../fixtures/config.ts";
import { JWKS, OTHER_KEY } from "../fixtures/tokens.ts";

/** No test here waits for one. */
const DEADLINE = Number.POSITIVE_INFINITY;

function keySet(answer: () => HttpResponse, baked: object = { jwks: JWKS }) {
  const clock = { now: NOW };
  const asked: HttpRequest[] = [];
  const config = parseConfig(configDocument({ userPool: { ...configDocument().userPool, ...baked } }));
  const http = async (request: HttpRequest) => {
    asked.push(request);
    return answer();
  };
  return { keys: new KeySet(config, http, () => clock.now), asked, clock };
}

const ok = (): HttpResponse => ({ status: 200, body: JSON.stringify({ keys: [OTHER_KEY.jwk] }) });
const kids = (keys: KeySet) => keys.current.keys.map(({ kid }) => kid);

test("starts with the keys that are baked in and asks nobody", () => {
  const { keys, asked } = keySet(ok);
  expect(kids(keys)).toEqual(["key-1"]);
  expect(asked).toEqual([]);
});

test("starts without any where none are baked in", () => {
  expect(keySet(ok, {}).keys.current).toEqual({ keys: [] });
});

test("asks the pool's region at once, then not again within the cool-down", async () => {
  const { keys, asked, clock } = keySet(ok);
  await Promise.all([keys.refetch(DEADLINE), keys.refetch(DEADLINE), keys.refetch(DEADLINE)]);
  expect(kids(keys)).toEqual(["key-2"]);
  expect(asked).toEqual([
    {
      method: "GET",
      url: `https://cognito-idp.us-east-1.amazonaws.com/${USER_POOL_ID}/.well-known/jwks.json`,
      fresh: true,
      timeoutMs: 1_500,
    },
  ]);
  clock.now += 9_999;
  await keys.refetch(DEADLINE);
  expect(asked).toHaveLength(1);
  clock.now += 1;
  await keys.refetch(DEADLINE);
  expect(asked).toHaveLength(2);
});

test.each([
  [1_501, 1_500],
  [1_500, 1_500],
  [1_499, 1_499],
  [-1, -1],
])("with %i ms left, a fetch has %i ms", async (left, timeoutMs) => {
  const { keys, asked } = keySet(ok);
  await keys.refetch(NOW + left);
  expect(asked).toMatchObject([{ timeoutMs }]);
});

test.each([
  ["status 500", { status: 500, body: "" }, "status 500"],
  ["status 404 with keys", { ...ok(), status: 404 }, "status 404"],
  ["no JSON", { status: 200, body: "<html>" }, expect.stringContaining("JSON")],
  ["no keys", { status: 200, body: '{"keys":[]}' }, "holds no RS256 signing key"],
])("%s keeps the old keys and fails, also within the cool-down", async (_, response, message) => {
  const { keys, asked } = keySet(() => response);
  const failure = { code: "keys_unavailable", cause: { message } };
  await expect(keys.refetch(DEADLINE)).rejects.toMatchObject(failure);
  await expect(keys.refetch(DEADLINE)).rejects.toMatchObject(failure);
  expect(kids(keys)).toEqual(["key-1"]);
  expect(asked).toHaveLength(1);
});

test("a thousand unknown key ids cost one fetch in ten seconds", async () => {
  const { keys, asked } = keySet(ok);
  for (let count = 0; count < 1_000; count += 1) await keys.refetch(DEADLINE);
  expect(asked).toHaveLength(1);
});

test("old keys are refreshed, and a failure is nobody's problem", async () => {
  let answer = (): HttpResponse => ({ status: 503, body: "" });
  const { keys, asked, clock } = keySet(() => answer());
  clock.now += 3_599_999;
  await keys.refreshIfOld(DEADLINE);
  expect(asked).toHaveLength(0);
  clock.now += 1;
  await keys.refreshIfOld(DEADLINE);
  await keys.refreshIfOld(DEADLINE);
  expect(asked).toHaveLength(1);
  expect(kids(keys)).toEqual(["key-1"]);
  answer = ok;
  clock.now += 10_000;
  await keys.refreshIfOld(DEADLINE);
  expect(kids(keys)).toEqual(["key-2"]);
});

test("new keys are as good for an hour as those that are baked in", async () => {
  const { keys, asked, clock } = keySet(ok);
  clock.now += 3_600_000;
  await keys.refreshIfOld(DEADLINE);
  clock.now += 3_599_999;
  await keys.refreshIfOld(DEADLINE);
  expect(asked).toHaveLength(1);
  clock.now += 1;
  await keys.refreshIfOld(DEADLINE);
  expect(asked).toHaveLength(2);
});
