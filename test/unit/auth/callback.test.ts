// The way back from the managed login: nothing is believed but the answer to a question of this very browser.
import { describe, expect, test } from "vitest";
import type { Browser } from "../fixtures/browser.ts";
import { AUTH_BUNDLES } from "../fixtures/bundle.ts";
import { type Answer as CognitoAnswer, json } from "../fixtures/cognito.ts";
import { NOW, SECOND_CLIENT_ID } from "../fixtures/config.ts";
import { ID_COOKIE, passTime, SECRETS, type TestGate, useGate } from "../fixtures/gate.ts";
import { ID_CLAIMS, KEY, OTHER_KEY, signed, token } from "../fixtures/tokens.ts";
import { withFault } from "../fixtures/user-pool.ts";

const FAILED = "Signing in has failed.";
const UNAVAILABLE = "Signing in is not possible right now.";

/** One attempt of a browser, as far as the managed login. */
async function start(gate: TestGate, browser: Browser) {
  const { location } = await browser.ask("/.gatehouse/login?return_to=/a");
  const { state = "", nonce = "" } = Object.fromEntries(new URL(location).searchParams);
  const cookie = `__Host-gatehouse-login-${state.split(".")[0]}`;
  const forgotten = `${cookie}=; Max-Age=0; Path=/; Secure; HttpOnly; SameSite=Lax`;
  return { state, nonce, cookie, forgotten, query: gate.pool.signIn(location) };
}
type Attempt = Awaited<ReturnType<typeof start>>;

describe.each(AUTH_BUNDLES)("%s", (bundle) => {
  const gate = useGate(bundle);

  test.each([
    ["the pool's keys cannot be had: the token may be good", OTHER_KEY, "keys_unavailable", 503],
    ["the token did not come back", KEY, "cookies_blocked", 400],
  ])("a finish without a token to go on with: %s", async (_, key, code, status) => {
    gate().cognito.answer = withFault("Jwks", (response) => json(response, 500, {}), gate().pool.answer);
    const browser = gate().browser();
    if (key === OTHER_KEY) browser.jar.set(ID_COOKIE, token({}, OTHER_KEY));
    const answer = await browser.ask("/.gatehouse/finish?return_to=/a&restarted=1", { dest: "none" });
    expect(answer).toMatchObject({ status, location: "", cookies: [] });
    expect(gate().codes).toEqual([code]);
  });

  test("a genuine answer sets the session's cookies and forgets the attempt", async () => {
    const browser = gate().browser();
    const { query, forgotten } = await start(gate(), browser);
    const { status, location, cookies, body } = await browser.ask(`/.gatehouse/callback?${query}`);
    expect([status, location, body]).toEqual([303, "/.gatehouse/finish?return_to=%2Fa", ""]);
    expect(cookies).toEqual([
      forgotten,
      expect.stringMatching(
        /^__Host-gatehouse-id=eyJ[\w-]+\.[\w-]+\.[\w-]{342}; Max-Age=2592000; Path=\/; Secure; HttpOnly; SameSite=Lax$/,
      ),
      "__Host-gatehouse-refresh=secret-refresh-2; Max-Age=2592000; Path=/; Secure; HttpOnly; SameSite=Lax",
    ]);
    expect(gate().actions).toEqual(["/oauth2/token"]);
    expect(gate().logged).toEqual([]);
  });

  describe("an answer to a question that this browser has not asked sets up no session", () => {
    const unknown = "0mjwxyz12-AAAAAAAAAAAAAAAAAAAAAA";
    const answers: Record<string, (attempt: Attempt, browser: Browser) => string | Promise<string>> = {
      "no parameters": () => "",
      "a code alone, as of a sign-in that an identity provider has started": () => "code=secret-code-1",
      "an empty state": () => "code=secret-code-1&state=",
      "a state as the gate made them before": () => `code=secret-code-1&state=${unknown}`,
      "an unknown state": () => `code=secret-code-1&state=${unknown}.${"A".repeat(80)}`,
      "the state in another case": ({ query, state }) => query.replace(state, state.toUpperCase()),
      "a part of the state": ({ query }) => query.slice(0, -1),
      "more than the state": ({ query }) => `${query}A`,
      "the state twice": ({ query, state }) => `${query}&state=${state}`,
      "another state besides": ({ query }) => `state=${unknown}&${query}`,
      "a state that names another cookie": () => "code=secret-code-1&state=../id",
      "the state of another browser": async () => (await start(gate(), gate().browser())).query,
      "the state of the attempt before, which has been finished": async ({ query }, browser) => {
        await browser.ask(`/.gatehouse/callback?${query}`);
        gate().cognito.calls.length = 0;
        gate().logged.length = 0;
        return query;
      },
      "a state of 15 minutes ago": ({ query }) => {
        passTime(900_000);
        return query;
      },
      "a tampered attempt": ({ query, cookie }, browser) => {
        const value = browser.jar.get(cookie) ?? "";
        browser.jar.set(cookie, `${value.slice(0, 60)}${value[60] === "A" ? "B" : "A"}${value.slice(61)}`);
        return query;
      },
      "an empty attempt": ({ query, cookie }, browser) => {
        browser.jar.set(cookie, "");
        return query;
      },
      "another attempt's secrets under this name": async ({ query, cookie }, browser) => {
        const other = await start(gate(), browser);
        browser.jar.set(cookie, browser.jar.get(other.cookie) ?? "");
        return query;
      },
      "a sealed session in place of the attempt": async ({ query, cookie }, browser) => {
        const other = await gate().signedIn();
        browser.jar.set(cookie, other.jar.get("__Host-gatehouse-aws") ?? "");
        return query;
      },
      "an attempt under the other prefix": ({ query, cookie }, browser) => {
        browser.jar.set(cookie.replace("__Host-", "__Secure-"), browser.jar.get(cookie) ?? "");
        browser.jar.delete(cookie);
        return query;
      },
    };
    test.each(Object.entries(answers))("%s", async (_, queryOf) => {
      const browser = gate().browser();
      const attempt = await start(gate(), browser);
      const query = await queryOf(attempt, browser);
      const hasSession = browser.jar.has(ID_COOKIE);
      const answer = await browser.ask(`/.gatehouse/callback?${query}`);
      expect(answer).toMatchObject({ status: hasSession ? 303 : 302, body: "" });
      if (hasSession) expect(answer).toMatchObject({ location: "/a", cookies: [] });
      else expect(answer.location).toMatch(/^\/\.gatehouse\/login\?return_to=%2Fa?&restarted=1$/);
      expect(answer.cookies.join()).not.toMatch(/gatehouse-(id|refresh|aws)/);
      expect(answer.location).not.toMatch(/secret-/);
      expect(gate().actions).toEqual([]);
      expect(gate().logged.map((line) => JSON.parse(line))).toEqual(
        hasSession
          ? []
          : [
              expect.objectContaining({
                level: "info",
                code: "sign_in_failed",
                status: 302,
                cause: "UnknownState",
              }),
            ],
      );
      const program = await browser.ask(`/.gatehouse/callback?${query}`, { dest: "empty" });
      expect(program).toMatchObject({ status: 400, code: "sign_in_failed", cookies: [] });
    });
  });

  test.each([
    ["of nobody's", ""],
    ["with an unknown state", "&state=0mjwxyz12-AAAAAAAAAAAAAAAAAAAAAA.AAAA"],
  ])("an error %s is not shown, and asks nobody again", async (_, state) => {
    const browser = gate().browser();
    await start(gate(), browser);
    const url = `/.gatehouse/callback?error=access_denied&error_description=Call+555-0100${state}`;
    const answer = await browser.ask(url);
    expect(answer).toMatchObject({ status: 400, heading: FAILED, cookies: [], location: "" });
    expect(answer.body).not.toMatch(/555-0100|blockquote/);
    expect(gate().logged.map((line) => JSON.parse(line))).toEqual([
      expect.objectContaining({ level: "warn", code: "sign_in_failed", status: 400, cause: "UnknownState" }),
    ]);
    expect(await browser.ask(url, { dest: "empty" })).toMatchObject({ status: 400, code: "sign_in_failed" });
  });

  describe("a token that is not for this attempt is refused", () => {
    const now = NOW / 1000;
    const good = { ...ID_CLAIMS, iat: now, exp: now + 3_600 };
    const header = { alg: "RS256", kid: KEY.kid };
    const tokens: Record<string, (nonce: string) => string> = {
      "the nonce of another attempt": () => signed(header, { ...good, nonce: "AAAAAAAAAAAAAAAAAAAAAA" }),
      "no nonce": () => signed(header, good),
      "a list of nonces": (nonce) => signed(header, { ...good, nonce: [nonce] }),
      "another client of ours": (nonce) => signed(header, { ...good, nonce, aud: SECOND_CLIENT_ID }),
      "another client": (nonce) => signed(header, { ...good, nonce, aud: "stranger" }),
      "several audiences": (nonce) => signed(header, { ...good, nonce, aud: [good.aud, "stranger"] }),
      "another pool": (nonce) => signed(header, { ...good, nonce, iss: `${good.iss}2` }),
      "an access token": (nonce) => signed(header, { ...good, nonce, token_use: "access" }),
      "no use": (nonce) => signed(header, { ...good, nonce, token_use: undefined }),
      "no subject": (nonce) => signed(header, { ...good, nonce, sub: undefined }),
      "an expired one": (nonce) => signed(header, { ...good, nonce, exp: now }),
      "one without an end": (nonce) => signed(header, { ...good, nonce, exp: undefined }),
      "one that is not valid yet": (nonce) => signed(header, { ...good, nonce, nbf: now + 1 }),
      "another key under the key's name": (nonce) => signed(header, { ...good, nonce }, OTHER_KEY),
      "alg none": (nonce) => signed({ ...header, alg: "none" }, { ...good, nonce }),
      "alg none without a signature": (nonce) =>
        signed({ ...header, alg: "none" }, { ...good, nonce }).replace(/[^.]*$/, ""),
      "alg HS256": (nonce) => signed({ ...header, alg: "HS256" }, { ...good, nonce }),
      "a crit header": (nonce) => signed({ ...header, crit: ["b64"] }, { ...good, nonce }),
      "no token": () => "",
      "three words": () => "a.b.c",
    };
    test.each(Object.entries(tokens))("%s", async (_, tokenOf) => {
      const browser = gate().browser();
      const { query, nonce, forgotten } = await start(gate(), browser);
      gate().cognito.answer = (response) =>
        json(response, 200, { id_token: tokenOf(nonce), refresh_token: "secret-refresh" });
      const answer = await browser.ask(`/.gatehouse/callback?${query}`);
      expect(answer).toMatchObject({ status: 400, heading: FAILED, location: "", cookies: [forgotten] });
      expect(gate().actions).toEqual(["/oauth2/token"]);
      expect(gate().codes).toEqual(["sign_in_failed"]);
      expect(`${answer.body}${gate().logged}`).not.toMatch(SECRETS);
      expect(browser.jar.size).toBe(0);
    });

    test("the good one they differ from is accepted", async () => {
      const browser = gate().browser();
      const { query, nonce } = await start(gate(), browser);
      gate().cognito.answer = (response) =>
        json(response, 200, { id_token: signed(header, { ...good, nonce }) });
      expect(await browser.ask(`/.gatehouse/callback?${query}`)).toMatchObject({ status: 303 });
      expect([...browser.jar.keys()]).toEqual([ID_COOKIE]);
    });
  });

  describe("each fault of the token endpoint has its answer, and the attempt is over", () => {
    const text =
      (status: number, body: string): CognitoAnswer =>
      (response) =>
        response.writeHead(status, { "content-type": "application/json" }).end(body);
    const faults: Record<string, [CognitoAnswer, status: number, code: string, cause: string]> = {
      "a code for which this is no client": [
        text(400, '{"error":"unauthorized_client"}'),
        400,
        "sign_in_failed",
        "unauthorized_client",
      ],
      "a client that is unknown": [
        text(401, '{"error":"invalid_client"}'),
        400,
        "sign_in_failed",
        "invalid_client",
      ],
      "an error that quotes the code": [
        text(400, '{"error":"no secret-code-1, eyJ!"}'),
        400,
        "sign_in_failed",
        "status 400",
      ],
      "status 403, no JSON": [text(403, "<html>secret-code-1"), 400, "sign_in_failed", "status 403"],
      "a redirect": [
        (response) => response.writeHead(302, { location: "https://evil.example/" }).end(),
        400,
        "sign_in_failed",
        "status 302",
      ],
      "status 429": [text(429, "{}"), 503, "sign_in_unavailable", "status 429"],
      "status 500": [text(500, '{"error":"secret-code-1"}'), 503, "sign_in_unavailable", "status 500"],
      "no JSON": [text(200, "<html>secret-code-1"), 503, "sign_in_unavailable", "NoIdToken"],
      "JSON of another shape": [text(200, "[]"), 503, "sign_in_unavailable", "NoIdToken"],
      "a token that is a number": [text(200, '{"id_token":1}'), 503, "sign_in_unavailable", "NoIdToken"],
      "an empty body": [text(200, ""), 503, "sign_in_unavailable", "NoIdToken"],
      "70,000 bytes": [text(200, "x".repeat(70_000)), 503, "sign_in_unavailable", "HttpError"],
      "a broken connection": [
        (response) => response.destroy(),
        503,
        "sign_in_unavailable",
        "HttpError < Error",
      ],
      "half an answer": [
        (response) => {
          response.writeHead(200, { "content-length": 100 }).write("{");
          setTimeout(() => response.destroy(), 20);
        },
        503,
        "sign_in_unavailable",
        "HttpError < Error",
      ],
      "a hang": [() => {}, 503, "sign_in_unavailable", "HttpError"],
    };
    test.each(Object.entries(faults))("%s", async (_, [fault, status, code, cause]) => {
      const browser = gate().browser();
      const { query, forgotten } = await start(gate(), browser);
      gate().cognito.answer = withFault("/oauth2/token", fault, gate().pool.answer);
      const answer = await browser.ask(`/.gatehouse/callback?${query}`);
      const heading = status === 400 ? FAILED : UNAVAILABLE;
      expect(answer).toMatchObject({ status, heading, location: "", cookies: [forgotten] });
      expect(answer.headers["retry-after"]).toBe(status === 503 ? "5" : undefined);
      expect(answer.body).toContain('href="/.gatehouse/login?return_to=%2Fa"');
      expect(gate().actions).toEqual(["/oauth2/token"]);
      expect(gate().logged.map((line) => JSON.parse(line))).toEqual([
        expect.objectContaining({ code, status, cause }),
      ]);
      expect(`${answer.body}${gate().logged}`).not.toMatch(SECRETS);
    });
  });
});

describe("attacks", () => {
  const gate = useGate("gatehouse-auth");

  test("code injection: a stolen code under one's own state fails at the verifier", async () => {
    const victim = await start(gate(), gate().browser());
    const attacker = gate().browser();
    const { state, forgotten } = await start(gate(), attacker);
    const code = new URLSearchParams(victim.query).get("code");
    const answer = await attacker.ask(`/.gatehouse/callback?code=${code}&state=${state}`);
    const location = "/.gatehouse/login?return_to=%2Fa&restarted=1";
    expect(answer).toMatchObject({ status: 302, location, cookies: [forgotten] });
    expect(attacker.jar.size).toBe(0);
    expect(JSON.parse(gate().logged[0] ?? "")).toMatchObject({
      code: "sign_in_failed",
      cause: "invalid_grant",
    });
  });

  test("code injection: and at the nonce, should the pool not check the verifier", async () => {
    const victim = await start(gate(), gate().browser());
    const attacker = gate().browser();
    const { state } = await start(gate(), attacker);
    gate().cognito.answer = (response) =>
      json(response, 200, { id_token: gate().idToken({ nonce: victim.nonce }) });
    const answer = await attacker.ask(`/.gatehouse/callback?code=stolen&state=${state}`);
    expect(answer).toMatchObject({ status: 400, heading: FAILED });
    expect(attacker.jar.size).toBe(0);
    expect(JSON.parse(gate().logged[0] ?? "")).toMatchObject({ cause: "AnotherNonce" });
  });

  test("login CSRF: somebody else's way back changes nothing in the victim's browser", async () => {
    const { query } = await start(gate(), gate().browser());
    const victim = await gate().signedIn({ sub: "victim" });
    const before = victim.cookie;
    const { status, location, cookies } = await victim.ask(`/.gatehouse/callback?${query}`);
    expect([status, location, cookies]).toEqual([303, "/a", []]);
    expect(victim.cookie).toBe(before);
    expect(gate().actions).toEqual([]);
    expect(JSON.parse((await victim.ask("/.gatehouse/me")).body)).toMatchObject({ sub: "victim" });
  });

  test.each([
    ["of a browser that has kept none of its cookies", 0, "cookies_blocked"],
    ["of a browser that has kept none, at the last moment", 899_999, "cookies_blocked"],
    ["of 15 minutes ago", 900_000, "sign_in_failed"],
    ["of some time to come", -1, "sign_in_failed"],
  ])("a state %s is refused with a word that may help", async (_, ms, code) => {
    const { query } = await start(gate(), gate().browser());
    passTime(ms);
    const answer = await gate().browser().ask(`/.gatehouse/callback?${query}`, { dest: "empty" });
    expect(answer).toMatchObject({ status: 400, code, cookies: [] });
    expect(gate().actions).toEqual([]);
  });

  test("a way back that is played twice is good for one sign-in", async () => {
    const browser = gate().browser();
    const { query } = await start(gate(), browser);
    await browser.ask(`/.gatehouse/callback?${query}`);
    const before = browser.cookie;
    const again = await browser.ask(`/.gatehouse/callback?${query}`);
    expect(again).toMatchObject({ status: 303, location: "/a", cookies: [] });
    expect(browser.cookie).toBe(before);
    expect(gate().actions).toEqual(["/oauth2/token"]);
  });

  test("an attempt is good until a second before its end", async () => {
    const browser = gate().browser();
    const { query } = await start(gate(), browser);
    passTime(899_999);
    expect(await browser.ask(`/.gatehouse/callback?${query}`)).toMatchObject({ status: 303 });
  });

  const codes: Record<string, string> = {
    missing: "",
    empty: "code=",
    twice: "code=a&code=a",
    "two different ones": "code=a&code=b",
    "with a line break": "code=a%0d%0aHost:%20evil",
    "with a space": "code=a+b",
    "with an ampersand": "code=a%26client_id%3Devil",
    "with letters beyond ASCII": "code=%C3%A9",
    "2,049 characters": `code=${"a".repeat(2_049)}`,
  };
  test.each(Object.entries(codes))("a code that is %s is not sent on", async (_, code) => {
    const browser = gate().browser();
    const { state, forgotten } = await start(gate(), browser);
    const answer = await browser.ask(`/.gatehouse/callback?state=${state}&${code}`);
    expect(answer).toMatchObject({ status: 400, heading: FAILED, cookies: [forgotten] });
    expect(gate().actions).toEqual([]);
  });

  test.each(["POST", "HEAD", "PUT"])("%s is no way back", async (method) => {
    const browser = gate().browser();
    const { query } = await start(gate(), browser);
    const answer = await browser.ask(`/.gatehouse/callback?${query}`, { method, dest: "empty" });
    expect(answer).toMatchObject({ status: 405, cookies: [], location: "" });
    expect(gate().actions).toEqual([]);
  });

  test("the verifier is sent to the pool and to nobody else", async () => {
    const browser = gate().browser();
    const { query, nonce } = await start(gate(), browser);
    const { headers, body } = await browser.ask(`/.gatehouse/callback?${query}`);
    const verifier = String(gate().cognito.calls[0]?.body["code_verifier"]);
    expect(`${JSON.stringify(headers)}${body}`).not.toContain(verifier);
    expect(`${headers["location"]}${body}`).not.toMatch(RegExp(`${SECRETS.source}|${nonce}`));
  });

  test("keys that cannot be had are a 503 at the callback, too", async () => {
    const browser = gate().browser();
    const { location } = await browser.ask("/.gatehouse/login");
    const query = gate().pool.signIn(location);
    const { nonce } = Object.fromEntries(new URL(location).searchParams);
    gate().cognito.answer = (response, { action }) =>
      action === "Jwks" ? response.destroy() : json(response, 200, { id_token: token({ nonce }, OTHER_KEY) });
    expect(await browser.ask(`/.gatehouse/callback?${query}`)).toMatchObject({ status: 503 });
  });
});

describe("what the managed login says of a failure is text", () => {
  const gate = useGate("gatehouse-auth");
  const shown: Record<string, [description: string, html: string]> = {
    words: ["Too many tries", "Too many tries"],
    "a script": ["<script>alert(1)</script>", "&#60;script&#62;alert(1)&#60;/script&#62;"],
    "an attribute": ['"><img src=x onerror=alert(1)>', "&#34;&#62;&#60;img src=x onerror=alert(1)&#62;"],
    "an end of the page": [
      "</blockquote></main></html>",
      "&#60;/blockquote&#62;&#60;/main&#62;&#60;/html&#62;",
    ],
    entities: ["&lt;b&gt;&amp;", "&#38;lt;b&#38;gt;&#38;amp;"],
    "lines and a header": ["a\r\nSet-Cookie: a=b", "a\r\nSet-Cookie: a=b"],
    "200 characters and more": ["x".repeat(5_000), `${"x".repeat(199)}…`],
    "another script's letters": ["登录失败", "登录失败"],
  };
  test.each(Object.entries(shown))("%s", async (_, [description, html]) => {
    const browser = gate().browser();
    const { state, forgotten } = await start(gate(), browser);
    const query = new URLSearchParams({ error: "access_denied", error_description: description, state });
    const answer = await browser.ask(`/.gatehouse/callback?${query}`);
    expect(answer).toMatchObject({ status: 400, heading: FAILED, cookies: [forgotten], location: "" });
    expect(/<blockquote>(.*)<\/blockquote>/s.exec(answer.body)?.[1]).toBe(html);
    expect(answer.body.match(/<(script|img|html)\b[^>]*>/g)).toEqual(['<html lang="en" dir="ltr">']);
    expect(answer.headers["content-security-policy"]).toMatch(/^default-src 'none';.*form-action 'none'$/);
    expect(Object.values(answer.headers).join()).not.toContain(description);
    expect(gate().actions).toEqual([]);
    expect(gate().codes).toEqual(["sign_in_failed"]);
    expect(gate().logged.join()).not.toContain(description);
  });

  test("the error alone is shown where nothing describes it, and a code beside it is not used", async () => {
    const browser = gate().browser();
    const { query } = await start(gate(), browser);
    const answer = await browser.ask(`/.gatehouse/callback?${query}&error=<b>temporarily_unavailable`);
    expect(answer).toMatchObject({ status: 400, heading: FAILED });
    expect(answer.body).toContain("<blockquote>&#60;b&#62;temporarily_unavailable</blockquote>");
    expect(gate().actions).toEqual([]);
  });
});
