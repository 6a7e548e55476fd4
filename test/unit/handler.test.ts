import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { BUNDLES, forwardedOf, loadBundle, refusalOf } from "./fixtures/bundle.ts";
import { type FakeCognito, failing, fakeCognito, json, working } from "./fixtures/cognito.ts";
import { configDocument, IDENTITY_POOL_ID, NOW, USER_POOL_ID } from "./fixtures/config.ts";
import { REQUEST_ID, viewerEvent } from "./fixtures/events.ts";
import { ID_CLAIMS, JWKS, KEY, OTHER_KEY, signed, token } from "./fixtures/tokens.ts";

describe.each(BUNDLES)("%s", (bundle) => {
  let cognito: FakeCognito;
  let handler: ReturnType<typeof loadBundle>;
  let logged: string[];

  beforeEach(async () => {
    vi.useFakeTimers({ toFake: ["Date"], now: NOW });
    cognito = await fakeCognito(Date.now);
    handler = coldStart();
    logged = [];
    vi.spyOn(console, "log").mockImplementation((line: string) => logged.push(line));
  });
  afterEach(async () => {
    vi.useRealTimers();
    vi.restoreAllMocks();
    await cognito[Symbol.asyncDispose]();
  });

  function coldStart(changes: object = {}) {
    return loadBundle(
      bundle,
      configDocument({
        userPool: { ...configDocument().userPool, jwks: JWKS },
        endpoints: { cognitoIdentity: cognito.url, jwksUri: `${cognito.url}/jwks.json` },
        cookies: { names: ["app-token"], amplify: true },
        cors: { origins: ["https://app.example.com"] },
        ...changes,
      }),
    );
  }
  const withToken = (value: string, options: object = {}) =>
    viewerEvent({ headers: { Authorization: `Bearer ${value}` }, ...options });
  const problem = async (event: unknown) => {
    const { status, headers, body } = refusalOf(await handler(event));
    return { status, headers, ...JSON.parse(body) };
  };

  describe("a verified token", () => {
    const places: Record<string, Record<string, string | string[]>> = {
      "Authorization: Bearer": { Authorization: `Bearer ${token()}` },
      "Authorization without a scheme": { Authorization: token() },
      "Authorization: bearer": { Authorization: `bearer  ${token()}` },
      "our cookie": { Cookie: `a=b; __Host-gatehouse-id=${token()}; c=d` },
      "a configured cookie": { Cookie: `app-token=${token()}` },
      "a quoted cookie": { Cookie: `app-token="${token()}"` },
      "a cookie in a second header line": { Cookie: ["a=b", `app-token=${token()}`] },
      "an Amplify cookie": {
        Cookie: `CognitoIdentityServiceProvider.1testclient1.ada.idToken=${token()}; CognitoIdentityServiceProvider.1testclient1.LastAuthUser=ada`,
      },
      "a cookie behind malformed and duplicate ones": {
        Authorization: "Basic abc",
        Cookie: `app-token=%E0%A4%A; app-token=; app-token=a.b.c; app-token=${token({}, OTHER_KEY)}; app-token=${token()}`,
      },
    };
    test.each(Object.entries(places))("in %s signs the request", async (_, headers) => {
      const forwarded = forwardedOf(await handler(viewerEvent({ uri: "/a b.txt", headers })));
      expect(forwarded.uri).toBe("/a%20b.txt");
      expect(forwarded.querystring).toMatch(
        /^X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=test-access-key%2F20260102%2Feu-central-1%2Fs3%2Faws4_request&X-Amz-Date=20260102T030405Z&X-Amz-Expires=300&X-Amz-Security-Token=test%2Bsession%2Ftoken%3D%3D&X-Amz-SignedHeaders=host&X-Amz-Signature=[0-9a-f]{64}$/,
      );
      expect(logged).toEqual([]);
    });

    test("passes on nothing of the viewer's but ranges, conditions and what CloudFront needs", async () => {
      const forwarded = forwardedOf(
        await handler(
          viewerEvent({
            querystring: "X-Amz-Signature=mine&response-content-type=text/html",
            headers: {
              Authorization: token(),
              Cookie: "a=b",
              Range: "bytes=0-9",
              "If-None-Match": '"abc"',
              "X-Amz-Security-Token": "mine",
              "X-Gatehouse-Cache-Scope": "forged",
              "X-Custom": "1",
              Via: "2.0 viewer",
            },
          }),
        ),
      );
      expect(Object.keys(forwarded.headers).sort()).toEqual([
        "host",
        "if-none-match",
        "range",
        "via",
        "x-gatehouse-cache-scope",
      ]);
      expect(forwarded.headers["x-gatehouse-cache-scope"]).toEqual([
        { key: "x-gatehouse-cache-scope", value: "signed-in" },
      ]);
      expect(forwarded.querystring).not.toMatch(/mine|response-content/);
    });

    test("exchanges once for 300 parallel requests of a new user", async () => {
      const value = token();
      const results = await Promise.all(Array.from({ length: 300 }, () => handler(withToken(value))));
      expect(results.map((result) => forwardedOf(result).uri)).toEqual(Array(300).fill("/a.txt"));
      expect(cognito.calls.map(({ action }) => action)).toEqual(["GetId", "GetCredentialsForIdentity"]);
      expect(cognito.calls[0]?.body).toEqual({
        IdentityPoolId: IDENTITY_POOL_ID,
        Logins: { [`cognito-idp.us-east-1.amazonaws.com/${USER_POOL_ID}`]: value },
      });
    });

    test("exchanges again before the credentials end, without asking for the identity", async () => {
      const value = token({ exp: NOW / 1000 + 7200 });
      await handler(withToken(value));
      vi.setSystemTime(NOW + 3_299_000);
      await handler(withToken(value));
      expect(cognito.calls).toHaveLength(2);
      vi.setSystemTime(NOW + 3_301_000);
      forwardedOf(await handler(withToken(value)));
      expect(cognito.calls.map(({ action }) => action).slice(2)).toEqual(
        expect.arrayContaining(["GetCredentialsForIdentity"]),
      );
      expect(cognito.calls.slice(2).map(({ action }) => action)).not.toContain("GetId");
    });

    test("is served from what is known while Cognito is down", async () => {
      const value = token();
      forwardedOf(await handler(withToken(value)));
      cognito.answer = failing(500, "InternalErrorException");
      forwardedOf(await handler(withToken(value, { uri: "/other.txt" })));
    });

    test("is refused when its time is over, a second after it was good", async () => {
      const value = token({ exp: NOW / 1000 + 10 });
      forwardedOf(await handler(withToken(value)));
      vi.setSystemTime(NOW + 9_999);
      forwardedOf(await handler(withToken(value)));
      vi.setSystemTime(NOW + 10_000);
      expect(await problem(withToken(value))).toMatchObject({ status: 401, code: "token_expired" });
    });
  });

  describe("a token that does not verify is refused", () => {
    const [head = "", body = "", signature = ""] = token().split(".");
    const refusals: Record<string, [string, string]> = {
      "no token": ["", "token_missing"],
      "not a JWT": ["abc", "token_invalid"],
      "another key under the same id": [
        signed({ alg: "RS256", kid: KEY.kid }, ID_CLAIMS, OTHER_KEY),
        "token_invalid",
      ],
      "an expired one": [token({ exp: NOW / 1000 - 1 }), "token_expired"],
      "one that ends now": [token({ exp: NOW / 1000 }), "token_expired"],
      "one without an end": [token({ exp: undefined }), "token_invalid"],
      "one that is not valid yet": [token({ nbf: NOW / 1000 + 60 }), "token_invalid"],
      "an access token": [
        token({ token_use: "access", aud: undefined, client_id: "1testclient1" }),
        "id_token_required",
      ],
      "another use": [token({ token_use: "refresh" }), "token_invalid"],
      "another client": [token({ aud: "3otherclient3" }), "token_invalid"],
      "a list of clients": [token({ aud: ["1testclient1"] }), "token_invalid"],
      "another pool": [token({ iss: `${ID_CLAIMS.iss}x` }), "token_invalid"],
      "no subject": [token({ sub: "" }), "token_invalid"],
      "a crit header": [token({}, KEY, { crit: ["exp"] }), "token_invalid"],
      "alg none": [
        `${Buffer.from('{"alg":"none","kid":"key-1"}').toString("base64url")}.${body}.`,
        "token_invalid",
      ],
      "another algorithm": [token({}, KEY, { alg: "RS512" }), "token_invalid"],
      "no key id": [token({}, KEY, { kid: undefined }), "token_invalid"],
      "a signature in another spelling": [`${head}.${body}.${respelt(signature)}`, "token_invalid"],
      "a padded signature": [`${token()}==`, "token_invalid"],
    };
    test.each(Object.entries(refusals))("%s", async (_, [value, code]) => {
      expect(await problem(withToken(value))).toMatchObject({ status: 401, code });
      expect(cognito.calls).toEqual([]);
    });

    test("any single character changed", async () => {
      const good = token();
      forwardedOf(await handler(withToken(good)));
      for (let at = 0; at < good.length; at += 1) {
        const bad = `${good.slice(0, at)}${good[at] === "A" ? "B" : "A"}${good.slice(at + 1)}`;
        expect(await problem(withToken(bad)), `character ${at}`).toMatchObject({ status: 401 });
      }
    });
  });

  describe("each fault of Cognito has its answer", () => {
    const faults: Record<string, [FakeCognito["answer"], number, string, string?]> = {
      throttle: [failing(400, "TooManyRequestsException"), 503, "exchange_throttled", "2"],
      "status 429": [failing(429, "SomethingNew"), 503, "exchange_throttled", "2"],
      "limit of GetId": [failing(400, "LimitExceededException"), 503, "exchange_throttled", "2"],
      "user is gone": [failing(400, "NotAuthorizedException"), 401, "session_ended"],
      "status 500": [failing(500, "InternalErrorException"), 503, "exchange_unavailable", "5"],
      "an error of no known name": [failing(400, "SomethingNew"), 503, "exchange_unavailable", "5"],
      "pool is gone": [failing(400, "ResourceNotFoundException"), 500, "exchange_misconfigured"],
      "pool is misconfigured": [
        failing(400, "InvalidIdentityPoolConfigurationException"),
        500,
        "exchange_misconfigured",
      ],
      garbage: [(response) => response.end("<html>"), 503, "exchange_unavailable", "5"],
      "an empty body": [(response) => response.end(), 503, "exchange_unavailable", "5"],
      "JSON of another shape": [
        (response) => json(response, 200, { IdentityId: 7 }),
        503,
        "exchange_unavailable",
        "5",
      ],
      "a broken connection": [(response) => response.destroy(), 503, "exchange_unavailable", "5"],
      "credentials that have ended": [working(() => NOW - 3_600_000), 503, "exchange_unavailable", "5"],
      "credentials without a secret": [
        working(() => NOW, { SecretKey: "" }),
        503,
        "exchange_unavailable",
        "5",
      ],
      "another identity": [
        (response, call) =>
          call.action === "GetId"
            ? working(Date.now)(response, call)
            : working(Date.now, {}, "us-east-1:22222222-2222-4222-8222-222222222222")(response, call),
        503,
        "exchange_unavailable",
        "5",
      ],
      "a hang": [() => {}, 503, "exchange_timeout", "5"],
    };
    test.each(Object.entries(faults))("%s", async (_, [answer, status, code, retryAfter]) => {
      cognito.answer = answer;
      const result = await problem(withToken(token()));
      expect(result).toMatchObject({ status, code, requestId: REQUEST_ID });
      expect(result.headers["retry-after"]).toBe(retryAfter);
      expect(logged.map((line) => JSON.parse(line).code)).toEqual([code]);
    });

    test("nobody listens", async () => {
      handler = coldStart({ endpoints: { cognitoIdentity: "http://127.0.0.1:1" } });
      expect(await problem(withToken(token()))).toMatchObject({ status: 503, code: "exchange_unavailable" });
    });

    test("a failed exchange is not remembered", async () => {
      cognito.answer = failing(400, "TooManyRequestsException");
      expect(await problem(withToken(token()))).toMatchObject({ code: "exchange_throttled" });
      cognito.answer = working(Date.now);
      forwardedOf(await handler(withToken(token())));
    });
  });

  describe("keys that are not baked in", () => {
    test("are fetched once for an unknown key id", async () => {
      cognito.answer = (response) => json(response, 200, { keys: [KEY.jwk, OTHER_KEY.jwk] });
      const value = token({}, OTHER_KEY);
      expect(await problem(withToken(value))).toMatchObject({ code: "exchange_unavailable" });
      cognito.answer = working(Date.now);
      forwardedOf(await handler(withToken(value)));
    });
    test("that cannot be had are a 503", async () => {
      cognito.answer = (response) => response.destroy();
      const result = await problem(withToken(token({}, OTHER_KEY)));
      expect(result).toMatchObject({ status: 503, code: "keys_unavailable" });
      expect(result.headers["retry-after"]).toBe("10");
    });
    test("are not asked for by another pool's token", async () => {
      expect(await problem(withToken(token({ iss: "https://other.example" }, OTHER_KEY)))).toMatchObject({
        status: 401,
        code: "token_invalid",
      });
      expect(cognito.calls).toEqual([]);
    });
  });

  describe("what is refused before a token is looked at", () => {
    const refusals: Record<string, [object, number, string]> = {
      "a dot segment": [{ uri: "/a/%2e%2e/b" }, 400, "invalid_path"],
      "an encoded slash": [{ uri: "/a%2Fb" }, 400, "invalid_path"],
      POST: [{ method: "POST" }, 405, "method_not_allowed"],
      "a key longer than S3 holds": [{ uri: `/${"a".repeat(1025)}` }, 414, "uri_too_long"],
      "a preflight of another origin": [
        { method: "OPTIONS", headers: { Origin: "https://evil.example" } },
        403,
        "origin_not_allowed",
      ],
    };
    test.each(Object.entries(refusals))("%s", async (_, [options, status, code]) => {
      expect(await problem(viewerEvent(options))).toMatchObject({ status, code });
    });
    test.each([[null], [{}], [{ Records: [] }], [{ Records: [{ cf: { request: {} } }] }]])(
      "the event %j",
      async (event) => {
        expect(await problem(event)).toMatchObject({
          status: 500,
          code: "internal_error",
          message: "Something went wrong.",
        });
      },
    );
  });

  test("a preflight of a configured origin is answered at the edge", async () => {
    const event = viewerEvent({
      method: "OPTIONS",
      headers: { Origin: "https://app.example.com", "Access-Control-Request-Method": "GET" },
    });
    const { status, headers } = refusalOf(await handler(event));
    expect(status).toBe(204);
    expect(headers).toMatchObject({
      "access-control-allow-origin": "https://app.example.com",
      "access-control-allow-credentials": "true",
      vary: "Origin",
    });
  });

  test("signs CloudFront's id and HEAD as configured", async () => {
    const cfId = coldStart({ signing: { cfId: "signed" } });
    expect(forwardedOf(await cfId(withToken(token()))).querystring).toContain(
      "SignedHeaders=host%3Bx-amz-cf-id&",
    );
    const event = withToken(token());
    for (const { cf } of event.Records) Object.assign(cf, { config: { eventType: "viewer-request" } });
    expect(forwardedOf(await handler(event)).querystring).toContain("SignedHeaders=host&");
    expect(JSON.parse(refusalOf(await cfId(event)).body)).toEqual({
      code: "internal_error",
      message: "Something went wrong.",
      requestId: "",
    });
    const signature = async (changes: object, method: string) => {
      const result = forwardedOf(await coldStart(changes)(withToken(token(), { method })));
      return result.querystring.slice(-64);
    };
    expect(await signature({}, "HEAD")).not.toBe(await signature({}, "GET"));
    expect(await signature({ signing: { head: "GET" } }, "HEAD")).toBe(await signature({}, "GET"));
  });

  test("no answer and no log line holds a secret", async () => {
    const value = token();
    forwardedOf(await handler(withToken(value)));
    cognito.answer = (response) => response.writeHead(500).end(`{"__type":"X","message":"${value}"}`);
    vi.setSystemTime(NOW + 3_400_000);
    const refused = refusalOf(await handler(withToken(value)));
    expect(refused.status).toBe(503);
    // What a parser says of this quotes it.
    cognito.answer = (response) => response.end(value);
    const unchecked = refusalOf(await handler(withToken(token({}, OTHER_KEY))));
    expect(unchecked.status).toBe(503);
    expect(logged).toHaveLength(2);
    expect([...logged, JSON.stringify([refused, unchecked])].join("\n")).not.toMatch(
      /eyJ|test-secret|session\/token|Signature/,
    );
  });
});

/** The same bytes in base64url with other unused bits. */
function respelt(signature: string): string {
  const other: Record<string, string> = { A: "B", Q: "R", g: "h", w: "x" };
  return signature.slice(0, -1) + other[signature.slice(-1)];
}
