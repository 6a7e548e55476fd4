// The client credentials grant, as Cognito plays it: a token for an app client itself, with custom scopes.
import { CognitoJwtVerifier } from "aws-jwt-verify";
import { decodeJwt } from "jose";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type ManagedLogin, startManagedLogin } from "../../../../local/aws/cognito/managed-login.ts";
import { makePools, POOL_ID, type Pools } from "./fixture.ts";

const MACHINE = "3machineclient3";
const SECRET = "1example2secret3of4a5machine";

let pools: Pools;
let login: ManagedLogin;

beforeAll(async () => {
  pools = await makePools();
  pools.clock.now = Date.now();
  login = await startManagedLogin(pools.userPool);
  pools.userPool.updateClient({
    clientId: MACHINE,
    clientSecret: SECRET,
    oauthFlows: ["client_credentials"],
    oauthScopes: ["assets/read", "assets/admin"],
  });
});
afterAll(() => login.close());

async function ask(form: Record<string, string>, secret = SECRET, clientId = MACHINE) {
  const proof = Buffer.from(`${clientId}:${secret}`).toString("base64");
  const response = await fetch(`${login.endpoint}/oauth2/token`, {
    method: "POST",
    headers: secret === "" ? {} : { Authorization: `Basic ${proof}` },
    body: new URLSearchParams({ grant_type: "client_credentials", ...form }),
  });
  return { status: response.status, body: JSON.parse(await response.text()) };
}

describe("a token", () => {
  test.each([
    ["assets/read", "assets/read"],
    ["assets/admin assets/read", "assets/admin assets/read"],
    [undefined, "assets/read assets/admin"],
  ])("for the scope %s has %s", async (scope, granted) => {
    const { status, body } = await ask(scope === undefined ? {} : { scope });
    expect([status, body.token_type, body.expires_in, body.id_token, body.refresh_token]).toEqual([
      200,
      "Bearer",
      3600,
      undefined,
      undefined,
    ]);
    expect(decodeJwt(body.access_token)).toEqual({
      sub: MACHINE,
      client_id: MACHINE,
      token_use: "access",
      scope: granted,
      version: 2,
      iss: pools.userPool.issuer,
      auth_time: expect.any(Number),
      iat: expect.any(Number),
      exp: expect.any(Number),
      jti: expect.any(String),
    });
  });

  test("passes aws-jwt-verify with the pool's own key set", async () => {
    const verifier = CognitoJwtVerifier.create({
      userPoolId: POOL_ID,
      clientId: MACHINE,
      tokenUse: "access",
    });
    verifier.cacheJwks({
      keys: pools.userPool.jwks().keys.map((key) => ({ ...key, kty: "RSA", use: "sig" })),
    });
    const { body } = await ask({ scope: "assets/read" });
    expect(await verifier.verify(body.access_token)).toMatchObject({ client_id: MACHINE });
  });
});

describe("refused", () => {
  test.each([
    [
      "a scope that the client does not have",
      { scope: "assets/write" },
      SECRET,
      MACHINE,
      400,
      "invalid_scope",
    ],
    ["a scope of users", { scope: "openid" }, SECRET, MACHINE, 400, "invalid_scope"],
    ["another secret", {}, "other", MACHINE, 401, "invalid_client"],
  ])("%s", async (_, form, secret, clientId, status, error) => {
    const answer = await ask(form, secret, clientId);
    expect([answer.status, answer.body.error]).toEqual([status, error]);
  });

  test("a client without a secret", async () => {
    pools.userPool.updateClient({ clientId: "public", oauthFlows: ["client_credentials"] });
    const answer = await ask({ client_id: "public" }, "");
    expect([answer.status, answer.body.error]).toEqual([400, "invalid_client"]);
  });

  test("a client that signs people in", async () => {
    const callbackUrls = ["https://app.example.com/callback"];
    pools.userPool.updateClient({ clientId: "people", clientSecret: SECRET, callbackUrls });
    const { status, body } = await ask({}, SECRET, "people");
    // Cognito's word is `unauthorized_client`.
    expect([status, body.error, body.access_token]).toEqual([400, "invalid_request", undefined]);
  });
});
