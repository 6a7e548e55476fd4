import { App, CfnParameter, Stack } from "aws-cdk-lib";
import { UserPool, UserPoolClient } from "aws-cdk-lib/aws-cognito";
import { IdentityPool } from "aws-cdk-lib/aws-cognito-identitypool";
import { Role } from "aws-cdk-lib/aws-iam";
import { Construct } from "constructs";
import { describe, expect, test } from "vitest";
import { ConfigError } from "../../edge/config/document.ts";
import { readContext } from "../../infra/app/context.ts";
import { Alarms } from "../../infra/delivery/alarms.ts";
import { SignedInAssets } from "../../infra/signed-in-assets.ts";
import { SignedInBehaviors } from "../../infra/signed-in-behaviors.ts";
import { appWith, gateIn, newOutdir } from "./synth.ts";

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
    [{ aeras: [{ path: "/team/*", groups: ["editors"] }] }, "aeras: unknown setting; did you mean areas?"],
    [{ area: '[{"path":"/team/*"}]' }, "area: unknown setting; did you mean areas?"],
    [{ Areas: '[{"path":"/team/*"}]' }, "Areas: unknown setting; did you mean areas?"],
    [{ userPoolID: POOL }, "userPoolID: unknown setting; did you mean userPoolId?"],
    [
      { corsOrigin: "https://app.example.net", cookieSamesite: "None", colour: "blue", listing: "yes" },
      "corsOrigin: unknown setting; did you mean corsOrigins?",
      "cookieSamesite: unknown setting; did you mean cookieSameSite?",
      "colour: unknown setting",
      "listing: expected true or false",
    ],
    [{ "auth.title": "Ours" }, "auth.title: unknown setting"],
    [
      { corsAllowHeader: "x-a", frameAncestor: "https://app.example.com" },
      "corsAllowHeader: unknown setting; did you mean corsAllowHeaders?",
      "frameAncestor: unknown setting; did you mean frameAncestors?",
    ],
    [
      { areas: [{ path: "/*", site: { cleanUrl: true } }] },
      "areas[0].site.cleanUrl: unknown setting; did you mean cleanUrls?",
    ],
    [{ areas: [{ path: "/*", Group: ["x"] }] }, "areas[0].Group: unknown setting; did you mean groups?"],
    [{ areas: null }, "areas: expected a list of at least 1"],
    [
      { groups: { editors: { rolearn: ROLE } } },
      "groups.editors.rolearn: unknown setting; did you mean roleArn?",
      "groups.editors.roleArn: expected a role's ARN",
    ],
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
          origin: "https://b.example",
          origins: "https://a.example",
        },
      },
      "auth.scope: unknown setting; did you mean scopes?",
      "auth.origin: unknown setting; did you mean origins?",
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
    [
      { auth: { supportedIdentityProviders: "Google" } },
      "auth.supportedIdentityProviders: expected a list of names, such as COGNITO and Google",
    ],
    [
      { auth: { supportedIdentityProviders: ["COGNITO"], identityProvider: "Google" } },
      'auth.identityProvider: "Google" is not in auth.supportedIdentityProviders',
    ],
    [
      {
        auth: { texts: { de: { not_fuond: "x" }, German: {} }, screenHint: "signup", identityProvider: "_x" },
      },
      "auth.identityProvider: expected the name of an identity provider, or COGNITO",
      "auth.screenHint: expected true or false",
      "auth.texts.de.not_fuond: unknown setting; did you mean not_found?",
      "auth.texts.German: expected a language such as de",
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
      endpoints: '{"sts":"https://sts.example.com"}',
    };
    const asJson = { ...given, ...lists, groups: { editors: { roleArn: ROLE } }, sdk: true, listing: true };
    Object.assign(asJson, { auth: {}, userPoolDomain: "login.example.com", cookiePartitioned: true });
    Object.assign(asJson, { endpoints: { sts: "https://sts.example.com" } });
    expect(readContext(asWords)).toEqual(readContext(asJson));
  });
});

describe("a context key that is spelt wrong", () => {
  const AREAS = '[{"path":"/team/*","groups":["editors"]}]';
  test.each([
    [{ area: AREAS }, "area: unknown setting; did you mean areas?"],
    [{ aeras: JSON.parse(AREAS) }, "aeras: unknown setting; did you mean areas?"],
    [{ "user-pool-id": POOL }, "user-pool-id: unknown setting; did you mean userPoolId?"],
    [{ team: "ours" }, "team: unknown setting"],
  ])("%j", (context, problem) => {
    expect(problemsOf(() => appWith(context))).toEqual([problem]);
    expect(problemsOf(() => readContext(context))).toEqual([problem]);
  });
});

test.each([
  ["CDK's feature flags", { "@aws-cdk/core:newStyleStackSynthesis": true }],
  ["what CDK's command line says", { "aws:cdk:enable-path-metadata": true, "cdk:anything": 1 }],
  ["what CDK has looked up", { "availability-zones:account=1:region=us-east-1": ["a"] }],
  ["what CDK's command line keeps", { "cli-telemetry": false, "acknowledged-issue-numbers": [1] }],
])("%s are nobody's settings", (_name, context) => {
  expect(problemsOf(() => appWith(context))).toEqual([]);
});

test("groups are named with commas, in a list, or in a list's text", () => {
  const groupsOf = (groups: unknown) => readContext({ groups }).groups;
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

  describe("given settings by a program that no compiler looked at", () => {
    const cases: readonly [props: object, ...problems: string[]][] = [
      [{ aeras: [{ path: "/team/*" }] }, "aeras: unknown setting; did you mean areas?"],
      [{ area: [{ path: "/team/*" }] }, "area: unknown setting; did you mean areas?"],
      [{ userpool: undefined }, "userpool: unknown setting; did you mean userPool?"],
      [{ env: { region: "us-east-1" } }, "env: unknown setting"],
      [{ areas: null }, "areas: expected a list of at least 1"],
      [
        { areas: [{ path: "/*", group: ["editors"] }] },
        "areas[0].group: unknown setting; did you mean groups?",
      ],
      [
        { auth: { scope: ["openid"], distributionOrigins: true } },
        "auth.scope: unknown setting; did you mean scopes?",
        "auth.distributionOrigins: unknown setting; did you mean distributionOrigin?",
      ],
      [{ auth: { keys: {} } }, "auth.keys: the stack makes them"],
      [{ cookies: { samesite: "None" } }, "cookies.samesite: unknown setting; did you mean sameSite?"],
      [{ cors: { origin: [] } }, "cors.origin: unknown setting; did you mean origins?"],
      [{ listing: { enable: true } }, "listing.enable: unknown setting; did you mean enabled?"],
      [{ log: { allow: 1 } }, "log.allow: unknown setting; did you mean allowed?"],
      [{ signing: { cfid: "signed" } }, "signing.cfid: unknown setting; did you mean cfId?"],
      [{ endpoints: { STS: "https://a.b" } }, "endpoints.STS: unknown setting; did you mean sts?"],
      [{ alarms: { topics: [] } }, "alarms.topics: unknown setting; did you mean topic?"],
      [{ alarms: "true" }, "alarms: expected true, false, or an object"],
      [
        { distribution: { domainName: ["a.example.com"], webACLId: "x" } },
        "distribution.domainName: unknown setting; did you mean domainNames?",
        "distribution.webACLId: unknown setting; did you mean webAclId?",
      ],
      [
        { distribution: { defaultRootObject: "index.html", errorResponses: [], logIncludesCookies: true } },
        "distribution.defaultRootObject: the gate decides it",
        "distribution.errorResponses: the gate decides it",
        "distribution.logIncludesCookies: the gate decides it",
      ],
      [{ distribution: true }, "distribution: expected an object"],
      [{ exchange: "STS" }, "exchange: expected identityPool or sts"],
      [{ sdk: "true" }, "sdk: expected true or false"],
      [{ outputs: "no" }, "outputs: expected true or false"],
      [
        { aeras: [], auth: { titel: "x" }, alarms: { topc: 1 }, cors: { origins: ["x"] } },
        "aeras: unknown setting; did you mean areas?",
        "alarms.topc: unknown setting; did you mean topic?",
        "auth.titel: unknown setting; did you mean title?",
        "cors.origins[0]: expected an origin such as https://app.example.com, in lower case and without a path",
      ],
    ];
    test.each(cases)("%j", (props, ...problems) => {
      expect(problemsOf(() => gateIn("us-east-1", () => props))).toEqual(problems);
    });

    test("a distribution may be given what a newer CDK takes", () => {
      expect(
        problemsOf(() => gateIn("us-east-1", () => ({ distribution: Object({ ipAddressKind: "dual" }) }))),
      ).toEqual([]);
    });

    test("a gate without a distribution takes none, and no alarms", () => {
      const stack = new Stack(new App({ outdir: newOutdir() }), "Site", { env: { region: "us-east-1" } });
      const props = Object({ distribution: {}, alarms: true, area: [] });
      expect(problemsOf(() => new SignedInBehaviors(stack, "Gate", props))).toEqual([
        "distribution: unknown setting",
        "alarms: unknown setting",
        "area: unknown setting; did you mean areas?",
      ]);
    });

    test("alarms of one's own distribution", () => {
      const { gate } = gateIn("us-east-1");
      const props = { distribution: gate.distribution, topics: [], hasAdditionalMetric: true };
      expect(problemsOf(() => new Alarms(gate, "More", props))).toEqual([
        "topics: unknown setting; did you mean topic?",
        "hasAdditionalMetric: unknown setting; did you mean hasAdditionalMetrics?",
      ]);
    });
  });

  test("nothing is made of a gate with a mistake", () => {
    const stack = new Stack(new App({ outdir: newOutdir() }), "Site", { env: { region: "us-east-1" } });
    expect(problemsOf(() => new SignedInAssets(stack, "Assets", Object({ aeras: [] })))).toHaveLength(1);
    expect(stack.node.findAll().map(({ node }) => node.path)).toEqual(["Site", "Site/Assets"]);
  });

  test("every message says which gate it is of", () => {
    const stack = new Stack(new App({ outdir: newOutdir() }), "Site", { env: { region: "us-east-1" } });
    const make = (id: string, props: object) => () =>
      new SignedInAssets(new Construct(stack, `${id}s`), id, props);
    expect(make("First", { areas: [{ path: "a" }], aeras: 1 })).toThrow(
      new ConfigError(
        [
          "aeras: unknown setting; did you mean areas?",
          "areas[0].path: expected a key such as /logo.png, or a prefix such as /team/*",
        ],
        "Site/Firsts/First",
      ),
    );
    expect(make("Second", { exchange: 1 })).toThrow(
      /^Invalid Gatehouse configuration of Site\/Seconds\/Second:\n {2}exchange: expected identityPool or sts$/,
    );
    const { gate } = gateIn("us-east-1");
    expect(() => new Alarms(gate, "More", Object({ distribution: gate.distribution, topics: 1 }))).toThrow(
      /^Invalid Gatehouse configuration of Site\/Assets\/More:\n/,
    );
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
