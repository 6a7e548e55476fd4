// What each role of the shipped app may do: every action on every kind of resource, against an explicit list.
import type { Template } from "aws-cdk-lib/assertions";
import { describe, expect, test } from "vitest";
import { decide, type Principal, trusts } from "../../local/iam/decide.ts";
import { parsePolicy } from "../../local/iam/parse.ts";
import type { Policy } from "../../local/iam/policy.ts";
import { ACTIONS } from "./aws-actions.ts";
import { json, lockWith, type ResourceJson, resolve, templateWith } from "./synth.ts";

const ACCOUNT = "111122223333";
const ME = "us-east-1:11111111-1111-4111-8111-111111111111";
const OTHER = "us-east-1:22222222-2222-4222-8222-222222222222";
const DISTRIBUTION = `arn:aws:cloudfront::${ACCOUNT}:distribution/AssetsDistribution`;

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
const APPS: Readonly<Record<string, () => Template>> = {
  "tokens only": () => lockWith(),
  "with sign-in": () => templateWith(),
  "every kind of area": () => templateWith({ areas: AREAS, groups: "editors", listing: true }),
  "areas within areas": () => templateWith({ areas: NESTED, groups: "editors" }),
  "every kind of area, by STS": () =>
    templateWith({ areas: AREAS, groups: "editors", listing: true, exchange: "sts" }),
  "areas within areas, by STS, tokens only": () =>
    lockWith({ areas: NESTED, groups: "editors", exchange: "sts" }),
};

/** A role by what it is for. */
const ROLES = [
  ["ViewerRequest", /ViewerRequestRole/],
  ["OriginResponse", /OriginResponseRole/],
  ["Deployment", /DeploymentRole/],
  ["ClientUrls", /ClientUrlsRole/],
  ["guests", /UnauthenticatedRole/],
  ["signed in", /AuthenticatedRole/],
  ["editors", /GroupRoleeditors/],
] as const;
const nameOf = (id: string) => ROLES.find(([, pattern]) => pattern.test(id))?.[0] ?? `unknown: ${id}`;

/** What a reference stands for once it is deployed. */
function deployed(reference: string): string {
  const [id = "", attribute] = reference.split(".");
  const name = id.replace(/[0-9A-F]{8}$/, "");
  if (id.startsWith("AWS::"))
    return { "AWS::AccountId": ACCOUNT, "AWS::Partition": "aws" }[id] ?? "us-east-1";
  if (/SealingKeys/.test(id)) return `arn:aws:secretsmanager:us-east-1:${ACCOUNT}:secret:${name}`;
  if (/Logs$/.test(name)) return `arn:aws:logs:us-east-1:${ACCOUNT}:log-group:${name}:*`;
  if (/UserPool$/.test(name) && attribute === "Arn")
    return `arn:aws:cognito-idp:us-east-1:${ACCOUNT}:userpool/us-east-1_Pool`;
  if (/Bucket$/.test(name) && attribute === "Arn") return "arn:aws:s3:::assets";
  if (/Role/.test(name) && attribute === "Arn") return roleArn(nameOf(id));
  return name;
}
const roleArn = (name: string) => `arn:aws:iam::${ACCOUNT}:role/${name.replace(" ", "-")}`;

/** One resource of each kind that is ours, its neighbours, and somebody else's. */
const RESOURCES: Readonly<Record<string, string>> = {
  "*": "*",
  bucket: "arn:aws:s3:::assets",
  "another bucket": "arn:aws:s3:::assets-of-others",
  ...Object.fromEntries(
    [
      "",
      "index.html",
      "pub/logo.svg",
      "public",
      "site/a.html",
      "site",
      "sites/a",
      "team/plan.pdf",
      "team",
      "teams/a",
      "me/a.txt",
      "users/a.txt",
      `users/${ME}/a.txt`,
      `users/${ME}/../${OTHER}/a.txt`,
      `users/${OTHER}/a.txt`,
      `users/${ME}x/a.txt`,
    ].map((key) => [`/${key}`, `arn:aws:s3:::assets/${key}`]),
  ),
  "/site/a of another bucket": "arn:aws:s3:::assets-of-others/site/a.html",
  "own logs": "own",
  "logs of ViewerRequest": logGroup("eu-west-3", "us-east-1.AssetsViewerRequestFunction"),
  "logs of OriginResponse": logGroup("ap-south-1", "us-east-1.AssetsOriginResponseFunction"),
  "logs of another function": logGroup("eu-west-3", "us-east-1.Payments"),
  "logs of a longer name": logGroup("eu-west-3", "us-east-1.AssetsViewerRequestFunction2"),
  "logs of Deployment": `arn:aws:logs:us-east-1:${ACCOUNT}:log-group:AssetsDeploymentLogs:log-stream:s`,
  "logs of ClientUrls": `arn:aws:logs:us-east-1:${ACCOUNT}:log-group:AssetsClientUrlsLogs:log-stream:s`,
  "the sealing keys": `arn:aws:secretsmanager:us-east-1:${ACCOUNT}:secret:AssetsSealingKeys`,
  "another secret": `arn:aws:secretsmanager:us-east-1:${ACCOUNT}:secret:Database`,
  "the user pool": `arn:aws:cognito-idp:us-east-1:${ACCOUNT}:userpool/us-east-1_Pool`,
  "another user pool": `arn:aws:cognito-idp:us-east-1:${ACCOUNT}:userpool/us-east-1_Other`,
  "the identity pool": `arn:aws:cognito-identity:us-east-1:${ACCOUNT}:identitypool/us-east-1:pool`,
  ...Object.fromEntries(ROLES.map(([name]) => [`role ${name}`, roleArn(name)])),
  "role of an administrator": roleArn("Admin"),
  "the function": `arn:aws:lambda:us-east-1:${ACCOUNT}:function:AssetsViewerRequestFunction`,
  "another function": `arn:aws:lambda:us-east-1:${ACCOUNT}:function:Payments`,
  "the distribution": DISTRIBUTION,
  "a key": `arn:aws:kms:us-east-1:${ACCOUNT}:key/1`,
  "a stack": `arn:aws:cloudformation:us-east-1:${ACCOUNT}:stack/Gatehouse/1`,
  "a parameter": `arn:aws:ssm:us-east-1:${ACCOUNT}:parameter/secret`,
};

function logGroup(region: string, name: string): string {
  return `arn:aws:logs:${region}:${ACCOUNT}:log-group:/aws/lambda/${name}:log-stream:s`;
}

/** The prefixes that a list may be asked for, beside none. */
const PREFIXES = [
  "",
  "site/",
  "site/a/",
  "sit",
  "team/",
  "team",
  "users/",
  `users/${ME}/`,
  `users/${OTHER}/`,
];

const SESSION = {
  "cognito-identity.amazonaws.com:sub": ME,
  "aws:PrincipalTag/identityId": ME,
  "aws:SecureTransport": "true",
};

interface Role {
  readonly name: string;
  readonly trust: Policy;
  readonly policies: readonly Policy[];
}
interface Account {
  readonly roles: readonly Role[];
  readonly bucketPolicy: Policy;
  readonly documents: readonly unknown[];
  readonly resources: readonly ResourceJson[];
}

function accountOf(template: Template): Account {
  const resources = Object.entries(json(template).Resources);
  const ofType = (type: string) => resources.filter(([, resource]) => resource.Type === type);
  const document = (properties: ResourceJson["Properties"], name: string) =>
    resolve(properties[name], deployed);
  const attached = ofType("AWS::IAM::Policy").map(([, { Properties }]) => ({
    roles: JSON.stringify(Properties["Roles"]),
    document: document(Properties, "PolicyDocument"),
  }));
  const [bucketPolicy] = ofType("AWS::S3::BucketPolicy");
  const roles = ofType("AWS::IAM::Role").map(([id, { Properties }]) => ({
    name: nameOf(id),
    trust: parsePolicy(document(Properties, "AssumeRolePolicyDocument"), "trust"),
    policies: attached
      .filter(({ roles }) => roles.includes(`"${id}"`))
      .map((it) => parsePolicy(it.document, "identity")),
  }));
  return {
    roles,
    bucketPolicy: parsePolicy(document(bucketPolicy?.[1].Properties ?? {}, "PolicyDocument"), "resource"),
    documents: attached.map((it) => it.document),
    resources: resources.map(([, resource]) => resource),
  };
}

const accounts = new Map(Object.entries(APPS).map(([name, make]) => [name, accountOf(make())]));
const account = (app: string): Account =>
  accounts.get(app) ?? { roles: [], bucketPolicy: NO_POLICY, documents: [], resources: [] };
const NO_POLICY: Policy = { variables: true, statements: [] };

const S3_ACTIONS = ACTIONS.filter((action) => action.startsWith("s3:"));

/** Everything that a principal may do, as `action resource`. */
function rightsOf(
  principal: Principal,
  policies: { readonly identity?: readonly Policy[]; readonly resource: Policy },
  session: Readonly<Record<string, string>> = SESSION,
  actions = ACTIONS,
): readonly string[] {
  const may = (action: string, resource: string, context: Readonly<Record<string, string>> = {}) =>
    decide({ principal, action, resource, context: { ...session, ...context } }, policies) === "allow";
  return actions.flatMap((action) => {
    const found = Object.entries(RESOURCES)
      .filter(([, arn]) => may(action, arn))
      .map(([name]) => `${action} ${name}`);
    if (action !== "s3:ListBucket") return found;
    const lists = PREFIXES.filter((prefix) => may(action, "arn:aws:s3:::assets", { "s3:prefix": prefix }));
    return [...found, ...lists.map((prefix) => `s3:ListBucket ${prefix}*`)];
  });
}

function rolePrincipal(name: string): Principal {
  return {
    kind: "role",
    arn: roleArn(name),
    sessionArn: `arn:aws:sts::${ACCOUNT}:assumed-role/${name}/session`,
  };
}

const get = (...keys: readonly string[]) => keys.map((key) => `s3:GetObject ${key}`);
const edgeLogs = (name: string) =>
  ["CreateLogGroup", "CreateLogStream", "PutLogEvents"].map((action) => `logs:${action} logs of ${name}`);
const handlerLogs = (name: string) =>
  ["CreateLogStream", "PutLogEvents"].map((action) => `logs:${action} logs of ${name}`);
const assume = (...actions: readonly string[]) =>
  actions.flatMap((action) => ["signed in", "editors"].map((name) => `sts:${action} role ${name}`));

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
const LAYERS = {
  "signed in": [...OUTSIDE_USERS("/team/", "/me/"), ...OWN],
  editors: [...OUTSIDE_USERS("/me/"), ...OWN],
};

/** All that each role may do; what is not here is denied. */
const ALLOWED: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  "tokens only": { ...LOCK, guests: [], "signed in": EVERY_KEY },
  "with sign-in": { ...GATE, guests: [], "signed in": EVERY_KEY },
  "every kind of area": { ...GATE, guests: [], ...KINDS },
  "areas within areas": { ...GATE, guests: [], ...LAYERS },
  "every kind of area, by STS": {
    ...GATE,
    ViewerRequest: [...assume("AssumeRole", "TagSession"), ...EDGE.ViewerRequest],
    ...KINDS,
  },
  "areas within areas, by STS, tokens only": {
    ...LOCK,
    ViewerRequest: [...assume("AssumeRole", "TagSession"), ...EDGE.ViewerRequest],
    ...LAYERS,
  },
};

describe.each(Object.keys(APPS))("%s", (app) => {
  const { roles, bucketPolicy, documents, resources } = account(app);
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
    const role = roles.find((it) => it.name === name);
    const policies = { identity: role?.policies ?? [], resource: bucketPolicy };
    expect([...rightsOf(rolePrincipal(name), policies)].sort()).toEqual([...rights].sort());
  });

  test.each(Object.keys(allowed))("without TLS nothing of the bucket: %s", (name) => {
    const identity = roles.find((it) => it.name === name)?.policies ?? [];
    const session = { ...SESSION, "aws:SecureTransport": "false" };
    const rights = rightsOf(rolePrincipal(name), { identity, resource: bucketPolicy }, session, S3_ACTIONS);
    expect(rights.filter((right) => !right.includes("another bucket"))).toEqual([]);
  });

  test("without an identity, the own folder is nobody's", () => {
    for (const { policies } of roles) {
      const session = { "aws:SecureTransport": "true" };
      const rights = rightsOf(
        rolePrincipal("nobody"),
        { identity: policies, resource: bucketPolicy },
        session,
      );
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
    expect(rightsOf(principal, { resource: bucketPolicy }, session, S3_ACTIONS)).toEqual(rights);
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
        `arn:aws:logs:*:${ACCOUNT}:log-group:/aws/lambda/us-east-1.Assets…:*`,
        `arn:aws:logs:us-east-1:${ACCOUNT}:log-group:AssetsDeploymentLogs:*`,
        ...(allowed["ClientUrls"]
          ? [`arn:aws:logs:us-east-1:${ACCOUNT}:log-group:AssetsClientUrlsLogs:*`]
          : []),
      ]),
    );
    expect(documents.flatMap((document) => statementsOf(document)).filter((it) => it.NotAction)).toEqual([]);
  });

  test("the bucket blocks public access in all four ways, and belongs to its owner alone", () => {
    const bucket = resources.find(({ Type }) => Type === "AWS::S3::Bucket");
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

  test("nothing else lets anybody in: no function URL, permission, user, key, or policy on the secret", () => {
    const types = new Set(resources.map(({ Type }) => Type));
    for (const type of DOORS) expect(types).not.toContain(type);
  });
});

const DOORS = [
  "AWS::Lambda::Permission",
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
  const byPool = { guests: ["AssumeRoleWithWebIdentity a guest of the pool"] };
  const bySignedIn = ["AssumeRoleWithWebIdentity a signed-in user of the pool"];
  const edge = ["AssumeRole lambda", "AssumeRole edgelambda"];
  const byFunction = [
    "AssumeRole the function",
    "AssumeRole the function, with the user's tag",
    "AssumeRole the function, with another tag",
    "TagSession the function",
    "TagSession the function, with the user's tag",
  ];
  const OURS = {
    ViewerRequest: edge,
    OriginResponse: edge,
    Deployment: ["AssumeRole lambda"],
    ClientUrls: ["AssumeRole lambda"],
  };
  const TRUSTED: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
    "every kind of area": { ...OURS, ...byPool, "signed in": bySignedIn, editors: bySignedIn },
    "every kind of area, by STS": { ...OURS, "signed in": byFunction, editors: byFunction },
  };
  const CASES = Object.entries(TRUSTED).flatMap(([app, roles]) =>
    Object.entries(roles).map(([role, trusted]) => [app, role, trusted] as const),
  );
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
