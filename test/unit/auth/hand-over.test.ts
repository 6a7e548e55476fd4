// `POST session`: who may hand a session over, and what is taken from them.
import { describe, expect, test } from "vitest";
import { type Asking, type Browser, bodyOf, HOST, ORIGIN } from "../fixtures/browser.ts";
import { AUTH_BUNDLES } from "../fixtures/bundle.ts";
import { failing, json } from "../fixtures/cognito.ts";
import { CLIENT_ID, SECOND_CLIENT_ID } from "../fixtures/config.ts";
import {
  APP,
  ID_COOKIE,
  passTime,
  REFRESH_COOKIE,
  SEALED_COOKIE,
  SECRETS,
  type TestGate,
  useGate,
} from "../fixtures/gate.ts";
import { ID_CLAIMS, OTHER_KEY, token } from "../fixtures/tokens.ts";
import { withFault } from "../fixtures/user-pool.ts";

const SESSION = "/.gatehouse/session";

/** What an app sends, unless the test says otherwise. */
function handOver(gate: TestGate, body?: Asking["body"], headers: Asking["headers"] = {}, to?: Browser) {
  const browser = to ?? gate.browser();
  const Authorization = `Bearer ${gate.idToken()}`;
  return browser.ask(SESSION, {
    method: "POST",
    dest: "empty",
    headers: { Origin: APP, Authorization, ...headers },
    ...(body !== undefined && { body }),
  });
}

describe.each(AUTH_BUNDLES)("%s", (bundle) => {
  const gate = useGate(bundle);

  test("an ID token becomes a session that needs no call", async () => {
    const browser = gate().browser();
    const answer = await handOver(
      gate(),
      undefined,
      { Authorization: `Bearer ${gate().idToken({ email: "ada@example.com" })}` },
      browser,
    );
    expect(answer).toMatchObject({ status: 200, location: "" });
    expect(JSON.parse(answer.body)).toEqual({
      sub: ID_CLAIMS.sub,
      username: "ada",
      email: "ada@example.com",
      groups: [],
      expiresAt: Date.now() / 1000 + 3_600,
      renewable: false,
    });
    expect(answer.cookies.map((line) => line.replace(/=[^;]{50,}/, "=*"))).toEqual([
      "__Host-gatehouse-id=*; Max-Age=2592000; Path=/; Secure; HttpOnly; SameSite=Lax",
      "__Host-gatehouse-aws=*; Max-Age=2592000; Path=/; Secure; HttpOnly; SameSite=Lax",
    ]);
    expect(answer.headers).toMatchObject({
      "access-control-allow-origin": APP,
      "access-control-allow-credentials": "true",
      vary: "Origin",
      "cache-control": "no-store",
    });
    expect(gate().actions).toEqual(["GetId", "GetCredentialsForIdentity"]);
    browser.handler = gate().coldStart();
    expect(await browser.ask("/a.txt", { dest: "image" })).toMatchObject({ status: "signed" });
    expect(gate().actions).toHaveLength(2);
    expect(`${answer.body}${gate().logged}`).not.toMatch(SECRETS);
  });

  test("with a refresh token it goes on by itself", async () => {
    const browser = gate().browser();
    const refreshToken = gate().pool.refreshToken(CLIENT_ID);
    const answer = await handOver(gate(), JSON.stringify({ refreshToken }), {}, browser);
    expect(answer.status).toBe(200);
    expect(JSON.parse(answer.body)).toMatchObject({ renewable: true });
    expect(browser.jar.get("__Host-gatehouse-refresh")).toBe(refreshToken);
    expect(gate().actions).toEqual(["GetTokensFromRefreshToken", "GetId", "GetCredentialsForIdentity"]);
    expect(gate().cognito.calls[0]?.body).toEqual({ ClientId: CLIENT_ID, RefreshToken: refreshToken });
    expect(answer.body).not.toMatch(SECRETS);
    passTime(3_601_000);
    expect(await browser.ask("/a.txt", { dest: "image" })).toMatchObject({ status: 307 });
  });

  test("a refresh token that is rotated by it is kept in its new form", async () => {
    gate().pool.rotates = true;
    const browser = gate().browser();
    const refreshToken = gate().pool.refreshToken(CLIENT_ID);
    await handOver(gate(), JSON.stringify({ refreshToken }), {}, browser);
    const kept = browser.jar.get("__Host-gatehouse-refresh") ?? "";
    expect([kept === refreshToken, gate().pool.knows(kept), gate().pool.knows(refreshToken)]).toEqual([
      false,
      true,
      false,
    ]);
    passTime(3_601_000);
    expect(await browser.ask("/a.txt", { dest: "image" })).toMatchObject({
      status: 307,
      cookies: { length: 3 },
    });
  });
});

describe("the origin must be exactly ours or a configured one", () => {
  const gate = useGate("gatehouse-auth", {
    cors: { origins: [APP, "https://other.example:8443", "https://*.preview.example.net"] },
  });

  test.each([APP, "https://other.example:8443", "https://pr-1.preview.example.net", ORIGIN])(
    "%s may",
    async (Origin) => {
      expect(await handOver(gate(), undefined, { Origin })).toMatchObject({ status: 200 });
    },
  );

  test.each([
    "",
    "null",
    "*",
    "https://",
    "http://app.example.com",
    "https://app.example.com/",
    "https://app.example.com:443",
    "https://app.example.com:8443",
    "https://APP.example.com",
    "HTTPS://app.example.com",
    " https://app.example.com",
    "https://app.example.com, https://evil.example",
    "https://app.example.com.evil.example",
    "https://evil.example/https://app.example.com",
    "https://app.example.com@evil.example",
    "https://evilapp.example.com",
    "https://a.app.example.com",
    "https://example.com",
    "https://other.example",
    "https://preview.example.net",
    "https://evilpreview.example.net",
    "https://pr-1.preview.example.net.evil.example",
    "app.example.com",
    HOST,
    `http://${HOST}`,
    `https://${HOST}:443`,
    `https://${HOST}/`,
    `https://${HOST.toUpperCase()}`,
    `https://${HOST}.evil.example`,
    "file://",
  ])("%j may not", async (Origin) => {
    const answer = await handOver(gate(), undefined, { Origin });
    expect(answer).toMatchObject({ status: 403, code: "origin_not_allowed", cookies: [] });
    expect(answer.headers["access-control-allow-origin"]).toBeUndefined();
    expect(gate().actions).toEqual([]);
    expect(gate().codes).toEqual(["origin_not_allowed"]);
  });

  test("none at all may not, nor may the Host of another gate vouch for its origin", async () => {
    const headers = { Authorization: gate().idToken() };
    const asking = { method: "POST", dest: "empty", headers };
    expect(await gate().browser().ask(SESSION, asking)).toMatchObject({ status: 403, cookies: [] });
    const foreign = { ...asking, headers: { ...headers, Host: "b.example", Origin: ORIGIN } };
    expect(await gate().browser().ask(SESSION, foreign)).toMatchObject({ status: 403, cookies: [] });
  });

  test.each([
    [APP, 204],
    ["https://evil.example", 403],
    [ORIGIN, 403],
    ["null", 403],
  ])("the preflight of %s gets %i", async (Origin, status) => {
    const answer = await gate()
      .browser()
      .ask(SESSION, {
        method: "OPTIONS",
        dest: "empty",
        headers: { Origin, "Access-Control-Request-Method": "POST" },
      });
    expect(answer).toMatchObject({ status, cookies: [] });
    expect(answer.headers["access-control-allow-origin"]).toBe(status === 204 ? Origin : undefined);
    if (status !== 204) return;
    expect(answer.headers).toMatchObject({
      "access-control-allow-credentials": "true",
      "access-control-allow-methods": "GET, POST, OPTIONS",
      "access-control-allow-headers":
        "authorization, baggage, cache-control, content-type, if-match, if-modified-since, if-none-match, if-range, " +
        "if-unmodified-since, pragma, range, sentry-trace, traceparent, tracestate, x-requested-with",
      "access-control-max-age": "600",
    });
  });

  test("a refusal can be read by the app that may", async () => {
    const answer = await handOver(gate(), undefined, { Authorization: "" });
    expect(answer).toMatchObject({ status: 401, code: "token_missing" });
    expect(answer.headers["access-control-allow-origin"]).toBe(APP);
  });
});

describe("the body", () => {
  const gate = useGate("gatehouse-auth");
  const refused: Record<string, [body: string | object, status: number, code: string]> = {
    "no JSON": ["refreshToken=x", 400, "invalid_request"],
    "half JSON": ['{"refreshToken":"x"', 400, "invalid_request"],
    "a list": ['["x"]', 400, "invalid_request"],
    "a text": ['"x"', 400, "invalid_request"],
    "a number": ["1", 400, "invalid_request"],
    null: ["null", 400, "invalid_request"],
    "a number in it": ['{"refreshToken":1}', 400, "invalid_request"],
    "null in it": ['{"refreshToken":null}', 400, "invalid_request"],
    "a list in it": ['{"refreshToken":["x"]}', 400, "invalid_request"],
    "an empty token": ['{"refreshToken":""}', 400, "invalid_request"],
    "a token with a semicolon": ['{"refreshToken":"x; Domain=evil.example"}', 400, "invalid_request"],
    "a token with a line break": ['{"refreshToken":"x\\r\\nSet-Cookie: a=b"}', 400, "invalid_request"],
    "a token beyond ASCII": ['{"refreshToken":"é"}', 400, "invalid_request"],
    "a token of 4,001 characters": [`{"refreshToken":"${"x".repeat(4_001)}"}`, 400, "invalid_request"],
    "16,385 characters": [`${" ".repeat(16_382)}{} `, 413, "body_too_large"],
    "40,000 bytes": [`{"refreshToken":"x","pad":"${"x".repeat(40_000)}"}`, 413, "body_too_large"],
    "a body that CloudFront has cut": [
      { ...bodyOf('{"refreshToken":"x"}'), inputTruncated: true },
      413,
      "body_too_large",
    ],
    "a cut one that reads well": [{ ...bodyOf("{}"), inputTruncated: true }, 413, "body_too_large"],
  };
  test.each(Object.entries(refused))("%s is refused", async (_, [body, status, code]) => {
    const answer = await handOver(gate(), body);
    expect(answer).toMatchObject({ status, code, cookies: [] });
    expect(gate().actions).toEqual([]);
    expect(`${answer.body}${gate().logged}`).not.toMatch(/evil|eyJ|"x/);
  });

  const accepted: Record<string, string | object> = {
    empty: "",
    "an empty object": "{}",
    "other fields": '{"refresh_token":"x","accessToken":1}',
    "16,384 characters": `${" ".repeat(16_382)}{}`,
    "plain text": { action: "read-only", data: "{}", encoding: "text", inputTruncated: false },
  };
  test.each(Object.entries(accepted))("%s hands over the ID token alone", async (_, body) => {
    expect(await handOver(gate(), body)).toMatchObject({ status: 200, cookies: { length: 2 } });
    expect(gate().actions).toEqual(["GetId", "GetCredentialsForIdentity"]);
  });
});

describe("the tokens", () => {
  const gate = useGate("gatehouse-auth");

  const bearers: Record<string, [() => string, code: string]> = {
    "an access token": [() => gate().idToken({ token_use: "access" }), "id_token_required"],
    "an expired token": [() => token({ exp: Date.now() / 1000 - 1 }), "token_expired"],
    "a stranger's token": [() => gate().idToken({}, "stranger"), "token_invalid"],
    "a forged token": [() => token({}, OTHER_KEY, { kid: "key-1" }), "token_invalid"],
    "a word": [() => "x", "token_invalid"],
    nothing: [() => "", "token_missing"],
  };
  test.each(Object.entries(bearers))("%s is refused", async (_, [bearer, code]) => {
    const body = JSON.stringify({ refreshToken: gate().pool.refreshToken(CLIENT_ID) });
    const answer = await handOver(gate(), body, { Authorization: `Bearer ${bearer()}` });
    expect(answer).toMatchObject({ status: 401, code, cookies: [], location: "" });
    expect(answer.headers["www-authenticate"]).toMatch(/^Bearer realm="gatehouse"/);
    expect(gate().actions).toEqual([]);
  });

  test("a cookie is no hand-over: the token must be in `Authorization`", async () => {
    const browser = await gate().signedIn();
    const answer = await handOver(gate(), undefined, { Authorization: "" }, browser);
    expect(answer).toMatchObject({ status: 401, code: "token_missing", cookies: [] });
  });

  test("another user's refresh token is refused, with all that came with it", async () => {
    const browser = await gate().signedIn();
    const before = browser.cookie;
    const refreshToken = gate().pool.refreshToken(CLIENT_ID, { sub: "attacker" });
    const answer = await handOver(gate(), JSON.stringify({ refreshToken }), {}, browser);
    expect(answer).toMatchObject({ status: 401, code: "token_invalid", cookies: [] });
    expect(browser.cookie).toBe(before);
    expect(gate().actions).toEqual(["GetTokensFromRefreshToken"]);
    expect(`${answer.body}${gate().logged}`).not.toMatch(SECRETS);
  });

  const refreshTokens: Record<string, () => string> = {
    "another client's": () => gate().pool.refreshToken(SECOND_CLIENT_ID),
    "one that the pool does not know": () => "unknown",
    "an ID token": () => gate().idToken(),
  };
  test.each(Object.entries(refreshTokens))(
    "%s as a refresh token is left out, and the answer says so",
    async (_, made) => {
      const browser = await gate().signedIn({ sub: "before" });
      const answer = await handOver(gate(), JSON.stringify({ refreshToken: made() }), {}, browser);
      expect(answer.status).toBe(200);
      expect(JSON.parse(answer.body)).toMatchObject({
        sub: ID_CLAIMS.sub,
        renewable: false,
        refreshToken: "refused",
      });
      expect([...browser.jar.keys()].sort()).toEqual([SEALED_COOKIE, ID_COOKIE]);
      expect(gate().logged.map((line) => JSON.parse(line))).toEqual([
        expect.objectContaining({
          level: "warn",
          code: "session_ended",
          status: 200,
          cause: "NotAuthorizedException",
        }),
      ]);
      expect(await browser.ask("/a.txt", { dest: "image" })).toMatchObject({ status: "signed" });
      expect(`${answer.body}${gate().logged}`).not.toMatch(SECRETS);
    },
  );

  test("somebody whom the pool has disabled gets no session, however good the ID token is", async () => {
    const browser = await gate().signedIn({ sub: "before" });
    const before = browser.cookie;
    const refused = failing(400, "NotAuthorizedException", "User is disabled.");
    gate().cognito.answer = withFault("GetTokensFromRefreshToken", refused, gate().pool.answer);
    const answer = await handOver(gate(), JSON.stringify({ refreshToken: "unknown" }), {}, browser);
    expect(answer).toMatchObject({ status: 401, code: "account_disabled", cookies: [] });
    expect(JSON.parse(answer.body)).toMatchObject({ message: "This account is disabled." });
    expect(browser.cookie).toBe(before);
  });

  test("a refresh token of a remembered device is used, kept and renewed with the device's key", async () => {
    const deviceKey = "eu-central-1_0f0e0d0c-0000-4000-8000-000000000009";
    gate().pool.deviceKey = deviceKey;
    const browser = gate().browser();
    const refreshToken = gate().pool.refreshToken(CLIENT_ID);
    const without = await handOver(gate(), JSON.stringify({ refreshToken }));
    expect(JSON.parse(without.body)).toMatchObject({ renewable: false, refreshToken: "refused" });
    gate().cognito.calls.length = 0;
    const answer = await handOver(gate(), JSON.stringify({ refreshToken, deviceKey }), {}, browser);
    expect(JSON.parse(answer.body)).toMatchObject({ renewable: true });
    const sent = { ClientId: CLIENT_ID, RefreshToken: refreshToken, DeviceKey: deviceKey };
    expect(gate().cognito.calls[0]?.body).toEqual(sent);
    gate().pool.rotates = true;
    for (const _ of ["first", "second"]) {
      passTime(3_601_000);
      expect(await browser.ask("/a.txt", { dest: "image" })).toMatchObject({
        status: 307,
        cookies: { length: 3 },
      });
      expect(await browser.ask("/a.txt", { dest: "image" })).toMatchObject({ status: "signed" });
    }
    const [kept = ""] = (browser.jar.get(REFRESH_COOKIE) ?? "").split("~");
    gate().cognito.calls.length = 0;
    await browser.ask("/.gatehouse/logout", { method: "POST", headers: { Origin: ORIGIN } });
    expect(gate().cognito.calls.map(({ action, body }) => [action, body["token"]])).toEqual([
      ["/oauth2/revoke", kept],
    ]);
    expect(gate().pool.knows(kept)).toBe(false);
  });

  test.each([
    "x",
    "",
    "eu-central-1_",
    "eu-central-1_XYZ",
    "a_0~b",
    "a_0; Domain=x",
    `a_${"0".repeat(54)}`,
    1,
    null,
  ])("%j is no device key", async (deviceKey) => {
    const refreshToken = gate().pool.refreshToken(CLIENT_ID);
    const answer = await handOver(gate(), JSON.stringify({ refreshToken, deviceKey }));
    expect(answer).toMatchObject({ status: 400, code: "invalid_request", cookies: [] });
    expect(gate().actions).toEqual([]);
  });

  test("a token of another client of ours, with its refresh token", async () => {
    const body = JSON.stringify({ refreshToken: gate().pool.refreshToken(SECOND_CLIENT_ID) });
    const Authorization = `Bearer ${gate().idToken({}, SECOND_CLIENT_ID)}`;
    expect(await handOver(gate(), body, { Authorization })).toMatchObject({ status: 200 });
    expect(gate().cognito.calls[0]?.body["ClientId"]).toBe(SECOND_CLIENT_ID);
  });

  test("the pool brings another client's token for it: refused", async () => {
    gate().cognito.answer = (response) =>
      json(response, 200, { AuthenticationResult: { IdToken: gate().idToken({}, SECOND_CLIENT_ID) } });
    expect(await handOver(gate(), '{"refreshToken":"x"}')).toMatchObject({
      status: 401,
      code: "token_invalid",
    });
  });

  test.each([
    ["throttled", failing(400, "TooManyRequestsException")],
    ["down", failing(500, "InternalErrorException")],
  ])("the pool is %s: 503, nothing is set", async (_, fault) => {
    gate().cognito.answer = fault;
    const answer = await handOver(gate(), '{"refreshToken":"x"}');
    expect(answer).toMatchObject({ status: 503, code: "sign_in_unavailable", cookies: [] });
    expect(answer.headers["retry-after"]).toBe("5");
  });

  test("a session without a refresh token ends the one before it", async () => {
    const browser = await gate().signedIn({ sub: "first" });
    const headers = { Authorization: gate().idToken({ sub: "second" }) };
    const { cookies } = await handOver(gate(), undefined, headers, browser);
    expect(cookies).toContain("__Host-gatehouse-refresh=; Max-Age=0; Path=/; Secure; HttpOnly; SameSite=Lax");
    const { body } = await browser.ask("/.gatehouse/me", { dest: "empty" });
    expect(JSON.parse(body)).toMatchObject({ sub: "second", renewable: false });
  });

  test("no credentials to be had: the session is there all the same", async () => {
    gate().cognito.answer = withFault("GetId", failing(400, "TooManyRequestsException"), gate().pool.answer);
    const browser = gate().browser();
    expect(await handOver(gate(), undefined, {}, browser)).toMatchObject({ status: 200 });
    expect([...browser.jar.keys()]).toEqual([ID_COOKIE]);
    expect(gate().codes).toEqual(["exchange_throttled"]);
  });

  test.each(["GET", "HEAD", "PUT", "DELETE", "PATCH"])("%s hands nothing over", async (method) => {
    const headers = { Origin: APP, Authorization: gate().idToken() };
    const answer = await gate().browser().ask(SESSION, { method, dest: "empty", headers });
    expect(answer).toMatchObject({ status: 405, cookies: [] });
    expect(answer.headers["allow"]).toBe("GET, POST, OPTIONS");
  });
});
