import { CfnParameter } from "aws-cdk-lib";
import { UserPool, UserPoolClient } from "aws-cdk-lib/aws-cognito";
import { IdentityPool } from "aws-cdk-lib/aws-cognito-identitypool";
import { Role } from "aws-cdk-lib/aws-iam";
import { describe, expect, test } from "vitest";
import { ConfigError } from "../../edge/config/document.ts";
import { readContext } from "../../infra/app/context.ts";
import { appWith, gateIn } from "./synth.ts";

const POOL = "eu-west-1_AbCdEfGhI";
const IDENTITY_POOL = "us-east-1:00000000-0000-4000-8000-000000000000";
const ROLE = "arn:aws:iam::123456789012:role/reader";

describe("context", () => {
  const cases: readonly [context: Record<string, unknown>, ...problems: string[]][] = [
    [{ userPoolId: POOL }, "userPoolClientIds: an existing user pool comes with its app clients"],
    [{ userPoolClientIds: "abc" }, "userPoolId: app clients come with the user pool that they belong to"],
    [{ userPoolId: POOL, userPoolClientIds: [] }, "userPoolClientIds: expected a list of at least 1"],
    [
      { userPoolId: "pool", userPoolClientIds: ["a b", 1] },
      "userPoolId: expected a user pool id such as us-east-1_AbCdEfGhI",
      "userPoolClientIds[0]: expected an app client id",
      "userPoolClientIds[1]: expected an app client id",
    ],
    [
      { identityPoolId: IDENTITY_POOL },
      "userPoolId: an existing identity pool comes with the user pool it trusts",
      "authenticatedRoleArn: an existing identity pool comes with its role for signed-in users, which is given the right to read the assets",
    ],
    [{ authenticatedRoleArn: ROLE }, "identityPoolId: a role comes with the identity pool that gives it"],
    [
      { userPoolId: POOL, userPoolClientIds: "a", identityPoolId: "x", authenticatedRoleArn: "reader" },
      "identityPoolId: expected an identity pool id such as us-east-1:<uuid>",
      "authenticatedRoleArn: expected a role's ARN such as arn:aws:iam::123456789012:role/name",
    ],
    [{ bucketRegion: "eu-west-1" }, "bucketName: a region comes with the bucket that is in it"],
    [
      { bucketName: "My.Bucket", bucketRegion: "Frankfurt" },
      "bucketName: expected a bucket name without dots (TLS to S3 refuses dots)",
      "bucketRegion: expected an AWS region such as us-east-1",
    ],
    [
      { originPath: "site/" },
      "originPath: expected empty, or a prefix such as /site without a slash at its end",
    ],
    [{ logAllowed: "2" }, "logAllowed: expected a share from 0 to 1"],
    [{ cookieNames: "token,my token" }, "cookieNames[1]: expected a cookie name (RFC 6265)"],
    [
      { corsOrigins: ["https://app.example.com/"] },
      "corsOrigins[0]: expected an origin such as https://app.example.com, in lower case and without a path",
    ],
    [
      { signingCfId: "yes", signingHead: "OPTIONS", sdk: "maybe" },
      "signingCfId: expected unsigned or signed",
      "signingHead: expected HEAD or GET",
      "sdk: expected true or false",
    ],
    [
      { endpoints: { jwksUri: "http://example.com/" } },
      "endpoints.jwksUri: expected an https:// URL, or http:// on loopback",
    ],
    [{ endpoints: { kms: "https://example.com" } }, "endpoints.kms: unknown setting"],
    [{ areas: "/team/*" }, "areas: expected a list of at least 1"],
    [
      { areas: '[{"path":"/team/*","groups":["editors"]}]', groups: "editor" },
      'areas[0].groups: "editors" is not in groups',
    ],
    [
      { userPoolId: POOL, userPoolClientIds: "a", areas: [{ path: "/team/*", groups: ["editors"] }] },
      "groups: a group of an existing user pool comes with the role that it has there; neither is changed",
    ],
    [{ areas: ["/team/*"] }, "areas[0]: expected an object"],
    [
      { areas: [{ path: "/*" }, { path: "/team/*" }] },
      'areas[1].path: "/team/*" is never reached, "/*" comes before it',
    ],
    [
      {
        areas: [
          { path: "/open/*", public: true },
          { path: "/me/*", owner: "open/users/{identityId}/" },
        ],
      },
      'areas[0].path: "/open/*" would make the users\' own folders of "/me/*" public',
    ],
    [
      { areas: [{ path: "/open/team/*" }, { path: "/open/*", public: true }] },
      'areas[1].path: "/open/*" is public, so that "/open/team/*" inside it cannot be private',
    ],
    [{ areas: [{ path: "/*", public: true }] }, 'areas[0].path: "/*" would make the whole bucket public'],
    [{ groups: "editors,a b" }, 'groups: "a b" is not a name that a user pool\'s group can have'],
    [{ groups: { editors: {} } }, "groups.editors.roleArn: expected a role's ARN"],
    [{ groups: 1 }, "groups: expected an object"],
    [
      { userPoolId: POOL, userPoolClientIds: "a", groups: "editors" },
      "groups: a group of an existing user pool comes with the role that it has there; neither is changed",
    ],
    [
      { exchange: "sts", groups: { editors: { roleArn: ROLE } } },
      "groups: with the exchange by STS the roles are made here, trusting the function alone; give names only",
    ],
    [
      {
        exchange: "sts",
        userPoolId: POOL,
        userPoolClientIds: "a",
        identityPoolId: IDENTITY_POOL,
        authenticatedRoleArn: ROLE,
      },
      "identityPoolId: the exchange by STS uses none",
      "authenticatedRoleArn: the exchange by STS makes its own roles",
    ],
    [
      { userPoolId: POOL, userPoolClientIds: "a", auth: true },
      "userPoolDomain: auth needs the host of the managed login",
    ],
    [
      {
        userPoolId: POOL,
        userPoolClientIds: "a",
        userPoolDomain: "https://login.example.com",
        endpoints: { oauth: "https://login.example.com" },
      },
      "userPoolDomain: expected a host such as login.example.com",
    ],
    [
      { userPoolId: POOL, userPoolClientIds: "a", userPoolDomain: "login.example.com", auth: "false" },
      "userPoolDomain: the managed login is for auth, which is off",
    ],
    [
      { userPoolDomain: "login.example.com" },
      "userPoolDomain: the user pool that is made gets a managed login of its own",
    ],
    [{ auth: "yes" }, "auth: expected an object"],
    [
      {
        auth: {
          keys: { current: "a".repeat(64) },
          scope: "openid",
          origins: "https://a.example",
        },
      },
      "auth.scope: unknown setting",
      "auth.keys: the stack makes them",
      "auth.origins: expected a list of origins such as https://assets.example.com, or http://localhost:8080",
    ],
    [
      { auth: { origins: ["http://example.com"], distributionOrigin: "no" } },
      "auth.origins: expected a list of origins such as https://assets.example.com, or http://localhost:8080",
      "auth.distributionOrigin: expected true or false",
    ],
    [
      { auth: '{"distributionOrigin":false}' },
      "auth.origins: expected at least one, where sign-in is not at the distribution's own domain",
    ],
    [{ auth: { clientId: "abc" } }, 'auth.clientId: "abc" is not in userPool.clientIds'],
    [
      { cookieSameSite: "Strict", cookiePartitioned: "yes", cookieDomain: ".example.com" },
      "cookieSameSite: expected Lax or None",
      "cookieDomain: expected a domain such as example.com",
      "cookiePartitioned: expected true or false",
    ],
    [
      { exchange: "cognito", listing: "yes" },
      "exchange: expected identityPool or sts",
      "listing: expected true or false",
    ],
  ];
  test.each(cases)("%j", (context, ...problems) => {
    expect(problemsOf(() => appWith(context))).toEqual(problems);
  });

  test("that is right is taken from the command line as from cdk.json", () => {
    const given = {
      userPoolId: POOL,
      identityPoolId: IDENTITY_POOL,
      authenticatedRoleArn: ROLE,
      bucketName: "my-assets",
    };
    const lists = { userPoolClientIds: ["a", "b"], cookieNames: ["token"], areas: [{ path: "/a/*" }] };
    const asWords = {
      ...given,
      userPoolClientIds: "a, b",
      cookieNames: "token",
      areas: '[{"path":"/a/*"}]',
      groups: `{"editors":{"roleArn":"${ROLE}"}}`,
      sdk: "true",
      listing: "true",
      auth: "true",
      userPoolDomain: "login.example.com",
      cookiePartitioned: "true",
    };
    const asJson = { ...given, ...lists, groups: { editors: { roleArn: ROLE } }, sdk: true, listing: true };
    Object.assign(asJson, { auth: {}, userPoolDomain: "login.example.com", cookiePartitioned: true });
    expect(readContext((key) => Object(asWords)[key])).toEqual(readContext((key) => Object(asJson)[key]));
  });
});

test("groups are named with commas, in a list, or in a list's text", () => {
  const groupsOf = (groups: unknown) => readContext((key) => (key === "groups" ? groups : undefined)).groups;
  expect(groupsOf("editors, admins")).toEqual(["editors", "admins"]);
  expect(groupsOf(["editors", "admins"])).toEqual(["editors", "admins"]);
  expect(groupsOf('["editors","admins"]')).toEqual(["editors", "admins"]);
});

describe("the construct", () => {
  const others = 'give it { env: { region: "us-east-1" } }, pool and bucket may stay elsewhere';
  test("in another region", () => {
    expect(problemsOf(() => gateIn("eu-west-1"))).toEqual([
      `region: Lambda@Edge functions are made in us-east-1 only, and stack "Site" is in eu-west-1; ${others}`,
    ]);
  });

  test("in a stack without a region, together with its other problems", () => {
    const problems = problemsOf(() =>
      gateIn(undefined, (stack) => ({
        userPool: UserPool.fromUserPoolId(stack, "Pool", POOL),
        areas: [{ path: "team" }],
        cookies: { names: ["a b"] },
      })),
    );
    expect(problems).toEqual([
      `region: Lambda@Edge functions are made in us-east-1 only, and stack "Site" has no region; ${others}`,
      "userPoolClients: an existing user pool comes with its app clients",
      "areas[0].path: expected a key such as /logo.png, or a prefix such as /team/*",
      "cookies.names[0]: expected a cookie name (RFC 6265)",
    ]);
  });

  test("with an identity pool that nobody's role comes with", () => {
    const problems = problemsOf(() =>
      gateIn("us-east-1", (stack) => ({
        userPool: UserPool.fromUserPoolId(stack, "Pool", POOL),
        userPoolClients: [UserPoolClient.fromUserPoolClientId(stack, "Client", "abc")],
        identityPool: IdentityPool.fromIdentityPoolId(stack, "Identities", IDENTITY_POOL),
      })),
    );
    expect(problems).toEqual([
      "authenticatedRole: an existing identity pool comes with its role for signed-in users, which is given the right to read the assets",
    ]);
  });

  test("with a role that no identity pool gives", () => {
    const problems = problemsOf(() =>
      gateIn("us-east-1", (stack) => ({ authenticatedRole: Role.fromRoleArn(stack, "Role", ROLE) })),
    );
    expect(problems).toEqual(["identityPool: a role comes with the identity pool that gives it"]);
  });

  test("with sign-in at an existing user pool whose login is not named", () => {
    const problems = problemsOf(() =>
      gateIn("us-east-1", (stack) => ({
        userPool: UserPool.fromUserPoolId(stack, "Pool", POOL),
        userPoolClients: [UserPoolClient.fromUserPoolClientId(stack, "Client", "abc")],
        auth: { scopes: ["email"] },
      })),
    );
    expect(problems).toEqual([
      "userPoolDomain: auth needs the host of the managed login",
      "auth.scopes: without openid there is no ID token",
    ]);
  });

  test("with a login of an existing user pool that is not given", () => {
    const problem = "userPoolDomain: the user pool that is made gets a managed login of its own";
    expect(problemsOf(() => gateIn("us-east-1", () => ({ userPoolDomain: "a.example", auth: {} })))).toEqual([
      problem,
    ]);
  });

  test("takes values that are known only at deploy time", () => {
    const { gate } = gateIn("us-east-1", (stack) => ({
      userPool: UserPool.fromUserPoolId(stack, "Pool", new CfnParameter(stack, "PoolId").valueAsString),
      userPoolClients: [
        UserPoolClient.fromUserPoolClientId(stack, "C", new CfnParameter(stack, "ClientId").valueAsString),
      ],
    }));
    expect(gate.config.userPool.clientIds).toHaveLength(1);
  });
});

function problemsOf(make: () => unknown): readonly string[] {
  try {
    make();
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}
