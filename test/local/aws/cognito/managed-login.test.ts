import { createHash } from "node:crypto";
import { CognitoJwtVerifier } from "aws-jwt-verify";
import { decodeJwt } from "jose";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type ManagedLogin, startManagedLogin } from "../../../../local/aws/cognito/managed-login.ts";
import { Browser, pkce } from "./browser.ts";
import {
  CLIENT_ID,
  EDITORS,
  IDENTITY_POOL_ID,
  makePools,
  POOL_ID,
  type Pools,
  PROVIDER,
  REVIEWERS,
} from "./fixture.ts";

const CALLBACK = "https://app.example.com/callback";
const LOGOUT = "https://app.example.com/bye";
const OTHER_CALLBACK = "https://app.example.com/other";

let pools: Pools;
let login: ManagedLogin;

beforeAll(async () => {
  pools = await makePools();
  pools.clock.now = Date.now();
  login = await startManagedLogin(pools.userPool, { hint: "ann <ann-password>" });
  pools.userPool.updateClient({
    clientId: CLIENT_ID,
    callbackUrls: [CALLBACK, OTHER_CALLBACK],
    logoutUrls: [LOGOUT],
  });
});
afterAll(async () => {
  await login.close();
});

function authorizeUrl(changes: Record<string, string> = {}, challenge = pkce().challenge): string {
  const query = new URLSearchParams({
    client_id: CLIENT_ID,
    response_type: "code",
    scope: "openid email",
    redirect_uri: CALLBACK,
    state: "the-state",
    nonce: "the-nonce",
    code_challenge: challenge,
    code_challenge_method: "S256",
    ...changes,
  });
  for (const [name, value] of [...query]) if (value === "") query.delete(name);
  return `${login.endpoint}/oauth2/authorize?${query}`;
}

/** Signs in with the form; answers the URL that the browser is sent to with the code. */
async function signIn(browser: Browser, url: string, username = "ann"): Promise<URL> {
  const form = await browser.follow(url, CALLBACK);
  const posted = await browser.post(form.url, { username, password: `${username}-password` });
  const next = new URL(posted.headers.get("location") ?? "", form.url).href;
  return new URL((await browser.follow(next, CALLBACK)).url);
}

async function token(
  form: Record<string, string>,
): Promise<{ status: number; body: Record<string, string> }> {
  const response = await fetch(`${login.endpoint}/oauth2/token`, {
    method: "POST",
    body: new URLSearchParams(form),
  });
  return { status: response.status, body: JSON.parse(await response.text()) };
}

async function tokensOf(username = "ann", changes: Record<string, string> = {}) {
  const { verifier, challenge } = pkce();
  const back = await signIn(new Browser(), authorizeUrl(changes, challenge), username);
  const code = back.searchParams.get("code") ?? "";
  return await token({
    grant_type: "authorization_code",
    client_id: CLIENT_ID,
    redirect_uri: CALLBACK,
    code,
    code_verifier: verifier,
  });
}

describe("signing in", () => {
  test("shows an accessible form without script, which says what is wrong", async () => {
    const browser = new Browser();
    const { url, response } = await browser.follow(authorizeUrl(), CALLBACK);
    expect(url).toContain(`${login.endpoint}/login/`);
    const html = await response.text();
    expect(html).toContain('<label for="username">');
    expect(html).toContain("ann &lt;ann-password&gt;");
    expect(html).not.toContain("<script");
    expect(response.headers.get("content-security-policy")).toContain("default-src 'none'");
    const wrong = await browser.post(url, { username: 'a"b', password: "wrong" });
    const again = await wrong.text();
    expect(again).toContain('<p role="alert">Incorrect username or password.</p>');
    expect(again).toContain('value="a&quot;b"');
  });

  test("sends code and state back, and nothing else", async () => {
    const back = await signIn(new Browser(), authorizeUrl());
    expect(back.href).toContain(`${CALLBACK}?`);
    expect([...back.searchParams.keys()].sort()).toEqual(["code", "state"]);
    expect(back.searchParams.get("state")).toBe("the-state");
  });

  test("is remembered by the browser until it signs out", async () => {
    const browser = new Browser();
    await signIn(browser, authorizeUrl());
    expect((await browser.follow(authorizeUrl(), CALLBACK)).url).toContain(`${CALLBACK}?code=`);
    const out = await browser.get(
      `${login.endpoint}/logout?client_id=${CLIENT_ID}&logout_uri=${encodeURIComponent(LOGOUT)}`,
    );
    expect([out.status, out.headers.get("location")]).toEqual([302, LOGOUT]);
    expect((await browser.follow(authorizeUrl(), CALLBACK)).url).toContain("/login/");
  });

  test("is over for a user who is disabled meanwhile, session or not", async () => {
    const browser = new Browser();
    await signIn(browser, authorizeUrl(), "bob");
    pools.userPool.users.setEnabled("bob", false);
    const { url } = await browser.follow(authorizeUrl(), CALLBACK);
    pools.userPool.users.setEnabled("bob", true);
    expect(new URL(url).searchParams.has("code")).toBe(false);
  });

  test("starts at /login too, as Cognito's does", async () => {
    const { url } = await new Browser().follow(
      authorizeUrl().replace("/oauth2/authorize", "/login"),
      CALLBACK,
    );
    expect(url).toContain(`${login.endpoint}/login/`);
  });

  test("two sign-ins at once in one browser do not disturb each other", async () => {
    const browser = new Browser();
    const [first, second] = [
      await browser.follow(authorizeUrl(), CALLBACK),
      await browser.follow(authorizeUrl(), CALLBACK),
    ];
    for (const { url } of [second, first])
      expect((await browser.post(url, { username: "ann", password: "ann-password" })).status).toBe(302);
  });

  test("the form of another browser is refused", async () => {
    const { url } = await new Browser().follow(authorizeUrl(), CALLBACK);
    const stranger = await new Browser().post(url, { username: "ann", password: "ann-password" });
    expect(stranger.status).toBe(400);
  });

  test.each([
    ["a redirect URI that only starts like one", { redirect_uri: `${CALLBACK}/more` }],
    ["a redirect URI with another host", { redirect_uri: "https://evil.example.com/callback" }],
    ["an unknown client", { client_id: "unknown" }],
  ])("%s is a page, not a redirect", async (_name, changes) => {
    const response = await fetch(authorizeUrl(changes), { redirect: "manual" });
    expect([response.status, response.headers.get("location")]).toEqual([400, null]);
    expect(await response.text()).toContain("This sign-in link does not work");
  });

  test.each([
    ["plain PKCE", { code_challenge_method: "plain" }],
    ["no PKCE", { code_challenge: "" }],
  ])("%s is an error at the callback", async (_name, changes) => {
    const { url } = await new Browser().follow(authorizeUrl(changes), CALLBACK);
    expect(url).toContain(`${CALLBACK}?error=invalid_request`);
    expect(new URL(url).searchParams.has("iss")).toBe(false);
  });

  test("a sign-out URL that is not registered is refused", async () => {
    const response = await fetch(
      `${login.endpoint}/logout?client_id=${CLIENT_ID}&logout_uri=https://evil.example.com`,
    );
    expect(response.status).toBe(400);
  });
});

describe("tokens", () => {
  test("are Cognito's: claims, roles, nonce, at_hash; aws-jwt-verify and the identity pool take them", async () => {
    const { status, body } = await tokensOf();
    expect(status).toBe(200);
    expect(Object.keys(body).sort()).toEqual([
      "access_token",
      "expires_in",
      "id_token",
      "refresh_token",
      "token_type",
    ]);
    const verifier = CognitoJwtVerifier.create({ userPoolId: POOL_ID, clientId: CLIENT_ID, tokenUse: "id" });
    verifier.cacheJwks({
      keys: pools.userPool.jwks().keys.map((key) => ({ ...key, kty: "RSA", use: "sig" })),
    });
    const hash = createHash("sha256")
      .update(body["access_token"] ?? "")
      .digest()
      .subarray(0, 16);
    expect(await verifier.verify(body["id_token"] ?? "")).toMatchObject({
      "cognito:username": "ann",
      "cognito:groups": ["reviewers", "editors"],
      "cognito:roles": [EDITORS, REVIEWERS],
      "cognito:preferred_role": EDITORS,
      nonce: "the-nonce",
      at_hash: hash.toString("base64url"),
    });
    const logins = { [PROVIDER]: body["id_token"] ?? "" };
    await expect(pools.identityPool.getId(IDENTITY_POOL_ID, logins)).resolves.toBeDefined();
    expect(decodeJwt(body["access_token"] ?? "")).toMatchObject({
      token_use: "access",
      scope: "openid email",
    });
  });

  test("a code is good once, for its client, verifier and redirect URI", async () => {
    const { verifier, challenge } = pkce();
    const attempt = async (changes: Record<string, string>) => {
      const code = (await signIn(new Browser(), authorizeUrl({}, challenge))).searchParams.get("code") ?? "";
      const form = {
        grant_type: "authorization_code",
        client_id: CLIENT_ID,
        redirect_uri: CALLBACK,
        code,
        code_verifier: verifier,
      };
      return { form, answer: await token({ ...form, ...changes }) };
    };
    const wrong: Record<string, string>[] = [
      { code_verifier: pkce().verifier },
      { redirect_uri: OTHER_CALLBACK },
      { code: "x" },
    ];
    for (const changes of wrong)
      expect((await attempt(changes)).answer).toMatchObject({
        status: 400,
        body: { error: "invalid_grant" },
      });
    const { form, answer } = await attempt({});
    expect(answer.status).toBe(200);
    expect(await token(form)).toMatchObject({ status: 400, body: { error: "invalid_grant" } });
  });

  test("a refresh token brings new tokens of the same sign-in, and no new refresh token", async () => {
    const first = (await tokensOf()).body;
    const form = {
      grant_type: "refresh_token",
      client_id: CLIENT_ID,
      refresh_token: first["refresh_token"] ?? "",
    };
    const second = await token(form);
    expect(second.status).toBe(200);
    expect(second.body).not.toHaveProperty("refresh_token");
    const [before, after] = [decodeJwt(first["id_token"] ?? ""), decodeJwt(second.body["id_token"] ?? "")];
    expect([after["origin_jti"], after["auth_time"]]).toEqual([before["origin_jti"], before["auth_time"]]);
    expect(after.jti).not.toBe(before.jti);
    expect((await token(form)).status).toBe(200);
  });

  test.each<[string, (refreshToken: string) => unknown]>([
    [
      "revoked",
      (refreshToken) =>
        fetch(`${login.endpoint}/oauth2/revoke`, {
          method: "POST",
          body: new URLSearchParams({ token: refreshToken, client_id: CLIENT_ID }),
        }),
    ],
    ["signed out", () => pools.userPool.users.signOut("ann")],
    ["disabled", () => pools.userPool.users.setEnabled("ann", false)],
  ])("after being %s a refresh is refused, and the server-side token check too", async (_name, end) => {
    const { body } = await tokensOf();
    await end(body["refresh_token"] ?? "");
    const form = {
      grant_type: "refresh_token",
      client_id: CLIENT_ID,
      refresh_token: body["refresh_token"] ?? "",
    };
    expect(await token(form)).toMatchObject({ status: 400, body: { error: "invalid_grant" } });
    const logins = { [PROVIDER]: body["id_token"] ?? "" };
    await expect(pools.identityPool.getId(IDENTITY_POOL_ID, logins)).rejects.toMatchObject({
      code: "NotAuthorizedException",
    });
    pools.userPool.users.setEnabled("ann", true);
  });

  test("without openid there is no ID token", async () => {
    const { body } = await tokensOf("ann", { scope: "email", nonce: "" });
    expect(body).not.toHaveProperty("id_token");
    expect(body).toHaveProperty("access_token");
  });

  test("user info takes an access token of this pool only", async () => {
    const { body } = await tokensOf();
    const ask = (authorization: string) =>
      fetch(`${login.endpoint}/oauth2/userInfo`, { headers: { authorization } });
    expect(await (await ask(`Bearer ${body["access_token"]}`)).json()).toMatchObject({
      username: "ann",
      email: "ann@example.com",
    });
    for (const wrong of [`Bearer ${body["id_token"]}`, "Bearer x", ""])
      expect((await ask(wrong)).status).toBe(401);
  });
});
