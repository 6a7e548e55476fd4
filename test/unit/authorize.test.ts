import { beforeEach, describe, expect, test, vi } from "vitest";
import { signIn } from "../../edge/auth/index.ts";
import { parseConfig } from "../../edge/config/document.ts";
import { GateError } from "../../edge/errors.ts";
import { createGate } from "../../edge/handler.ts";
import { createVerifyJwt } from "../../edge/token/verify-jwt.ts";
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

describe("the log line of an answer", () => {
  const document = configDocument({
    userPool: { ...configDocument().userPool, jwks: JWKS },
    auth: { keys: { current: "1".repeat(64) } },
    endpoints: { oauth: "https://login.example.com" },
  });
  const ask = async (event: unknown) => {
    const lines: string[] = [];
    vi.spyOn(console, "log").mockImplementation((line: string) => lines.push(line));
    const { handler } = createGate(parseConfig(document), {
      createVerifyJwt,
      createExchange: () => () => Promise.reject(new GateError("exchange_throttled")),
      createSign: () => () => "",
      signIn,
    });
    const answer = refusalOf(await handler(event));
    return { answer, lines: lines.map((line) => JSON.parse(line)) };
  };

  test.each([
    ["a person who is led to sign in", { "Sec-Fetch-Mode": "navigate" }, "info", "token_missing", 302],
    ["an image", {}, "warn", "token_missing", 401],
    ["a fault of the pool", { Authorization: token() }, "error", "exchange_throttled", 503],
  ])("%s", async (_, headers, level, code, status) => {
    const { answer, lines } = await ask(viewerEvent({ headers }));
    expect(answer.status).toBe(status);
    expect(lines).toMatchObject([{ level, code, status, method: "GET", requestId: REQUEST_ID }]);
  });

  test("of what is no event holds nothing", async () => {
    const { answer, lines } = await ask({});
    expect(answer.status).toBe(500);
    expect(JSON.parse(answer.body)).toEqual({
      code: "internal_error",
      message: "Something went wrong.",
      requestId: "",
    });
    expect(lines).toMatchObject([{ level: "error", code: "internal_error", method: "", requestId: "" }]);
  });
});
