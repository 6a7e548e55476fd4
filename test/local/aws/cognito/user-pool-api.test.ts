import { decodeJwt } from "jose";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { startUserPoolServer, type UserPoolServer } from "../../../../local/aws/cognito/user-pool-server.ts";
import { BAD_SIGNATURES, type Call, call, callersFor, unsignedCall } from "../json-api/signed.ts";
import { CLIENT_ID, EDITORS, makePools, NOW, OTHER_CLIENT_ID, POOL_ID, type Pools } from "./fixture.ts";

const SERVICE = "AWSCognitoIdentityProviderService";
const POOL_ARN = `arn:aws:cognito-idp:us-east-1:123456789012:userpool/${POOL_ID}`;

let pools: Pools;
let server: UserPoolServer;
let signing: ReturnType<typeof callersFor>;

beforeAll(async () => {
  pools = await makePools();
  const now = () => pools.clock.now;
  signing = callersFor("cognito-idp:UpdateUserPoolClient", POOL_ARN, now);
  server = await startUserPoolServer(pools.userPool, { callers: signing.callers });
});
afterAll(() => server.close());
beforeEach(() => {
  pools.clock.now = NOW;
  pools.userPool.updateClient({ clientId: CLIENT_ID });
  pools.userPool.users.setEnabled("ann", true);
});

const pass = (ms: number) => {
  pools.clock.now += ms;
};

const renew = (RefreshToken: unknown, ClientId: unknown = CLIENT_ID) =>
  unsignedCall(
    server.endpoint,
    `${SERVICE}.GetTokensFromRefreshToken`,
    JSON.stringify({ RefreshToken, ClientId }),
  );

describe("GetTokensFromRefreshToken", () => {
  test("continues the sign-in: new tokens without a nonce, with the groups of now, and no refresh token", async () => {
    const session = await pools.userPool.issueSession("ann", { nonce: "n" });
    pools.clock.now += 7_200_000;
    pools.userPool.users.setGroups("ann", ["editors"]);
    const { status, json } = await renew(session.refreshToken);
    pools.userPool.users.setGroups("ann", ["reviewers", "editors"]);
    const { IdToken, ...result } = json.AuthenticationResult;
    expect([status, result]).toEqual([
      200,
      { AccessToken: expect.any(String), ExpiresIn: 3600, TokenType: "Bearer" },
    ]);
    const [before, after] = [decodeJwt(session.idToken), decodeJwt(IdToken)];
    for (const claim of ["sub", "aud", "iss", "origin_jti", "auth_time", "cognito:username"])
      expect(after[claim], claim).toBe(before[claim]);
    expect(after).toMatchObject({ "cognito:groups": ["editors"], "cognito:roles": [EDITORS] });
    expect(before["nonce"]).toBe("n");
    expect(after).not.toHaveProperty("nonce");
    expect(after.jti).not.toBe(before.jti);
    expect(after.exp).toBe(Math.floor(pools.clock.now / 1000) + 3600);
    await expect(pools.userPool.verify(IdToken)).resolves.toBeDefined();
  });

  test("a refresh token is as long as Cognito's, and has its five parts", async () => {
    const { refreshToken } = await pools.userPool.issueSession("ann");
    expect(refreshToken.split(".")).toHaveLength(5);
    expect(refreshToken.length).toBeGreaterThan(1600);
    expect(refreshToken.length).toBeLessThan(2000);
  });

  test.each<[string, () => unknown, string]>([
    ["revoked", () => pools.userPool.users.signOut("ann"), "Refresh Token has been revoked."],
    ["of a disabled user", () => pools.userPool.users.setEnabled("ann", false), "User is disabled."],
    ["30 days old", () => pass(30 * 86_400_000), "Refresh Token has expired."],
  ])("a token that is %s is NotAuthorizedException", async (_name, end, message) => {
    const { refreshToken } = await pools.userPool.issueSession("ann");
    expect((await renew(refreshToken)).status).toBe(200);
    end();
    expect(await renew(refreshToken)).toMatchObject({ status: 400, type: "NotAuthorizedException", message });
  });

  test("so is that of a deleted user", async () => {
    pools.userPool.users.add({ username: "dora", password: "x" });
    const { refreshToken } = await pools.userPool.issueSession("dora");
    pools.userPool.users.remove("dora");
    expect(await renew(refreshToken)).toMatchObject({ status: 400, type: "NotAuthorizedException" });
  });

  test("so is a token of another client, and an unknown one", async () => {
    const { refreshToken } = await pools.userPool.issueSession("ann", { clientId: OTHER_CLIENT_ID });
    expect((await renew(refreshToken, OTHER_CLIENT_ID)).status).toBe(200);
    for (const token of [refreshToken, `${refreshToken}x`])
      expect(await renew(token)).toMatchObject({ status: 400, type: "NotAuthorizedException" });
  });

  test.each([
    ["no token", undefined, CLIENT_ID, "InvalidParameterException"],
    ["a token with other characters", "a b", CLIENT_ID, "InvalidParameterException"],
    ["no client", "token", null, "InvalidParameterException"],
    ["an unknown client", "token", "nobody", "ResourceNotFoundException"],
  ])("%s is %s", async (_name, token, clientId, type) => {
    expect(await renew(token, clientId)).toMatchObject({ status: 400, type });
  });
});

describe("refresh-token rotation", () => {
  const rotating = (graceSeconds: number) =>
    pools.userPool.updateClient({ clientId: CLIENT_ID, rotation: { graceSeconds } });
  const rotated = async (token: string) => (await renew(token)).json.AuthenticationResult.RefreshToken;

  test.each([0, 60])(
    "with a grace of %i s the old token works for so long, then it is a reuse",
    async (grace) => {
      rotating(grace);
      const { refreshToken: old } = await pools.userPool.issueSession("ann");
      const next = await rotated(old);
      expect(next).not.toBe(old);
      if (grace > 0) {
        pools.clock.now += grace * 1000 - 1;
        expect((await renew(old)).status).toBe(200);
        pools.clock.now += 1;
      }
      expect(await renew(old)).toMatchObject({ status: 400, type: "RefreshTokenReuseException" });
      expect((await renew(next)).status).toBe(200);
    },
  );

  test("of two calls at once with one token and no grace one is refused", async () => {
    rotating(0);
    const { refreshToken } = await pools.userPool.issueSession("ann");
    const answers = await Promise.all([renew(refreshToken), renew(refreshToken)]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 400]);
  });

  test("does not lengthen the sign-in: the new token ends when the first would have", async () => {
    rotating(0);
    const { refreshToken } = await pools.userPool.issueSession("ann");
    pools.clock.now += 29 * 86_400_000;
    const next = await rotated(refreshToken);
    pools.clock.now += 86_400_000;
    expect(await renew(next)).toMatchObject({ status: 400, type: "NotAuthorizedException" });
  });

  test("ends with the sign-in", async () => {
    rotating(60);
    const { refreshToken } = await pools.userPool.issueSession("ann");
    const next = await rotated(refreshToken);
    pools.userPool.users.signOut("ann");
    expect(await renew(next)).toMatchObject({ status: 400, type: "NotAuthorizedException" });
  });
});

describe("UpdateUserPoolClient", () => {
  const CALLBACK = "https://assets.example.com/.gatehouse/callback";
  const INPUT = { UserPoolId: POOL_ID, ClientId: CLIENT_ID };
  const SIGN_IN = {
    ...INPUT,
    SupportedIdentityProviders: ["COGNITO"],
    AllowedOAuthFlowsUserPoolClient: true,
    AllowedOAuthFlows: ["code"],
    AllowedOAuthScopes: ["openid"],
    CallbackURLs: [CALLBACK],
    LogoutURLs: ["https://assets.example.com/.gatehouse/logout"],
  };

  async function update(input: object, changes: Partial<Call> & { readonly as?: string } = {}) {
    const { as = "function", ...others } = changes;
    const credentials = await signing.mint(as);
    const target = `${SERVICE}.UpdateUserPoolClient`;
    return await call({
      endpoint: server.endpoint,
      target,
      input,
      service: "cognito-idp",
      credentials,
      ...others,
    });
  }

  test("sets what it is told, and resets everything else to AWS's defaults", async () => {
    expect(await update({ ...SIGN_IN, IdTokenValidity: 2 })).toMatchObject({
      status: 200,
      json: { UserPoolClient: { ClientId: CLIENT_ID, CallbackURLs: [CALLBACK] } },
    });
    expect(pools.userPool.client(CLIENT_ID)).toMatchObject({
      idTokenSeconds: 7200,
      callbackUrls: [CALLBACK],
    });
    expect((await update(INPUT)).status).toBe(200);
    expect(pools.userPool.client(CLIENT_ID)).toEqual({
      clientId: CLIENT_ID,
      callbackUrls: [],
      logoutUrls: [],
      oauthFlows: [],
      oauthScopes: [],
      identityProviders: [],
      explicitAuthFlows: ["ALLOW_REFRESH_TOKEN_AUTH", "ALLOW_USER_SRP_AUTH", "ALLOW_CUSTOM_AUTH"],
      idTokenSeconds: 3600,
      accessTokenSeconds: 3600,
      refreshTokenSeconds: 2_592_000,
      rotation: undefined,
      canRevoke: true,
    });
  });

  test.each([
    ["another pool", { ...INPUT, UserPoolId: "us-east-1_Other" }, "AccessDeniedException"],
    ["another client", { ...INPUT, ClientId: "nobody" }, "ResourceNotFoundException"],
    ["no client", { UserPoolId: POOL_ID }, "InvalidParameterException"],
    ["no pool", { ClientId: CLIENT_ID }, "InvalidParameterException"],
    ["settings that do not fit", { ...SIGN_IN, CallbackURLs: [] }, "InvalidOAuthFlowException"],
  ])("%s is %s", async (_name, input, type) => {
    expect(await update(input)).toMatchObject({ status: 400, type });
    expect(pools.userPool.client(CLIENT_ID)?.oauthFlows).toEqual(["code"]);
  });

  test("a role without the right is refused, and the refusal says who and what", async () => {
    const answer = await update(INPUT, { as: "powerless" });
    expect(answer).toMatchObject({ status: 400, type: "AccessDeniedException" });
    expect(answer.message).toBe(
      `User: arn:aws:sts::123456789012:assumed-role/powerless/deploy is not authorized to perform: cognito-idp:UpdateUserPoolClient on resource: ${POOL_ARN} because no identity-based policy allows the cognito-idp:UpdateUserPoolClient action`,
    );
  });

  test.each(BAD_SIGNATURES)("a signature %s is refused", async (_name, changes, type) => {
    expect(await update(SIGN_IN, changes)).toMatchObject({ status: 400, type });
  });

  test("a signature of the body's hash is taken", async () => {
    expect((await update(SIGN_IN, { hashed: true })).status).toBe(200);
  });

  test("no signature is refused, and one whose credentials have ended", async () => {
    const target = `${SERVICE}.UpdateUserPoolClient`;
    expect(await unsignedCall(server.endpoint, target, JSON.stringify(INPUT))).toMatchObject({
      status: 400,
      type: "MissingAuthenticationTokenException",
    });
    const credentials = await signing.mint("function", 900);
    pools.clock.now += 900_000;
    expect(await update(INPUT, { credentials, now: pools.clock.now })).toMatchObject({
      status: 400,
      type: "ExpiredTokenException",
    });
  });
});

describe("the protocol", () => {
  const TARGET = `${SERVICE}.GetTokensFromRefreshToken`;
  test.each([
    ["another action", `${SERVICE}.ListUsers`, "{}", "UnknownOperationException"],
    [
      "another service",
      "AWSCognitoIdentityService.GetTokensFromRefreshToken",
      "{}",
      "UnknownOperationException",
    ],
    ["no JSON", TARGET, "RefreshToken=x", "SerializationException"],
    ["a JSON list", TARGET, "[]", "SerializationException"],
  ])("%s is %s", async (_name, target, body, type) => {
    expect(await unsignedCall(server.endpoint, target, body)).toMatchObject({ status: 400, type });
  });

  test("another media type is no call", async () => {
    const headers = { "content-type": "application/json", "x-amz-target": TARGET };
    const response = await fetch(`${server.endpoint}/`, { method: "POST", headers, body: "{}" });
    expect(await response.json()).toMatchObject({ __type: "UnknownOperationException" });
  });

  test("faults hit the next calls, one each, and every call is counted", async () => {
    const { refreshToken } = await pools.userPool.issueSession("ann");
    const before = server.calls("GetTokensFromRefreshToken");
    server.failNext(
      "GetTokensFromRefreshToken",
      { status: 400, type: "TooManyRequestsException" },
      { status: 500, type: "InternalErrorException" },
      "garbage",
      "cut",
      { slowMs: 120 },
    );
    expect(await renew(refreshToken)).toMatchObject({ status: 400, type: "TooManyRequestsException" });
    expect(await renew(refreshToken)).toMatchObject({ status: 500, type: "InternalErrorException" });
    expect((await renew(refreshToken)).text).toBe("<html>not JSON</html>");
    await expect(renew(refreshToken)).rejects.toThrow();
    const start = performance.now();
    expect((await renew(refreshToken)).status).toBe(200);
    expect(performance.now() - start).toBeGreaterThan(110);
    expect(server.calls("GetTokensFromRefreshToken")).toBe(before + 5);
  });

  test("silence is silence", async () => {
    server.failNext("GetTokensFromRefreshToken", "hang");
    const headers = { "content-type": "application/x-amz-json-1.1", "x-amz-target": TARGET };
    const asked = fetch(`${server.endpoint}/`, {
      method: "POST",
      headers,
      body: "{}",
      signal: AbortSignal.timeout(150),
    });
    await expect(asked).rejects.toMatchObject({ name: "TimeoutError" });
  });
});
