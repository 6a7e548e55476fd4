// Where a sign-in starts and where it ends: what the managed login is asked, and what `return_to` can do.
import { hash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { HOST, ORIGIN } from "../fixtures/browser.ts";
import { AUTH_BUNDLES } from "../fixtures/bundle.ts";
import { CLIENT_ID, configDocument, SECOND_CLIENT_ID } from "../fixtures/config.ts";
import { passTime, SECRETS, useGate } from "../fixtures/gate.ts";
import { JWKS } from "../fixtures/tokens.ts";

/** Text that cannot be made much shorter: what a query may hold unescaped, in no order, the same each time. */
function noise(length: number): string {
  const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.!~*()$@:?;,=[]{}|^`";
  const bytes = Array.from({ length: Math.ceil(length / 64) }, (_, index) =>
    hash("sha512", String(index), "buffer"),
  );
  return Array.from(Buffer.concat(bytes).subarray(0, length), (byte) => letters[byte % letters.length]).join(
    "",
  );
}

describe.each(AUTH_BUNDLES)("%s", (bundle) => {
  const gate = useGate(bundle);

  test("asks for a code by PKCE S256, with state and nonce of its own", async () => {
    const { status, location, cookies, headers, body } = await gate()
      .browser()
      .ask("/.gatehouse/login?return_to=/a");
    const url = new URL(location);
    const asked = Object.fromEntries(url.searchParams);
    expect(status).toBe(302);
    expect(url.origin + url.pathname).toBe(`${gate().cognito.url}/oauth2/authorize`);
    expect(asked).toEqual({
      response_type: "code",
      client_id: CLIENT_ID,
      redirect_uri: `${ORIGIN}/.gatehouse/callback`,
      scope: "openid",
      state: expect.stringMatching(/^[0-9a-z]{9}-[\w-]{22}\.[\w-]{60,80}$/),
      nonce: expect.stringMatching(/^[\w-]{22}$/),
      code_challenge: expect.stringMatching(/^[\w-]{43}$/),
      code_challenge_method: "S256",
    });
    expect(cookies).toEqual([
      expect.stringMatching(
        RegExp(
          `^__Host-gatehouse-login-${asked["state"]?.split(".")[0]}=[\\w-]{100,400}; Max-Age=900; Path=/; Secure; HttpOnly; SameSite=Lax$`,
        ),
      ),
    ]);
    expect(cookies[0]).not.toContain(asked["nonce"]);
    expect(headers).toMatchObject({ "cache-control": "no-store", "referrer-policy": "no-referrer" });
    expect(body).toBe("");
    expect(gate().cognito.calls).toEqual([]);
    expect(gate().logged).toEqual([]);
  });

  test("redeems the code with the verifier of that challenge, once, and without a client secret", async () => {
    const browser = gate().browser();
    const [login, callback, finish, asset] = await gate().follow(browser, "/.gatehouse/login?return_to=/a");
    const [call, ...others] = gate().cognito.calls;
    const asked = new URL(login?.location ?? "").searchParams;
    expect(call?.action).toBe("/oauth2/token");
    expect(call?.headers.authorization).toBeUndefined();
    expect(call?.body).toEqual({
      grant_type: "authorization_code",
      client_id: CLIENT_ID,
      code: "secret-code-1",
      redirect_uri: asked.get("redirect_uri"),
      code_verifier: expect.stringMatching(/^[\w-]{43}$/),
    });
    expect(hash("sha256", String(call?.body["code_verifier"]), "base64url")).toBe(
      asked.get("code_challenge"),
    );
    expect(others.map(({ action }) => action)).toEqual(["GetId", "GetCredentialsForIdentity"]);
    expect(callback).toMatchObject({ status: 303, location: "/.gatehouse/finish?return_to=%2Fa", body: "" });
    expect(finish).toMatchObject({ status: 303, location: "/a", body: "" });
    expect(asset?.status).toBe("signed");
    expect([...browser.jar.keys()]).toEqual([
      "__Host-gatehouse-id",
      "__Host-gatehouse-refresh",
      "__Host-gatehouse-aws",
    ]);
  });

  test("every attempt has secrets of its own", async () => {
    const browser = gate().browser();
    const seen = new Set<string>();
    for (let count = 0; count < 50; count += 1) {
      const { location } = await browser.ask("/.gatehouse/login");
      for (const name of ["state", "nonce", "code_challenge"])
        seen.add(`${name} ${new URL(location).searchParams.get(name)}`);
    }
    expect(seen.size).toBe(150);
  });

  test("100 logins keep the eight newest attempts, each of which can be finished", async () => {
    const browser = gate().browser();
    const states: string[] = [];
    for (let count = 0; count < 100; count += 1) {
      const { location, cookies } = await browser.ask("/.gatehouse/login?return_to=/a");
      states.push(new URL(location).searchParams.get("state")?.split(".")[0] ?? "");
      expect(cookies.length).toBeLessThanOrEqual(2);
      expect(browser.jar.size).toBeLessThanOrEqual(8);
      passTime(1_000);
    }
    const kept = [...browser.jar.keys()].map((name) => name.replace("__Host-gatehouse-login-", ""));
    expect(kept.sort()).toEqual(states.slice(-8).sort());
  });

  test("of 345 attempts one answer forgets the 40 oldest, and stays far from CloudFront's 40 KB", async () => {
    const times = Array.from({ length: 345 }, (_, index) => `0mjx5b${String(index).padStart(3, "0")}`);
    const name = (time: string) => `__Host-gatehouse-login-${time}-${"A".repeat(22)}`;
    const Cookie = times.map((time) => `${name(time)}=x`).join("; ");
    const { status, cookies, headers } = await gate()
      .browser()
      .ask("/.gatehouse/login", { headers: { Cookie } });
    expect([status, cookies.length]).toEqual([302, 41]);
    expect(JSON.stringify(headers).length).toBeLessThan(8_000);
    const removed = cookies.slice(0, 40).map((line) => line.replace(/=;.*Max-Age=0;.*/, ""));
    expect(removed.sort()).toEqual(times.slice(0, 40).map(name));
  });

  test("attempts under the other prefix push none out", async () => {
    const browser = gate().browser();
    const { location } = await browser.ask("/.gatehouse/login?return_to=/a");
    const planted = Array.from(
      { length: 8 },
      (_, index) => `__Secure-gatehouse-login-zzzzzzzz${index}-${"A".repeat(22)}=x`,
    ).join("; ");
    const other = await browser.ask("/.gatehouse/login", {
      headers: { Cookie: `${planted}; ${browser.cookie}` },
    });
    expect(other.cookies).toHaveLength(1);
    const answer = await browser.ask(`/.gatehouse/callback?${gate().pool.signIn(location)}`);
    expect(answer).toMatchObject({ status: 303, location: "/.gatehouse/finish?return_to=%2Fa" });
  });

  test("attempts with long ways back leave room for everything else in 20,480 bytes of headers", async () => {
    const browser = gate().browser();
    for (let count = 0; count < 20; count += 1) {
      const { location } = await browser.ask(`/.gatehouse/login?return_to=/a?${noise(3_000)}`);
      expect(browser.cookie.length).toBeLessThan(7_000);
      expect(browser.cookie).toContain(new URL(location).searchParams.get("state")?.split(".")[0]);
      passTime(1_000);
    }
  });

  test.each(["image", "script", "style", "empty", "video", "font"])(
    "a %s starts no attempt",
    async (dest) => {
      const answer = await gate().browser().ask("/.gatehouse/login", { dest });
      expect(answer).toMatchObject({ status: 400, code: "invalid_request", cookies: [], location: "" });
    },
  );

  // Eight hidden ones would push the person's own attempt out.
  test.each(["iframe", "frame", "embed", "object"])("nor does the frame of the kind %s", async (dest) => {
    const answer = await gate().browser().ask("/.gatehouse/login", { dest });
    expect(answer).toMatchObject({ status: 400, cookies: [], location: "" });
    expect(gate().codes).toEqual(["invalid_request"]);
  });

  test.each(["document", "none"])("a navigation of the kind %s does", async (dest) => {
    const answer = await gate().browser().ask("/.gatehouse/login", { dest });
    expect(answer).toMatchObject({ status: 302, cookies: [expect.stringContaining("login-")] });
  });

  test("five tabs at the same time all come back to where they were", async () => {
    const browser = gate().browser();
    const ways = [1, 2, 3, 4, 5].map((tab) => `/.gatehouse/login?return_to=/tab${tab}`);
    const logins = await Promise.all(ways.map((url) => browser.ask(url)));
    const callbacks = await Promise.all(
      logins.map(({ location }) => browser.ask(`/.gatehouse/callback?${gate().pool.signIn(location)}`)),
    );
    expect(callbacks.map(({ status }) => status)).toEqual(Array(5).fill(303));
    const finished = await Promise.all(callbacks.map(({ location }) => browser.ask(location)));
    expect(finished.map(({ location }) => location)).toEqual(["/tab1", "/tab2", "/tab3", "/tab4", "/tab5"]);
    expect(browser.jar.size).toBe(3);
  });
});

describe("what is configured is asked for", () => {
  const gate = useGate("gatehouse-auth");
  const keys = { current: "a".repeat(64) };

  test.each([
    ["another client", { auth: { keys, clientId: SECOND_CLIENT_ID } }, { client_id: SECOND_CLIENT_ID }],
    [
      "scopes",
      { auth: { keys, scopes: ["openid", "email", "aws.cognito.signin.user.admin"] } },
      { scope: "openid email aws.cognito.signin.user.admin" },
    ],
    [
      "a base path",
      { auth: { keys, basePath: "/hidden/gate/" } },
      { redirect_uri: `${ORIGIN}/hidden/gate/callback` },
      "/hidden/gate/login",
    ],
  ])("%s", async (_, changes, expected, url = "/.gatehouse/login") => {
    const { status, location } = await gate().browser(changes).ask(url);
    expect(status).toBe(302);
    expect(Object.fromEntries(new URL(location).searchParams)).toMatchObject(expected);
  });

  test("the host of the managed login, over TLS", async () => {
    const userPool = { ...configDocument().userPool, jwks: JWKS, domain: "login.example.com" };
    const { location } = await gate().browser({ userPool, endpoints: {} }).ask("/.gatehouse/login");
    expect(location).toMatch(/^https:\/\/login\.example\.com\/oauth2\/authorize\?response_type=code&/);
  });

  test.each([
    [HOST, `https://${HOST}`],
    ["assets.example.com", "https://assets.example.com"],
    ["assets.example.com:8443", "https://assets.example.com:8443"],
    ["localhost:3000", "http://localhost:3000"],
    ["127.0.0.1:3000", "http://127.0.0.1:3000"],
    ["localhost.example.com", "https://localhost.example.com"],
    ["127.0.0.1.example.com", "https://127.0.0.1.example.com"],
  ])("the way back leads to the host that was asked: %s", async (host, origin) => {
    const { location } = await gate()
      .browser()
      .ask("/.gatehouse/login", { headers: { Host: host } });
    expect(new URL(location).searchParams.get("redirect_uri")).toBe(`${origin}/.gatehouse/callback`);
  });

  test.each(["", "evil.example/", "a@b", "a b", "x?y", "x#y", "[::1]", "é.example"])(
    "the host %j is none",
    async (host) => {
      const answer = await gate()
        .browser()
        .ask("/.gatehouse/login", { headers: { Host: host }, dest: "empty" });
      expect(answer).toMatchObject({ status: 400, code: "invalid_request", cookies: [], location: "" });
    },
  );

  test.each(["POST", "HEAD", "PUT", "DELETE"])("%s is not for login", async (method) => {
    const answer = await gate().browser().ask("/.gatehouse/login", { method, dest: "empty" });
    expect(answer).toMatchObject({ status: 405, cookies: [], location: "" });
    expect(answer.headers["allow"]).toBe("GET, POST, OPTIONS");
  });
});

describe("straight to where people sign in", () => {
  const gate = useGate("gatehouse-auth");
  const keys = { current: "a".repeat(64) };
  const PLAIN = [
    "response_type",
    "client_id",
    "redirect_uri",
    "scope",
    "state",
    "nonce",
    "code_challenge",
    "code_challenge_method",
  ];

  /** What the managed login is asked beside what it is always asked. */
  async function chosen(query: string, auth: object = {}): Promise<object> {
    const { status, location } = await gate()
      .browser({ auth: { keys, ...auth } })
      .ask(`/.gatehouse/login?${query}`);
    expect(status).toBe(302);
    const url = new URL(location);
    const names = [...url.searchParams.keys()];
    expect(names.slice(0, PLAIN.length)).toEqual(PLAIN);
    expect(new Set(names).size).toBe(names.length);
    return { path: url.pathname, ...Object.fromEntries([...url.searchParams].slice(PLAIN.length)) };
  }

  const path = "/oauth2/authorize";
  const choices: Record<string, [query: string, asked: object, auth?: object]> = {
    "an identity provider": ["identity_provider=Google", { path, identity_provider: "Google" }],
    "one with an odd name": [
      "identity_provider=%C3%9Cbung%2B%26%3Da",
      { path, identity_provider: "Übung+&=a" },
    ],
    "one by a customer's domain": ["idp_identifier=example.com", { path, idp_identifier: "example.com" }],
    "a language": ["lang=pt-BR", { path, lang: "pt-BR" }],
    "a name": ["login_hint=ada%2Bfiles%40example.com", { path, login_hint: "ada+files@example.com" }],
    "another account": ["prompt=login", { path, prompt: "login" }],
    "all of them": [
      "login_hint=ada&lang=de&return_to=/a&identity_provider=Google",
      { path, identity_provider: "Google", lang: "de", login_hint: "ada" },
    ],
    "sign-up where it is not configured": ["screen_hint=signup", { path }],
    "sign-up where it is": [
      "screen_hint=signup",
      { path: "/signup", screen_hint: "signup" },
      { screenHint: true },
    ],
    "the configured provider": ["", { path, identity_provider: "Okta" }, { identityProvider: "Okta" }],
    "another one than the configured": [
      "identity_provider=COGNITO",
      { path, identity_provider: "COGNITO" },
      { identityProvider: "Okta" },
    ],
    "a domain instead of the configured provider": [
      "idp_identifier=example.com",
      { path, idp_identifier: "example.com" },
      { identityProvider: "Okta" },
    ],
    "a name that is none, with a configured provider": [
      "identity_provider=_x",
      { path, identity_provider: "Okta" },
      { identityProvider: "Okta" },
    ],
    "sign-up, which is not at the configured provider": [
      "screen_hint=signup",
      { path: "/signup", screen_hint: "signup" },
      { screenHint: true, identityProvider: "Okta" },
    ],
  };
  test.each(Object.entries(choices))("%s", async (_, [query, asked, auth]) => {
    expect(await chosen(query, auth)).toEqual(asked);
  });

  const refused = [
    "identity_provider=",
    "identity_provider=_x",
    "identity_provider=a%20b",
    "identity_provider=a%0d%0ab",
    `identity_provider=${"x".repeat(33)}`,
    "identity_provider=a&identity_provider=b",
    "idp_identifier=",
    "idp_identifier=a/b",
    `idp_identifier=${"x".repeat(41)}`,
    "lang=german",
    "lang=../de",
    "login_hint=",
    "login_hint=a%00",
    "login_hint=a%0a",
    `login_hint=${"x".repeat(257)}`,
    "prompt=none",
    "prompt=consent",
    "screen_hint=login",
    "scope=aws.cognito.signin.user.admin",
    "state=s",
    "nonce=n",
    "redirect_uri=https://evil.example/",
    "client_id=other",
    "response_type=token",
    "response_mode=fragment",
    "code_challenge=x",
    "code_challenge_method=plain",
    "resource=x",
    "__proto__=x",
  ];
  test.each(refused)("%s does not pass", async (query) => {
    expect(await chosen(query, { screenHint: true })).toEqual({ path });
  });
});

describe("the fragment of an address", () => {
  const gate = useGate("gatehouse-auth");
  /** What browsers say on navigations, and programs do not. */
  const TAB = { "Upgrade-Insecure-Requests": "1" };
  const PAGE = "/.gatehouse/login?return_to=%2Fapp%2F%3Ftab%3D2";

  test("a tab is asked for it by a page that starts nothing, and leads to this same endpoint", async () => {
    const browser = gate().browser();
    const page = await browser.ask(PAGE, { headers: TAB });
    expect(page).toMatchObject({ status: 200, cookies: [], location: "", heading: "Please sign in." });
    expect(page.body).toContain('href="/.gatehouse/login?return_to=%2Fapp%2F%3Ftab%3D2%23"');
    expect(page.headers["content-security-policy"]).toMatch(
      /^default-src 'none'; .*script-src 'sha256-[\w+/=]{44}'; form-action 'none'$/,
    );
    expect(page.headers["cache-control"]).toBe("no-store");
    expect(gate().logged).toEqual([]);
  });

  test.each([
    ["%2Fapp%2F%3Ftab%3D2%23%2Forders%2F42", "/app/?tab=2#/orders/42"],
    ["%2Fapp%2F%23", "/app/"],
    ["%2F%23!%2Fa%3Fb%3Dc%23d", "/#!/a?b=c#d"],
    [encodeURIComponent('/#/ü/a b"<>`'), "/#/%C3%BC/a%20b%22%3C%3E%60"],
    [encodeURIComponent("/#a\r\nSet-Cookie: b=c"), "/#aSet-Cookie:%20b=c"],
    [encodeURIComponent("//evil.example/#a"), "/"],
    [encodeURIComponent("/\\evil.example#a"), "/"],
    [encodeURIComponent("/.gatehouse/logout#a"), "/"],
    [encodeURIComponent(`/a#${"x".repeat(3_097)}`), `/a#${"x".repeat(3_097)}`],
    [encodeURIComponent(`/a#${"x".repeat(3_098)}`), "/a"],
  ])("%s ends at %s, with the session", async (place, end) => {
    const browser = gate().browser();
    const start = await browser.ask(`/.gatehouse/login?return_to=${place}`, { headers: TAB });
    expect(start.status).toBe(302);
    const callback = await browser.ask(`/.gatehouse/callback?${gate().pool.signIn(start.location)}`);
    const finish = await browser.ask(callback.location);
    expect(finish).toMatchObject({ status: 303, location: end });
  });

  test("the choices of the link stay, and what is none of them does not", async () => {
    const query = "lang=de&evil=1&return_to=/a&login_hint=ada%26b";
    const page = await gate().browser().ask(`/.gatehouse/login?${query}`, { headers: TAB });
    expect(page.body).toContain(
      'href="/.gatehouse/login?lang=de&#38;login_hint=ada%26b&#38;return_to=%2Fa%23"',
    );
  });

  test.each([
    ["a program that follows redirects", { headers: {} }],
    ["an old browser", { dest: "none", headers: TAB }],
  ])("%s is redirected at once", async (_, asking) => {
    expect(await gate().browser().ask(PAGE, asking)).toMatchObject({
      status: 302,
      cookies: [expect.stringContaining("login-")],
    });
  });
});

describe("return_to", () => {
  const gate = useGate("gatehouse-auth");

  /** Where the browser is in the end, by its own reading of the last redirect. */
  async function endOf(query: string): Promise<{ readonly location: string; readonly url: URL }> {
    const browser = gate().browser();
    const { location: login, status } = await browser.ask(`/.gatehouse/login?${query}`);
    expect(status).toBe(302);
    const callback = await browser.ask(`/.gatehouse/callback?${gate().pool.signIn(login)}`);
    const finish = await browser.ask(callback.location);
    expect([callback.status, finish.status]).toEqual([303, 303]);
    const direct = await browser.ask(`/.gatehouse/finish?${query}`);
    expect(direct.location).toBe(finish.location);
    return { location: finish.location, url: new URL(finish.location, `${ORIGIN}/.gatehouse/finish`) };
  }

  const elsewhere = [
    "",
    "evil.example",
    "//evil.example",
    "///evil.example",
    "////evil.example/a",
    "/\\evil.example",
    "\\\\evil.example",
    "\\/evil.example",
    "/\\/evil.example",
    "//\\evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "/\r\n/evil.example",
    "\t//evil.example",
    " //evil.example",
    "\u0000//evil.example",
    "\u0001/\\evil.example",
    "/\t\\evil.example",
    "/%09/evil.example",
    "/%0a/evil.example",
    "/%5Cevil.example",
    "/%5c%5cevil.example",
    "/%2F/evil.example",
    "/%2fevil.example",
    "https:evil.example",
    "https:/evil.example",
    "https://evil.example",
    "HTTPS://evil.example",
    "http://evil.example",
    `${ORIGIN}/a`,
    `${ORIGIN}@evil.example`,
    `https://${HOST}.evil.example/`,
    "//user:password@evil.example",
    "//evil.example:443/",
    `//${HOST}@evil.example/`,
    "//[::1]/",
    "//2130706433/",
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "java\tscript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:msgbox(1)",
    "blob:https://evil.example/1",
    "file:///etc/passwd",
    "?next=//evil.example",
    "#//evil.example",
    "／／evil.example",
    "\u2215\u2215evil.example",
    "//evil。example",
    "/\u0000",
    "/a\\..\\..\\\\evil.example\\%2F",
    "/.gatehouse/",
    "/.gatehouse/login",
    "/.gatehouse/logout",
    "/.gatehouse/callback?code=1&state=2",
    "/.gatehouse/finish?return_to=/a",
    "/.gatehouse/session",
    "/.gatehouse/me",
    "/.gatehouse/list/a/",
    "/%2egatehouse/login",
    "/.%67atehouse/login",
    "/.gatehouse%2Flogin",
    "/.gatehouse/%6Cogin",
    "/.gatehouse\\login",
    "/a/../.gatehouse/login",
    "/a/%2e%2e/.gatehouse/login",
    "/./.gatehouse/login",
    "/%2e/.gatehouse/login",
    "/.gate\nhouse/login",
    "/\t.gatehouse/login",
    "/%E0%A4%A",
    "/%ff",
  ];
  test.each(elsewhere)("%j is not followed: the start page instead", async (value) => {
    const { location } = await endOf(`return_to=${encodeURIComponent(value)}`);
    expect(location).toBe("/");
  });

  const here: Record<string, string> = {
    "/.//evil.example": "//evil.example",
    "/..//evil.example": "//evil.example",
    "/%2e//evil.example/a": "//evil.example/a",
    "/a/..//evil.example": "//evil.example",
    "/a/../../..//evil.example": "//evil.example",
    "/.\\\\evil.example": "//evil.example",
    "/a//evil.example": "/a//evil.example",
    "/@evil.example": "/@evil.example",
    "/https://evil.example": "/https://evil.example",
    "/javascript:alert(1)": "/javascript:alert(1)",
    "/.gatehouse": "/.gatehouse",
    "/.GATEHOUSE/login": "/.GATEHOUSE/login",
    "/a/.gatehouse/login": "/a/.gatehouse/login",
    "//.gatehouse/login": "",
    "/.//.gatehouse/login": "//.gatehouse/login",
    "/;/.gatehouse/login": "/;/.gatehouse/login",
    "/／evil.example": "/%EF%BC%8Fevil.example",
  };
  test.each(Object.entries(here))("%j stays on this origin as the path %j", async (value, path) => {
    const { location, url } = await endOf(`return_to=${encodeURIComponent(value)}`);
    expect(url.origin).toBe(ORIGIN);
    expect(url.pathname).toBe(path || "/");
    expect(location).toMatch(/^\/(?![/\\])/);
    expect(decodeURIComponent(url.pathname)).not.toMatch(/^\/\.gatehouse\//);
  });

  test.each([
    ["nothing", "", "/"],
    ["another parameter", "returnTo=/a", "/"],
    ["the parameter twice", "return_to=/a&return_to=//evil.example", "/a"],
    ["the parameter twice, the bad one first", "return_to=//evil.example&return_to=/a", "/"],
    ["a parameter that is encoded twice", "return_to=%252F%252Fevil.example", "/"],
    ["malformed percent-encoding", "return_to=/%E0%A4%A", "/"],
    ["raw control characters", "return_to=/%00%01", "/"],
  ])("%s", async (_, query, expected) => {
    expect((await endOf(query)).location).toBe(expected);
  });

  const deepLinks = [
    "/a.txt?x=1",
    "/deep/er/film.mp4?t=10",
    "/a%20b/%E4%B8%AD%E6%96%87.jpg?q=%E4%B8%AD%E6%96%87",
    "/a+b?c+d=e+f",
    "/a?next=%2Fb%2Fc&up=..%2F..%2F",
    "/a?next=//evil.example",
    "/a?x=1&x=2&x=1",
    "/a?x=&y&=z&&",
    "/a?q=%25%32%46&amp;=%26&hash=%23",
    "/a?q=%E4%BD&broken=%zz&lone=%",
    "/a?q=[1]{2}|3^4`5~6!$*(),;:@/?",
    "/a?versionId=1&download=b%20c.pdf",
    "/a?gatehouse=1&return_to=/b&state=x&code=y",
    "/%F0%9F%8F%B0",
    "//double//slashes?x=1",
    "/folder/",
  ];
  test.each(deepLinks)("%s comes back byte for byte", async (url) => {
    const browser = gate().browser();
    const answers = await gate().follow(browser, url.startsWith("//") ? `${ORIGIN}${url}` : url);
    const [first, login, callback, finish, asset] = answers;
    expect(answers.map(({ status }) => status)).toEqual([302, 302, 303, 303, "signed"]);
    expect(first?.location).toMatch(/^\/\.gatehouse\/login\?return_to=/);
    const back = new URL(finish?.location ?? "", ORIGIN);
    expect(back.href.slice(ORIGIN.length)).toBe(url);
    expect([login?.body, callback?.body, asset?.body].join("")).toBe("");
  });

  test("3,100 characters come back, whatever they are; of more, the path without its query", async () => {
    for (const longest of [`/a?${"x".repeat(3_097)}`, `/a?${noise(3_097)}`]) {
      expect((await endOf(`return_to=${encodeURIComponent(longest)}`)).location).toBe(longest);
      expect((await endOf(`return_to=${encodeURIComponent(longest)}y`)).location).toBe("/a");
    }
  });

  test.each([
    ["a query that grows in a URL is counted as it leaves", `/a?q=${"%E4%B8%AD".repeat(400)}`, "/a"],
    ["a path of 1,024 bytes, each of them escaped", `/${"%E4%B8%AD".repeat(341)}`, undefined],
    ["a path that is too long by itself", `/${"a".repeat(3_100)}?x=1`, "/"],
    ["one of 3,000 letters", `/a?${"x".repeat(3_000)}`, undefined],
  ])("%s", async (_, wanted, end = wanted) => {
    expect((await endOf(`return_to=${wanted}`)).location).toBe(end);
  });

  test("a deep link that is too long to come back to still leads to a sign-in that fits into a URL", async () => {
    const { status, location } = await gate()
      .browser()
      .ask(`/a?x=${"%20".repeat(2_400)}`);
    expect(status).toBe(302);
    expect(location.length).toBeLessThan(8_000);
  });

  test("nothing that is answered on the way holds a secret but its cookies", async () => {
    const answers = await gate().follow(gate().browser(), "/a");
    const told = answers.map(({ headers, body }) => ({ ...headers, "set-cookie": "", body }));
    expect(JSON.stringify(told)).not.toMatch(SECRETS);
    expect(gate().codes).toEqual(["token_missing"]);
    expect(gate().logged.join()).not.toMatch(SECRETS);
  });

  test("a raw letter beyond ASCII in a path is not lost", async () => {
    const { location } = await gate().browser().ask("/é.txt");
    expect(location).toBe("/.gatehouse/login?return_to=%2F%25C3%25A9.txt");
  });
});
