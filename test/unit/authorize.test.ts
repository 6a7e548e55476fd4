import { beforeEach, expect, test, vi } from "vitest";
import { parseConfig } from "../../edge/config.ts";
import { createGate } from "../../edge/handler.ts";
import { createVerifyJwt } from "../../edge/verify-jwt.ts";
import { refusalOf } from "./fixtures/bundle.ts";
import { configDocument, IDENTITY_ID, NOW } from "./fixtures/config.ts";
import { REQUEST_ID, viewerEvent } from "./fixtures/events.ts";
import { JWKS, token } from "./fixtures/tokens.ts";

const CREDENTIALS = {
  accessKeyId: "a",
  secretAccessKey: "b",
  sessionToken: "c",
  expiresAt: NOW / 1000 + 600,
};

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"], now: NOW });
  return () => {
    vi.useRealTimers();
    vi.restoreAllMocks();
  };
});

test.each([
  ["an error", new TypeError("of session/token"), "TypeError", /^at .*authorize\.test\.ts/],
  ["no error", "session/token", "string", /^$/],
])(
  "what was not foreseen is a 500, and its place is logged but not its text: %s",
  async (_, thrown, cause, at) => {
    const lines: string[] = [];
    vi.spyOn(console, "log").mockImplementation((line: string) => lines.push(line));
    const config = parseConfig(configDocument({ userPool: { ...configDocument().userPool, jwks: JWKS } }));
    const { handler } = createGate(config, {
      createVerifyJwt,
      createExchange: () => async () => ({ identityId: IDENTITY_ID, credentials: CREDENTIALS }),
      createSign: () => () => Promise.reject(thrown),
      signIn: undefined,
    });
    const { status, body } = refusalOf(await handler(viewerEvent({ headers: { Authorization: token() } })));
    expect([status, JSON.parse(body)]).toEqual([
      500,
      { code: "internal_error", message: "Something went wrong.", requestId: REQUEST_ID },
    ]);
    const records = lines.map((line) => JSON.parse(line));
    expect(records).toMatchObject([{ level: "error", code: "internal_error", status: 500, cause }]);
    expect(records[0].at.join("\n")).toMatch(at);
    expect(lines.join()).not.toContain("session/token");
  },
);
