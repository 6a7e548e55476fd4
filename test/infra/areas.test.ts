import { Stack } from "aws-cdk-lib";
import { Annotations, Match, type Template } from "aws-cdk-lib/assertions";
import { UserPool, UserPoolClient } from "aws-cdk-lib/aws-cognito";
import { IdentityPool } from "aws-cdk-lib/aws-cognito-identitypool";
import { Role } from "aws-cdk-lib/aws-iam";
import { Bucket } from "aws-cdk-lib/aws-s3";
import { describe, expect, test } from "vitest";
import type { AreaDocument } from "../../edge/config/config.ts";
import { type Reader, roleStatements } from "../../infra/access/index.ts";
import { cycleIn } from "./cycle.ts";
import { documentOf } from "./policy.ts";
import { appWith, gateIn, json, only, type ResourceJson, resolve, stackOf, templateWith } from "./synth.ts";

const AREAS: readonly AreaDocument[] = [
  { path: "/team/*", groups: ["editors", "admins"], versions: true },
  { path: "/me/*", owner: "users/{identityId}/" },
  { path: "/open/*", public: true },
  { path: "/favicon.ico", public: true },
  { path: "/static/fresh/*" },
  { path: "/static/*", browserMaxAge: 600 },
  { path: "/more/*", browserMaxAge: 600 },
  { path: "/docs/*" },
];
const CONTEXT = {
  auth: false,
  areas: AREAS,
  groups: ["editors", "admins"],
  listing: true,
  originPath: "/site",
};
const app = appWith(CONTEXT);
const { assets } = stackOf(app);
const template = templateWith(CONTEXT);
const identityPool = only(template, "AWS::Cognito::IdentityPool");
const distribution = only(template, "AWS::CloudFront::Distribution");
const config = Object(distribution.Properties["DistributionConfig"]);

describe("roles", () => {
  test.each<[Reader, string]>([
    [undefined, "IdentityPoolAuthenticatedRole"],
    ["editors", "GroupRoleeditors"],
    ["admins", "GroupRoleadmins"],
  ])("what %s may do is what the areas say", (reader, role) => {
    const policy = only(template, "AWS::IAM::Policy", role);
    const bucket = only(template, "AWS::S3::Bucket").id;
    const document = resolve(policy.Properties["PolicyDocument"], (reference) =>
      reference === `${bucket}.Arn` ? "arn:aws:s3:::assets" : reference,
    );
    expect(statements(document)).toEqual(statements(documentOf(roleStatements(assets.config, reader))));
    expect(policy.Properties["Roles"]).toEqual([{ Ref: only(template, "AWS::IAM::Role", role).id }]);
  });

  test("a group's role trusts the identity pool exactly as the authenticated role does", () => {
    const trust = (role: string) =>
      only(template, "AWS::IAM::Role", role).Properties["AssumeRolePolicyDocument"];
    expect(trust("GroupRoleeditors")).toEqual(trust("IdentityPoolAuthenticatedRole"));
    expect(JSON.stringify(trust("GroupRoleeditors"))).toContain(identityPool.id);
  });

  test("there are no others than before but one for each group", () => {
    template.resourceCountIs("AWS::IAM::Role", 5 + 2);
    template.resourceCountIs("AWS::IAM::Policy", 4 + 2);
    template.resourceCountIs("AWS::IAM::ManagedPolicy", 0);
  });

  test("groups are made in the pool, each with its role", () => {
    const groups = Object.values(template.findResources("AWS::Cognito::UserPoolGroup"));
    expect(groups.map(({ Properties }) => Properties)).toEqual(
      ["editors", "admins"].map((GroupName) => ({
        GroupName,
        RoleArn: { "Fn::GetAtt": [only(template, "AWS::IAM::Role", `GroupRole${GroupName}`).id, "Arn"] },
        UserPoolId: { Ref: only(template, "AWS::Cognito::UserPool").id },
      })),
    );
  });

  test("the function knows each group's role", () => {
    expect(Object.keys(assets.config.groups)).toEqual(["editors", "admins"]);
    expect(assets.config.groups["editors"]?.roleArn).toBe(assets.groupRoles["editors"]?.roleArn);
  });
});

describe("the identity pool", () => {
  test("takes the role from the token, for every client", () => {
    const { template: withClients } = gateIn("us-east-1", (stack) => ({
      ...existingPool(stack, ["one", "two"]),
      groups: { editors: Role.fromRoleArn(stack, "Editors", "arn:aws:iam::123456789012:role/editors") },
    }));
    const attachment = only(withClients(), "AWS::Cognito::IdentityPoolRoleAttachment");
    const mapping = (client: string) => ({
      Type: "Token",
      AmbiguousRoleResolution: "AuthenticatedRole",
      IdentityProvider: `cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEfGhI:${client}`,
    });
    expect(attachment.Properties["RoleMappings"]).toEqual({
      client0: mapping("one"),
      client1: mapping("two"),
    });
    withClients().resourceCountIs("AWS::Cognito::UserPoolGroup", 0);
  });

  test("is told of a client that is made with it by reference", () => {
    const { RoleMappings } = only(template, "AWS::Cognito::IdentityPoolRoleAttachment").Properties;
    expect(resolve(Object(RoleMappings).client0.IdentityProvider, (reference) => `<${reference}>`)).toBe(
      `<${only(template, "AWS::Cognito::UserPool").id}.ProviderName>:<${only(template, "AWS::Cognito::UserPoolClient").id}>`,
    );
  });

  test("has no role mapping without groups", () => {
    const { Properties } = only(templateWith(), "AWS::Cognito::IdentityPoolRoleAttachment");
    expect(Properties).not.toHaveProperty("RoleMappings");
  });

  test("stays behind where users' own folders are named by its identities, and only there", () => {
    expect(identityPool).toMatchObject({
      DeletionPolicy: "RetainExceptOnCreate",
      UpdateReplacePolicy: "Retain",
    });
    expect(only(templateWith(), "AWS::Cognito::IdentityPool").DeletionPolicy).toBeUndefined();
  });
});

describe("behaviours", () => {
  const behaviors: readonly Record<string, unknown>[] = config.CacheBehaviors;
  const byPath = Object.fromEntries(behaviors.map((behavior) => [behavior["PathPattern"], behavior]));
  const policyId = (name: string) => ({
    Ref: only(template, "AWS::CloudFront::ResponseHeadersPolicy", name).id,
  });

  test("are the public areas and those that browsers may keep, in the order of the areas", () => {
    expect(Object.keys(byPath)).toEqual([
      "/open/*",
      "/favicon.ico",
      "/static/fresh/*",
      "/static/*",
      "/more/*",
    ]);
  });

  test("are the default one, but for what browsers may keep", () => {
    const common = (behavior: object) => ({ ...behavior, PathPattern: "", ResponseHeadersPolicyId: "" });
    for (const path of ["/static/fresh/*", "/static/*", "/more/*"])
      expect(common(byPath[path] ?? {})).toEqual(common(config.DefaultCacheBehavior));
    expect(byPath["/static/fresh/*"]).toMatchObject({
      ResponseHeadersPolicyId: config.DefaultCacheBehavior.ResponseHeadersPolicyId,
    });
    for (const path of ["/static/*", "/more/*"])
      expect(byPath[path]).toMatchObject({ ResponseHeadersPolicyId: policyId("Kept600") });
  });

  test("share one function pair, one cache policy of ours and one origin request policy", () => {
    template.resourceCountIs("AWS::Lambda::Version", 2);
    template.resourceCountIs("AWS::CloudFront::CachePolicy", 1);
    template.resourceCountIs("AWS::CloudFront::OriginRequestPolicy", 1);
    template.resourceCountIs("AWS::CloudFront::ResponseHeadersPolicy", 3);
  });

  test("let browsers keep what has no Cache-Control of its own, as an error has", () => {
    const { ResponseHeadersPolicyConfig } = only(
      template,
      "AWS::CloudFront::ResponseHeadersPolicy",
      "Kept600",
    ).Properties;
    expect(ResponseHeadersPolicyConfig).toMatchObject({
      CustomHeadersConfig: {
        Items: [
          { Header: "Cache-Control", Value: "private, max-age=600", Override: false },
          { Header: "Cross-Origin-Resource-Policy", Value: "same-origin", Override: true },
        ],
      },
      SecurityHeadersConfig: { ContentTypeOptions: { Override: true } },
    });
  });

  test.each(["/open/*", "/favicon.ico"])(
    "%s is public: no viewer-request function, no query, no cookies",
    (path) => {
      expect(byPath[path]).toEqual({
        PathPattern: path,
        TargetOriginId: expect.not.stringMatching(`^${config.DefaultCacheBehavior.TargetOriginId}$`),
        ViewerProtocolPolicy: "https-only",
        AllowedMethods: ["GET", "HEAD", "OPTIONS"],
        Compress: true,
        CachePolicyId: "658327ea-f89d-4fab-a63d-7e88639e58f6",
        // AWS's CORS-S3Origin: where a preflight comes from, and nothing else of the viewer's.
        OriginRequestPolicyId: "88a5eaf4-2fd4-4709-b370-b4c650ea3fcf",
        ResponseHeadersPolicyId: policyId("Public"),
        LambdaFunctionAssociations: [
          {
            EventType: "origin-response",
            LambdaFunctionARN: { Ref: only(template, "AWS::Lambda::Version", "OriginResponse").id },
          },
        ],
      });
    },
  );

  test("a public page is sandboxed, since the session is on its origin, and anybody may embed", () => {
    const { ResponseHeadersPolicyConfig } = only(
      template,
      "AWS::CloudFront::ResponseHeadersPolicy",
      "Public",
    ).Properties;
    expect(ResponseHeadersPolicyConfig).toMatchObject({
      SecurityHeadersConfig: {
        ContentSecurityPolicy: { ContentSecurityPolicy: "sandbox", Override: true },
        ContentTypeOptions: { Override: true },
      },
    });
    expect(Object(ResponseHeadersPolicyConfig).CustomHeadersConfig).toEqual({
      Items: [{ Header: "Cross-Origin-Resource-Policy", Value: "cross-origin", Override: true }],
    });
  });
});

describe("a public area that is trusted", () => {
  const made = templateWith({
    auth: false,
    areas: [
      { path: "/login.html", public: true, trusted: true },
      { path: "/public/*", public: true },
      { path: "/*" },
    ],
  });
  const { CacheBehaviors, Origins } = Object(
    only(made, "AWS::CloudFront::Distribution").Properties["DistributionConfig"],
  );
  const behaviorOf = (path: string) =>
    CacheBehaviors.find(({ PathPattern }: { PathPattern: string }) => PathPattern === path);
  const securityOf = (path: string) => {
    const { Resources } = json(made);
    const policy = Object(Resources[behaviorOf(path).ResponseHeadersPolicyId.Ref]?.Properties);
    return policy.ResponseHeadersPolicyConfig.SecurityHeadersConfig;
  };

  test("has no sandbox, and every other header of one that is not", () => {
    const { ContentSecurityPolicy, ...others } = securityOf("/public/*");
    expect(ContentSecurityPolicy).toEqual({ ContentSecurityPolicy: "sandbox", Override: true });
    expect(securityOf("/login.html")).toEqual(others);
  });

  test("is read in the same way, at the same origin", () => {
    const common = (path: string) => ({ ...behaviorOf(path), PathPattern: "", ResponseHeadersPolicyId: "" });
    expect(common("/login.html")).toEqual(common("/public/*"));
    expect(Origins).toHaveLength(2);
  });
});

describe("the public part of the bucket", () => {
  const bucket = only(template, "AWS::S3::Bucket").id;

  test("has an origin of its own, with origin access control and the origin path", () => {
    const control = only(template, "AWS::CloudFront::OriginAccessControl");
    expect(control.Properties).toMatchObject({
      OriginAccessControlConfig: {
        OriginAccessControlOriginType: "s3",
        SigningBehavior: "always",
        SigningProtocol: "sigv4",
      },
    });
    expect(config.Origins).toHaveLength(2);
    expect(config.Origins[0]).not.toHaveProperty("OriginAccessControlId");
    expect(config.Origins[0]).not.toHaveProperty("OriginPath");
    expect(config.Origins[1]).toMatchObject({
      DomainName: { "Fn::GetAtt": [bucket, "RegionalDomainName"] },
      OriginAccessControlId: { "Fn::GetAtt": [control.id, "Id"] },
      OriginPath: "/site",
    });
  });

  test("is all that CloudFront may read, and only this distribution", () => {
    const policy = only(template, "AWS::S3::BucketPolicy").Properties["PolicyDocument"];
    const document = resolve(policy, (reference) => `<${reference}>`);
    expect(Object(document).Statement).toEqual([
      expect.objectContaining({ Effect: "Deny", Action: "s3:*" }),
      {
        Effect: "Allow",
        Action: "s3:GetObject",
        Principal: { Service: "cloudfront.amazonaws.com" },
        Resource: [`<${bucket}.Arn>/site/favicon.ico`, `<${bucket}.Arn>/site/open/*`],
        Condition: {
          StringEquals: {
            "AWS:SourceArn": `arn:aws:cloudfront::<AWS::AccountId>:distribution/<${distribution.id}>`,
          },
        },
      },
    ]);
  });

  test("of an existing bucket is an output, and nothing is changed", () => {
    const { gate, template: withBucket } = gateIn("us-east-1", (stack) => ({
      areas: [{ path: "/open/*", public: true }],
      bucket: Bucket.fromBucketName(stack, "B", "my-assets"),
    }));
    const synthesized = withBucket();
    synthesized.resourceCountIs("AWS::S3::BucketPolicy", 0);
    const [output] = Object.entries(json(synthesized).Outputs ?? {}).filter(([id]) => id.includes("Public"));
    const text = String(resolve(output?.[1].Value, (reference) => `<${reference}>`));
    expect(JSON.parse(text)).toMatchObject({
      Effect: "Allow",
      Action: "s3:GetObject",
      Principal: { Service: "cloudfront.amazonaws.com" },
      Resource: expect.stringMatching(/:s3:::my-assets\/open\/\*$/),
      Condition: { StringEquals: { "AWS:SourceArn": expect.stringContaining(":distribution/<") } },
    });
    expect(gate.publicReadStatement?.resources).toHaveLength(1);
  });

  test("is nothing without public areas", () => {
    expect(gateIn("us-east-1").gate.publicReadStatement).toBeUndefined();
  });
});

test("no resource depends on itself by any way round", () => {
  expect(cycleIn(json(template))).toBeUndefined();
});

test("the outputs tell the groups' roles", () => {
  const { Outputs = {} } = json(template);
  const roles: unknown = JSON.parse(
    String(resolve(Outputs["GroupRoles"]?.Value, (reference) => `<${reference}>`)),
  );
  expect(Object.keys(Object(roles))).toEqual(["editors", "admins"]);
});

describe("a role that was given", () => {
  const given = (areas: readonly AreaDocument[]) =>
    gateIn("us-east-1", (stack) => ({
      ...existingPool(stack, ["one"]),
      identityPool: IdentityPool.fromIdentityPoolId(
        stack,
        "Identities",
        "us-east-1:00000000-0000-4000-8000-000000000000",
      ),
      authenticatedRole: Role.fromRoleArn(stack, "Users", "arn:aws:iam::123456789012:role/users"),
      groups: { editors: Role.fromRoleArn(stack, "Editors", "arn:aws:iam::123456789012:role/editors") },
      areas,
    }));

  test("gets its policy; no role and no group is made for it", () => {
    const synthesized = given([{ path: "/team/*", groups: ["editors"] }]).template();
    expect(only(synthesized, "AWS::IAM::Policy", "Editors").Properties).toMatchObject({ Roles: ["editors"] });
    synthesized.resourceCountIs("AWS::Cognito::UserPoolGroup", 0);
    synthesized.resourceCountIs("AWS::IAM::Role", 3);
  });

  test("that the policy would keep from all other objects is warned of", () => {
    const warnings = (areas: readonly AreaDocument[]) =>
      Annotations.fromStack(Stack.of(given(areas).gate))
        .findWarning("*", Match.anyValue())
        .map(({ entry }) => entry.data);
    expect(warnings([{ path: "/team/*", groups: ["editors"] }, { path: "/*" }])).toEqual([]);
    expect(warnings([{ path: "/me/*", owner: "users/{identityId}/" }, { path: "/*" }])).toEqual([
      expect.stringContaining("the policy of Site/Users denies s3:GetObject on everything but the assets"),
      expect.stringContaining("the policy of Site/Editors denies"),
    ]);
  });
});

test("without a list of groups, those are made that the areas name", () => {
  const areas = [
    { path: "/a/*", groups: ["editors", "admins"] },
    { path: "/b/*", groups: ["editors"] },
  ];
  const { gate } = gateIn("us-east-1", () => ({ areas }));
  expect(Object.keys(gate.groupRoles)).toEqual(["editors", "admins"]);
  expect(Object.keys(stackOf(appWith({ areas: JSON.stringify(areas) })).assets.groupRoles)).toEqual([
    "editors",
    "admins",
  ]);
});

test("groups with names of every kind live together", () => {
  const groups = ["a/b", "a--b", "日本", "中国", "constructor", "length"];
  const synthesized: Template = templateWith({ groups });
  synthesized.resourceCountIs("AWS::Cognito::UserPoolGroup", groups.length);
  const names = Object.values(synthesized.findResources("AWS::Cognito::UserPoolGroup")).map(
    (group) => group["Properties"].GroupName,
  );
  expect(names).toEqual(groups);
});

function existingPool(stack: Stack, clients: readonly string[]) {
  return {
    userPool: UserPool.fromUserPoolId(stack, "Pool", "eu-west-1_AbCdEfGhI"),
    userPoolClients: clients.map((id) => UserPoolClient.fromUserPoolClientId(stack, id, id)),
  };
}

/** A policy's statements in one spelling: CloudFormation takes one value or a list. */
function statements(document: unknown): unknown[] {
  const all: readonly ResourceJson["Properties"][] = Object(document).Statement;
  const one = (value: unknown) => (Array.isArray(value) && value.length === 1 ? value[0] : value);
  return all
    .map((statement) =>
      JSON.stringify(Object.entries(statement).toSorted(), (_key, value: unknown) =>
        Array.isArray(value) && value.every((v) => typeof v === "string") ? one(value.toSorted()) : value,
      ),
    )
    .toSorted();
}
