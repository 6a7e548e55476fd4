// App clients with a secret, as Cognito plays them: a code, a renewal and a revocation want it, and a wrong one is refused.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type ManagedLogin, startManagedLogin } from "../../../../local/aws/cognito/managed-login.ts";
import { startUserPoolServer, type UserPoolServer } from "../../../../local/aws/cognito/user-pool-server.ts";
import { callersFor, unsignedCall } from "../json-api/signed.ts";
import { Browser, pkce } from "./browser.ts";
import { CLIENT_ID, makePools, OTHER_CLIENT_ID, type Pools } from "./fixture.ts";

const CALLBACK = "https://app.example.com/callback";
const SECRET = "1example2secret3of4a5client";

let pools: Pools;
let login: ManagedLogin;
let api: UserPoolServer;

beforeAll(async () => {
  pools = await makePools();
  pools.clock.now = Date.now();
  login = await startManagedLogin(pools.userPool);
  const { callers } = callersFor("cognito-idp:UpdateUserPoolClient", "*", () => pools.clock.now);
  api = await startUserPoolServer(pools.userPool, { callers });
  pools.userPool.updateClient({ clientId: CLIENT_ID, clientSecret: SECRET, callbackUrls: [CALLBACK] });
  pools.userPool.updateClient({ clientId: OTHER_CLIENT_ID, callbackUrls: [CALLBACK] });
});
afterAll(async () => {
  await login.close();
  await api.close();
});

async function post(path: string, form: Record<string, string>, secret: string | undefined) {
  const proof = Buffer.from(`${form["client_id"]}:${secret}`).toString("base64");
  const response = await fetch(`${login.endpoint}/oauth2/${path}`, {
    method: "POST",
    headers: secret === undefined ? {} : { Authorization: `Basic ${proof}` },
    body: new URLSearchParams(form),
  });
  const text = await response.text();
  return { status: response.status, body: text === "" ? {} : JSON.parse(text) };
}

/** A code of a fresh sign-in, as the form that redeems it. */
async function codeForm(clientId = CLIENT_ID): Promise<Record<string, string>> {
  const { verifier, challenge } = pkce();
  const query = new URLSearchParams({
    client_id: clientId,
    response_type: "code",
    scope: "openid",
    redirect_uri: CALLBACK,
    state: "s",
    code_challenge: challenge,
    code_challenge_method: "S256",
  });
  const browser = new Browser();
  const form = await browser.follow(`${login.endpoint}/oauth2/authorize?${query}`, CALLBACK);
  const posted = await browser.post(form.url, { username: "ann", password: "ann-password" });
  const next = new URL(posted.headers.get("location") ?? "", form.url).href;
  const code = new URL((await browser.follow(next, CALLBACK)).url).searchParams.get("code") ?? "";
  return {
    grant_type: "authorization_code",
    client_id: clientId,
    code,
    redirect_uri: CALLBACK,
    code_verifier: verifier,
  };
}

const renew = async (RefreshToken: string, ClientSecret?: string, ClientId = CLIENT_ID) =>
  await unsignedCall(
    api.endpoint,
    "AWSCognitoIdentityProviderService.GetTokensFromRefreshToken",
    JSON.stringify({ RefreshToken, ClientId, ClientSecret }),
  );

describe.each([
  ["none", undefined],
  ["another", "another"],
  ["an empty one", ""],
])("%s instead of the secret", (_, secret) => {
  test("redeems no code", async () => {
    expect(await post("token", await codeForm(), secret)).toMatchObject({
      status: secret === undefined ? 401 : expect.any(Number),
      body: { error: expect.stringMatching(/^invalid_(client|request)$/) },
    });
  });

  test("renews and revokes nothing", async () => {
    const { refreshToken } = await pools.userPool.issueSession("ann", { clientId: CLIENT_ID });
    expect(await renew(refreshToken, secret)).toMatchObject({
      status: 400,
      json: { __type: "NotAuthorizedException" },
    });
    const form = { client_id: CLIENT_ID, token: refreshToken };
    expect(await post("revoke", form, secret)).toMatchObject({
      status: 401,
      body: { error: "invalid_client" },
    });
    expect(await renew(refreshToken, SECRET)).toMatchObject({ status: 200 });
  });
});

test("with it a code is redeemed, and its refresh token renewed and revoked", async () => {
  const { status, body } = await post("token", await codeForm(), SECRET);
  expect(status).toBe(200);
  expect(await renew(body.refresh_token, SECRET)).toMatchObject({ status: 200 });
  const form = { client_id: CLIENT_ID, token: body.refresh_token };
  expect(await post("revoke", form, SECRET)).toMatchObject({ status: 200 });
  expect(await renew(body.refresh_token, SECRET)).toMatchObject({ status: 400 });
});

test("a client without one may not send any", async () => {
  const { refreshToken } = await pools.userPool.issueSession("ann", { clientId: OTHER_CLIENT_ID });
  expect(await renew(refreshToken, SECRET, OTHER_CLIENT_ID)).toMatchObject({ status: 400 });
  expect(await renew(refreshToken, undefined, OTHER_CLIENT_ID)).toMatchObject({ status: 200 });
});
