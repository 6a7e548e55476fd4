// The split placement as a template: what runs where, what is in the key, and where the function's keys come from.
import { UserPool, UserPoolClient } from "aws-cdk-lib/aws-cognito";
import { describe, expect, test } from "vitest";
import { NO_KEYS } from "../../infra/deployment/sealing-keys.ts";
import { gateIn, json, only, resolve, templateWith } from "./synth.ts";

const AREAS = [
  { path: "/team/*", groups: ["editors"] },
  { path: "/static/*", browserMaxAge: 600 },
  { path: "/open/*", public: true },
  { path: "/*" },
];
const SPLIT = { placement: "split", areas: AREAS, listing: true };
const SHARED = {
  placement: "split",
  areas: [
    { path: "/api/*", api: "https://api.example.com" },
    { path: "/*", links: { maxSeconds: 3_600 } },
  ],
};

interface Behavior {
  readonly PathPattern?: string;
  readonly CachePolicyId: unknown;
  readonly OriginRequestPolicyId?: unknown;
  readonly FunctionAssociations?: readonly { readonly EventType: string }[];
  readonly LambdaFunctionAssociations: readonly {
    readonly EventType: string;
    readonly LambdaFunctionARN: unknown;
  }[];
}

function behaviorsOf(template: ReturnType<typeof templateWith>): ReadonlyMap<string, Behavior> {
  const { DistributionConfig } = only(template, "AWS::CloudFront::Distribution").Properties;
  const { DefaultCacheBehavior, CacheBehaviors } = Object(DistributionConfig);
  const all: readonly Behavior[] = [DefaultCacheBehavior, ...CacheBehaviors];
  return new Map(all.map((behavior) => [behavior.PathPattern ?? "*", behavior]));
}

const template = templateWith({ ...SPLIT, revocation: true });

function eventsOf(template: ReturnType<typeof templateWith>): readonly (readonly string[])[] {
  return [...behaviorsOf(template)].map(([path, behavior]) => [
    path,
    ...(behavior.FunctionAssociations ?? []).map(({ EventType }) => `function ${EventType}`),
    ...behavior.LambdaFunctionAssociations.map(({ EventType }) => EventType),
  ]);
}

const split = ["function viewer-request", "origin-request", "origin-response"];
const locked = ["viewer-request", "origin-response"];

test("what runs at each event, by path", () => {
  expect(eventsOf(template)).toEqual([
    ["*", ...split],
    ["/.gatehouse/list/*", ...locked],
    ["/.gatehouse/*", ...locked],
    ["/static/*", ...split],
    ["/open/*", "origin-response"],
  ]);
});

test("links and APIs are decided on before the cache, an API by a function of its own", () => {
  const shared = templateWith(SHARED);
  expect(eventsOf(shared)).toEqual([
    ["*", ...split],
    ["/.gatehouse/link/*", ...locked],
    ["/.gatehouse/*", ...locked],
    ["/api/*", "viewer-request"],
  ]);
  expect(only(shared, "AWS::Lambda::Function", "ApiRequest").Properties["Handler"]).toBe("index.apiRequest");
  const behaviors = behaviorsOf(shared);
  expect(JSON.stringify(behaviors.get("/api/*")?.LambdaFunctionAssociations)).toContain("ApiRequest");
  const ofLinks = behaviors.get("/.gatehouse/link/*");
  expect(ofLinks?.CachePolicyId).toEqual({
    Ref: only(shared, "AWS::CloudFront::CachePolicy", "AssetsCachePolicy").id,
  });
});

test("links and lists share the policies of the other placement", () => {
  const behaviors = behaviorsOf(templateWith({ ...SHARED, listing: true }));
  const [links, lists] = ["link", "list"].map((name) => behaviors.get(`/.gatehouse/${name}/*`));
  expect([links?.CachePolicyId, links?.OriginRequestPolicyId]).toEqual([
    lists?.CachePolicyId,
    lists?.OriginRequestPolicyId,
  ]);
});

test("one Lambda serves endpoints and misses, by the event that it is run for", async () => {
  const arns = [...behaviorsOf(template).values()].flatMap(({ LambdaFunctionAssociations }) =>
    LambdaFunctionAssociations.filter(({ EventType }) => EventType.endsWith("-request")).map(
      ({ LambdaFunctionARN }) => JSON.stringify(LambdaFunctionARN),
    ),
  );
  expect(new Set(arns).size).toBe(1);
  const { Code, Handler } = only(template, "AWS::Lambda::Function", "ViewerRequest").Properties;
  expect(Handler).toBe("index.request");
  expect(String(resolve(Object(Code).ZipFile, () => "x"))).toContain(
    'module.exports.request=e=>module.exports[e.Records[0].cf.config.eventType==="origin-request"?"originRequest":"handler"](e);',
  );
});

test("the key has the scope and the viewer's two parameters; token and session go to misses without being in it", () => {
  const cache = only(template, "AWS::CloudFront::CachePolicy", "SplitCachePolicy").Properties;
  const { HeadersConfig, QueryStringsConfig, CookiesConfig } = Object(
    cache["CachePolicyConfig"],
  ).ParametersInCacheKeyAndForwardedToOrigin;
  expect([HeadersConfig.Headers, QueryStringsConfig.QueryStrings, CookiesConfig.CookieBehavior]).toEqual([
    ["x-gatehouse-cache-scope"],
    ["versionId", "download"],
    "none",
  ]);
  const origin = only(
    template,
    "AWS::CloudFront::OriginRequestPolicy",
    "SplitOriginRequestPolicy",
  ).Properties;
  expect(origin["OriginRequestPolicyConfig"]).toMatchObject({
    HeadersConfig: { HeaderBehavior: "whitelist", Headers: ["x-gatehouse-token", "x-gatehouse-session"] },
    QueryStringsConfig: { QueryStringBehavior: "all" },
    CookiesConfig: { CookieBehavior: "none" },
  });
});

test("lists keep the policies of the other placement, and without lists there are none of them", () => {
  const behaviors = behaviorsOf(template);
  expect(behaviors.get("/.gatehouse/list/*")?.CachePolicyId).not.toEqual(behaviors.get("*")?.CachePolicyId);
  const without = json(templateWith({ ...SPLIT, listing: false })).Resources;
  const policies = Object.values(without).filter(({ Type }) => Type === "AWS::CloudFront::CachePolicy");
  expect(policies).toHaveLength(1);
});

describe("the CloudFront Function", () => {
  const { Properties } = only(template, "AWS::CloudFront::Function");
  const code = String(resolve(Properties["FunctionCode"], (reference) => `<${reference.split(".").at(-1)}>`));

  test("has its configuration, the gate's id, and keys by reference to one version of the secret", () => {
    const [, keys = ""] = /const GATEHOUSE_PASS_KEYS=(\{.*?\});\n/.exec(code) ?? [];
    const reference = (field: string) =>
      expect.stringMatching(
        new RegExp(`^\\{\\{resolve:secretsmanager:<.+>:SecretString:${field}::<SecretVersionId>\\}\\}$`),
      );
    expect(JSON.parse(keys)).toEqual({
      pass: reference("pass"),
      before: reference("before"),
      scope: reference("scope"),
    });
    expect(code).toContain('"gateId":"<GateId>"');
    expect(code).toMatch(/^import cf from 'cloudfront';\n/);
    expect(code).not.toContain(NO_KEYS.current);
    expect(code).not.toContain("SecretString:current");
  });

  test("is published, with the store of revocations", () => {
    expect(Properties).toMatchObject({
      AutoPublish: true,
      FunctionConfig: {
        Runtime: "cloudfront-js-2.0",
        KeyValueStoreAssociations: [{ KeyValueStoreARN: { "Fn::GetAtt": [expect.any(String), "Arn"] } }],
      },
    });
    expect(only(template, "AWS::CloudFront::KeyValueStore").Properties["Name"]).toEqual(expect.any(String));
  });

  test("without revocation there is no store", () => {
    const { Resources, Outputs } = json(templateWith(SPLIT));
    expect(Object.values(Resources).filter(({ Type }) => Type === "AWS::CloudFront::KeyValueStore")).toEqual(
      [],
    );
    expect(Object.keys(Outputs ?? {}).filter((name) => /Revocation|EndAccess/.test(name))).toEqual([]);
  });
});

test("outputs say where access is ended, and how", () => {
  const { Outputs } = json(template);
  expect(resolve(Outputs?.["RevocationStoreArn"]?.Value, () => "ARN")).toBe("ARN");
  expect(resolve(Outputs?.["EndAccess"]?.Value, () => "ARN")).toBe(
    "aws cloudfront-keyvaluestore put-key --kvs-arn ARN --key 'revoked/SUB' --value \"$(date +%s)\" " +
      '--if-match "$(aws cloudfront-keyvaluestore describe-key-value-store --kvs-arn ARN --query ETag --output text)"',
  );
});

test("the deployment may read and write the one secret, and in the default placement may do neither", () => {
  const allowed = (of: typeof template) =>
    Object.values(json(of).Resources)
      .filter(({ Type }) => Type === "AWS::IAM::Policy")
      .flatMap(({ Properties }) => Object(Properties["PolicyDocument"]).Statement)
      .filter(({ Action }) => String(Action).includes("secretsmanager:"))
      .map(({ Action, Resource }) => [Action, Object.keys(Resource)]);
  const actions = ["DescribeSecret", "GetSecretValue", "PutSecretValue"];
  expect(allowed(template)).toEqual([[actions.map((action) => `secretsmanager:${action}`), ["Ref"]]]);
  expect(allowed(templateWith({ areas: AREAS }))).toEqual([["secretsmanager:DescribeSecret", ["Ref"]]]);
});

test("the default placement has neither function nor store", () => {
  const types = Object.values(json(templateWith({ areas: AREAS })).Resources).map(({ Type }) => Type);
  expect(types.filter((type) => /CloudFront::(Function|KeyValueStore)/.test(type))).toEqual([]);
});

test("a function that would be too long is refused, with what is large", () => {
  const areas = Array.from({ length: 80 }, (_, index) => ({
    path: `/a-folder-with-a-long-name-${index}/*`,
    groups: [`a-group-with-a-long-name-${index}`],
  }));
  const { template } = gateIn("us-east-1", () => ({ placement: "split", auth: {}, areas }));
  expect(template).toThrow(
    /the CloudFront Function would have \d{5} bytes, and CloudFront takes 10240: its code has \d+, the 80 areas \d+, other settings and keys \d+; use fewer or shorter areas, or placement "lambda"/,
  );
});

test.each([
  ["split without auth", { placement: "split", auth: false }, "placement: split needs auth"],
  ["revocation without split", { revocation: true }, "revocation: needs placement split"],
  ["a placement that is none", { placement: "both" }, /placement: expected/],
  ["a switch that is none", { placement: "split", revocation: "yes" }, "revocation: expected true or false"],
])("%s is refused", (_, context, problem) => {
  expect(() => templateWith(context)).toThrow(problem);
});

test("the function knows machines and further pools of the same stack, with short names and within its size", () => {
  const { template: made } = gateIn("us-east-1", (stack) => {
    const [userPool, further] = ["Pool", "Further"].map((id) => new UserPool(stack, id));
    if (!userPool || !further) throw new Error("no pools");
    const clientOf = (pool: UserPool, id: string) => new UserPoolClient(stack, id, { userPool: pool });
    return {
      userPool,
      userPoolClients: [clientOf(userPool, "People")],
      userPoolDomain: "login.example.com",
      auth: {},
      machineClients: [clientOf(userPool, "Nightly")],
      furtherUserPools: [{ userPool: further, userPoolClients: [clientOf(further, "Theirs")] }],
      exchange: "sts",
      placement: "split",
      revocation: true,
      areas: [{ path: "/teams/{group}/*" }, { path: "/*", scopes: ["assets/read"] }],
    };
  });
  const { Properties } = only(made(), "AWS::CloudFront::Function");
  const code = String(resolve(Properties["FunctionCode"], (reference) => `<${reference}>`));
  const [, literal = ""] = /const GATEHOUSE_FUNCTION_CONFIG=(\{.*?\});\n/.exec(code) ?? [];
  const { K: pools, M: machines } = JSON.parse(literal);
  const found = (pattern: RegExp) => expect.stringMatching(pattern);
  expect(pools).toEqual([
    { k: found(/^<Pool\w+>$/), c: [found(/^<People\w+>$/)] },
    { k: found(/^<Further\w+>$/), c: [found(/^<Theirs\w+>$/)] },
  ]);
  expect(machines).toEqual([found(/^<Nightly\w+>$/)]);
});
