import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Stack, Validations } from "aws-cdk-lib";
import { AwsSolutionsChecks } from "cdk-nag";
import { afterEach, describe, expect, test, vi } from "vitest";
import { SignedInAssets } from "../../infra/signed-in-assets.ts";
import { appWith, gateIn, json, only, stackOf, templateWith } from "./synth.ts";

const EXISTING = {
  userPoolId: "eu-west-1_AbCdEfGhI",
  userPoolClientIds: ["one", "two"],
  identityPoolId: "eu-west-1:00000000-0000-4000-8000-000000000000",
  authenticatedRoleArn: "arn:aws:iam::123456789012:role/path/reader",
  bucketName: "my-assets",
  bucketRegion: "eu-central-1",
  originPath: "/site",
};

const KNOWN = { origins: ["https://assets.example.com"], distributionOrigin: false };
const AREAS = [
  { path: "/team/*", groups: ["editors"], versions: true },
  { path: "/me/*", owner: "users/{identityId}/" },
  { path: "/open/*", public: true },
  { path: "/static/*", browserMaxAge: 600 },
  { path: "/a?b/*" },
];
const WITH_AREAS = { areas: AREAS, groups: ["editors"], listing: true };
const AROUND = { areas: [...AREAS.slice(0, 2), { path: "/*" }], groups: ["editors"], listing: true };

afterEach(() => {
  vi.restoreAllMocks();
});

test("with nothing given, everything is made, and nothing else", () => {
  expect(typesIn({})).toEqual({
    "AWS::CloudFront::CachePolicy": 1,
    "AWS::CloudFront::Distribution": 1,
    "AWS::CloudFront::OriginRequestPolicy": 1,
    "AWS::CloudFront::ResponseHeadersPolicy": 1,
    "AWS::Cognito::IdentityPool": 1,
    "AWS::Cognito::IdentityPoolRoleAttachment": 1,
    "AWS::Cognito::ManagedLoginBranding": 1,
    "AWS::Cognito::UserPool": 1,
    "AWS::Cognito::UserPoolClient": 1,
    "AWS::Cognito::UserPoolDomain": 1,
    "AWS::Events::Rule": 1,
    "AWS::IAM::Policy": 5,
    "AWS::IAM::Role": 6,
    "AWS::Lambda::Function": 4,
    "AWS::Lambda::Permission": 1,
    "AWS::Lambda::Version": 2,
    "AWS::Logs::LogGroup": 2,
    "AWS::S3::Bucket": 1,
    "AWS::S3::BucketPolicy": 1,
    "AWS::SecretsManager::Secret": 1,
    "Custom::GatehouseClientUrls": 1,
    "Custom::GatehouseDeployment": 1,
  });
});

test("without sign-in, nothing of it is made", () => {
  expect(typesIn({ auth: false })).toEqual({
    "AWS::CloudFront::CachePolicy": 1,
    "AWS::CloudFront::Distribution": 1,
    "AWS::CloudFront::OriginRequestPolicy": 1,
    "AWS::CloudFront::ResponseHeadersPolicy": 1,
    "AWS::Cognito::IdentityPool": 1,
    "AWS::Cognito::IdentityPoolRoleAttachment": 1,
    "AWS::Cognito::UserPool": 1,
    "AWS::Cognito::UserPoolClient": 1,
    "AWS::IAM::Policy": 4,
    "AWS::IAM::Role": 5,
    "AWS::Lambda::Function": 3,
    "AWS::Lambda::Version": 2,
    "AWS::Logs::LogGroup": 1,
    "AWS::S3::Bucket": 1,
    "AWS::S3::BucketPolicy": 1,
    "Custom::GatehouseDeployment": 1,
  });
});

test("with everything given, nothing of it is made or changed, and the role gets its one right", () => {
  expect(typesIn(EXISTING)).toEqual({
    "AWS::CloudFront::CachePolicy": 1,
    "AWS::CloudFront::Distribution": 1,
    "AWS::CloudFront::OriginRequestPolicy": 1,
    "AWS::CloudFront::ResponseHeadersPolicy": 1,
    "AWS::IAM::Policy": 4,
    "AWS::IAM::Role": 3,
    "AWS::Lambda::Function": 3,
    "AWS::Lambda::Version": 2,
    "AWS::Logs::LogGroup": 1,
    "Custom::GatehouseDeployment": 1,
  });
  const policy = only(templateWith(EXISTING), "AWS::IAM::Policy", "AuthenticatedRole");
  expect(policy.Properties).toMatchObject({
    Roles: ["reader"],
    PolicyDocument: {
      Statement: [{ Effect: "Allow", Action: "s3:GetObject", Resource: "arn:aws:s3:::my-assets/site/*" }],
    },
  });
});

test("the outputs say what an app needs", () => {
  const { Outputs = {} } = json(templateWith(EXISTING));
  expect(Object.keys(Outputs)).toEqual([
    "Url",
    "DistributionId",
    "BucketName",
    "UserPoolId",
    "ClientId",
    "IdentityPoolId",
    "Region",
    "NextUpload",
    "NextVerify",
    "AfterDestroy",
  ]);
  expect(Outputs).toMatchObject({
    BucketName: { Value: "my-assets" },
    ClientId: { Value: "one,two" },
    UserPoolId: { Value: EXISTING.userPoolId },
    Region: { Value: "us-east-1" },
  });
});

test("the app synthesizes for us-east-1 and for any account", () => {
  expect(stackOf(appWith()).environment).toBe("aws://unknown-account/us-east-1");
});

test("cdk.json runs the app in a way that a globally installed cdk finds its Node", () => {
  const cdkJson: unknown = JSON.parse(readFileSync(join(import.meta.dirname, "../../cdk.json"), "utf8"));
  expect(cdkJson).toHaveProperty("app", "npm run --silent app");
});

describe.each([
  ["everything made", {}],
  ["everything made but sign-in", { auth: false }],
  ["sign-in at known origins only", { auth: KNOWN }],
  ["everything given and sign-in", { ...EXISTING, userPoolDomain: "login.example.com" }],
  ["everything given", { ...EXISTING, corsOrigins: "https://app.example.com", sdk: true }],
  ["areas of every kind", WITH_AREAS],
  ["areas of every kind and STS", { ...WITH_AREAS, exchange: "sts" }],
  ["an area around others", AROUND],
  ["an area around others and STS", { ...AROUND, exchange: "sts", sdk: true }],
  [
    "areas and everything given",
    {
      ...EXISTING,
      ...WITH_AREAS,
      groups: { editors: { roleArn: "arn:aws:iam::123456789012:role/editors" } },
    },
  ],
])("with %s", (_name, context) => {
  test("CDK's own rules and cdk-nag find nothing that is not answered at its place", () => {
    const app = appWith({ ...context, "@aws-cdk/core:validateAgainstDefaultRules": true });
    Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
    expect(() => app.synth()).not.toThrow();
  });
});

test.each([
  ["everything made", {}],
  ["everything made but sign-in", { auth: false }],
  ["areas of every kind", WITH_AREAS],
  ["an area around others and STS", { ...AROUND, exchange: "sts" }],
])("each answer to cdk-nag answers a finding, with %s", (_name, context) => {
  const acknowledge = vi.spyOn(Validations.prototype, "acknowledge").mockImplementation(() => {});
  const app = appWith(context);
  const checks = new AwsSolutionsChecks(app);
  const found = vi.spyOn(checks, "validate");
  Validations.of(app).addPlugins(checks);
  expect(() => app.synth()).toThrow();
  const rules = found.mock.results.flatMap(({ value }) =>
    Object(value).violations.flatMap((violation: object) => {
      const { ruleName, violatingResources } = Object(violation);
      return violatingResources.map(() => ruleName);
    }),
  );
  const answered = acknowledge.mock.calls.flat().filter(({ id }) => id.startsWith("AwsSolutions"));
  const ids = answered.map(({ id }) => id.replace(/^AwsSolutions::/, ""));
  expect(ids.sort()).toEqual(rules.sort());
  for (const { reason } of answered) expect(reason.length).toBeGreaterThan(40);
});

test("two gates live in one stack, each with a login of its own", () => {
  const { gate, template } = gateIn("us-east-1", () => ({ auth: {} }));
  new SignedInAssets(Stack.of(gate), "More", { auth: {} });
  const synthesized = template();
  synthesized.resourceCountIs("AWS::CloudFront::Distribution", 2);
  const prefixes = Object.values(synthesized.findResources("AWS::Cognito::UserPoolDomain"));
  expect(new Set(prefixes.map(({ Properties }) => JSON.stringify(Properties.Domain))).size).toBe(2);
});

test("a built file that is missing is named, with the command that makes it", async () => {
  vi.doMock("node:fs", () => ({
    readFileSync: () => {
      throw new Error("ENOENT");
    },
  }));
  vi.resetModules();
  const { readBuiltFile } = await import("../../infra/build/built-file.ts");
  vi.doUnmock("node:fs");
  expect(() => readBuiltFile("edge/gatehouse.js")).toThrow(
    'dist/edge/gatehouse.js cannot be read. Run "npm run build" first; it makes this file.',
  );
});

function typesIn(context: Record<string, unknown>): Record<string, number> {
  const types = Object.values(json(templateWith(context)).Resources).map(({ Type }) => Type);
  return Object.fromEntries(
    [...new Set(types)].sort().map((type) => [type, types.filter((other) => other === type).length]),
  );
}
