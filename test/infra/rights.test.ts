// What each role of every shape of the app may do: every action on every kind of resource, against an explicit list.
import type { Stack } from "aws-cdk-lib";
import type { Template } from "aws-cdk-lib/assertions";
import { Key } from "aws-cdk-lib/aws-kms";
import { Bucket, BucketEncryption, type IBucket } from "aws-cdk-lib/aws-s3";
import { afterAll, describe, expect, test } from "vitest";
import type { SignedInAssetsProps } from "../../infra/props.ts";
import { type Principal, trusts } from "../../local/aws/iam/decide.ts";
import { ACTIONS } from "./aws-actions.ts";
import {
  ACCOUNT,
  type Account,
  accountOf,
  DISTRIBUTION,
  ME,
  made,
  NO_POLICY,
  OTHER,
  OTHER_ACCOUNT,
  OTHER_ACCOUNTS_KEY,
  RESOURCES,
  rightsOf,
  roleArn,
  rolePrincipal,
  SESSION,
} from "./rights.ts";
import { gateIn, lockWith, templateWith } from "./synth.ts";

const AREAS = [
  { path: "/pub/*", public: true },
  { path: "/team/*", groups: ["editors"], versions: true },
  { path: "/me/*", owner: "users/{identityId}/" },
  { path: "/site/*" },
];
/** Overlapping areas, which become Allow and Deny with NotResource. */
const NESTED = [
  { path: "/team/*", groups: ["editors"] },
  { path: "/me/*", owner: "users/{identityId}/" },
  { path: "/*" },
];
const EVERY_KIND = { areas: AREAS, groups: "editors", listing: true };
const GIVEN_BUCKET = { bucketName: "assets", bucketRegion: "eu-central-1" };
const GIVEN_ROLES = {
  userPoolId: "eu-west-1_AbCdEfGhI",
  userPoolClientIds: "one",
  identityPoolId: "eu-west-1:33333333-3333-4333-8333-333333333333",
  authenticatedRoleArn: roleArn("signed in"),
  groups: { editors: { roleArn: roleArn("editors") } },
};

/** Every kind of area in a stack of one's own, with a bucket. */
function gateWith(bucket: (stack: Stack) => IBucket, exchange: "identityPool" | "sts"): Template {
  const props: SignedInAssetsProps = { areas: AREAS, listing: { enabled: true }, exchange, auth: {} };
  return gateIn("us-east-1", (stack) => ({ ...props, bucket: bucket(stack) })).template();
}

/** A bucket of the same stack, encrypted with a key that is made for it. */
function bucketWithKey(stack: Stack): Bucket {
  const encryptionKey = new Key(stack, "BucketKey");
  return new Bucket(stack, "AssetsBucket", { encryption: BucketEncryption.KMS, encryptionKey });
}

function bucketOfOtherAccount(stack: Stack): IBucket {
  return Bucket.fromBucketAttributes(stack, "AssetsBucket", {
    bucketName: "assets",
    region: "eu-central-1",
    account: OTHER_ACCOUNT,
    encryptionKey: Key.fromKeyArn(stack, "BucketKey", OTHER_ACCOUNTS_KEY),
  });
}

/** What makes the template of each shape. */
const APPS: Readonly<Record<string, () => Template>> = {
  "tokens only": () => lockWith(),
  "tokens only, by STS": () => lockWith({ exchange: "sts" }),
  "tokens only, in a stack of one's own": () => gateIn("us-east-1").template(),
  "with sign-in": () => templateWith(),
  "with sign-in, by STS": () => templateWith({ exchange: "sts" }),
  "every kind of area": () => templateWith(EVERY_KIND),
  "every kind of area, by STS": () => templateWith({ ...EVERY_KIND, exchange: "sts" }),
  "every kind of area, with the SDK": () => templateWith({ ...EVERY_KIND, sdk: true }),
  "every kind of area, in a given bucket": () => templateWith({ ...EVERY_KIND, ...GIVEN_BUCKET }),
  "every kind of area, in a given bucket, by STS": () =>
    templateWith({ ...EVERY_KIND, ...GIVEN_BUCKET, exchange: "sts" }),
  "every kind of area, in a bucket with a key": () => gateWith(bucketWithKey, "identityPool"),
  "every kind of area, in a bucket with a key, by STS": () => gateWith(bucketWithKey, "sts"),
  "every kind of area, in a bucket of another account with its key": () =>
    gateWith(bucketOfOtherAccount, "identityPool"),
  "every kind of area, in a bucket of another account with its key, by STS": () =>
    gateWith(bucketOfOtherAccount, "sts"),
  "every kind of area, with roles that are given, tokens only": () =>
    lockWith({ areas: AREAS, listing: true, ...GIVEN_ROLES }),
  "areas within areas": () => templateWith({ areas: NESTED, groups: "editors" }),
  "areas within areas, by STS, tokens only": () =>
    lockWith({ areas: NESTED, groups: "editors", exchange: "sts" }),
  "areas within areas, in a given bucket": () =>
    templateWith({ areas: NESTED, groups: "editors", ...GIVEN_BUCKET }),
};

const accounts = new Map(Object.entries(APPS).map(([name, make]) => [name, accountOf(make())]));
function account(app: string): Account {
  const found = accounts.get(app);
  if (!found) throw new Error(`no such shape: ${app}`);
  return found;
}

afterAll(() => {
  process.stdout.write(
    `${made.decisions} decisions: ${ACTIONS.length} actions, ${Object.keys(RESOURCES).length} resources, ${accounts.size} shapes\n`,
  );
});

/** Whether the bucket is not made by the gate. */
const isGiven = (app: string) => app.includes("bucket");

const S3_ACTIONS = ACTIONS.filter((action) => action.startsWith("s3:"));
const KMS_ACTIONS = ACTIONS.filter((action) => action.startsWith("kms:"));

const get = (...keys: readonly string[]) => keys.map((key) => `s3:GetObject ${key}`);
const edgeLogs = (name: string) =>
  ["CreateLogGroup", "CreateLogStream", "PutLogEvents"].map((action) => `logs:${action} logs of ${name}`);
const handlerLogs = (name: string) =>
  ["CreateLogStream", "PutLogEvents"].map((action) => `logs:${action} logs of ${name}`);
const assume = (roles: readonly string[], means: readonly string[]) =>
  means.flatMap((action) => roles.map((name) => `sts:${action} role ${name}`));

const EDGE = { ViewerRequest: edgeLogs("ViewerRequest"), OriginResponse: edgeLogs("OriginResponse") };
const LOCK = { ...EDGE, Deployment: handlerLogs("Deployment") };
const GATE = {
  ...EDGE,
  Deployment: ["secretsmanager:DescribeSecret the sealing keys", ...handlerLogs("Deployment")],
  ClientUrls: ["cognito-idp:UpdateUserPoolClient the user pool", ...handlerLogs("ClientUrls")],
};
const OWN = get(`/users/${ME}/a.txt`, `/users/${ME}/../${OTHER}/a.txt`);
const EVERY_KEY = get(...Object.keys(RESOURCES).filter((name) => /^\/(?!.* of )/.test(name)));
const OUTSIDE_USERS = (...without: readonly string[]) =>
  EVERY_KEY.filter(
    (right) => !right.includes("/users/") && !without.some((start) => right.includes(` ${start}`)),
  );
const lists = (...prefixes: readonly string[]) => prefixes.map((prefix) => `s3:ListBucket ${prefix}*`);

const KINDS = {
  "signed in": [...get("/site/a.html"), ...OWN, ...lists("site/", "site/a/", `users/${ME}/`)],
  editors: [
    ...get("/site/a.html", "/team/plan.pdf"),
    ...OWN,
    "s3:GetObjectVersion /team/plan.pdf",
    ...lists("site/", "site/a/", "team/", `users/${ME}/`),
  ],
};
/** With a key, whoever reads the bucket decrypts with that key alone. */
const kindsWith = (key: string) => ({
  "signed in": [...KINDS["signed in"], `kms:Decrypt ${key}`],
  editors: [...KINDS.editors, `kms:Decrypt ${key}`],
});
const EVERYTHING = { "signed in": EVERY_KEY };
const LAYERS = {
  "signed in": [...OUTSIDE_USERS("/team/", "/me/"), ...OWN],
  editors: [...OUTSIDE_USERS("/me/"), ...OWN],
};

const pool = <T extends object>(gate: object, readers: T) => ({ ...gate, guests: [], ...readers });
/** The function assumes the roles itself, and tags the session where an area needs the user's name. */
const sts = <T extends object>(gate: object, readers: T, ...means: readonly string[]) => ({
  ...gate,
  ViewerRequest: [...assume(Object.keys(readers), means), ...EDGE.ViewerRequest],
  ...readers,
});
const TAGGED = ["AssumeRole", "TagSession"];

/** All that each role may do; what is not here is denied. */
const ALLOWED: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  "tokens only": pool(LOCK, EVERYTHING),
  "tokens only, by STS": sts(LOCK, EVERYTHING, "AssumeRole"),
  "tokens only, in a stack of one's own": pool(LOCK, EVERYTHING),
  "with sign-in": pool(GATE, EVERYTHING),
  "with sign-in, by STS": sts(GATE, EVERYTHING, "AssumeRole"),
  "every kind of area": pool(GATE, KINDS),
  "every kind of area, by STS": sts(GATE, KINDS, ...TAGGED),
  "every kind of area, with the SDK": pool(GATE, KINDS),
  "every kind of area, in a given bucket": pool(GATE, KINDS),
  "every kind of area, in a given bucket, by STS": sts(GATE, KINDS, ...TAGGED),
  "every kind of area, in a bucket with a key": pool(GATE, kindsWith("the bucket's key")),
  "every kind of area, in a bucket with a key, by STS": sts(GATE, kindsWith("the bucket's key"), ...TAGGED),
  "every kind of area, in a bucket of another account with its key": pool(
    GATE,
    kindsWith("the other account's key of the bucket"),
  ),
  "every kind of area, in a bucket of another account with its key, by STS": sts(
    GATE,
    kindsWith("the other account's key of the bucket"),
    ...TAGGED,
  ),
  "every kind of area, with roles that are given, tokens only": { ...LOCK, ...KINDS },
  "areas within areas": pool(GATE, LAYERS),
  "areas within areas, by STS, tokens only": sts(LOCK, LAYERS, ...TAGGED),
  "areas within areas, in a given bucket": pool(GATE, LAYERS),
};

describe.each(Object.keys(APPS))("%s", (app) => {
  const here = account(app);
  const { roles, documents, resources } = here;
  const identityOf = (name: string) => roles.find((it) => it.name === name)?.policies ?? [];
  const allowed = ALLOWED[app] ?? {};

  test("has exactly these roles, with no policy of AWS's", () => {
    expect(roles.map(({ name }) => name).sort()).toEqual(Object.keys(allowed).sort());
    for (const { Type, Properties } of resources.filter(({ Type }) => Type === "AWS::IAM::Role"))
      expect([Type, Properties["ManagedPolicyArns"], Properties["Policies"]]).toEqual([
        Type,
        undefined,
        undefined,
      ]);
  });

  test.each(Object.entries(allowed))(`${ACTIONS.length} actions on every resource: %s`, (name, rights) => {
    const found = rightsOf(here, { principal: rolePrincipal(name), identity: identityOf(name) });
    expect([...found].sort()).toEqual([...rights].sort());
  });

  test("without an identity, the own folder is nobody's", () => {
    const session = { "aws:SecureTransport": "true" };
    for (const { name, policies } of roles) {
      const rights = rightsOf(here, { principal: rolePrincipal(name), identity: policies, session });
      expect(rights.filter((right) => /users\/us-east-1/.test(right) && !EVERY_KEY.includes(right))).toEqual(
        [],
      );
    }
  });

  const PUBLIC = app.startsWith("every kind") ? get("/pub/logo.svg") : [];
  const strangers: readonly (readonly [string, Principal, Record<string, string>, readonly string[]])[] = [
    ["nobody", { kind: "anonymous" }, {}, []],
    [
      "this distribution",
      { kind: "service", name: "cloudfront.amazonaws.com" },
      { "aws:SourceArn": DISTRIBUTION },
      PUBLIC,
    ],
    [
      "another distribution",
      { kind: "service", name: "cloudfront.amazonaws.com" },
      { "aws:SourceArn": `${DISTRIBUTION}2` },
      [],
    ],
    ["CloudFront for nobody", { kind: "service", name: "cloudfront.amazonaws.com" }, {}, []],
    ["S3's own logging", { kind: "service", name: "logging.s3.amazonaws.com" }, {}, []],
    ["another role of the account", rolePrincipal("Admin"), {}, []],
  ];
  test.each(strangers)("the bucket's policy lets %s do this", (_, principal, context, rights) => {
    const session = { "aws:SecureTransport": "true", ...context };
    expect(rightsOf(here, { principal, session }, S3_ACTIONS)).toEqual(rights);
  });

  test("no Allow is wider than the areas and the function's own log", () => {
    const wide = documents
      .flatMap((document) => statementsOf(document))
      .filter(({ Effect }) => Effect === "Allow")
      .flatMap(({ Resource, Action, NotAction }) =>
        [Resource ?? [], Action ?? [], NotAction ?? "NotAction"].flat(),
      )
      .filter(
        (text) => text !== "NotAction" && text.includes("*") && !text.startsWith("arn:aws:s3:::assets/"),
      );
    expect(new Set(wide.map((text) => text.replace(/(ViewerRequest|OriginResponse)Function/, "…")))).toEqual(
      new Set([
        `arn:aws:logs:*:${ACCOUNT}:log-group:/aws/lambda/us-east-1.Assets…`,
        `arn:aws:logs:*:${ACCOUNT}:log-group:/aws/lambda/us-east-1.Assets…:*`,
        `arn:aws:logs:us-east-1:${ACCOUNT}:log-group:AssetsDeploymentLogs:*`,
        ...(allowed["ClientUrls"]
          ? [`arn:aws:logs:us-east-1:${ACCOUNT}:log-group:AssetsClientUrlsLogs:*`]
          : []),
      ]),
    );
    expect(documents.flatMap((document) => statementsOf(document)).filter((it) => it.NotAction)).toEqual([]);
  });

  test("nothing else lets anybody in: no function URL, user, key, or policy on the secret", () => {
    const types = new Set(resources.map(({ Type }) => Type));
    for (const type of DOORS) expect(types).not.toContain(type);
  });

  test("one rule of this stack's own may run one function, and nobody another", () => {
    const permissions = resources.filter(({ Type }) => Type === "AWS::Lambda::Permission");
    const of = (id: string, attribute: string) => ({
      "Fn::GetAtt": [expect.stringMatching(`^Assets${id}[0-9A-F]{8}$`), attribute],
    });
    const permission = {
      Action: "lambda:InvokeFunction",
      FunctionName: of("ClientUrlsHandler", "Arn"),
      Principal: "events.amazonaws.com",
      SourceArn: of("ClientUrlsAfterRollback", "Arn"),
    };
    expect(permissions.map(({ Properties }) => Properties)).toEqual(
      allowed["ClientUrls"] ? [permission] : [],
    );
  });
});

describe.each(Object.keys(APPS).filter((app) => !isGiven(app)))("%s: the bucket that is made", (app) => {
  const here = account(app);
  const { roles, resources } = here;

  test("the bucket blocks public access in all four ways, and belongs to its owner alone", () => {
    const [bucket, ...others] = resources.filter(({ Type }) => Type === "AWS::S3::Bucket");
    expect(others).toEqual([]);
    expect(bucket?.Properties).toMatchObject({
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
      OwnershipControls: { Rules: [{ ObjectOwnership: "BucketOwnerEnforced" }] },
    });
    expect(bucket?.Properties).not.toHaveProperty("WebsiteConfiguration");
    expect(bucket?.Properties).not.toHaveProperty("AccessControl");
  });

  test.each(roles.map(({ name }) => name))("gives %s nothing without TLS", (name) => {
    const identity = roles.find((it) => it.name === name)?.policies ?? [];
    const session = { ...SESSION, "aws:SecureTransport": "false" };
    const rights = rightsOf(here, { principal: rolePrincipal(name), identity, session }, S3_ACTIONS);
    expect(rights.filter((right) => !right.includes("another bucket"))).toEqual([]);
  });
});

describe.each(Object.keys(APPS).filter(isGiven))("%s: the bucket that is given", (app) => {
  test("is not changed, and no policy is put on it", () => {
    const found = account(app)
      .resources.filter(({ Type }) => Type.startsWith("AWS::S3::"))
      .map(({ Type, Properties }) => [Type, Object.keys(Properties)]);
    expect(found).toEqual(app.includes("with a key") ? [["AWS::S3::Bucket", ["BucketEncryption"]]] : []);
  });
});

describe.each(Object.keys(APPS).filter((app) => app.includes("key")))("%s: the key", (app) => {
  const here = account(app);
  const cloudFront: Principal = { kind: "service", name: "cloudfront.amazonaws.com" };
  const ofDistribution = (arn: string) => ({ "aws:SourceArn": arn });
  const name = here.bucketIsForeign ? "the other account's key of the bucket" : "the bucket's key";
  const decrypt = [`kms:Decrypt ${name}`];
  const strangers: readonly (readonly [string, Principal, Record<string, string>, readonly string[]])[] = [
    ["nobody", { kind: "anonymous" }, {}, []],
    ["this distribution", cloudFront, ofDistribution(DISTRIBUTION), decrypt],
    // A key that the app makes cannot name the distribution, which depends on it.
    [
      "another distribution of the account",
      cloudFront,
      ofDistribution(`${DISTRIBUTION}2`),
      here.bucketIsForeign ? [] : decrypt,
    ],
    [
      "a distribution of another account",
      cloudFront,
      ofDistribution(DISTRIBUTION.replace(ACCOUNT, OTHER_ACCOUNT)),
      [],
    ],
    ["CloudFront for nobody", cloudFront, {}, []],
    ["S3 itself", { kind: "service", name: "s3.amazonaws.com" }, {}, []],
    ["another role of the account", rolePrincipal("Admin"), {}, []],
  ];
  test.each(strangers)("lets %s do this", (_, principal, session, rights) => {
    expect(rightsOf(here, { principal, session }, KMS_ACTIONS)).toEqual(rights);
  });
});

describe.each(Object.keys(APPS).filter((app) => app.includes("another account")))("%s", (app) => {
  test("a role with the editors' own policies, which the bucket's owner was not told of, may do nothing", () => {
    const here = account(app);
    const identity = here.roles.find(({ name }) => name === "editors")?.policies ?? [];
    expect(rightsOf(here, { principal: rolePrincipal("editors"), identity })).not.toEqual([]);
    expect(rightsOf(here, { principal: rolePrincipal("Admin"), identity })).toEqual([]);
  });
});

const DOORS = [
  "AWS::Lambda::Url",
  "AWS::IAM::User",
  "AWS::IAM::AccessKey",
  "AWS::IAM::ManagedPolicy",
  "AWS::SecretsManager::ResourcePolicy",
  "AWS::S3::AccessPoint",
  "AWS::CloudFront::CloudFrontOriginAccessIdentity",
  "AWS::CloudFront::PublicKey",
];

interface StatementJson {
  readonly Effect: string;
  readonly Action?: string | string[];
  readonly NotAction?: string | string[];
  readonly Resource?: string | string[];
}

function statementsOf(document: unknown): readonly StatementJson[] {
  const { Statement }: { Statement: StatementJson[] } = JSON.parse(JSON.stringify(document));
  return Statement;
}

describe("who may act in a role", () => {
  const pool = (amr: string, aud = "AssetsIdentityPool") => ({
    "cognito-identity.amazonaws.com:aud": aud,
    "cognito-identity.amazonaws.com:amr": [amr],
  });
  const cognito: Principal = { kind: "federated", provider: "cognito-identity.amazonaws.com" };
  const service = (name: string): Principal => ({ kind: "service", name: `${name}.amazonaws.com` });
  type Context = Readonly<Record<string, string | readonly string[]>>;
  const WHO: Readonly<Record<string, readonly [Principal, Context]>> = {
    lambda: [service("lambda"), {}],
    edgelambda: [service("edgelambda"), {}],
    cloudfront: [service("cloudfront"), {}],
    ec2: [service("ec2"), {}],
    "a signed-in user of the pool": [cognito, pool("authenticated")],
    "a guest of the pool": [cognito, pool("unauthenticated")],
    "a user of another pool": [cognito, pool("authenticated", "us-east-1:other")],
    "a user of no pool": [cognito, { "cognito-identity.amazonaws.com:amr": ["authenticated"] }],
    "another identity provider": [
      { kind: "federated", provider: "accounts.google.com" },
      pool("authenticated"),
    ],
    "the function": [rolePrincipal("ViewerRequest"), {}],
    "the function, with the user's tag": [rolePrincipal("ViewerRequest"), { "aws:TagKeys": ["identityId"] }],
    "the function, with another tag": [
      rolePrincipal("ViewerRequest"),
      { "aws:TagKeys": ["identityId", "admin"] },
    ],
    "the other function": [rolePrincipal("OriginResponse"), {}],
    "an administrator's role": [rolePrincipal("Admin"), {}],
    nobody: [{ kind: "anonymous" }, {}],
  };
  const MEANS = ["AssumeRole", "AssumeRoleWithWebIdentity", "AssumeRoleWithSAML", "TagSession"];
  const edge = ["AssumeRole lambda", "AssumeRole edgelambda"];
  const signedInUser = ["AssumeRoleWithWebIdentity a signed-in user of the pool"];
  const byFunction = [
    "AssumeRole the function",
    "AssumeRole the function, with the user's tag",
    "AssumeRole the function, with another tag",
  ];
  const tagging = ["TagSession the function", "TagSession the function, with the user's tag"];
  const OURS: Readonly<Record<string, readonly string[]>> = {
    ViewerRequest: edge,
    OriginResponse: edge,
    Deployment: ["AssumeRole lambda"],
    ClientUrls: ["AssumeRole lambda"],
    guests: ["AssumeRoleWithWebIdentity a guest of the pool"],
  };
  const readersTrust = (app: string) => {
    if (!app.includes("by STS")) return signedInUser;
    return app.includes("areas within areas") || app.includes("every kind")
      ? [...byFunction, ...tagging]
      : byFunction;
  };
  const CASES = Object.entries(ALLOWED)
    .flatMap(([app, roles]) =>
      Object.keys(roles).map((role) => [app, role, OURS[role] ?? readersTrust(app)] as const),
    )
    // What a given role trusts is its owner's.
    .filter(([app, role]) => role in OURS || !app.includes("roles that are given"));
  test.each(CASES)("%s: %s", (app, name, trusted) => {
    const trust = account(app).roles.find((it) => it.name === name)?.trust ?? NO_POLICY;
    const found = MEANS.flatMap((means) =>
      Object.entries(WHO)
        .filter(([, [principal, context]]) =>
          trusts(trust, { principal, action: `sts:${means}`, resource: "", context }),
        )
        .map(([who]) => `${means} ${who}`),
    );
    expect(found).toEqual(trusted);
  });
});
