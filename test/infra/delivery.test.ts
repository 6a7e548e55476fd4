import { Bucket } from "aws-cdk-lib/aws-s3";
import { describe, expect, test } from "vitest";
import { preflight } from "../../edge/answer/respond.ts";
import { readEvent } from "../../edge/request/cloudfront.ts";
import { viewerEvent } from "../unit/fixtures/events.ts";
import { appWith, gateIn, json, lockWith, only, stackOf } from "./synth.ts";

const template = lockWith();
const bucket = only(template, "AWS::S3::Bucket");
const distribution = only(template, "AWS::CloudFront::Distribution").Properties["DistributionConfig"];

test("the bucket is private, encrypted, versioned, without ACLs, and kept", () => {
  expect(bucket.Properties).toEqual({
    PublicAccessBlockConfiguration: {
      BlockPublicAcls: true,
      BlockPublicPolicy: true,
      IgnorePublicAcls: true,
      RestrictPublicBuckets: true,
    },
    BucketEncryption: {
      ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: "AES256" } }],
    },
    OwnershipControls: { Rules: [{ ObjectOwnership: "BucketOwnerEnforced" }] },
    VersioningConfiguration: { Status: "Enabled" },
  });
  expect(bucket).toMatchObject({ DeletionPolicy: "RetainExceptOnCreate", UpdateReplacePolicy: "Retain" });
});

test("the bucket's policy allows nothing: it only denies plain HTTP", () => {
  const { Statement } = Object(only(template, "AWS::S3::BucketPolicy").Properties["PolicyDocument"]);
  expect(Statement).toMatchObject([
    { Effect: "Deny", Action: "s3:*", Condition: { Bool: { "aws:SecureTransport": "false" } } },
  ]);
});

test("the distribution takes HTTPS only, over HTTP/2 and 3, IPv4 and 6", () => {
  expect(distribution).toMatchObject({
    Enabled: true,
    HttpVersion: "http2and3",
    IPV6Enabled: true,
    DefaultCacheBehavior: {
      ViewerProtocolPolicy: "https-only",
      AllowedMethods: ["GET", "HEAD", "OPTIONS"],
      Compress: true,
    },
  });
});

test("nothing changes the path after the function signed it", () => {
  expect(distribution).not.toHaveProperty("DefaultRootObject");
  expect(distribution).not.toHaveProperty("Origins.0.OriginPath");
});

test("the one origin is S3-type, regional, and signs nothing itself", () => {
  expect(distribution).toMatchObject({
    Origins: [
      {
        DomainName: { "Fn::GetAtt": [bucket.id, "RegionalDomainName"] },
        S3OriginConfig: { OriginAccessIdentity: "" },
      },
    ],
  });
  expect(distribution).not.toHaveProperty("Origins.0.OriginAccessControlId");
  template.resourceCountIs("AWS::CloudFront::OriginAccessControl", 0);
});

test("the one behaviour runs versions, not functions, at both events and without bodies", () => {
  const version = (name: string) => ({ Ref: only(template, "AWS::Lambda::Version", name).id });
  expect(distribution).toHaveProperty("DefaultCacheBehavior.LambdaFunctionAssociations", [
    { EventType: "viewer-request", LambdaFunctionARN: version("ViewerRequest") },
    { EventType: "origin-response", LambdaFunctionARN: version("OriginResponse") },
  ]);
  expect(distribution).not.toHaveProperty("CacheBehaviors");
});

test("the behaviour uses the three policies, of which there is one each", () => {
  const idOf = (type: string) => ({ Ref: only(template, `AWS::CloudFront::${type}`).id });
  expect(distribution).toMatchObject({
    DefaultCacheBehavior: {
      CachePolicyId: idOf("CachePolicy"),
      OriginRequestPolicyId: idOf("OriginRequestPolicy"),
      ResponseHeadersPolicyId: idOf("ResponseHeadersPolicy"),
    },
  });
});

test("an error is never cached", () => {
  const errors = [400, 403, 404, 405, 414, 416, 500, 501, 502, 503, 504];
  expect(distribution).toHaveProperty(
    "CustomErrorResponses",
    errors.map((ErrorCode) => ({ ErrorCode, ErrorCachingMinTTL: 0 })),
  );
});

test("the cache key is path, cache scope, and what the function may rebuild of the query", () => {
  const { CachePolicyConfig } = only(template, "AWS::CloudFront::CachePolicy").Properties;
  expect(CachePolicyConfig).toMatchObject({
    MinTTL: 0,
    ParametersInCacheKeyAndForwardedToOrigin: {
      HeadersConfig: { HeaderBehavior: "whitelist", Headers: ["x-gatehouse-cache-scope"] },
      QueryStringsConfig: {
        QueryStringBehavior: "whitelist",
        QueryStrings: ["versionId", "response-content-disposition"],
      },
      CookiesConfig: { CookieBehavior: "none" },
      EnableAcceptEncodingGzip: true,
      EnableAcceptEncodingBrotli: true,
    },
  });
});

test("S3 is sent the query string, no cookies and no viewer headers", () => {
  const { OriginRequestPolicyConfig } = only(template, "AWS::CloudFront::OriginRequestPolicy").Properties;
  expect(OriginRequestPolicyConfig).toMatchObject({
    QueryStringsConfig: { QueryStringBehavior: "all" },
    CookiesConfig: { CookieBehavior: "none" },
    HeadersConfig: { HeaderBehavior: "none" },
  });
});

test("browsers must ask again, and are told to be careful", () => {
  const { ResponseHeadersPolicyConfig } = only(template, "AWS::CloudFront::ResponseHeadersPolicy").Properties;
  expect(ResponseHeadersPolicyConfig).toMatchObject({
    CustomHeadersConfig: {
      Items: [
        { Header: "Cache-Control", Value: "private, no-cache", Override: false },
        { Header: "Cross-Origin-Resource-Policy", Value: "same-origin", Override: true },
      ],
    },
    SecurityHeadersConfig: {
      StrictTransportSecurity: { AccessControlMaxAgeSec: 31_536_000, Override: true },
      ContentTypeOptions: { Override: true },
      FrameOptions: { FrameOption: "SAMEORIGIN", Override: true },
      ReferrerPolicy: { ReferrerPolicy: "same-origin", Override: true },
    },
  });
  expect(ResponseHeadersPolicyConfig).not.toHaveProperty("CorsConfig");
});

describe("configured origins", () => {
  const origins = ["https://app.example.com", "https://*.preview.example.net", "capacitor://localhost"];
  const context = {
    corsOrigins: origins.join(),
    corsAllowHeaders: "X-App-Version,if-match",
    corsExposeHeaders: "X-Amz-Meta-Title",
    areas: [{ path: "/open/*", public: true }, { path: "/kept/*", browserMaxAge: 60 }, { path: "/*" }],
  };
  const made = lockWith(context);
  const { Resources } = json(made);
  const policies = Object.values(Resources)
    .filter(({ Type }) => Type === "AWS::CloudFront::ResponseHeadersPolicy")
    .map(({ Properties }) => Object(Properties["ResponseHeadersPolicyConfig"]));
  const { assets } = stackOf(appWith({ auth: false, ...context }));
  const preflightOf = (origin: string) =>
    preflight(readEvent(viewerEvent({ method: "OPTIONS", headers: { Origin: origin } })), assets.config)
      .headers;

  test("get credentialed CORS in every policy, with every list explicit", () => {
    expect(policies).toHaveLength(3);
    for (const { CorsConfig } of policies) {
      expect(CorsConfig).toMatchObject({
        AccessControlAllowCredentials: true,
        AccessControlAllowOrigins: { Items: origins },
        AccessControlAllowMethods: { Items: ["GET", "HEAD", "OPTIONS"] },
        AccessControlMaxAgeSec: 600,
        OriginOverride: true,
      });
      expect(JSON.stringify(CorsConfig)).not.toContain('"*"');
    }
  });

  test.each(["https://app.example.com", "https://pr-1.preview.example.net", "capacitor://localhost"])(
    "%s reads of the template what the function says",
    (origin) => {
      const said = preflightOf(origin);
      const value = (name: string) => said[`access-control-${name}`]?.[0]?.value;
      for (const { CorsConfig } of policies) {
        expect(CorsConfig.AccessControlAllowHeaders.Items.join(", ")).toBe(value("allow-headers"));
        expect(CorsConfig.AccessControlExposeHeaders.Items.join(", ")).toBe(value("expose-headers"));
        expect(CorsConfig.AccessControlAllowMethods.Items.join(", ")).toBe(value("allow-methods"));
        expect(String(CorsConfig.AccessControlMaxAgeSec)).toBe(value("max-age"));
      }
      expect(value("allow-headers")).toMatch(/if-match.*x-app-version$/);
      expect(value("expose-headers")).toMatch(/content-disposition.*x-amz-meta-title$/);
    },
  );
});

test("frameAncestors take the place of X-Frame-Options, and stay beside the sandbox of public pages", () => {
  const made = lockWith({
    frameAncestors: "https://app.example.com,https://*.example.org",
    areas: [{ path: "/open/*", public: true }, { path: "/*" }],
  });
  const securityOf = (name: string) => {
    const { Properties } = only(made, "AWS::CloudFront::ResponseHeadersPolicy", name);
    return Object(Properties["ResponseHeadersPolicyConfig"]).SecurityHeadersConfig;
  };
  const policy = "frame-ancestors 'self' https://app.example.com https://*.example.org";
  const sandbox = `sandbox; ${policy}`;
  expect(securityOf("AssetsResponse")).toMatchObject({
    ContentSecurityPolicy: { ContentSecurityPolicy: policy, Override: false },
  });
  expect(securityOf("Public")).toMatchObject({
    ContentSecurityPolicy: { ContentSecurityPolicy: sandbox, Override: true },
  });
  for (const name of ["AssetsResponse", "Public"])
    expect(securityOf(name)).not.toHaveProperty("FrameOptions");
});

test.each([
  [{ corsOrigins: "https://app.example.com" }, "same-site"],
  [{ cookieDomain: "example.com" }, "same-site"],
  [{ cookieSameSite: "None" }, "cross-origin"],
])("%j lets pages embed that are %s", (context, policy) => {
  const { ResponseHeadersPolicyConfig } = only(
    lockWith(context),
    "AWS::CloudFront::ResponseHeadersPolicy",
  ).Properties;
  expect(Object(ResponseHeadersPolicyConfig).CustomHeadersConfig.Items).toContainEqual({
    Header: "Cross-Origin-Resource-Policy",
    Value: policy,
    Override: true,
  });
});

test("an existing bucket of another region is reached there, and not changed", () => {
  const { template: withBucket } = gateIn("us-east-1", (stack) => ({
    bucket: Bucket.fromBucketAttributes(stack, "B", { bucketName: "my-assets", region: "eu-central-1" }),
  }));
  const synthesized = withBucket();
  synthesized.resourceCountIs("AWS::S3::Bucket", 0);
  synthesized.resourceCountIs("AWS::S3::BucketPolicy", 0);
  const text = JSON.stringify(only(synthesized, "AWS::CloudFront::Distribution").Properties);
  expect(text).toContain("my-assets.s3.eu-central-1.");
  expect(JSON.stringify(only(synthesized, "Custom::GatehouseDeployment").Properties)).toContain(
    '\\"origin\\":{\\"bucket\\":\\"my-assets\\",\\"region\\":\\"eu-central-1\\"',
  );
});
