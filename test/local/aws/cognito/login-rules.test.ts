// What the managed login refuses by the client's settings, and what becomes of its refresh tokens.

import { decodeJwt } from "jose";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type ManagedLogin, startManagedLogin } from "../../../../local/aws/cognito/managed-login.ts";
import { renew } from "../../../../local/aws/cognito/renewal.ts";
import { Browser, pkce } from "./browser.ts";
import { CLIENT_ID, makePools, OTHER_CLIENT_ID, type Pools } from "./fixture.ts";

const CALLBACK = "https://app.example.com/callback";
const SETTINGS = { clientId: CLIENT_ID, callbackUrls: [CALLBACK] };

let pools: Pools;
let login: ManagedLogin;

beforeAll(async () => {
  pools = await makePools();
  pools.clock.now = Date.now();
  login = await startManagedLogin(pools.userPool, { branded: [CLIENT_ID] });
});
afterAll(() => login.close());
beforeEach(() => pools.userPool.updateClient(SETTINGS));

function authorizeUrl(changes: Record<string, string> = {}, challenge = pkce().challenge): string {
  const query = new URLSearchParams({
    client_id: CLIENT_ID,
    response_type: "code",
    scope: "openid",
    redirect_uri: CALLBACK,
    nonce: "n",
    code_challenge: challenge,
    code_challenge_method: "S256",
    ...changes,
  });
  for (const [name, value] of [...query]) if (value === "") query.delete(name);
  return `${login.endpoint}/oauth2/authorize?${query}`;
}

async function post(path: string, form: Record<string, string>) {
  const response = await fetch(`${login.endpoint}${path}`, {
    method: "POST",
    headers: { origin: "https://app.example.com" },
    body: new URLSearchParams(form),
  });
  const text = await response.text();
  return {
    status: response.status,
    cors: response.headers.get("access-control-allow-origin"),
    body: text === "" ? {} : JSON.parse(text),
  };
}

async function signIn(scope = "openid", nonce = "n") {
  const { verifier, challenge } = pkce();
  const browser = new Browser();
  const form = await browser.follow(authorizeUrl({ scope, nonce }, challenge), CALLBACK);
  const posted = await browser.post(form.url, { username: "ann", password: "ann-password" });
  const back = await browser.follow(new URL(posted.headers.get("location") ?? "", form.url).href, CALLBACK);
  const code = new URL(back.url).searchParams.get("code") ?? "";
  const grant = { grant_type: "authorization_code", client_id: CLIENT_ID, redirect_uri: CALLBACK };
  const exchange = { ...grant, code, code_verifier: verifier };
  return { exchange, tokens: (await post("/oauth2/token", exchange)).body };
}

const refresh = (refresh_token: string, client_id = CLIENT_ID) =>
  post("/oauth2/token", { grant_type: "refresh_token", client_id, refresh_token });

describe("a client's settings", () => {
  test.each<[string, object, string]>([
    ["OAuth is off", { oauthFlows: [], oauthScopes: [] }, "Client is not enabled for OAuth2.0 flows."],
    ["no identity provider", { identityProviders: [] }, "no identity provider"],
  ])("%s: a page, whatever the path", async (_name, settings, reason) => {
    pools.userPool.updateClient({ ...SETTINGS, ...settings });
    for (const path of ["/login", "/oauth2/authorize"]) {
      const url = authorizeUrl().replace("/oauth2/authorize", path);
      const response = await fetch(url, { redirect: "manual" });
      expect([response.status, response.headers.get("location")]).toEqual([400, null]);
      expect(await response.text()).toContain(reason);
    }
  });

  test("no branding style: no page", async () => {
    pools.userPool.updateClient({ ...SETTINGS, clientId: OTHER_CLIENT_ID });
    const response = await fetch(authorizeUrl({ client_id: OTHER_CLIENT_ID }), { redirect: "manual" });
    expect([response.status, await response.text()]).toEqual([
      400,
      expect.stringContaining("no branding style"),
    ]);
  });

  test("a scope that is not allowed comes back as an error", async () => {
    pools.userPool.updateClient({ ...SETTINGS, oauthScopes: ["openid"] });
    const { url } = await new Browser().follow(authorizeUrl({ scope: "openid email" }), CALLBACK);
    expect(url).toContain(`${CALLBACK}?error=invalid_scope`);
    expect((await new Browser().follow(authorizeUrl(), CALLBACK)).url).toContain("/login/");
  });

  test("a flow that is not allowed comes back as an error", async () => {
    pools.userPool.updateClient({ ...SETTINGS, oauthFlows: ["implicit"] });
    const { url } = await new Browser().follow(authorizeUrl(), CALLBACK);
    expect(url).toContain(`${CALLBACK}?error=`);
  });

  test.each([
    `${CALLBACK}?x=1`,
    `${CALLBACK}/`,
    "https://app.example.com/Callback",
    "https://app.example.com:444/callback",
  ])("%s is not the registered URL", async (redirect_uri) => {
    const response = await fetch(authorizeUrl({ redirect_uri }), { redirect: "manual" });
    expect([response.status, response.headers.get("location")]).toEqual([400, null]);
  });

  test("tokens live as long as the client says", async () => {
    pools.userPool.updateClient({ ...SETTINGS, idTokenSeconds: 300, accessTokenSeconds: 600 });
    const { tokens } = await signIn();
    const secondsOf = (token: string) => (decodeJwt(token).exp ?? 0) - (decodeJwt(token).iat ?? 0);
    expect([secondsOf(tokens.id_token), secondsOf(tokens.access_token), tokens.expires_in]).toEqual([
      300, 600, 600,
    ]);
  });
});

describe("refresh tokens of the managed login", () => {
  test("are taken by the API, which keeps scope and sign-in", async () => {
    const { tokens } = await signIn("openid email");
    const renewed = await renew(pools.userPool, tokens.refresh_token, CLIENT_ID);
    const [before, after] = [decodeJwt(tokens.id_token), decodeJwt(renewed.idToken ?? "")];
    expect([after["origin_jti"], after["auth_time"]]).toEqual([before["origin_jti"], before["auth_time"]]);
    expect([before["nonce"], after["nonce"]]).toEqual(["n", undefined]);
    expect(decodeJwt(renewed.accessToken)["scope"]).toBe("openid email");
  });

  test("bring no ID token without openid", async () => {
    const { tokens } = await signIn("email", "");
    const { body } = await refresh(tokens.refresh_token);
    expect(Object.keys(body).sort()).toEqual(["access_token", "expires_in", "token_type"]);
    expect((await renew(pools.userPool, tokens.refresh_token, CLIENT_ID)).idToken).toBeUndefined();
  });

  test("those of the API are taken here, for the same client only", async () => {
    const { refreshToken } = await pools.userPool.issueSession("ann");
    expect((await refresh(refreshToken)).status).toBe(200);
    pools.userPool.updateClient({ ...SETTINGS, clientId: OTHER_CLIENT_ID });
    expect(await refresh(refreshToken, OTHER_CLIENT_ID)).toMatchObject({
      status: 400,
      body: { error: "invalid_grant" },
    });
  });

  test("with rotation the token endpoint does not refresh, and the API does", async () => {
    pools.userPool.updateClient({ ...SETTINGS, rotation: { graceSeconds: 0 } });
    const { tokens } = await signIn();
    expect(await refresh(tokens.refresh_token)).toMatchObject({
      status: 400,
      body: { error: "unauthorized_client" },
    });
    const { refreshToken } = await renew(pools.userPool, tokens.refresh_token, CLIENT_ID);
    expect(refreshToken).toMatch(/^[\w-]+(\.[\w-]+){4}$/);
  });

  test("end when the code comes a second time", async () => {
    const { exchange, tokens } = await signIn();
    expect((await post("/oauth2/token", exchange)).status).toBe(400);
    await expect(renew(pools.userPool, tokens.refresh_token, CLIENT_ID)).rejects.toMatchObject({
      code: "NotAuthorizedException",
    });
  });
});

describe("revocation", () => {
  const revoke = (form: Record<string, string>) => post("/oauth2/revoke", form);

  test("ends the sign-in for the API too, and says nothing", async () => {
    const { tokens } = await signIn();
    const form = { token: tokens.refresh_token, client_id: CLIENT_ID };
    expect(await revoke(form)).toEqual({ status: 200, cors: "https://app.example.com", body: {} });
    await expect(renew(pools.userPool, tokens.refresh_token, CLIENT_ID)).rejects.toMatchObject({
      code: "NotAuthorizedException",
    });
    expect((await revoke(form)).status).toBe(200);
  });

  test("of a token that was rotated out ends those that took its place", async () => {
    pools.userPool.updateClient({ ...SETTINGS, rotation: { graceSeconds: 0 } });
    const { refreshToken: old } = await pools.userPool.issueSession("ann");
    const { refreshToken: next = "" } = await renew(pools.userPool, old, CLIENT_ID);
    await revoke({ token: old, client_id: CLIENT_ID });
    await expect(renew(pools.userPool, next, CLIENT_ID)).rejects.toMatchObject({
      code: "NotAuthorizedException",
    });
  });

  test("of another client's token does nothing", async () => {
    const { refreshToken } = await pools.userPool.issueSession("ann");
    expect((await revoke({ token: refreshToken, client_id: OTHER_CLIENT_ID })).status).toBe(200);
    await expect(renew(pools.userPool, refreshToken, CLIENT_ID)).resolves.toBeDefined();
  });

  test.each<[string, Record<string, string>, number, string]>([
    ["no token", { client_id: CLIENT_ID }, 400, "invalid_request"],
    ["an unknown client", { token: "x", client_id: "nobody" }, 401, "invalid_client"],
    ["an ID token", { token: "a.b.c", client_id: CLIENT_ID }, 400, "unsupported_token_type"],
  ])("%s: %i %s", async (_name, form, status, error) => {
    expect(await revoke(form)).toMatchObject({ status, body: { error } });
  });

  test("is refused where the client has it switched off", async () => {
    pools.userPool.updateClient({ ...SETTINGS, canRevoke: false });
    const { refreshToken } = await pools.userPool.issueSession("ann");
    expect(await revoke({ token: refreshToken, client_id: CLIENT_ID })).toMatchObject({
      status: 400,
      body: { error: "invalid_request" },
    });
  });
});
