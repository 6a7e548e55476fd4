// Who is led to sign in, who is told in JSON, and that nobody is sent round in circles.
import { describe, expect, test } from "vitest";
import type { ConfigDocument } from "../../../edge/config/config.ts";
import { Browser } from "../fixtures/browser.ts";
import { AUTH_BUNDLES } from "../fixtures/bundle.ts";
import { type Answer as CognitoAnswer, failing, json, working } from "../fixtures/cognito.ts";
import {
  APP,
  ID_COOKIE,
  KEYS,
  passTime,
  REFRESH_COOKIE,
  SECRETS,
  type TestGate,
  useGate,
} from "../fixtures/gate.ts";
import { OTHER_KEY, token } from "../fixtures/tokens.ts";
import { withFault } from "../fixtures/user-pool.ts";

const LOGIN = "/.gatehouse/login?return_to=%2Fa.txt%3Fx%3D1";
const EXPIRED = { Cookie: `${ID_COOKIE}=${token({ exp: 1 })}` };

type Way = "sign-in" | "page" | "json";
const WAYS: Record<string, [asking: Parameters<Browser["ask"]>[1], way: Way]> = {
  "a tab": [{ dest: "document" }, "sign-in"],
  "a tab, by HEAD": [{ dest: "document", method: "HEAD" }, "sign-in"],
  "an old browser's tab": [{ dest: "none" }, "sign-in"],
  "a link of another site": [{ dest: "document", headers: { "Sec-Fetch-Site": "cross-site" } }, "sign-in"],
  "a navigation without a destination": [{ dest: "document", headers: { "Sec-Fetch-Dest": "" } }, "sign-in"],
  "an iframe": [{ dest: "iframe" }, "page"],
  "a frame": [{ dest: "frame" }, "page"],
  "an embed": [{ dest: "embed" }, "page"],
  "an object": [{ dest: "object" }, "page"],
  "an image": [{ dest: "image" }, "json"],
  "a script": [{ dest: "script" }, "json"],
  "a style": [{ dest: "style" }, "json"],
  "a video": [{ dest: "video" }, "json"],
  "an audio": [{ dest: "audio" }, "json"],
  "a font": [{ dest: "font" }, "json"],
  "a worker": [{ dest: "worker" }, "json"],
  "a fetch": [{ dest: "empty" }, "json"],
  "a fetch with CORS": [{ dest: "empty", headers: { "Sec-Fetch-Mode": "cors", Origin: APP } }, "json"],
  "a fetch that takes HTML": [{ dest: "empty", headers: { Accept: "text/html" } }, "json"],
  "an old browser's image": [{ dest: "none", headers: { Accept: "image/*,*/*;q=0.8" } }, "json"],
  "an old browser's fetch": [{ dest: "none", headers: { Accept: "*/*" } }, "json"],
  "a program that says nothing": [{ dest: "none", headers: { Accept: "" } }, "json"],
  "a program that takes JSON": [{ dest: "none", headers: { Accept: "application/json" } }, "json"],
};

describe.each(AUTH_BUNDLES)("%s", (bundle) => {
  const gate = useGate(bundle);

  test.each(Object.entries(WAYS))("%s without a session", async (_, [asking, way]) => {
    const answer = await gate().browser().ask("/a.txt?x=1", asking);
    expect(answer.cookies).toEqual([]);
    expect(answer.headers["cache-control"]).toBe("no-store");
    expect(gate().actions).toEqual([]);
    expect(gate().codes).toEqual(["token_missing"]);
    if (way === "sign-in") {
      expect([answer.status, answer.location, answer.body]).toEqual([302, LOGIN, ""]);
      return;
    }
    expect([answer.status, answer.location]).toEqual([401, ""]);
    expect(answer.headers["www-authenticate"]).toBe('Bearer realm="gatehouse"');
    if (way === "json") expect(answer.code).toBe("token_missing");
    else expect(answer.body).toContain(`<a href="${LOGIN}" target="_blank">Sign in (new window)</a>`);
  });

  const tokens: Record<string, [() => Record<string, string>, code: string]> = {
    none: [() => ({}), "token_missing"],
    "an expired one": [() => EXPIRED, "token_expired"],
    "a forged one": [
      () => ({ Cookie: `${ID_COOKIE}=${token({}, OTHER_KEY, { kid: "key-1" })}` }),
      "token_invalid",
    ],
    "an access token": [
      () => ({ Cookie: `${ID_COOKIE}=${token({ token_use: "access" })}` }),
      "id_token_required",
    ],
    "a word": [() => ({ Cookie: `${ID_COOKIE}=x` }), "token_invalid"],
  };
  test.each(Object.entries(tokens))("a token that is no session: %s", async (_, [headersOf, code]) => {
    const headers = headersOf();
    const tab = await gate().browser().ask("/a.txt?x=1", { headers });
    expect(tab).toMatchObject({ status: 302, location: LOGIN, cookies: [] });
    const image = await gate().browser().ask("/a.txt?x=1", { dest: "image", headers });
    expect(image).toMatchObject({ status: 401, code, cookies: [], location: "" });
    const frame = await gate().browser().ask("/a.txt?x=1", { dest: "iframe", headers });
    expect(frame).toMatchObject({ status: 401, cookies: [], location: "" });
    expect(gate().codes).toEqual([code, code, code]);
    expect(gate().actions).toEqual([]);
  });

  test("who may not see it is not sent to sign in again", async () => {
    const areas = [{ path: "/team/*", groups: ["a"] }, { path: "/only.txt" }];
    const groups = { a: { roleArn: "arn:aws:iam::123456789012:role/a" } };
    const browser = await gate().signedIn({}, { areas, groups });
    for (const url of ["/team/x", "/x"]) {
      const tab = await browser.ask(url);
      expect(tab).toMatchObject({ status: 403, heading: "You may not see this.", location: "", cookies: [] });
      expect(tab.body).toContain('<a href="/.gatehouse/logout">Sign out</a>');
      expect(await browser.ask(url, { dest: "image" })).toMatchObject({ status: 403, code: "access_denied" });
    }
  });

  test("a session that Cognito has ended: a tab loses its cookies, anything else does not", async () => {
    const browser = await gate().signedIn();
    browser.jar.delete("__Host-gatehouse-aws");
    browser.handler = gate().coldStart();
    gate().cognito.answer = failing(400, "NotAuthorizedException");
    for (const dest of ["image", "empty", "video"]) {
      const answer = await browser.ask("/a.txt", { dest });
      expect(answer).toMatchObject({ status: 401, code: "session_ended", cookies: [], location: "" });
    }
    expect(browser.jar.size).toBe(2);
    const tab = await browser.ask("/a.txt");
    expect(tab).toMatchObject({ status: 401, heading: "The session has ended.", location: "" });
    expect(tab.cookies).toEqual(
      [ID_COOKIE, REFRESH_COOKIE].map(
        (name) => `${name}=; Max-Age=0; Path=/; Secure; HttpOnly; SameSite=Lax`,
      ),
    );
    expect(tab.body).toContain('<a href="/.gatehouse/login?return_to=%2Fa.txt">Sign in</a>');
    expect(browser.jar.size).toBe(0);
    expect(tab.body).not.toMatch(SECRETS);
  });

  test("an account that Cognito calls disabled has a page of its own, and a way for somebody else", async () => {
    const browser = await gate().signedIn();
    browser.jar.delete("__Host-gatehouse-aws");
    browser.handler = gate().coldStart();
    gate().cognito.answer = failing(400, "NotAuthorizedException", "User is disabled.");
    const image = await browser.ask("/a.txt", { dest: "image" });
    expect(image).toMatchObject({ status: 401, code: "account_disabled", cookies: [], location: "" });
    expect(JSON.parse(image.body)).toMatchObject({ message: "This account is disabled." });
    expect(browser.jar.size).toBe(2);
    const tab = await browser.ask("/a.txt?x=1");
    expect(tab).toMatchObject({ status: 401, heading: "This account is disabled.", location: "" });
    expect(tab.body).toContain("Is that wrong? Ask those who run this site.");
    expect(tab.body).toContain(
      '<a href="/.gatehouse/login?prompt=login&#38;return_to=%2Fa.txt%3Fx%3D1">Sign in as somebody else</a>',
    );
    expect(browser.jar.size).toBe(0);
    expect(gate().logged.map((line) => JSON.parse(line))).toMatchObject([
      { level: "warn", code: "account_disabled", status: 401, cause: "UserDisabled" },
      { level: "warn", code: "account_disabled", status: 401, cause: "UserDisabled" },
    ]);
  });

  test.each([
    [
      "its role mapping",
      "The ambiguous role mapping rules for: a denied this request.",
      403,
      "access_denied",
    ],
    ["the user pool's name", "Token is not from a supported provider.", 500, "exchange_misconfigured"],
  ])("an identity pool that refuses by %s ends no session", async (_, message, status, code) => {
    const browser = await gate().signedIn();
    browser.jar.delete("__Host-gatehouse-aws");
    browser.handler = gate().coldStart();
    gate().cognito.answer = failing(400, "NotAuthorizedException", message);
    const before = browser.cookie;
    expect(await browser.ask("/a.txt", { dest: "image" })).toMatchObject({ status, code, cookies: [] });
    const tab = await browser.ask("/a.txt");
    expect(tab).toMatchObject({ status, location: "", cookies: [] });
    expect(browser.cookie).toBe(before);
    expect(`${tab.body}${gate().logged}`).not.toMatch(/mapping rules|supported provider/);
  });

  test("what cannot be decided now leads nowhere", async () => {
    const browser = await gate().signedIn();
    browser.jar.delete("__Host-gatehouse-aws");
    browser.handler = gate().coldStart();
    gate().cognito.answer = failing(400, "TooManyRequestsException");
    const tab = await browser.ask("/a.txt");
    expect(tab).toMatchObject({ status: 503, location: "", cookies: [] });
    expect(tab.headers["retry-after"]).toBe("2");
  });

  test("the page about blocked cookies remembers what was asked for", async () => {
    const { body } = await gate().browser().ask("/.gatehouse/finish?return_to=/a.txt&restarted=1");
    expect(body).toContain('href="/.gatehouse/login?return_to=%2Fa.txt"');
  });
});

describe("a gate without sign-in has no way to offer", () => {
  const gate = useGate("gatehouse");

  test.each(["document", "iframe", "image"])("a %s", async (dest) => {
    const answer = await gate().browser().ask("/a.txt", { dest });
    expect(answer).toMatchObject({ status: 401, location: "", cookies: [] });
    for (const name of ["login", "callback", "finish", "me", "logout"])
      expect(await gate().browser().ask(`/.gatehouse/${name}`, { dest })).toMatchObject({ status: 404 });
  });
});

/** What a browser does with a line that sets a cookie. */
class PickyBrowser extends Browser {
  readonly #keeps: (name: string) => boolean;

  constructor({ handler, jar }: Browser, keeps: (name: string) => boolean) {
    super(handler);
    for (const [name, value] of jar) this.jar.set(name, value);
    this.#keeps = keeps;
  }

  override keep(line: string): void {
    if (this.#keeps(line.slice(0, line.indexOf("=")))) super.keep(line);
  }
}

interface Trip {
  /** The browser at its start; a fresh one unless the trip makes its own. */
  readonly browser?: (gate: TestGate) => Promise<Browser>;
  readonly keeps?: (name: string) => boolean;
  readonly fault?: (gate: TestGate) => CognitoAnswer;
  readonly claims?: object;
  readonly changes?: Partial<ConfigDocument>;
  readonly url?: string;
  /** Where it ends, and after how many answers at most. */
  readonly ends: readonly [status: number | "signed", heading?: string];
}

describe("no way leads round in circles", () => {
  const gate = useGate("gatehouse-auth");

  const withExpired = async (test: TestGate) => {
    const browser = await test.signedIn();
    passTime(3_601_000);
    return browser;
  };
  const withoutRefresh = async (test: TestGate) => {
    const browser = await withExpired(test);
    browser.jar.delete(REFRESH_COOKIE);
    return browser;
  };
  const failed = "Signing in has failed.";
  const unavailable = "Signing in is not possible right now.";
  const blocked = "The browser does not keep the cookies of this site.";
  const fault =
    (action: string, answer: CognitoAnswer) =>
    ({ pool }: TestGate): CognitoAnswer =>
      withFault(action, answer, pool.answer);

  const trips: Record<string, Trip> = {
    "a first visit": { ends: ["signed"] },
    "an expired session": { browser: withExpired, ends: ["signed"] },
    "an expired session without a refresh token": { browser: withoutRefresh, ends: ["signed"] },
    "no cookie is kept": { keeps: () => false, ends: [400, blocked] },
    "only those of the attempt are kept": { keeps: (name) => name.includes("login"), ends: [400, blocked] },
    "only those of the session are kept": { keeps: (name) => !name.includes("login"), ends: [400, blocked] },
    "no token is kept, but what is sealed": { keeps: (name) => !/-id$/.test(name), ends: [400, blocked] },
    "nothing that is sealed is kept": { keeps: (name) => !name.includes("aws"), ends: ["signed"] },
    "no refresh token is kept": { keeps: (name) => !name.includes("refresh"), ends: ["signed"] },
    "an expired session, and no cookie is kept": {
      browser: withExpired,
      keeps: () => false,
      ends: [400, failed],
    },
    "an expired session, and a refresh token that is refused": {
      browser: withExpired,
      fault: fault("GetTokensFromRefreshToken", failing(400, "NotAuthorizedException")),
      ends: ["signed"],
    },
    "that, and no cookie is kept": {
      browser: withExpired,
      keeps: () => false,
      fault: fault("GetTokensFromRefreshToken", failing(400, "NotAuthorizedException")),
      ends: [400, failed],
    },
    "an expired session, and the pool is down": {
      browser: withExpired,
      fault: () => failing(500, "InternalErrorException"),
      ends: [503, unavailable],
    },
    "a refresh token that brings another user": {
      browser: withExpired,
      fault: (test) =>
        withFault(
          "GetTokensFromRefreshToken",
          (response) =>
            json(response, 200, { AuthenticationResult: { IdToken: test.idToken({ sub: "other" }) } }),
          test.pool.answer,
        ),
      ends: ["signed"],
    },
    "a refresh token that brings expired tokens": {
      browser: withExpired,
      fault: ({ pool }) =>
        withFault(
          "GetTokensFromRefreshToken",
          (response) => json(response, 200, { AuthenticationResult: { IdToken: token({ exp: 1 }) } }),
          pool.answer,
        ),
      ends: ["signed"],
    },
    "a pool whose tokens are always expired": { claims: { exp: 1 }, ends: [400, failed] },
    "a pool whose tokens are not valid yet": { claims: { nbf: 9_999_999_999 }, ends: [400, failed] },
    "all tokens were revoked for some time to come": {
      changes: { auth: { keys: KEYS, notBefore: 9_999_999_999 } },
      ends: [400, failed],
    },
    "that, with a session": {
      browser: (test) => test.signedIn(),
      changes: { auth: { keys: KEYS, notBefore: 9_999_999_999 } },
      ends: [400, failed],
    },
    "a token that takes two cookies": { claims: { pad: "x".repeat(4_000) }, ends: ["signed"] },
    "a token that fits into no request": {
      claims: { pad: "x".repeat(9_000) },
      ends: [431, "Your account has too many groups to sign in."],
    },
    "the token endpoint refuses": {
      fault: fault("/oauth2/token", (response) => json(response, 400, { error: "invalid_grant" })),
      ends: [400, failed],
    },
    "the token endpoint is down": {
      fault: fault("/oauth2/token", failing(500, "x")),
      ends: [503, unavailable],
    },
    "no credentials: throttled": {
      fault: fault("GetId", failing(400, "TooManyRequestsException")),
      ends: [503, unavailable],
    },
    "no credentials: down": { fault: fault("GetId", failing(500, "x")), ends: [503, unavailable] },
    "no credentials: misconfigured": {
      fault: fault("GetId", failing(400, "ResourceNotFoundException")),
      ends: [500, "Something went wrong."],
    },
    "no credentials: the user is disabled": {
      fault: fault("GetCredentialsForIdentity", failing(400, "NotAuthorizedException")),
      ends: [401, "The session has ended."],
    },
    "credentials that are expired": {
      fault: fault(
        "GetCredentialsForIdentity",
        working(() => 0),
      ),
      ends: [503, unavailable],
    },
    "an area that refuses": { changes: { areas: [{ path: "/b" }] }, ends: [403, "You may not see this."] },
    "keys that were changed": {
      browser: (test) => test.signedIn(),
      changes: { auth: { keys: { current: "9".repeat(64) } } },
      ends: ["signed"],
    },
    "the profile, as a page": { url: "/.gatehouse/me", ends: ["signed"] },
    "the last hop without the first": { url: "/.gatehouse/finish?return_to=/a.txt", ends: ["signed"] },
    "the last hop again, an hour later": {
      browser: withExpired,
      url: "/.gatehouse/finish?return_to=/a.txt",
      ends: ["signed"],
    },
    "the last hop without the first, of a sign-in that has been started again": {
      url: "/.gatehouse/finish?return_to=/a.txt&restarted=1",
      ends: [400, blocked],
    },
    "a sign-in by somebody who is signed in": {
      browser: (test) => test.signedIn(),
      url: "/.gatehouse/login?return_to=/a.txt",
      ends: ["signed"],
    },
    "a sign-in that leads to itself": {
      url: "/.gatehouse/login?return_to=/.gatehouse/login",
      ends: ["signed"],
    },
    "a path that nobody can ask for": { url: "/a/%2e%2e/b", ends: [400, "This address does not work."] },
    "an endpoint that is none": { url: "/.gatehouse/nothing", ends: [404, "There is nothing here."] },
    "a jar that is full: an expired token stays": {
      browser: withoutRefresh,
      keeps: (name) => !/-(id|refresh)$/.test(name),
      ends: [400, blocked],
    },
    "a jar that is full: a forged token stays": {
      browser: async (test) => {
        const browser = test.browser();
        browser.jar.set(ID_COOKIE, token({}, OTHER_KEY, { kid: "key-1" }));
        return browser;
      },
      keeps: (name) => !/-(id|refresh)$/.test(name),
      ends: [400, blocked],
    },
  };

  test.each(Object.entries(trips))("%s", async (_, { browser, keeps, fault: faultOf, ...trip }) => {
    const { claims = {}, changes = {}, url = "/a.txt?x=1", ends } = trip;
    const start = (await browser?.(gate())) ?? gate().browser(changes);
    start.handler = gate().coldStart(changes);
    if (faultOf) gate().cognito.answer = faultOf(gate());
    const answers = await gate().follow(new PickyBrowser(start, keeps ?? (() => true)), url, claims);
    const last = answers.at(-1);
    expect(answers.length).toBeLessThanOrEqual(10);
    expect([last?.status, ...(last?.heading ? [last.heading] : [])]).toEqual(ends);
    expect(last?.location).toBe("");
    expect(answers.map(({ body }) => body).join()).not.toMatch(SECRETS);
    expect(gate().logged.join()).not.toMatch(SECRETS);
  });
});
