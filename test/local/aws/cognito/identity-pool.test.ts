import {
  CognitoIdentityClient,
  GetCredentialsForIdentityCommand,
  GetIdCommand,
} from "@aws-sdk/client-cognito-identity";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import {
  type IdentityPoolServer,
  startIdentityPoolServer,
} from "../../../../local/aws/cognito/identity-pool-server.ts";
import { UserPool } from "../../../../local/aws/cognito/user-pool.ts";
import { parseRoles } from "../../../../local/aws/iam/role.ts";
import {
  AUTHENTICATED,
  CLIENT_ID,
  EDITORS,
  IDENTITY_POOL_ID,
  makePools,
  NOW,
  OTHER_CLIENT_ID,
  POOL_ID,
  type Pools,
  PROVIDER,
  REVIEWERS,
  trustOf,
  UNTRUSTING,
} from "./fixture.ts";

let pools: Pools;
let server: IdentityPoolServer;

beforeAll(async () => {
  pools = await makePools();
  server = await startIdentityPoolServer(pools.identityPool);
});
afterAll(() => server.close());
beforeEach(() => {
  server.setFault();
  pools.clock.now = NOW;
});

const refusal = (code: string, message = "") =>
  expect.objectContaining({ code, message: expect.stringContaining(message) });

async function roleOf(username: string, customRoleArn?: string, from = pools): Promise<string> {
  const logins = await from.logins(username);
  const id = await from.identityPool.getId(IDENTITY_POOL_ID, logins);
  const credentials = await from.identityPool.getCredentials(id, logins, customRoleArn);
  const principal = from.sessions.find(credentials.accessKeyId)?.principal;
  return principal?.kind === "role" ? principal.arn : "";
}

describe("with the SDK's client", () => {
  const client = () =>
    new CognitoIdentityClient({
      region: "us-east-1",
      endpoint: server.endpoint,
      credentials: { accessKeyId: "none", secretAccessKey: "none" },
      maxAttempts: 1,
    });

  test("a login becomes an identity, and the identity credentials for an hour", async () => {
    const Logins = await pools.logins("ann");
    const { IdentityId } = await client().send(
      new GetIdCommand({ IdentityPoolId: IDENTITY_POOL_ID, Logins }),
    );
    expect(IdentityId).toMatch(
      /^us-east-1:[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
    );
    const { Credentials } = await client().send(new GetCredentialsForIdentityCommand({ IdentityId, Logins }));
    expect(Credentials?.Expiration).toEqual(new Date(NOW + 3600_000));
    expect(Credentials?.SessionToken?.length).toBeGreaterThan(1000);
    const session = pools.sessions.find(Credentials?.AccessKeyId ?? "");
    expect(session?.context).toMatchObject({
      "cognito-identity.amazonaws.com:sub": IdentityId,
      "cognito-identity.amazonaws.com:aud": IDENTITY_POOL_ID,
    });
  });

  test.each([
    ["throttle", "TooManyRequestsException", 400],
    ["InternalError", "InternalErrorException", 500],
  ] as const)("plays %s", async (fault, name, httpStatusCode) => {
    server.setFault(fault);
    const before = server.calls("GetId");
    await expect(
      client().send(
        new GetIdCommand({ IdentityPoolId: IDENTITY_POOL_ID, Logins: await pools.logins("bob") }),
      ),
    ).rejects.toMatchObject({ name, $metadata: { httpStatusCode } });
    expect(server.calls("GetId")).toBe(before + 1);
  });
});

describe("over HTTP", () => {
  const post = (target: string, body: string) =>
    fetch(server.endpoint, {
      method: "POST",
      headers: { "x-amz-target": target, "content-type": "application/x-amz-json-1.1" },
      body,
    });
  const SERVICE = "AWSCognitoIdentityService.";

  test.each([
    ["no operation", "", "{}", "UnknownOperationException"],
    ["another operation", `${SERVICE}DeleteIdentities`, "{}", "UnknownOperationException"],
    ["no JSON", `${SERVICE}GetId`, "x", "SerializationException"],
    ["no pool id", `${SERVICE}GetId`, "{}", "InvalidParameterException"],
    ["no logins", `${SERVICE}GetId`, `{"IdentityPoolId":"${IDENTITY_POOL_ID}"}`, "NotAuthorizedException"],
    ["another pool", `${SERVICE}GetId`, '{"IdentityPoolId":"us-east-1:0-0"}', "ResourceNotFoundException"],
    [
      "malformed logins",
      `${SERVICE}GetId`,
      `{"IdentityPoolId":"${IDENTITY_POOL_ID}","Logins":{"a":1}}`,
      "InvalidParameterException",
    ],
    [
      "unknown identity",
      `${SERVICE}GetCredentialsForIdentity`,
      '{"IdentityId":"us-east-1:0-0"}',
      "ResourceNotFoundException",
    ],
    [
      "a short role ARN",
      `${SERVICE}GetCredentialsForIdentity`,
      '{"IdentityId":"us-east-1:0-0","CustomRoleArn":"x"}',
      "InvalidParameterException",
    ],
  ])("%s", async (_name, target, body, type) => {
    const response = await post(target, body);
    expect(response.status).toBe(400);
    expect(response.headers.get("x-amzn-errortype")).toBe(`${type}:`);
    expect(response.headers.get("content-type")).toBe("application/x-amz-json-1.1");
    expect(await response.json()).toMatchObject({ __type: type, message: expect.any(String) });
  });

  test("plays garbage, a cut line and a hang", async () => {
    server.setFault("garbage");
    expect(await (await post(`${SERVICE}GetId`, "{}")).text()).toContain("<html>");
    server.setFault("cut");
    await expect(post(`${SERVICE}GetId`, "{}")).rejects.toThrow("fetch failed");
    server.setFault("hang");
    const hanging = fetch(server.endpoint, { method: "POST", signal: AbortSignal.timeout(200) });
    await expect(hanging).rejects.toThrow("timeout");
  });
});

describe("a token is refused", () => {
  const cases: [string, () => Promise<Record<string, string>>, string][] = [
    [
      "of another provider",
      async () => ({ "accounts.example.com": "x" }),
      "Token is not from a supported provider",
    ],
    ["that is none", async () => ({ [PROVIDER]: "x" }), "Not a valid OpenId Connect identity token"],
    ["that has expired", () => pools.logins("ann", { expiresInSeconds: -1 }), "Token expired"],
    [
      "of another issuer",
      () => pools.logins("ann", { claims: { iss: "https://evil.example" } }),
      "Issuer doesn't match",
    ],
    [
      "of a client that the pool does not know",
      () => pools.logins("ann", { clientId: OTHER_CLIENT_ID }),
      "Token is not from a supported provider",
    ],
    [
      "that is an access token",
      async () => ({ [PROVIDER]: await pools.userPool.issueAccessToken("ann") }),
      "Missing a required claim: aud",
    ],
    [
      "whose use is not id",
      () => pools.logins("ann", { claims: { token_use: "access" } }),
      "Not a valid OpenId Connect",
    ],
    [
      "with another signature",
      async () => ({
        [PROVIDER]: (await pools.userPool.issueIdToken("ann")).replace(/\.[^.]{4}([^.]*)$/, ".AAAA$1"),
      }),
      "Token signature invalid",
    ],
    [
      "of another pool's key",
      async () => {
        const stranger = await UserPool.create({
          id: POOL_ID,
          clients: [{ clientId: CLIENT_ID }],
          users: [{ username: "ann", password: "x" }],
          now: () => NOW,
        });
        return { [PROVIDER]: await stranger.issueIdToken("ann") };
      },
      "Couldn't verify signed token",
    ],
  ];
  test.each(cases)("%s", async (_name, logins, message) => {
    await expect(pools.identityPool.getId(IDENTITY_POOL_ID, await logins())).rejects.toEqual(
      refusal("NotAuthorizedException", message),
    );
  });

  test("after its key was removed", async () => {
    const fresh = await makePools();
    const logins = await fresh.logins("ann");
    const { kid } = fresh.userPool.keys.current("id");
    await fresh.userPool.keys.rotate();
    await expect(fresh.identityPool.getId(IDENTITY_POOL_ID, logins)).resolves.toBeDefined();
    fresh.userPool.keys.remove(kid);
    await expect(fresh.identityPool.getId(IDENTITY_POOL_ID, logins)).rejects.toEqual(
      refusal("NotAuthorizedException"),
    );
    await expect(
      fresh.identityPool.getId(IDENTITY_POOL_ID, await fresh.logins("ann")),
    ).resolves.toBeDefined();
  });

  test.each<[string, (pool: UserPool) => void]>([
    ["disabled", (pool) => pool.users.setEnabled("ann", false)],
    ["signed out", (pool) => pool.users.signOut("ann")],
    ["deleted", (pool) => pool.users.remove("ann")],
  ])("of a user who is %s, when the server-side token check is on", async (_name, change) => {
    for (const serverSideTokenCheck of [true, false]) {
      const fresh = await makePools({ serverSideTokenCheck });
      const logins = await fresh.logins("ann");
      change(fresh.userPool);
      const answer = fresh.identityPool.getId(IDENTITY_POOL_ID, logins);
      if (serverSideTokenCheck) await expect(answer).rejects.toEqual(refusal("NotAuthorizedException"));
      else await expect(answer).resolves.toBeDefined();
    }
  });
});

describe("identities", () => {
  test("one login has one identity, for ever; another login another", async () => {
    const [first, again, other] = [
      await pools.logins("ann"),
      await pools.logins("ann"),
      await pools.logins("bob"),
    ];
    const ids = await Promise.all(
      [first, again, other].map((l) => pools.identityPool.getId(IDENTITY_POOL_ID, l)),
    );
    expect(ids[0]).toBe(ids[1]);
    expect(ids[0]).not.toBe(ids[2]);
    const restarted = await makePools();
    expect(await restarted.identityPool.getId(IDENTITY_POOL_ID, await restarted.logins("ann"))).toBe(ids[0]);
  });

  test("nobody gets credentials for another's identity", async () => {
    const ann = await pools.identityPool.getId(IDENTITY_POOL_ID, await pools.logins("ann"));
    const asBob = pools.identityPool.getCredentials(ann, await pools.logins("bob"), undefined);
    await expect(asBob).rejects.toEqual(refusal("NotAuthorizedException", "Logins don't match"));
    const anonymous = pools.identityPool.getCredentials(ann, undefined, undefined);
    await expect(anonymous).rejects.toEqual(refusal("NotAuthorizedException", "forbidden"));
  });
});

describe("the role", () => {
  test.each([
    ["the preferred one of the token", "ann", undefined, EDITORS],
    ["the authenticated one without groups", "bob", undefined, AUTHENTICATED],
    ["the authenticated one when two groups share the best rank", "cy", undefined, AUTHENTICATED],
    ["the one asked for", "ann", REVIEWERS, REVIEWERS],
  ])("is %s", async (_name, username, custom, role) => {
    expect(await roleOf(username, custom)).toBe(role);
  });

  test.each([
    ["not in the token", "ann", UNTRUSTING],
    ["the authenticated one by name", "bob", AUTHENTICATED],
  ])("asked for and %s is refused", async (_name, username, custom) => {
    await expect(roleOf(username, custom)).rejects.toEqual(refusal("NotAuthorizedException"));
  });

  test("is refused by an ambiguous mapping that denies", async () => {
    const mapping = { Type: "Token", AmbiguousRoleResolution: "Deny" } as const;
    const strict = await makePools({ roleMappings: { [`${PROVIDER}:${CLIENT_ID}`]: mapping } });
    await expect(roleOf("cy", undefined, strict)).rejects.toEqual(refusal("NotAuthorizedException"));
    expect(await roleOf("ann", undefined, strict)).toBe(EDITORS);
  });

  test("without a mapping is the authenticated one, and none can be asked for", async () => {
    const plain = await makePools({ roleMappings: {} });
    expect(await roleOf("ann", undefined, plain)).toBe(AUTHENTICATED);
    await expect(roleOf("ann", EDITORS, plain)).rejects.toEqual(refusal("NotAuthorizedException"));
  });

  test.each([
    ["Equals", "ann"],
    ["StartsWith", "a"],
    ["Contains", "nn"],
    ["NotEqual", "bob"],
  ] as const)("by a rule: %s", async (MatchType, Value) => {
    const rule = { Claim: "cognito:username", MatchType, Value, RoleARN: REVIEWERS };
    const mapping = {
      Type: "Rules",
      AmbiguousRoleResolution: "Deny",
      RulesConfiguration: { Rules: [rule] },
    } as const;
    const ruled = await makePools({ roleMappings: { [`${PROVIDER}:${CLIENT_ID}`]: mapping } });
    expect(await roleOf("ann", undefined, ruled)).toBe(REVIEWERS);
    await expect(roleOf("bob", undefined, ruled)).rejects.toEqual(refusal("NotAuthorizedException"));
  });

  test.each([
    ["trusts another identity pool", { authenticatedRole: UNTRUSTING }],
    ["does not exist", { authenticatedRole: `${AUTHENTICATED}2` }],
    ["is not configured", { authenticatedRole: "" }],
  ])("that %s: InvalidIdentityPoolConfigurationException", async (_name, changes) => {
    const wrong = await makePools(changes);
    await expect(roleOf("bob", undefined, wrong)).rejects.toEqual(
      refusal("InvalidIdentityPoolConfigurationException"),
    );
  });

  test("principal tags need sts:TagSession in the trust, and reach the session", async () => {
    const principalTags = { [PROVIDER]: { name: "cognito:username", none: "missing" } };
    const without = await makePools({ principalTags });
    await expect(roleOf("bob", undefined, without)).rejects.toEqual(
      refusal("InvalidIdentityPoolConfigurationException"),
    );
    const trust = trustOf(IDENTITY_POOL_ID, ["sts:AssumeRoleWithWebIdentity", "sts:TagSession"]);
    const tagged = await makePools({
      principalTags,
      roles: parseRoles(new Map([[AUTHENTICATED, { trust, policies: [] }]])),
    });
    const logins = await tagged.logins("bob");
    const id = await tagged.identityPool.getId(IDENTITY_POOL_ID, logins);
    const { accessKeyId } = await tagged.identityPool.getCredentials(id, logins, undefined);
    expect(tagged.sessions.find(accessKeyId)?.context["aws:PrincipalTag/name"]).toBe("bob");
  });
});
