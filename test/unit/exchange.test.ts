// What both exchanges make of answers, and of what their callers cannot give.
import { CognitoIdentityClient } from "@aws-sdk/client-cognito-identity";
import { afterEach, describe, expect, test, vi } from "vitest";
import { parseConfig } from "../../edge/config.ts";
import { createExchange, type Exchange } from "../../edge/exchange.ts";
import { createHttp, MAX_RESPONSE_BYTES } from "../../edge/https.ts";
import * as sdk from "../../edge/sdk-exchange.ts";
import { type Answer, fakeCognito, json, working } from "./fixtures/cognito.ts";
import { configDocument, IDENTITY_ID, NOW } from "./fixtures/config.ts";
import { verified } from "./fixtures/verified.ts";

/** No test here waits for one. */
const DEADLINE = NOW + 60_000;
const now = () => NOW;

describe.each([
  ["the default build", createExchange],
  ["the SDK build", sdk.createExchange],
])("%s", (_, create) => {
  async function exchanged(answer: Answer, clock = now): Promise<Awaited<ReturnType<Exchange>>> {
    await using cognito = await fakeCognito(now);
    cognito.answer = answer;
    const config = parseConfig(configDocument({ endpoints: { cognitoIdentity: cognito.url } }));
    const exchange = create(config, createHttp(), clock);
    return await exchange({ token: await verified(), roleArn: undefined, deadline: DEADLINE });
  }

  const text =
    (status: number, body: string): Answer =>
    (response) =>
      response.writeHead(status, { "content-type": "application/x-amz-json-1.1" }).end(body);
  /** A good answer, blanks behind it. */
  const sized =
    (bytes: number): Answer =>
    (response, { action }) => {
      const credentials = {
        AccessKeyId: "a",
        SecretKey: "b",
        SessionToken: "c",
        Expiration: NOW / 1000 + 60,
      };
      const body = { IdentityId: IDENTITY_ID, ...(action !== "GetId" && { Credentials: credentials }) };
      response.end(JSON.stringify(body).padEnd(bytes));
    };

  const refused: Record<string, [Answer, code: string]> = {
    "a list": [text(200, "[]"), "exchange_unavailable"],
    null: [text(200, "null"), "exchange_unavailable"],
    "no JSON": [text(200, "<html>"), "exchange_unavailable"],
    "an error without a type": [text(400, "{}"), "exchange_unavailable"],
    "429 without a type": [text(429, "{}"), "exchange_throttled"],
    "an error whose type is a number": [text(400, '{"__type":7}'), "exchange_unavailable"],
    "no identity id": [(response) => json(response, 200, {}), "exchange_unavailable"],
    "no credentials": [
      (response) => json(response, 200, { IdentityId: IDENTITY_ID }),
      "exchange_unavailable",
    ],
    "credentials that are null": [
      (response) => json(response, 200, { IdentityId: IDENTITY_ID, Credentials: null }),
      "exchange_unavailable",
    ],
    "an empty secret": [working(now, { SecretKey: "" }), "exchange_unavailable"],
    "more than any answer has": [sized(MAX_RESPONSE_BYTES + 1), "exchange_unavailable"],
  };
  test.each(Object.entries(refused))("%s", async (__, [answer, code]) => {
    await expect(exchanged(answer)).rejects.toMatchObject({ name: "GateError", code });
  });

  test("as much as any answer has", async () => {
    expect(await exchanged(sized(MAX_RESPONSE_BYTES))).toMatchObject({ identityId: IDENTITY_ID });
  });

  test("without an identity pool there is none", () => {
    const { identityPool: __, ...rest } = configDocument();
    const exchange = { kind: "sts" as const, roleArn: "arn:aws:iam::123456789012:role/readers" };
    expect(() => create(parseConfig({ ...rest, exchange }), createHttp(), now)).toThrow(
      "no identity pool is configured",
    );
  });
});

describe("what the SDK's client rejects with", () => {
  afterEach(() => {
    vi.restoreAllMocks();
  });
  const named = (name: string, fields: object = {}) => Object.assign(new Error(), { name, ...fields });
  const cases: Record<string, [error: unknown, code: string, cause: unknown]> = {
    "no error at all": ["a text", "exchange_unavailable", "a text"],
    "a name alone": [named("NotAuthorizedException"), "session_ended", { name: "NotAuthorizedException" }],
    "a status that is a number": [
      named("?", { $metadata: { httpStatusCode: 429 } }),
      "exchange_throttled",
      { name: "status 429" },
    ],
    "a status that is a text": [
      named("?", { $metadata: { httpStatusCode: "429" } }),
      "exchange_unavailable",
      { name: "status 0" },
    ],
    "no status": [named("?", { $metadata: {} }), "exchange_unavailable", { name: "status 0" }],
    "the time is over": [named("AbortError"), "exchange_timeout", { name: "AbortError" }],
    "a connection that broke": [
      named("TimeoutError", { code: "EPIPE" }),
      "exchange_unavailable",
      { name: "TimeoutError" },
    ],
  };
  test.each(Object.entries(cases))("%s", async (_, [error, code, cause]) => {
    vi.spyOn(CognitoIdentityClient.prototype, "send").mockImplementation(() => Promise.reject(error));
    const exchange = sdk.createExchange(parseConfig(configDocument()), createHttp(), now);
    await expect(
      exchange({ token: await verified(), roleArn: undefined, deadline: DEADLINE }),
    ).rejects.toMatchObject({ code, cause });
  });
});
