import { beforeEach, describe, expect, test, vi } from "vitest";
import { userHash } from "../../edge/log.ts";
import { loadBundle } from "./fixtures/bundle.ts";
import { fakeCognito } from "./fixtures/cognito.ts";
import { configDocument, NOW } from "./fixtures/config.ts";
import { REQUEST_ID, viewerEvent } from "./fixtures/events.ts";
import { ID_CLAIMS, JWKS, token } from "./fixtures/tokens.ts";

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
