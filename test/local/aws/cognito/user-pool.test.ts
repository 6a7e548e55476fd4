import { CognitoJwtVerifier } from "aws-jwt-verify";
import { decodeJwt, decodeProtectedHeader } from "jose";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startUserPoolServer, type UserPoolServer } from "../../../../local/aws/cognito/user-pool-server.ts";
import { CLIENT_ID, EDITORS, makePools, OTHER_CLIENT_ID, POOL_ID, type Pools, REVIEWERS } from "./fixture.ts";

let pools: Pools;
let server: UserPoolServer;

beforeAll(async () => {
  pools = await makePools();
  pools.clock.now = Date.now();
  server = await startUserPoolServer(pools.userPool, { domain: "http://localhost:1" });
});
afterAll(() => server.close());

describe("the key set", () => {
  test("is served under the pool's path, with two RSA-2048 keys in Cognito's form", async () => {
    const { keys } = JSON.parse(await (await fetch(server.jwksUri)).text());
    expect(server.jwksUri).toBe(`${server.endpoint}/${POOL_ID}/.well-known/jwks.json`);
    expect(keys).toHaveLength(2);
    for (const key of keys) {
      expect(Object.keys(key)).toEqual(["alg", "e", "kid", "kty", "n", "use"]);
      expect(key).toMatchObject({ alg: "RS256", e: "AQAB", kty: "RSA", use: "sig" });
      expect(Buffer.from(key.n, "base64url")).toHaveLength(256);
    }
    expect(server.jwksFetches()).toBe(1);
  });

  test("nothing else is, beside the OpenID configuration", async () => {
    expect((await fetch(`${server.endpoint}/other/.well-known/jwks.json`)).status).toBe(404);
    const configuration = await fetch(`${server.endpoint}/${POOL_ID}/.well-known/openid-configuration`);
    expect(await configuration.json()).toMatchObject({
      issuer: `https://cognito-idp.us-east-1.amazonaws.com/${POOL_ID}`,
      token_endpoint: "http://localhost:1/oauth2/token",
    });
  });

  test("ID and access tokens are signed with different keys; rotation keeps the old ones until they are removed", async () => {
    const { userPool } = await makePools();
    const kidOf = (token: string) => decodeProtectedHeader(token).kid;
    const [id, access] = [await userPool.issueIdToken("ann"), await userPool.issueAccessToken("ann")];
    expect(kidOf(id)).not.toBe(kidOf(access));
    await userPool.keys.rotate();
    expect(kidOf(await userPool.issueIdToken("ann"))).not.toBe(kidOf(id));
    expect(userPool.jwks().keys.map((key) => key.kid)).toContain(kidOf(id));
    userPool.keys.remove(kidOf(id) ?? "");
    expect(userPool.jwks().keys.map((key) => key.kid)).not.toContain(kidOf(id));
    await expect(userPool.verify(id)).rejects.toMatchObject({ code: "ERR_JWKS_NO_MATCHING_KEY" });
  });
});

describe("tokens", () => {
  test("pass aws-jwt-verify with the pool's own key set", async () => {
    const verifier = CognitoJwtVerifier.create({ userPoolId: POOL_ID, clientId: CLIENT_ID, tokenUse: null });
    verifier.cacheJwks({
      keys: pools.userPool.jwks().keys.map((key) => ({ ...key, kty: "RSA", use: "sig" })),
    });
    const id = await verifier.verify(await pools.userPool.issueIdToken("ann"), { tokenUse: "id" });
    expect(id).toMatchObject({ token_use: "id", aud: CLIENT_ID, "cognito:username": "ann" });
    const access = await verifier.verify(await pools.userPool.issueAccessToken("ann"), {
      tokenUse: "access",
    });
    expect(access).toMatchObject({ token_use: "access", client_id: CLIENT_ID, username: "ann" });
  });

  test("an ID token has Cognito's claims", async () => {
    const token = await pools.userPool.issueIdToken("ann", { clientId: OTHER_CLIENT_ID, nonce: "n" });
    expect(decodeJwt(token)).toEqual({
      sub: pools.userPool.users.get("ann").sub,
      aud: OTHER_CLIENT_ID,
      iss: pools.userPool.issuer,
      "cognito:username": "ann",
      "cognito:groups": ["reviewers", "editors"],
      "cognito:roles": [EDITORS, REVIEWERS],
      "cognito:preferred_role": EDITORS,
      token_use: "id",
      email: "ann@example.com",
      email_verified: true,
      nonce: "n",
      auth_time: expect.any(Number),
      iat: expect.any(Number),
      exp: Math.floor(pools.clock.now / 1000) + 3600,
      jti: expect.any(String),
      origin_jti: expect.any(String),
      event_id: expect.any(String),
    });
    expect(Object.keys(decodeProtectedHeader(token))).toEqual(["kid", "alg"]);
  });

  test.each([
    ["without groups", "bob", undefined, undefined],
    ["with two groups of the best rank and different roles", "cy", [EDITORS, REVIEWERS], undefined],
  ])("roles %s", async (_name, username, roles, preferred) => {
    const claims = decodeJwt(await pools.userPool.issueIdToken(username));
    expect([claims["cognito:roles"], claims["cognito:preferred_role"]]).toEqual([roles, preferred]);
  });

  test("claims can be replaced and left out", async () => {
    const claims = { email: "x@example.com", "cognito:groups": undefined };
    const token = decodeJwt(await pools.userPool.issueIdToken("ann", { claims, expiresInSeconds: 5 }));
    expect(token["email"]).toBe("x@example.com");
    expect(token).not.toHaveProperty("cognito:groups");
    expect((token.exp ?? 0) - (token.iat ?? 0)).toBe(5);
  });

  test("changed groups are in the next token", async () => {
    const { userPool } = await makePools();
    userPool.users.setGroups("bob", ["readers"]);
    expect(decodeJwt(await userPool.issueIdToken("bob"))["cognito:groups"]).toEqual(["readers"]);
  });
});

describe("users", () => {
  test.each([
    ["ann", "ann-password", true],
    ["ann", "bob-password", false],
    ["nobody", "ann-password", false],
    ["ann", "", false],
  ])("%s with %s", (username, password, known) => {
    expect(pools.userPool.users.authenticate(username, password) !== undefined).toBe(known);
  });

  test("a disabled user cannot sign in", async () => {
    const { userPool } = await makePools();
    userPool.users.setEnabled("ann", false);
    expect(userPool.users.authenticate("ann", "ann-password")).toBeUndefined();
  });
});
