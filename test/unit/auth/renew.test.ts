// Renewal on the spot: what an expired token and a refresh token become, and what they never become.
import { beforeEach, describe, expect, test, vi } from "vitest";
import { type Answer, type Browser, ORIGIN } from "../fixtures/browser.ts";
import { AUTH_BUNDLES } from "../fixtures/bundle.ts";
import { type Answer as CognitoAnswer, failing, json } from "../fixtures/cognito.ts";
import { CLIENT_ID, SECOND_CLIENT_ID } from "../fixtures/config.ts";
import {
  ID_COOKIE,
  KEYS,
  passTime,
  REFRESH_COOKIE,
  SEALED_COOKIE,
  SECRETS,
  useGate,
} from "../fixtures/gate.ts";
import { OTHER_KEY, token } from "../fixtures/tokens.ts";
import { withFault } from "../fixtures/user-pool.ts";

const REFRESH = "GetTokensFromRefreshToken";
const MARKER = /^gatehouse-renewed=[0-9a-z]{8,9}\.[\w-]{43}$/;
const HOUR = 3_601_000;
const markerIn = ({ location }: Answer) => location.slice(location.lastIndexOf("gatehouse-renewed="));

describe.each(AUTH_BUNDLES)("%s", (bundle) => {
  const gate = useGate(bundle);
  let browser: Browser;
  beforeEach(async () => {
    browser = await gate().signedIn();
    passTime(HOUR);
  });

  test.each([
    ["no query", "/a.txt", "/a.txt?"],
    ["a query", "/a.txt?x=1&y=%2F+&x=2&&z=", "/a.txt?x=1&y=%2F+&x=2&&z=&"],
    ["escapes", "/a%20b/%E4%B8%AD.jpg?q=%E4%BD&%zz=%", "/a%20b/%E4%B8%AD.jpg?q=%E4%BD&%zz=%&"],
    [
      "a name like the marker's",
      "/a?gatehouse-renewed&gatehouse-renewedx=1",
      "/a?gatehouse-renewed&gatehouse-renewedx=1&",
    ],
  ])("a session goes on at the same URL: %s", async (_, url, start) => {
    const answer = await browser.ask(url, { dest: "image" });
    expect([answer.status, answer.body]).toEqual([307, ""]);
    expect(answer.location.slice(0, start.length)).toBe(start);
    expect(answer.location.slice(start.length)).toMatch(MARKER);
    expect(answer.headers).toMatchObject({ "cache-control": "no-store" });
    expect(answer.cookies.map((line) => line.replace(/=[^;]{50,}/, "=*"))).toEqual([
      "__Host-gatehouse-id=*; Max-Age=2592000; Path=/; Secure; HttpOnly; SameSite=Lax",
      "__Host-gatehouse-refresh=secret-refresh-2; Max-Age=2592000; Path=/; Secure; HttpOnly; SameSite=Lax",
      "__Host-gatehouse-aws=*; Max-Age=2592000; Path=/; Secure; HttpOnly; SameSite=Lax",
    ]);
    expect(gate().actions).toEqual([REFRESH, "GetCredentialsForIdentity"]);
    expect(gate().cognito.calls[0]?.body).toEqual({ ClientId: CLIENT_ID, RefreshToken: "secret-refresh-2" });
    expect(gate().cognito.calls[0]?.headers).toMatchObject({ "content-type": "application/x-amz-json-1.1" });
    expect(gate().cognito.calls[0]?.headers.authorization).toBeUndefined();
    expect(gate().logged.map((line) => JSON.parse(line))).toEqual([
      expect.objectContaining({ code: "token_expired", status: 307 }),
    ]);
    expect(`${answer.location}${gate().logged}`).not.toMatch(SECRETS);

    const unmarked = await browser.ask(url, { dest: "image" });
    expect(await browser.ask(answer.location, { dest: "image" })).toEqual(unmarked);
    expect(unmarked.status).toBe("signed");
    expect(gate().actions).toHaveLength(2);
  });

  test("a live token is never renewed", async () => {
    const fresh = await gate().signedIn();
    passTime(3_599_999);
    expect(await fresh.ask("/a.txt")).toMatchObject({ status: "signed", cookies: [] });
    expect(gate().actions).not.toContain(REFRESH);
    passTime(1);
    expect(await fresh.ask("/a.txt")).toMatchObject({ status: 307 });
  });

  describe("the pool refuses", () => {
    test.each([
      "NotAuthorizedException",
      "RefreshTokenReuseException",
      "UserNotFoundException",
      "ResourceNotFoundException",
      "InvalidParameterException",
      "com.amazonaws.cognito#NotAuthorizedException",
    ])("%s: the browser is asked once more, and no cookie is touched", async (type) => {
      gate().cognito.answer = failing(400, type);
      const before = browser.cookie;
      const again = await browser.ask("/a.txt?x=1", { dest: "image" });
      expect(again).toMatchObject({ status: 307, cookies: [], body: "" });
      expect(again.location).toMatch(/^\/a\.txt\?x=1&gatehouse-renewed=/);
      expect(again.headers).not.toHaveProperty("set-cookie");
      const image = await browser.ask(again.location, { dest: "image" });
      expect(image).toMatchObject({ status: 401, code: "token_expired", cookies: [], location: "" });
      const page = await browser.ask(again.location);
      expect(page).toMatchObject({
        status: 302,
        cookies: [],
        location: `/.gatehouse/login?return_to=${encodeURIComponent("/a.txt?x=1")}`,
      });
      expect(gate().actions).toEqual([REFRESH]);
      expect(browser.cookie).toBe(before);
      expect(`${image.body}${gate().logged}`).not.toMatch(SECRETS);
    });
  });

  describe("the pool cannot be asked", () => {
    const faults: Record<string, CognitoAnswer> = {
      throttled: failing(400, "TooManyRequestsException"),
      "status 429": failing(429, "SomethingNew"),
      "status 500": failing(500, "InternalErrorException"),
      "no JSON": (response) => response.end("<html>"),
      "no JSON, refused": (response) => response.writeHead(400).end("eyJ secret-"),
      "no token": (response) => json(response, 200, { AuthenticationResult: {} }),
      "another shape": (response) => json(response, 200, { AuthenticationResult: { IdToken: 1 } }),
      "a broken connection": (response) => response.destroy(),
      "70,000 bytes": (response) => response.end("x".repeat(70_000)),
      "a hang": () => {},
    };
    test.each(Object.entries(faults))("%s", async (_, fault) => {
      gate().cognito.answer = fault;
      const answer = await browser.ask("/a.txt", { dest: "image" });
      expect(answer).toMatchObject({ status: 503, code: "sign_in_unavailable", cookies: [], location: "" });
      expect(answer.headers["retry-after"]).toBe("5");
      expect(gate().actions).toEqual([REFRESH]);
      expect(gate().codes).toEqual(["sign_in_unavailable", "token_expired"]);
      expect(`${answer.body}${gate().logged}`).not.toMatch(SECRETS);
      gate().cognito.answer = gate().pool.answer;
      expect(await browser.ask("/a.txt", { dest: "image" })).toMatchObject({ status: 307 });
    });
  });

  describe("what a refresh token brings must be the same user's, for the same client", () => {
    const brought: Record<string, () => string> = {
      "another user's token": () => gate().idToken({ sub: "somebody-else" }),
      "another client's token": () => gate().idToken({}, SECOND_CLIENT_ID),
      "a stranger's token": () => gate().idToken({}, "stranger"),
      "an access token": () => gate().idToken({ token_use: "access" }),
      "an expired token": () => gate().idToken({ exp: Date.now() / 1000 }),
      "another pool's token": () =>
        gate().idToken({ iss: "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_X" }),
      "a forged token": () => token({ exp: Date.now() / 1000 + 60 }, OTHER_KEY, { kid: "key-1" }),
      "no token": () => "x",
    };
    test.each(Object.entries(brought))("%s is refused", async (_, idToken) => {
      gate().cognito.answer = (response) =>
        json(response, 200, { AuthenticationResult: { IdToken: idToken(), RefreshToken: "planted" } });
      const answer = await browser.ask("/a.txt", { dest: "image" });
      expect(answer).toMatchObject({ status: 307, cookies: [] });
      expect(gate().actions).toEqual([REFRESH]);
      expect(await browser.ask(answer.location, { dest: "image" })).toMatchObject({
        status: 401,
        code: "token_expired",
      });
    });

    test("somebody else's refresh token in the cookie, at the real pool", async () => {
      browser.jar.set(REFRESH_COOKIE, gate().pool.refreshToken(CLIENT_ID, { sub: "attacker" }));
      expect(await browser.ask("/a.txt", { dest: "image" })).toMatchObject({ status: 307, cookies: [] });
    });
  });
});

describe("the marker", () => {
  const gate = useGate("gatehouse-auth");
  /** A browser that keeps nothing it is told, and the marker that it got. */
  async function forgetful(claims: object = {}) {
    const browser = await gate().signedIn(claims);
    passTime(HOUR);
    const headers = { Cookie: browser.cookie };
    const marker = markerIn(await browser.ask("/a.txt", { dest: "image" }));
    browser.jar.clear();
    gate().cognito.calls.length = 0;
    const ask = (url: string, dest = "image") => browser.ask(url, { dest, headers });
    return { ask, marker, browser };
  }

  test("a request that has just been renewed is not renewed again, for 30 seconds", async () => {
    const { ask, marker } = await forgetful();
    for (const url of [`/a.txt?${marker}`, `/b.txt?x=1&${marker}`, `/a.txt?${marker}&y=2`]) {
      expect(await ask(url)).toMatchObject({ status: 401, code: "token_expired", cookies: [] });
    }
    expect(await ask(`/a.txt?x=1&${marker}&y=2`, "document")).toMatchObject({
      status: 302,
      location: `/.gatehouse/login?return_to=${encodeURIComponent("/a.txt?x=1&y=2")}`,
    });
    passTime(29_999);
    expect(await ask(`/a.txt?${marker}`)).toMatchObject({ status: 401 });
    expect(gate().actions).toEqual([]);
    passTime(1);
    expect(await ask(`/a.txt?${marker}`)).toMatchObject({ status: 307 });
    expect(gate().actions).toContain(REFRESH);
  });

  const until = (ms: number) => (Date.now() + ms).toString(36);
  const forged: Record<string, (marker: string) => string | Promise<string>> = {
    "of nothing": () => "gatehouse-renewed=",
    "of words": () => "gatehouse-renewed=yes",
    "of dots": () => "gatehouse-renewed=...",
    "without a signature": (marker) => marker.replace(/\..*/, ""),
    "with an empty signature": (marker) => marker.replace(/\..*/, "."),
    "with another signature": (marker) => marker.replace(/\..*/, `.${"A".repeat(43)}`),
    "with letters beyond ASCII": (marker) => marker.replace(/\..*/, `.${"é".repeat(43)}`),
    "with a short signature": (marker) => marker.slice(0, -1),
    "with a long signature": (marker) => `${marker}A`,
    "a second longer": (marker) => marker.replace(/=\w+/, `=${until(31_000)}`),
    "a second shorter": (marker) => marker.replace(/=\w+/, `=${until(29_000)}`),
    "for ever": (marker) => marker.replace(/=\w+/, "=zzzzzzzzz"),
    "as another spelling of its time": (marker) => marker.replace("=", "=0"),
    "as a time beyond all": (marker) => marker.replace(/=\w+/, `=!${"A".repeat(1_000)}`),
    "as a time in a thousand letters": (marker) => marker.replace(/=\w+/, `=${"z".repeat(1_000)}`),
    "before a sign": (marker) => marker.replace("=", "=-"),
    "with a second point": (marker) => `${marker}.`,
    "with a text of 300 letters in it": (marker) =>
      marker.replace(/=\w+/, `=${until(9_000)}${"-".repeat(300)}`),
    "in upper case": (marker) => marker.toUpperCase().replace("GATEHOUSE-RENEWED", "gatehouse-renewed"),
    "in an encoded name": (marker) => marker.replace("-renewed", "%2Drenewed"),
    "in another name's case": (marker) => marker.replace("gatehouse", "Gatehouse"),
    "of another user": async () => (await forgetful({ sub: "attacker" })).marker,
    "under another key": async () => {
      const auth = { keys: { current: "9".repeat(64) } };
      const other = await gate().signedIn({}, { auth });
      passTime(HOUR);
      return markerIn(await other.ask("/a.txt", { dest: "image" }));
    },
  };
  test.each(Object.entries(forged))("%s says nothing: the session is renewed", async (_, forge) => {
    const { ask, marker } = await forgetful();
    const forgery = await forge(marker);
    const { status, cookies, location } = await ask(`/a.txt?x=1&${forgery}&y=2`);
    expect([status, cookies.length]).toEqual([307, 3]);
    const kept = forgery.startsWith("gatehouse-renewed=") ? "x=1&y=2" : `x=1&${forgery}&y=2`;
    expect(location.startsWith(`/a.txt?${kept}&`)).toBe(true);
    expect(location.slice(`/a.txt?${kept}&`.length)).toMatch(MARKER);
  });

  test("a genuine one beside forged ones counts", async () => {
    const { ask, marker } = await forgetful();
    expect(await ask(`/a?gatehouse-renewed=x&${marker}&gatehouse-renewed=`)).toMatchObject({ status: 401 });
    expect(gate().actions).toEqual([]);
  });

  test("one of the key before counts while that key does", async () => {
    const { ask, marker, browser } = await forgetful();
    browser.handler = gate().coldStart({
      auth: { keys: { current: "2".repeat(64), previous: KEYS.current } },
    });
    expect(await ask(`/a.txt?${marker}`)).toMatchObject({ status: 401 });
    browser.handler = gate().coldStart({ auth: { keys: { current: "2".repeat(64) } } });
    expect(await ask(`/a.txt?${marker}`)).toMatchObject({ status: 307 });
  });

  test("it opens nothing: without a session it is an ordinary parameter", async () => {
    const { marker, browser } = await forgetful();
    browser.jar.clear();
    expect(await browser.ask(`/a.txt?${marker}`, { dest: "image" })).toMatchObject({
      status: 401,
      code: "token_missing",
    });
  });

  test("it reaches neither S3 nor the cache, and is in no way back", async () => {
    const changes = { areas: [{ path: "/*", versions: true, downloads: true }] };
    const browser = await gate().signedIn({}, changes);
    const plain = await browser.ask("/a.txt?versionId=1&download=b.pdf");
    const marked = await browser.ask("/a.txt?versionId=1&gatehouse-renewed=abc.def&download=b.pdf");
    expect(marked.forwarded).toEqual(plain.forwarded);
    expect(plain.forwarded?.querystring).toMatch(/versionId=1/);
    expect(JSON.stringify(marked.forwarded)).not.toContain("gatehouse-renewed");
    browser.jar.clear();
    for (const dest of ["document", "iframe"]) {
      const { location, body } = await browser.ask("/a.txt?x=1&gatehouse-renewed=abc.def", { dest });
      expect(`${location}${body}`).toContain("login?return_to=%2Fa.txt%3Fx%3D1");
      expect(`${location}${body}`).not.toContain("gatehouse-renewed");
    }
  });
});

describe("who is renewed", () => {
  const gate = useGate("gatehouse-auth", { listing: { enabled: true } });

  test.each([
    ["GET", "/a.txt", "image"],
    ["GET", "/a.txt", "document"],
    ["GET", "/a.txt", "iframe"],
    ["GET", "/a.txt", "none"],
    ["HEAD", "/a.txt", "empty"],
    ["GET", "/.gatehouse/me", "empty"],
    ["GET", "/.gatehouse/list/a/", "empty"],
  ])("%s %s for a %s", async (method, url, dest) => {
    const browser = await gate().signedIn();
    passTime(HOUR);
    const answer = await browser.ask(url, { method, dest });
    expect(answer).toMatchObject({ status: 307, body: "" });
    expect(answer.location).toMatch(RegExp(`^${url}\\?gatehouse-renewed=`));
    const { status } = await browser.ask(answer.location, { method, dest });
    expect(status).toBe(url === "/.gatehouse/me" ? 200 : "signed");
  });

  test.each([
    ["POST", "/a.txt", 405, "method_not_allowed"],
    ["POST", "/.gatehouse/session", 401, "token_missing"],
    ["POST", "/.gatehouse/me", 405, "method_not_allowed"],
    ["PUT", "/a.txt", 405, "method_not_allowed"],
    ["DELETE", "/a.txt", 405, "method_not_allowed"],
  ])("not %s %s", async (method, url, status, code) => {
    const browser = await gate().signedIn();
    passTime(HOUR);
    const answer = await browser.ask(url, { method, dest: "empty", headers: { Origin: ORIGIN } });
    expect(answer).toMatchObject({ status, code, cookies: [], location: "" });
    expect(gate().actions).toEqual([]);
  });

  test.each(["empty", "document"])("not a hand-over of an expired token, for a %s", async (dest) => {
    const browser = await gate().signedIn();
    passTime(HOUR);
    const headers = { Origin: ORIGIN, Authorization: `Bearer ${browser.jar.get(ID_COOKIE)}` };
    const answer = await browser.ask("/.gatehouse/session", { method: "POST", dest, headers });
    expect(answer).toMatchObject({ status: 401, cookies: [], location: "" });
    expect(gate().codes).toEqual(["token_expired"]);
    expect(gate().actions).toEqual([]);
  });

  const others: Record<string, (browser: Browser) => Record<string, string>> = {
    "without a refresh token": ({ jar }) => ({ Cookie: `${ID_COOKIE}=${jar.get(ID_COOKIE)}` }),
    "with an empty refresh token": ({ jar }) => ({
      Cookie: `${ID_COOKIE}=${jar.get(ID_COOKIE)}; ${REFRESH_COOKIE}=`,
    }),
    "with a refresh token alone": ({ jar }) => ({ Cookie: `${REFRESH_COOKIE}=${jar.get(REFRESH_COOKIE)}` }),
    "with a forged token": ({ cookie, jar }) => ({
      Cookie: cookie.replace(jar.get(ID_COOKIE) ?? "", token({ exp: 1 }, OTHER_KEY, { kid: "key-1" })),
    }),
    "with an access token": ({ cookie, jar }) => ({
      Cookie: cookie.replace(jar.get(ID_COOKIE) ?? "", token({ exp: 1, token_use: "access" })),
    }),
    "with a stranger's token": ({ cookie, jar }) => ({
      Cookie: cookie.replace(jar.get(ID_COOKIE) ?? "", token({ exp: 1, aud: "stranger" })),
    }),
    "with a token that is not valid yet": ({ cookie, jar }) => ({
      Cookie: cookie.replace(jar.get(ID_COOKIE) ?? "", token({ exp: 9_999_999_999, nbf: 9_999_999_998 })),
    }),
    "with an expired bearer token and no cookies": ({ jar }) => ({
      Cookie: "",
      Authorization: `Bearer ${jar.get(ID_COOKIE)}`,
    }),
  };
  test.each(Object.entries(others))("not a request %s", async (_, headersOf) => {
    const browser = await gate().signedIn();
    passTime(HOUR);
    const answer = await browser.ask("/a.txt", { dest: "image", headers: headersOf(browser) });
    expect(answer).toMatchObject({ status: 401, cookies: [], location: "" });
    expect(gate().actions).toEqual([]);
  });

  test("a token from before `notBefore`", async () => {
    const browser = await gate().signedIn();
    passTime(10_000);
    browser.handler = gate().coldStart({ auth: { keys: KEYS, notBefore: Date.now() / 1000 } });
    const answer = await browser.ask("/a.txt", { dest: "image" });
    expect(answer).toMatchObject({ status: 307, cookies: { length: 3 } });
    expect(await browser.ask(answer.location, { dest: "image" })).toMatchObject({ status: "signed" });
  });

  test("a session of another client of ours, at that client", async () => {
    const browser = await gate().signedIn({}, { auth: { keys: KEYS, clientId: SECOND_CLIENT_ID } });
    browser.handler = gate().coldStart();
    passTime(HOUR);
    expect(await browser.ask("/a.txt")).toMatchObject({ status: 307, cookies: { length: 3 } });
    expect(gate().cognito.calls[0]?.body["ClientId"]).toBe(SECOND_CLIENT_ID);
  });

  test.each(["//evil.example/a", "//evil.example", "///evil.example"])("%s stays here", async (uri) => {
    const browser = await gate().signedIn();
    passTime(HOUR);
    const { status, location } = await browser.ask(`${ORIGIN}${uri}`, { dest: "image" });
    expect(status).toBe(307);
    const url = new URL(location, ORIGIN);
    expect([url.origin, url.pathname]).toEqual([ORIGIN, uri]);
  });
});

describe("rotation", () => {
  const gate = useGate("gatehouse-auth");

  test("the new refresh token takes the old one's place", async () => {
    gate().pool.rotates = true;
    const browser = await gate().signedIn();
    for (let hour = 0; hour < 3; hour += 1) {
      passTime(HOUR);
      const before = browser.jar.get(REFRESH_COOKIE) ?? "";
      expect(await browser.ask("/a.txt", { dest: "image" })).toMatchObject({ status: 307 });
      expect(gate().pool.knows(before)).toBe(false);
      expect(gate().pool.knows(browser.jar.get(REFRESH_COOKIE) ?? "")).toBe(true);
      expect(await browser.ask("/a.txt", { dest: "image" })).toMatchObject({ status: "signed" });
    }
  });

  test("12 images at once, each at a container of its own, no grace: the session survives", async () => {
    gate().pool.rotates = true;
    const browser = await gate().signedIn();
    passTime(HOUR);
    const headers = { Cookie: browser.cookie };
    const answers = await Promise.all(
      Array.from({ length: 12 }, async (_, index) => {
        browser.handler = gate().coldStart();
        return await browser.ask(`/image${index}.png`, { dest: "image", headers });
      }),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array(12).fill(307));
    expect(answers.filter(({ cookies }) => cookies.length > 0)).toHaveLength(1);
    const again = await Promise.all(answers.map(({ location }) => browser.ask(location, { dest: "image" })));
    expect(again.map(({ status }) => status)).toEqual(Array(12).fill("signed"));
    expect(gate().pool.knows(browser.jar.get(REFRESH_COOKIE) ?? "")).toBe(true);
  });

  test("an answer that got lost costs a sign-in and nothing more", async () => {
    gate().pool.rotates = true;
    const browser = await gate().signedIn();
    passTime(HOUR);
    await browser.ask("/a.txt", { dest: "image", headers: { Cookie: browser.cookie } });
    const lost = await gate().signedIn();
    passTime(HOUR);
    const headers = { Cookie: lost.cookie };
    await lost.ask("/a.txt", { dest: "image" });
    lost.jar.clear();
    const { location } = await lost.ask("/a.txt", { headers });
    const { location: login } = await lost.ask(location, { headers });
    expect(login).toBe("/.gatehouse/login?return_to=%2Fa.txt");
    const answers = await gate().follow(lost, login);
    expect(answers.at(-1)).toMatchObject({ status: "signed" });
  });
});

describe("with less than everything", () => {
  const gate = useGate("gatehouse-auth");

  test("no credentials to be had: the session is renewed all the same", async () => {
    const browser = await gate().signedIn();
    passTime(HOUR);
    gate().cognito.answer = withFault(
      "GetCredentialsForIdentity",
      failing(400, "TooManyRequestsException"),
      gate().pool.answer,
    );
    const { status, cookies } = await browser.ask("/a.txt", { dest: "image" });
    expect(status).toBe(307);
    expect(cookies.filter((line) => !line.includes("Max-Age=0"))).toHaveLength(2);
    expect(gate().codes).toEqual(["exchange_throttled", "token_expired"]);
    gate().cognito.answer = gate().pool.answer;
    expect(await browser.ask("/a.txt", { dest: "image" })).toMatchObject({ status: "signed" });
  });

  test("a slow pool and a slow exchange stay within the time box", async () => {
    const browser = await gate().signedIn();
    passTime(HOUR);
    gate().cognito.answer = withFault("GetCredentialsForIdentity", () => {}, gate().pool.answer);
    const startedAt = performance.now();
    expect(await browser.ask("/a.txt", { dest: "image" })).toMatchObject({ status: 307 });
    expect(performance.now() - startedAt).toBeLessThan(4_500);
  });

  test("a new token that fits into no cookies is an expired session, and is not cut", async () => {
    const browser = await gate().signedIn();
    passTime(HOUR);
    gate().cognito.answer = (response) =>
      json(response, 200, { AuthenticationResult: { IdToken: gate().idToken({ pad: "x".repeat(10_000) }) } });
    const answer = await browser.ask("/a.txt", { dest: "image" });
    expect(answer).toMatchObject({ status: 401, code: "token_expired", cookies: [] });
    expect(gate().codes).toEqual(["cookie_too_large", "token_expired"]);
  });
});

describe("what helps when something does not", () => {
  const gate = useGate("gatehouse-auth", { cookies: { names: ["app-token"] } });

  test("an expired seal spares GetId", async () => {
    const browser = await gate().signedIn();
    passTime(HOUR);
    browser.handler = gate().coldStart();
    await browser.ask("/a.txt", { dest: "image" });
    expect(gate().actions).toEqual([REFRESH, "GetCredentialsForIdentity"]);
  });

  test("no credentials to be had: what is sealed is kept for its identity id", async () => {
    const browser = await gate().signedIn();
    passTime(HOUR);
    gate().cognito.answer = withFault(
      "GetCredentialsForIdentity",
      failing(400, "TooManyRequestsException"),
      gate().pool.answer,
    );
    await browser.ask("/a.txt", { dest: "image" });
    expect([...browser.jar.keys()]).toContain("__Host-gatehouse-aws");
  });

  test("a trigger that refuses the user is lasting: a person is led to sign in", async () => {
    const browser = await gate().signedIn();
    passTime(HOUR);
    const refused = failing(400, "UserLambdaValidationException");
    gate().cognito.answer = withFault(REFRESH, refused, gate().pool.answer);
    expect((await gate().follow(browser, "/a.txt")).at(-1)).toMatchObject({ status: "signed" });
  });

  test("an expired token of an app beside a refresh token of ours still leads a person to sign in", async () => {
    const browser = await gate().signedIn();
    passTime(HOUR);
    const Cookie = `app-token=${browser.jar.get(ID_COOKIE)}; ${REFRESH_COOKIE}=x`;
    expect(await browser.ask("/a.txt", { headers: { Cookie } })).toMatchObject({ status: 302 });
  });

  describe("somebody whom the pool has disabled", () => {
    const disabled = failing(400, "NotAuthorizedException", "User is disabled.");
    const ended = async () => {
      const browser = await gate().signedIn();
      passTime(HOUR);
      gate().cognito.answer = withFault(REFRESH, disabled, gate().pool.answer);
      return browser;
    };

    test("is told so at the next renewal, and keeps the cookies until a tab is told", async () => {
      const browser = await ended();
      const image = await browser.ask("/a.txt", { dest: "image" });
      expect(image).toMatchObject({ status: 401, code: "account_disabled", cookies: [], location: "" });
      expect(JSON.parse(image.body)).toMatchObject({ message: "This account is disabled." });
      expect(image.headers["www-authenticate"]).toContain('error="invalid_token"');
      const tab = await browser.ask("/a.txt");
      expect(tab).toMatchObject({ status: 401, heading: "This account is disabled.", location: "" });
      expect(tab.body).toContain("/.gatehouse/login?prompt=login&#38;return_to=%2Fa.txt");
      expect(browser.jar.size).toBe(0);
      expect(`${image.body}${tab.body}${gate().logged}`).not.toMatch(SECRETS);
      const refused = { level: "warn", code: "account_disabled", status: 401 };
      expect(gate().logged.map((line) => JSON.parse(line))).toMatchObject([
        { ...refused, cause: "GateError < UserDisabled" },
        { level: "warn", code: "token_expired", status: 401 },
        { ...refused, cause: "GateError < UserDisabled" },
        { level: "warn", code: "token_expired", status: 401 },
      ]);
    });

    test("does not speak for a second refresh token", async () => {
      const browser = await ended();
      const headers = { Cookie: `${browser.cookie}; ${REFRESH_COOKIE}=another` };
      const tab = await browser.ask("/a.txt", { headers });
      expect(tab).toMatchObject({ status: 307, cookies: [] });
      expect(gate().actions).toEqual([REFRESH, REFRESH]);
    });
  });

  test.each([
    ["Refresh Token has been revoked", "TokenInactive"],
    ["Refresh Token has expired", "TokenExpired"],
    ["Invalid Refresh Token.", "NotAuthorizedException"],
  ])("a pool that says %j is %s in the log, and a session that has ended", async (message, cause) => {
    const browser = await gate().signedIn();
    passTime(HOUR);
    const refused = failing(400, "NotAuthorizedException", message);
    gate().cognito.answer = withFault(REFRESH, refused, gate().pool.answer);
    expect(await browser.ask("/a.txt", { dest: "image" })).toMatchObject({ status: 307, cookies: [] });
    expect(JSON.parse(gate().logged[0] ?? "")).toMatchObject({
      level: "warn",
      code: "session_ended",
      status: 307,
      cause,
    });
    expect((await gate().follow(browser, "/a.txt")).at(-1)).toMatchObject({ status: "signed" });
  });

  test("a refusal says in the log why", async () => {
    const browser = await gate().signedIn();
    passTime(HOUR);
    gate().cognito.answer = failing(400, "RefreshTokenReuseException");
    await browser.ask("/a.txt", { dest: "image" });
    expect(gate().logged.join()).toContain("RefreshTokenReuseException");
  });

  test.each([
    ["RefreshTokenReuseException", [1_000]],
    ["NotAuthorizedException", []],
  ])("after %s the faster request's answer has so many milliseconds to arrive: %j", async (type, pauses) => {
    const browser = await gate().signedIn();
    passTime(HOUR);
    gate().cognito.answer = failing(400, type);
    const timers = vi.spyOn(globalThis, "setTimeout");
    expect(await browser.ask("/a.txt", { dest: "image" })).toMatchObject({ status: 307, cookies: [] });
    expect(timers.mock.calls.map(([, ms]) => ms).filter((ms) => ms === 1_000)).toEqual(pauses);
    expect(gate().logged.map((line) => JSON.parse(line))).toMatchObject([
      { level: "warn", code: "session_ended", status: 307 },
      { level: "info", code: "token_expired", status: 307 },
    ]);
  });
});

describe("on a shared domain, where other hosts can plant cookies", () => {
  const gate = useGate("gatehouse-auth", { cookies: { domain: "example.com" } });
  const planted = "__Secure-gatehouse-refresh=planted";

  test.each([
    ["before the real one", (cookie: string) => `${planted}; ${cookie}`, 2],
    ["behind the real one", (cookie: string) => `${cookie}; ${planted}`, 1],
    ["empty, before it", (cookie: string) => `__Secure-gatehouse-refresh=; ${cookie}`, 1],
  ])("one %s", async (_, headerOf, tries) => {
    const browser = await gate().signedIn();
    passTime(HOUR);
    const headers = { Cookie: headerOf(browser.cookie) };
    expect(await browser.ask("/a.txt", { dest: "image", headers })).toMatchObject({
      status: 307,
      cookies: { length: 3 },
    });
    expect(gate().actions.filter((action) => action === REFRESH)).toHaveLength(tries);
  });

  test("three that are refused as used before hold the container for one second, not for three", async () => {
    const browser = await gate().signedIn();
    passTime(HOUR);
    gate().cognito.answer = failing(400, "RefreshTokenReuseException");
    const timers = vi.spyOn(globalThis, "setTimeout");
    const headers = { Cookie: `${planted}1; ${planted}2; ${browser.cookie}` };
    expect(await browser.ask("/a.txt", { headers })).toMatchObject({ status: 307, cookies: [] });
    expect(gate().actions).toEqual([REFRESH, REFRESH, REFRESH]);
    expect(timers.mock.calls.map(([, ms]) => ms).filter((ms) => ms === 1_000)).toEqual([1_000]);
  });

  test("many: three are tried, and the person signs in again", async () => {
    const browser = await gate().signedIn();
    passTime(HOUR);
    const headers = { Cookie: `${`${planted}; `.repeat(20)}${browser.cookie}` };
    const { status, location, cookies } = await browser.ask("/a.txt", { headers });
    expect([status, cookies]).toEqual([307, []]);
    expect(gate().actions).toEqual([REFRESH, REFRESH, REFRESH]);
    expect(await browser.ask(location, { headers })).toMatchObject({ status: 302 });
    expect(browser.jar.has(SEALED_COOKIE.replace("Host", "Secure"))).toBe(true);
  });

  test("somebody else's expired token, planted on the domain, does not end a session", async () => {
    const browser = await gate().signedIn();
    const planted = gate().idToken({ sub: "attacker" });
    passTime(HOUR);
    const headers = { Cookie: `__Secure-gatehouse-id=${planted}; ${browser.cookie}` };
    expect(await browser.ask("/a.txt", { headers })).toMatchObject({ status: 307, cookies: { length: 3 } });
  });

  test("somebody else's expired token and a refresh token that is refused: asked once more, not for ever", async () => {
    const browser = await gate().signedIn();
    const planted = gate().idToken({ sub: "attacker" });
    passTime(HOUR);
    gate().cognito.answer = failing(400, "NotAuthorizedException");
    const headers = { Cookie: `__Secure-gatehouse-id=${planted}; ${browser.cookie}` };
    const { status, location } = await browser.ask("/a.txt", { headers });
    expect(status).toBe(307);
    expect(await browser.ask(location, { headers })).toMatchObject({
      status: 302,
      location: "/.gatehouse/login?return_to=%2Fa.txt",
    });
  });
});
