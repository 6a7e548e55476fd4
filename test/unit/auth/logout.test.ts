// `logout`: what signs a person out, what does not, and what is gone afterwards.
import { describe, expect, test } from "vitest";
import { type Browser, HOST, ORIGIN } from "../fixtures/browser.ts";
import { AUTH_BUNDLES } from "../fixtures/bundle.ts";
import { type Answer as CognitoAnswer, failing, fakeCognito } from "../fixtures/cognito.ts";
import { CLIENT_ID, configDocument, SECOND_CLIENT_ID } from "../fixtures/config.ts";
import {
  APP,
  ID_COOKIE,
  KEYS,
  passTime,
  REFRESH_COOKIE,
  SEALED_COOKIE,
  SECRETS,
  TestGate,
  useGate,
} from "../fixtures/gate.ts";
import { JWKS, OTHER_KEY, token } from "../fixtures/tokens.ts";

const LOGOUT = "/.gatehouse/logout";
const POST = { method: "POST", headers: { Origin: ORIGIN } };

describe.each(AUTH_BUNDLES)("%s", (bundle) => {
  const gate = useGate(bundle);

  test("POST from our own form ends the session here, at the pool and at the managed login", async () => {
    const browser = await gate().signedIn();
    const refreshToken = browser.jar.get(REFRESH_COOKIE) ?? "";
    const answer = await browser.ask(LOGOUT, POST);
    expect([answer.status, answer.body]).toEqual([303, ""]);
    expect(answer.location).toBe(
      `${gate().cognito.url}/logout?client_id=${CLIENT_ID}&logout_uri=${encodeURIComponent(`${ORIGIN}/.gatehouse/logout`)}`,
    );
    expect(answer.cookies).toEqual(
      [ID_COOKIE, REFRESH_COOKIE, SEALED_COOKIE].map(
        (name) => `${name}=; Max-Age=0; Path=/; Secure; HttpOnly; SameSite=Lax`,
      ),
    );
    expect(answer.headers).toMatchObject({ "clear-site-data": '"cache"', "cache-control": "no-store" });
    expect(gate().actions).toEqual(["/oauth2/revoke"]);
    expect(gate().cognito.calls[0]?.body).toEqual({ client_id: CLIENT_ID, token: refreshToken });
    expect(gate().pool.knows(refreshToken)).toBe(false);
    expect(gate().logged).toEqual([]);
    expect(browser.jar.size).toBe(0);
    expect(await browser.ask("/a.txt", { dest: "image" })).toMatchObject({
      status: 401,
      code: "token_missing",
    });
  });

  test("programs are told where to go", async () => {
    const browser = await gate().signedIn();
    const answer = await browser.ask(LOGOUT, { ...POST, dest: "empty" });
    expect(answer).toMatchObject({ status: 200, location: "", cookies: { length: 3 } });
    expect(JSON.parse(answer.body)).toEqual({
      logoutUrl: `${gate().cognito.url}/logout?client_id=${CLIENT_ID}&logout_uri=${encodeURIComponent(`${ORIGIN}/.gatehouse/logout`)}`,
    });
    expect(answer.headers["clear-site-data"]).toBe('"cache"');
    expect(gate().actions).toEqual(["/oauth2/revoke"]);
  });

  describe("GET never signs out", () => {
    const asked: Record<string, object> = {
      "an image": { dest: "image" },
      "a script": { dest: "script" },
      "a style": { dest: "style" },
      "a fetch": { dest: "empty" },
      "a link": {
        dest: "document",
        headers: { "Sec-Fetch-Site": "cross-site", Referer: "https://evil.example/" },
      },
      "an old browser": { dest: "none" },
      "an iframe": { dest: "iframe", headers: { "Sec-Fetch-Site": "cross-site" } },
      "a prefetch": { dest: "empty", headers: { "Sec-Purpose": "prefetch", Purpose: "prefetch" } },
      "a prerender": { dest: "document", headers: { "Sec-Purpose": "prefetch;prerender" } },
      "an old prefetch": { dest: "none", headers: { "X-Moz": "prefetch", "X-Purpose": "preview" } },
      "our own origin": { headers: { Origin: ORIGIN } },
      "a method in a header": { headers: { Origin: ORIGIN, "X-HTTP-Method-Override": "POST" } },
    };
    test.each(Object.entries(asked))("%s", async (_, asking) => {
      const browser = await gate().signedIn();
      const answer = await browser.ask(`${LOGOUT}?_method=POST`, asking);
      expect(answer).toMatchObject({ status: 200, cookies: [], location: "", heading: "Sign out?" });
      expect(answer.headers["clear-site-data"]).toBeUndefined();
      expect(gate().actions).toEqual([]);
      expect(await browser.ask("/a.txt")).toMatchObject({ status: "signed" });
    });
  });
});

describe("who may", () => {
  const gate = useGate("gatehouse-auth");

  test.each([ORIGIN, APP])("%s", async (Origin) => {
    const browser = await gate().signedIn();
    const answer = await browser.ask(LOGOUT, { method: "POST", dest: "empty", headers: { Origin } });
    expect(answer).toMatchObject({ status: 200, cookies: { length: 3 } });
    expect(answer.headers["access-control-allow-origin"]).toBe(Origin === APP ? APP : undefined);
  });

  test.each([
    "",
    "null",
    "https://evil.example",
    `http://${HOST}`,
    `https://${HOST}:8443`,
    `https://${HOST}.evil.example`,
    `https://evil.example/${HOST}`,
    "https://a.app.example.com",
    "http://app.example.com",
  ])("not %j", async (Origin) => {
    const browser = await gate().signedIn();
    for (const dest of ["document", "empty", "iframe"]) {
      const answer = await browser.ask(LOGOUT, { method: "POST", dest, headers: { Origin } });
      expect(answer).toMatchObject({ status: 403, cookies: [], location: "" });
      expect(answer.headers["clear-site-data"]).toBeUndefined();
    }
    expect(gate().actions).toEqual([]);
    expect(gate().codes).toEqual(Array(3).fill("origin_not_allowed"));
    expect(await browser.ask("/a.txt")).toMatchObject({ status: "signed" });
  });

  test("not a form of another site, which does not say where it comes from", async () => {
    const browser = await gate().signedIn();
    const answer = await browser.ask(LOGOUT, { method: "POST" });
    expect(answer).toMatchObject({ status: 403, heading: "Another site sent you.", cookies: [] });
  });

  test.each(["HEAD", "PUT", "DELETE"])("not %s", async (method) => {
    const browser = await gate().signedIn();
    expect(await browser.ask(LOGOUT, { ...POST, method, dest: "empty" })).toMatchObject({
      status: 405,
      cookies: [],
    });
  });
});

describe("the page", () => {
  const gate = useGate("gatehouse-auth");

  test("asks, by a form that may lead to the managed login and nowhere else", async () => {
    const browser = await gate().signedIn();
    const { headers, body } = await browser.ask(LOGOUT);
    expect(body).toContain(
      '<form method="post" action="/.gatehouse/logout"><button>Sign out</button></form>',
    );
    expect(headers["content-security-policy"]).toMatch(
      RegExp(`^default-src 'none';.*; form-action 'self' ${gate().cognito.url}$`),
    );
    expect(headers["referrer-policy"]).toBe("same-origin");
  });

  test("without a session says so, and offers to sign in", async () => {
    const answer = await gate().browser().ask(LOGOUT);
    expect(answer).toMatchObject({ status: 200, heading: "You are signed out.", cookies: [] });
    expect(answer.body).toContain('<a href="/.gatehouse/login">Sign in</a>');
    expect(answer.body).not.toContain("<form");
  });

  test("asks for an ended session, too: its refresh token is still one", async () => {
    const browser = await gate().signedIn();
    browser.jar.delete(ID_COOKIE);
    expect(await browser.ask(LOGOUT)).toMatchObject({ heading: "Sign out?" });
  });
});

describe("whoever signs out is signed out here", () => {
  const gate = useGate("gatehouse-auth");
  const faults: Record<string, [CognitoAnswer, cause: string]> = {
    "an unknown token": [failing(400, "invalid_request"), "RangeError"],
    "status 500": [failing(500, "secret-refresh"), "RangeError"],
    "a broken connection": [(response) => response.destroy(), "GateError < HttpError < Error"],
    "a hang": [() => {}, "GateError < HttpError"],
  };
  test.each(Object.entries(faults))("the pool cannot be told: %s", async (_, [fault, cause]) => {
    gate().cognito.answer = gate().pool.answer;
    const browser = await gate().signedIn();
    gate().cognito.answer = fault;
    const answer = await browser.ask(LOGOUT, POST);
    expect(answer).toMatchObject({ status: 303, cookies: { length: 3 } });
    expect(answer.headers["clear-site-data"]).toBe('"cache"');
    expect(browser.jar.size).toBe(0);
    expect(gate().actions).toEqual(["/oauth2/revoke"]);
    expect(gate().logged.map((line) => JSON.parse(line))).toEqual([
      expect.objectContaining({ level: "warn", code: "sign_in_unavailable", cause }),
    ]);
    expect(gate().logged.join()).not.toMatch(SECRETS);
  });

  test("a session of another client of ours ends at that client", async () => {
    const browser = gate().browser();
    const refreshToken = gate().pool.refreshToken(SECOND_CLIENT_ID);
    await browser.ask("/.gatehouse/session", {
      method: "POST",
      dest: "empty",
      headers: { Origin: APP, Authorization: gate().idToken({}, SECOND_CLIENT_ID) },
      body: JSON.stringify({ refreshToken }),
    });
    await browser.ask(LOGOUT, POST);
    expect(gate().cognito.calls.at(-1)?.body).toEqual({ client_id: SECOND_CLIENT_ID, token: refreshToken });
    expect(gate().pool.knows(refreshToken)).toBe(false);
  });

  test("an ended session, too", async () => {
    const browser = await gate().signedIn();
    const refreshToken = browser.jar.get(REFRESH_COOKIE) ?? "";
    passTime(3_601_000);
    await browser.ask(LOGOUT, POST);
    expect(gate().pool.knows(refreshToken)).toBe(false);
  });

  const strangers: Record<string, (browser: Browser) => string> = {
    "without an ID token": ({ jar }) => `${REFRESH_COOKIE}=${jar.get(REFRESH_COOKIE)}`,
    "with a forged one": ({ jar }) =>
      `${ID_COOKIE}=${token({}, OTHER_KEY, { kid: "key-1" })}; ${REFRESH_COOKIE}=${jar.get(REFRESH_COOKIE)}`,
    "with four made-up refresh tokens": () =>
      [1, 2, 3, 4].map((number) => `${REFRESH_COOKIE}=made-up-${number}`).join("; "),
  };
  test.each(Object.entries(strangers))("the pool is not told %s", async (_, cookieOf) => {
    const browser = await gate().signedIn();
    const headers = { Origin: ORIGIN, Cookie: cookieOf(browser) };
    const answer = await browser.ask(LOGOUT, { method: "POST", headers });
    expect(answer).toMatchObject({ status: 303 });
    expect(answer.cookies.at(-1)).toBe(
      `${REFRESH_COOKIE}=; Max-Age=0; Path=/; Secure; HttpOnly; SameSite=Lax`,
    );
    expect(gate().actions).toEqual([]);
  });

  test("without a refresh token, nobody is asked", async () => {
    const browser = await gate().signedIn();
    browser.jar.delete(REFRESH_COOKIE);
    expect(await browser.ask(LOGOUT, POST)).toMatchObject({ status: 303, cookies: { length: 2 } });
    expect(gate().actions).toEqual([]);
  });

  test("without a session, too", async () => {
    const answer = await gate().browser().ask(LOGOUT, POST);
    expect(answer).toMatchObject({ status: 303, cookies: [] });
    expect(answer.headers["clear-site-data"]).toBe('"cache"');
  });

  test("attempts and the sealed credentials of every role go with it", async () => {
    const browser = await gate().signedIn();
    await browser.ask("/.gatehouse/login");
    browser.jar.set(`${SEALED_COOKIE}-01234567`, "x");
    const { cookies } = await browser.ask(LOGOUT, POST);
    expect(cookies).toHaveLength(5);
    expect(browser.jar.size).toBe(0);
  });

  test("duplicates are cleared once", async () => {
    const browser = await gate().signedIn();
    const headers = { Origin: ORIGIN, Cookie: `${browser.cookie}; ${browser.cookie}` };
    expect(await browser.ask(LOGOUT, { method: "POST", headers })).toMatchObject({ cookies: { length: 3 } });
  });

  test.each([
    ["another base path", { auth: { keys: KEYS, basePath: "/hidden/" } }, "/hidden/logout", CLIENT_ID],
    ["another client", { auth: { keys: KEYS, clientId: SECOND_CLIENT_ID } }, LOGOUT, SECOND_CLIENT_ID],
  ])("the managed login is told the exact URL that is registered: %s", async (_, changes, path, clientId) => {
    const { location } = await gate().browser(changes).ask(path, POST);
    expect(Object.fromEntries(new URL(location).searchParams)).toEqual({
      client_id: clientId,
      logout_uri: `${ORIGIN}${path}`,
    });
  });

  test("the host of the managed login, over TLS", async () => {
    const userPool = { ...configDocument().userPool, jwks: JWKS, domain: "login.example.com" };
    const { location } = await gate().browser({ userPool, endpoints: {} }).ask(LOGOUT, POST);
    expect(location).toMatch(/^https:\/\/login\.example\.com\/logout\?client_id=/);
  });
});

describe("on a shared domain, where other hosts can plant cookies", () => {
  const gate = useGate("gatehouse-auth", { cookies: { domain: "example.com" } });

  test.each(["planted", ""])("the real refresh token is revoked behind a planted one: %j", async (value) => {
    const browser = await gate().signedIn();
    const refreshToken = browser.jar.get("__Secure-gatehouse-refresh") ?? "";
    const Cookie = `__Secure-gatehouse-refresh=${value}; ${browser.cookie}`;
    await browser.ask("/.gatehouse/logout", { method: "POST", headers: { Origin: ORIGIN, Cookie } });
    expect(gate().pool.knows(refreshToken)).toBe(false);
  });
});

describe("what is left from before cookies.domain was set, changed or left out", () => {
  const gate = useGate("gatehouse-auth");
  const SHARED = { cookies: { domain: "example.com" } };
  const rows: Record<string, [before: object, after: object, lines: readonly string[]]> = {
    "it was set": [
      {},
      SHARED,
      ["id", "refresh", "aws"].map(
        (name) => `__Host-gatehouse-${name}=; Max-Age=0; Path=/; Secure; HttpOnly; SameSite=Lax`,
      ),
    ],
    "it was left out": [
      SHARED,
      {},
      ["a.example.com", "example.com"].flatMap((domain) =>
        ["id", "refresh", "aws"].map(
          (name) =>
            `__Secure-gatehouse-${name}=; Max-Age=0; Path=/; Secure; HttpOnly; SameSite=Lax; Domain=${domain}`,
        ),
      ),
    ],
    "it was another": [
      { cookies: { domain: "a.example.com" } },
      SHARED,
      ["example.com", "a.example.com"].flatMap((domain) =>
        ["id", "refresh", "aws"].map(
          (name) =>
            `__Secure-gatehouse-${name}=; Max-Age=0; Path=/; Secure; HttpOnly; SameSite=Lax; Domain=${domain}`,
        ),
      ),
    ],
  };

  test.each(Object.entries(rows))("%s: removed and revoked", async (_, [before, after, lines]) => {
    const browser = await gate().signedIn({}, before);
    const refreshToken = browser.cookie.replace(/.*-refresh=([^;]*).*/, "$1");
    browser.handler = gate().coldStart(after);
    const headers = { Host: "a.example.com", Origin: "https://a.example.com" };
    const { status, cookies } = await browser.ask(LOGOUT, { method: "POST", headers });
    expect(status).toBe(303);
    expect(cookies).toEqual(lines);
    expect(gate().actions).toEqual(["/oauth2/revoke"]);
    expect(gate().pool.knows(refreshToken)).toBe(false);
  });

  const owners: Record<string, [clientId: string, removedAt: readonly string[]]> = {
    "one of this gate's": [CLIENT_ID, [HOST, "cloudfront.net"]],
    "one of another host's app client": ["another", []],
  };
  test.each(Object.entries(owners))(
    "a sign-in after it was left out removes %s",
    async (_, [aud, removedAt]) => {
      const browser = gate().browser();
      browser.jar.set("__Secure-gatehouse-id", token({ aud }));
      browser.jar.set("__Secure-gatehouse-refresh", "of-before");
      const [, callback] = await gate().follow(browser, "/.gatehouse/login");
      expect(callback?.cookies.filter((line) => line.startsWith("__Secure-"))).toEqual(
        removedAt.flatMap((domain) =>
          ["id", "refresh"].map(
            (name) =>
              `__Secure-gatehouse-${name}=; Max-Age=0; Path=/; Secure; HttpOnly; SameSite=Lax; Domain=${domain}`,
          ),
        ),
      );
    },
  );

  test.each(["127.0.0.1:8080", "localhost:8080", "[::1]:8080", "com"])(
    "no domain is made of %s",
    async (Host) => {
      const browser = await gate().signedIn({}, SHARED);
      browser.handler = gate().coldStart();
      const { cookies } = await browser.ask(LOGOUT, { method: "POST", headers: { Host, Origin: ORIGIN } });
      expect(cookies).toEqual([]);
    },
  );
});

test("one answer removes as many cookies as it has room for", async () => {
  await using cognito = await fakeCognito(Date.now);
  const gate = new TestGate(
    "gatehouse-auth",
    { cookies: { domain: `${"a".repeat(60)}.example.com` } },
    cognito,
  );
  const states = Array.from({ length: 400 }, (_, index) => `0mjx5b${String(index).padStart(3, "0")}`);
  const Cookie = states.map((time) => `__Host-gatehouse-login-${time}-${"A".repeat(22)}=x`).join("; ");
  const { status, cookies, headers } = await gate
    .browser()
    .ask(LOGOUT, { method: "POST", headers: { Origin: ORIGIN, Cookie } });
  expect([status, cookies.length]).toEqual([303, 40]);
  expect(JSON.stringify(headers).length).toBeLessThan(10_000);
});
