import { beforeEach, describe, expect, test, vi } from "vitest";
import { causeNames, frames, userHash } from "../../../edge/answer/log.ts";
import { loadBundle } from "../fixtures/bundle.ts";
import { fakeCognito } from "../fixtures/cognito.ts";
import { configDocument, NOW } from "../fixtures/config.ts";
import { REQUEST_ID, viewerEvent } from "../fixtures/events.ts";
import { ID_CLAIMS, JWKS, token } from "../fixtures/tokens.ts";

const USER = userHash(ID_CLAIMS.sub);

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"], now: NOW });
  return () => vi.useRealTimers();
});

/** The lines that a bundle writes for requests for a path, one with this token each. */
async function linesFor(path: string, authorization: string, allowed: number, times = 1): Promise<object[]> {
  await using cognito = await fakeCognito(Date.now);
  const lines: object[] = [];
  const log = vi.spyOn(console, "log").mockImplementation((line: string) => lines.push(JSON.parse(line)));
  try {
    const handler = loadBundle(
      "gatehouse",
      configDocument({
        userPool: { ...configDocument().userPool, jwks: JWKS },
        areas: [{ path: "/team/*", groups: ["editors"] }, { path: "/*" }],
        groups: { editors: { roleArn: "arn:aws:iam::123456789012:role/editors" } },
        endpoints: { cognitoIdentity: cognito.url },
        log: { allowed },
      }),
    );
    const event = viewerEvent({ uri: path, headers: { Authorization: authorization } });
    for (let time = 0; time < times; time += 1) await handler(event);
  } finally {
    log.mockRestore();
  }
  return lines;
}

const LINE = { requestId: REQUEST_ID, method: "GET", ms: 0 };

describe("one line", () => {
  test("says who was allowed what", async () => {
    expect(await linesFor("/a.txt", token(), 1)).toEqual([
      { level: "info", code: "allowed", ...LINE, user: USER, area: "/*" },
    ]);
  });

  test("says who was refused, without an area of theirs", async () => {
    expect(await linesFor("/team/a.txt", token(), 0)).toEqual([
      { level: "warn", code: "access_denied", status: 403, ...LINE, user: USER },
    ]);
  });

  test("says that nobody was", async () => {
    expect(await linesFor("/a.txt", "nonsense", 0)).toEqual([
      { level: "warn", code: "token_invalid", status: 401, ...LINE },
    ]);
  });
});

test.each([
  [0, 0, 0],
  [0.5, 120, 280],
  [1, 400, 400],
])("of allowed requests, a share of %d is logged", async (allowed, atLeast, atMost) => {
  const { length } = await linesFor("/a.txt", token(), allowed, 400);
  expect(length).toBeGreaterThanOrEqual(atLeast);
  expect(length).toBeLessThanOrEqual(atMost);
});

test("a user's word is not the user, and not another's", () => {
  expect(USER).toMatch(/^[0-9a-f]{16}$/);
  expect(USER).not.toBe(userHash(`${ID_CLAIMS.sub} `));
});

const named = (name: string, cause?: unknown) => Object.assign(new Error("a secret", { cause }), { name });

test.each([
  ["one error", named("A"), "A"],
  ["its cause, too", named("A", named("B", named("C"))), "A < B < C"],
  ["a cause that is no error", named("A", "a secret"), "A < string"],
  ["no error", "a secret", "string"],
  ["nothing", undefined, "undefined"],
])("names, and no message: %s", (_, error, names) => {
  expect(causeNames(error)).toBe(names);
});

const stacked = (stack: string | undefined) => Object.assign(new Error("a secret"), { stack });

test.each([
  ["no more than four", stacked("Error: a secret\n    at a\n    at b\n    at c\n    at d\n    at e"), 4],
  ["a message of several lines", stacked("Error: a secret\nof two lines\n    at a"), 1],
  ["no stack", stacked(undefined), 0],
  ["no error", { stack: "    at a" }, 0],
  ["nothing", null, 0],
])("frames: %s", (_, error, count) => {
  expect(frames(error)).toHaveLength(count);
});
