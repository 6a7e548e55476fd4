// What both exchanges make of answers, and of what their callers cannot give.
import { CognitoIdentityClient } from "@aws-sdk/client-cognito-identity";
import { afterEach, describe, expect, test, vi } from "vitest";
import { parseConfig } from "../../../edge/config/document.ts";
import {
  createHttp,
  HttpError,
  type HttpRequest,
  type HttpResponse,
  MAX_RESPONSE_BYTES,
} from "../../../edge/https.ts";
import * as sdk from "../../../edge/sdk/exchange.ts";
import { createExchange, type Exchange } from "../../../edge/session/exchange.ts";
import { type Answer, failing, fakeCognito, json, working } from "../fixtures/cognito.ts";
import { configDocument, IDENTITY_ID, NOW } from "../fixtures/config.ts";
import { verified } from "../fixtures/verified.ts";

/** No test here waits for one. */
const DEADLINE = NOW + 60_000;
const now = () => NOW;

describe.each([
  ["the default build", createExchange],
  ["the SDK build", sdk.createExchange],
])("%s", (_, create) => {
  async function exchanged(
    answer: Answer,
    clock = now,
    deadline = DEADLINE,
  ): Promise<Awaited<ReturnType<Exchange>>> {
    await using cognito = await fakeCognito(now);
    cognito.answer = answer;
    const config = parseConfig(configDocument({ endpoints: { cognitoIdentity: cognito.url } }));
    const exchange = create(config, createHttp(), clock);
    return await exchange({ token: await verified(), roleArn: undefined, deadline });
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

  const credentials = (changes: object): Answer => working(now, changes);
  const identity =
    (id: unknown): Answer =>
    (response) =>
      json(response, 200, { IdentityId: id });

  /** The same answer of both builds; the cause is what the log names, and differs where the SDK names it by itself. */
  const refused: Record<string, [Answer, code: string, cause: string | undefined]> = {
    "a list": [text(200, "[]"), "exchange_unavailable", undefined],
    null: [text(200, "null"), "exchange_unavailable", undefined],
    "no JSON": [text(200, "<html>"), "exchange_unavailable", undefined],
    "an error without a type": [text(400, "{}"), "exchange_unavailable", undefined],
    "429 without a type": [text(429, "{}"), "exchange_throttled", undefined],
    "an error whose type is a number": [text(400, '{"__type":7}'), "exchange_unavailable", undefined],
    "an error with a namespace": [
      text(400, '{"__type":"com.amazonaws.cognito#NotAuthorizedException"}'),
      "session_ended",
      "NotAuthorizedException",
    ],
    "a role mapping that denies": [
      failing(400, "NotAuthorizedException", "The ambiguous role mapping rules for: a denied this request."),
      "access_denied",
      "RoleRefused",
    ],
    "a provider that the identity pool does not know": [
      failing(400, "NotAuthorizedException", "Token is not from a supported provider of this identity pool."),
      "exchange_misconfigured",
      "UnsupportedProvider",
    ],
    "an identity of another login": [
      failing(
        400,
        "NotAuthorizedException",
        "Logins don't match. Please include at least one valid login for this identity or identity pool.",
      ),
      "exchange_misconfigured",
      "LoginsMismatch",
    ],
    "a user that was disabled": [
      failing(400, "NotAuthorizedException", "User is disabled."),
      "account_disabled",
      "UserDisabled",
    ],
    "a token that has ended": [
      failing(400, "NotAuthorizedException", "Invalid login token. Token expired: 1700000001 >= 1700000000"),
      "session_ended",
      "TokenExpired",
    ],
    "a user that signed out everywhere": [
      failing(400, "NotAuthorizedException", "Token is inactive"),
      "session_ended",
      "TokenInactive",
    ],
    "a token that was revoked": [
      failing(400, "com.amazonaws.cognito#NotAuthorizedException", "Token has been revoked"),
      "session_ended",
      "TokenInactive",
    ],
    "words that are not known": [
      failing(400, "NotAuthorizedException", "Access to Identity 'a' is forbidden."),
      "session_ended",
      "NotAuthorizedException",
    ],
    "the same words under another name": [
      failing(400, "ResourceNotFoundException", "No role."),
      "exchange_misconfigured",
      "ResourceNotFoundException",
    ],
    "a parameter that is wrong": [
      text(400, '{"__type":"InvalidParameterException"}'),
      "exchange_misconfigured",
      "InvalidParameterException",
    ],
    "no identity id": [identity(undefined), "exchange_unavailable", "NoIdentityId"],
    "an identity id that is a list": [identity([IDENTITY_ID]), "exchange_unavailable", "NoIdentityId"],
    "an identity id that is a path": [identity(`../${IDENTITY_ID}`), "exchange_unavailable", "NoIdentityId"],
    "an identity id that goes on": [identity(`${IDENTITY_ID}/a`), "exchange_unavailable", "NoIdentityId"],
    "no credentials": [identity(IDENTITY_ID), "exchange_unavailable", "NoCredentials"],
    "credentials that are null": [
      (response) => json(response, 200, { IdentityId: IDENTITY_ID, Credentials: null }),
      "exchange_unavailable",
      "NoCredentials",
    ],
    "an empty secret": [credentials({ SecretKey: "" }), "exchange_unavailable", "NoCredentials"],
    "credentials that end now": [
      credentials({ Expiration: NOW / 1000 }),
      "exchange_unavailable",
      "ExpiredCredentials",
    ],
    "more than any answer has": [sized(MAX_RESPONSE_BYTES + 1), "exchange_unavailable", undefined],
  };
  test.each(Object.entries(refused))("%s", async (__, [answer, code, name]) => {
    await expect(exchanged(answer)).rejects.toMatchObject({
      name: "GateError",
      code,
      ...(name !== undefined && { cause: { name } }),
    });
  });

  test("a pool that says nothing is left at the deadline", async () => {
    await expect(exchanged(() => {}, now, NOW + 150)).rejects.toMatchObject({ code: "exchange_timeout" });
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

describe("the calls of the default build", () => {
  type Outcome = HttpResponse | Error;
  const GET_ID: HttpResponse = { status: 200, body: JSON.stringify({ IdentityId: IDENTITY_ID }) };
  const CREDENTIALS = { AccessKeyId: "a", SecretKey: "b", SessionToken: "c", Expiration: NOW / 1000 + 60 };
  const answerOf = (identityId: string): HttpResponse => ({
    status: 200,
    body: JSON.stringify({ IdentityId: identityId, Credentials: CREDENTIALS }),
  });
  const GOOD = answerOf(IDENTITY_ID);
  const DOWN: HttpResponse = { status: 500, body: "" };

  /** Exchanges over these outcomes, one for each call, and returns the calls. */
  async function exchange(outcomes: readonly Outcome[], deadline = DEADLINE) {
    const calls: HttpRequest[] = [];
    const http = async (request: HttpRequest) => {
      calls.push(request);
      const outcome = outcomes[calls.length - 1];
      if (outcome === undefined) throw new Error("one call more than there are answers");
      if (outcome instanceof Error) throw outcome;
      return outcome;
    };
    const input = { token: await verified(), roleArn: undefined, deadline };
    const result = await createExchange(
      parseConfig(configDocument()),
      http,
      now,
    )(input).catch((error: unknown) => error);
    return { calls, result };
  }

  test("are two POSTs to the pool's region, in the time that is left", async () => {
    const { calls, result } = await exchange([GET_ID, GOOD], NOW + 1_000);
    expect(result).toMatchObject({ identityId: IDENTITY_ID, credentials: { accessKeyId: "a" } });
    expect(calls).toEqual(
      ["GetId", "GetCredentialsForIdentity"].map((action) => ({
        method: "POST",
        url: "https://cognito-identity.us-east-1.amazonaws.com",
        headers: {
          "content-type": "application/x-amz-json-1.1",
          "x-amz-target": `AWSCognitoIdentityService.${action}`,
        },
        body: expect.stringContaining('"Logins":{"cognito-idp.us-east-1.amazonaws.com/'),
        fresh: false,
        timeoutMs: 1_000,
      })),
    );
  });

  const cases: Record<string, [outcomes: readonly Outcome[], fresh: readonly boolean[], end: object]> = {
    "a connection that breaks is tried again on a fresh one, and so is what follows": [
      [new HttpError("network"), GET_ID, GOOD],
      [false, true, true],
      { identityId: IDENTITY_ID },
    ],
    "a service that fails is tried again": [
      [GET_ID, DOWN, GOOD],
      [false, false, true],
      { identityId: IDENTITY_ID },
    ],
    "both calls share the one more try": [
      [DOWN, GET_ID, DOWN],
      [false, true, true],
      { code: "exchange_unavailable" },
    ],
    "a connection that breaks twice": [
      [new HttpError("network"), new HttpError("network")],
      [false, true],
      { code: "exchange_unavailable", cause: { kind: "network" } },
    ],
    "silence, twice": [
      [new HttpError("timeout"), new HttpError("timeout")],
      [false, true],
      { code: "exchange_timeout", cause: { kind: "timeout" } },
    ],
    "silence behind a try that failed": [
      [DOWN, GET_ID, new HttpError("timeout")],
      [false, true, true],
      { code: "exchange_timeout" },
    ],
    "what was not foreseen is not tried again": [
      [new TypeError("of ours")],
      [false],
      { code: "exchange_unavailable", cause: { name: "TypeError" } },
    ],
    "another identity": [
      [GET_ID, answerOf(IDENTITY_ID.replace(/.$/, "f"))],
      [false, false],
      { code: "exchange_unavailable", cause: { name: "AnotherIdentity" } },
    ],
    "no JSON": [
      [{ status: 200, body: "<html>" }],
      [false],
      { code: "exchange_unavailable", cause: { name: "NotJson" } },
    ],
    "an error that is named by more than a word": [
      [{ status: 400, body: '{"__type":"a text"}' }],
      [false],
      { code: "exchange_unavailable", cause: { name: "status 400" } },
    ],
    "credentials that end with a text": [
      [GET_ID, { status: 200, body: GOOD.body.replace(/"Expiration":(\d+)/, '"Expiration":"$1"') }],
      [false, false],
      { code: "exchange_unavailable", cause: { name: "ExpiredCredentials" } },
    ],
    "a key that is a number": [
      [GET_ID, { status: 200, body: GOOD.body.replace('"a"', "7") }],
      [false, false],
      { code: "exchange_unavailable", cause: { name: "NoCredentials" } },
    ],
  };
  test.each(Object.entries(cases))("%s", async (_, [outcomes, fresh, end]) => {
    const { calls, result } = await exchange(outcomes);
    expect(result).toMatchObject(end);
    expect(calls.map((call) => call.fresh)).toEqual(fresh);
    expect(calls.every(({ timeoutMs }) => timeoutMs === 1_800)).toBe(true);
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
