// Areas that are APIs: their behaviours, function and policies, and what a person can get wrong.
import { App, Stack } from "aws-cdk-lib";
import { Annotations, Match, type Template } from "aws-cdk-lib/assertions";
import { CachePolicy, Distribution, OriginRequestPolicy } from "aws-cdk-lib/aws-cloudfront";
import { HttpOrigin } from "aws-cdk-lib/aws-cloudfront-origins";
import { describe, expect, test } from "vitest";
import { roleStatements } from "../../infra/access/index.ts";
import type { SignedInAssetsProps } from "../../infra/props.ts";
import { SignedInBehaviors } from "../../infra/signed-in-behaviors.ts";
import { BUCKET, evaluator } from "./policy.ts";
import { gateIn, json, newOutdir, only, templateWith } from "./synth.ts";

const ORIGIN = new HttpOrigin("api.example.com", { originPath: "/prod" });
const ALL = ["GET", "HEAD", "OPTIONS", "PUT", "PATCH", "POST", "DELETE"];

/** The distribution as far as it is of interest here. */
interface DistributionConfig {
  readonly DefaultCacheBehavior: Behavior;
  readonly CacheBehaviors: readonly Behavior[];
  readonly Origins: readonly {
    readonly Id: string;
    readonly DomainName: unknown;
    readonly OriginPath?: string;
  }[];
}

interface Behavior {
  readonly PathPattern?: string;
  readonly TargetOriginId: string;
  readonly AllowedMethods: readonly string[];
  readonly LambdaFunctionAssociations: readonly Record<string, unknown>[];
}

const distributionOf = (template: Template) =>
  only(template, "AWS::CloudFront::Distribution").Properties["DistributionConfig"] as DistributionConfig;

function behaviorAt(template: Template, path: string): Behavior {
  const found = distributionOf(template).CacheBehaviors.find(({ PathPattern }) => PathPattern === path);
  if (!found) throw new Error(`no behaviour at ${path}`);
  return found;
}

const withApi = (props: SignedInAssetsProps = {}) =>
  gateIn("us-east-1", () => ({
    areas: [
      { path: "/api/docs/*" },
      { path: "/api/admin/*", api: ORIGIN, groups: ["editors"] },
      { path: "/api/*", api: ORIGIN },
      { path: "/*" },
    ],
    ...props,
  }));

describe("an API's behaviour", () => {
  const template = withApi().template();

  test.each(["/api/*", "/api/admin/*"])(
    "%s takes everything, keeps nothing, and runs one function",
    (path) => {
      const behavior = behaviorAt(template, path);
      const { Origins } = distributionOf(template);
      expect(behavior).toMatchObject({
        AllowedMethods: ALL,
        CachePolicyId: CachePolicy.CACHING_DISABLED.cachePolicyId,
        OriginRequestPolicyId: OriginRequestPolicy.ALL_VIEWER_EXCEPT_HOST_HEADER.originRequestPolicyId,
        ViewerProtocolPolicy: "https-only",
      });
      expect(behavior).not.toHaveProperty("ResponseHeadersPolicyId");
      expect(Origins.find(({ Id }) => Id === behavior.TargetOriginId)).toMatchObject({
        DomainName: "api.example.com",
        OriginPath: "/prod",
      });
      const version = only(template, "AWS::Lambda::Version", "ApiRequest");
      expect(behavior.LambdaFunctionAssociations).toEqual([
        { EventType: "viewer-request", LambdaFunctionARN: { Ref: version.id } },
      ]);
    },
  );

  test("its function is another than that of files, which never asks its origin", () => {
    expect(only(template, "AWS::Lambda::Function", "ApiRequest").Properties).toMatchObject({
      Handler: "index.apiRequest",
      MemorySize: 128,
      Timeout: 5,
    });
    const { DefaultCacheBehavior, CacheBehaviors } = distributionOf(template);
    const asked = CacheBehaviors.filter((behavior) => JSON.stringify(behavior).includes("ApiRequest"));
    expect(asked.map(({ PathPattern }) => PathPattern)).toEqual(["/api/admin/*", "/api/*"]);
    const api = new Set(asked.map(({ TargetOriginId }) => TargetOriginId));
    const files = [DefaultCacheBehavior, ...CacheBehaviors].filter(
      (behavior) => !JSON.stringify(behavior).includes("ApiRequest"),
    );
    expect(files.map(({ TargetOriginId }) => api.has(TargetOriginId))).toEqual(files.map(() => false));
  });

  test("comes in the order of the areas; what lies inside it has its own", () => {
    expect(distributionOf(template).CacheBehaviors.map(({ PathPattern }) => PathPattern)).toEqual([
      "/api/docs/*",
      "/api/admin/*",
      "/api/*",
    ]);
    expect(JSON.stringify(behaviorAt(template, "/api/docs/*"))).not.toContain("ApiRequest");
  });

  test("lets configured origins ask and read, with every method", () => {
    const shared = withApi({ cors: { origins: ["https://app.example.com"] } }).template();
    const policy = only(shared, "AWS::CloudFront::ResponseHeadersPolicy", "ApiResponse");
    expect(behaviorAt(shared, "/api/*")).toMatchObject({ ResponseHeadersPolicyId: { Ref: policy.id } });
    const { CustomHeadersConfig, SecurityHeadersConfig, CorsConfig } = policy.Properties[
      "ResponseHeadersPolicyConfig"
    ] as Record<string, unknown>;
    expect([CustomHeadersConfig, SecurityHeadersConfig]).toEqual([undefined, undefined]);
    expect(CorsConfig).toMatchObject({
      AccessControlAllowCredentials: true,
      AccessControlAllowMethods: { Items: ALL },
      AccessControlAllowOrigins: { Items: ["https://app.example.com"] },
    });
  });
});

test("without one there is no function for it", () => {
  const { Resources } = json(gateIn("us-east-1").template());
  expect(Object.keys(Resources).filter((id) => id.includes("ApiRequest"))).toEqual([]);
});

test.each([
  [false, {}],
  [true, { auth: {} }],
] satisfies [boolean, SignedInAssetsProps][])(
  "with sdk %s and %j its function is the small one",
  (sdk, props) => {
    const template = withApi({ sdk, ...props }).template();
    const code = (id: string) =>
      JSON.stringify(only(template, "AWS::Lambda::Function", id).Properties["Code"]).length;
    expect(code("ApiRequest")).toBe(code("OriginResponse"));
  },
);

test.each(["identityPool", "sts"] as const)("by %s no role may read keys below its path", (exchange) => {
  const { config } = withApi({ exchange }).gate;
  for (const reader of [undefined, "editors"]) {
    const allows = evaluator(roleStatements(config, reader), {});
    const read = (key: string) => allows("s3:GetObject", `${BUCKET}/${key}`);
    expect(["api/x", "api/admin/x", "api/docs/x", "x"].map(read)).toEqual([false, false, true, true]);
  }
});

describe("mistakes", () => {
  const area = { path: "/api/*", api: ORIGIN };
  test.each<[SignedInAssetsProps, string]>([
    [
      { areas: [{ path: "/api/*", api: true }] },
      'areas[0].api: expected its origin, such as new HttpOrigin("api.example.com")',
    ],
    [
      { areas: [{ ...area, path: "/*" }] },
      'areas[0].path: "/*" would leave no path for files; an API takes one such as /api/*',
    ],
    [
      { areas: [{ ...area, path: "/ä/*" }] },
      'areas[0].path: "/ä/*" is an API\'s, so it takes letters, digits and - . _ ~ only',
    ],
    [
      { areas: [{ path: "/api/a b/*" }, area] },
      'areas[0].path: "/api/a b/*" lies inside an API, so it takes letters, digits',
    ],
    [{ areas: [{ ...area, public: true }] }, "areas[0].api: for signed-in users or groups"],
    [{ areas: [{ ...area, owner: "users/{identityId}/" }] }, "areas[0].api: for signed-in users or groups"],
    [
      { areas: [{ ...area, site: true, trusted: true }] },
      "areas[0].api: nothing of it is an object, so trusted, site has no effect",
    ],
    [
      { areas: [{ ...area, browserMaxAge: 5 }] },
      "areas[0].api: nothing of it is an object, so browserMaxAge has no effect",
    ],
    [
      { areas: [area, { path: "/*", site: { fallback: "/api/app.html" } }] },
      'areas[1].site.fallback: "/api/app.html" is not for everybody who may read "/*"',
    ],
    [
      {
        areas: [
          { path: "/x/*", public: true },
          { ...area, path: "/x/api/*" },
        ],
      },
      'areas[1].path: "/x/api/*" cannot be private inside "/x/*", which is public',
    ],
    [
      { areas: [{ path: "/.gatehouse/x/*", api: ORIGIN }] },
      `areas[0].path: "/.gatehouse/x/*" is where the gate's own endpoints are`,
    ],
  ])("%# %s", (props, problem) => {
    expect(() => gateIn("us-east-1", () => props)).toThrow(problem);
  });
});

describe("in the shipped app", () => {
  test("an API is a URL in the context", () => {
    const areas = [
      { path: "/api/*", api: "https://abc.execute-api.eu-west-1.amazonaws.com:8443/prod/" },
      { path: "/*" },
    ];
    const template = templateWith({ areas });
    const { TargetOriginId } = behaviorAt(template, "/api/*");
    expect(distributionOf(template).Origins.find(({ Id }) => Id === TargetOriginId)).toMatchObject({
      DomainName: "abc.execute-api.eu-west-1.amazonaws.com",
      OriginPath: "/prod",
      CustomOriginConfig: { HTTPSPort: 8443, OriginProtocolPolicy: "https-only" },
    });
  });

  test.each([
    true,
    1,
    "api.example.com",
    "http://api.example.com",
    "https://a@example.com",
    "https://example.com/?x",
    null,
  ])("%j is none", (api) => {
    expect(() => templateWith({ areas: [{ path: "/api/*", api }, { path: "/*" }] })).toThrow(
      "areas[0].api: expected a URL such as https://api.example.com",
    );
  });
});

describe("on a distribution of one's own", () => {
  const connected = (mounted: readonly string[]) => {
    const stack = new Stack(new App({ outdir: newOutdir() }), "Site", { env: { region: "us-east-1" } });
    const gate = new SignedInBehaviors(stack, "Gate", {
      areas: [{ path: "/api/*", api: ORIGIN }, { path: "/files/*" }],
    });
    const own = Object.entries(gate.additionalBehaviors).filter(([path]) => mounted.includes(path));
    const distribution = new Distribution(stack, "Distribution", {
      defaultBehavior: { origin: new HttpOrigin("www.example.com") },
      additionalBehaviors: { ...Object.fromEntries(own), "/files/*": gate.defaultBehavior },
      errorResponses: [...gate.errorResponses],
    });
    gate.connectTo(distribution);
    return { stack, problems: gate.node.validate() };
  };

  test("its behaviour is among the gate's, and missed where it is missing", () => {
    const { stack, problems } = connected(["/api/*"]);
    expect(problems).toEqual([]);
    expect(Annotations.fromStack(stack).findWarning("*", Match.stringLikeRegexp("lies outside"))).toEqual([]);
    expect(connected([]).problems).toEqual([
      'Site/Distribution: additionalBehaviors: the gate\'s "/api/*" is missing',
    ]);
  });
});
