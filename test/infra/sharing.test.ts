// Links and uploads as AWS has to know them: who may store which keys, with which key, and what browsers are told.
import { Bucket } from "aws-cdk-lib/aws-s3";
import { describe, expect, test } from "vitest";
import type { AreaDocument, Config } from "../../edge/config/config.ts";
import { parseConfig } from "../../edge/config/document.ts";
import { accessProblems, type Reader, roleStatements } from "../../infra/access/index.ts";
import type { SignedInAssetsProps } from "../../infra/props.ts";
import { cycleIn } from "./cycle.ts";
import { BUCKET, evaluator } from "./policy.ts";
import { gateIn, json, only, templateWith } from "./synth.ts";

const ME = "us-east-1:11111111-1111-4111-8111-111111111111";
const OTHER = "us-east-1:22222222-2222-4222-8222-222222222222";
const ROLE_ARN = "arn:aws:iam::111122223333:role/r";
const uploads = { maxBytes: 10 };
const AREAS: readonly AreaDocument[] = [
  { path: "/open/*", public: true },
  { path: "/drop/closed/*" },
  { path: "/drop/team/*", groups: ["editors"], uploads },
  { path: "/drop/*", uploads },
  { path: "/team/*", groups: ["editors"], uploads },
  { path: "/admins/*", groups: ["admins"] },
  { path: "/me/*", owner: "users/{identityId}/", uploads },
  { path: "/only/*", owner: "kept/{identityId}/" },
  { path: "/*" },
];

function configOf(isSts: boolean): Config {
  return parseConfig({
    userPool: { id: "us-east-1_AbCdEfGhI", clientIds: ["c"], domain: "login.example.com" },
    ...(isSts
      ? { exchange: { kind: "sts", roleArn: ROLE_ARN } }
      : { identityPool: { id: "us-east-1:00000000-0000-4000-8000-000000000000" } }),
    origin: { bucket: "assets", region: "us-east-1", path: "/site" },
    groups: { editors: { roleArn: ROLE_ARN }, admins: { roleArn: ROLE_ARN } },
    auth: { keys: { current: "5".repeat(64) } },
    areas: AREAS,
  });
}

describe.each([false, true])("who may store what, by STS %s", (isSts) => {
  const config = configOf(isSts);
  const session = { [isSts ? "aws:PrincipalTag/identityId" : "cognito-identity.amazonaws.com:sub"]: ME };
  const may = (reader: Reader, key: string, action = "s3:PutObject") =>
    evaluator(roleStatements(config, reader), session)(action, `${BUCKET}/site/${key}`);

  test.each<[Reader, key: string, boolean]>([
    [undefined, `users/${ME}/a`, true],
    [undefined, `users/${OTHER}/a`, false],
    [undefined, `kept/${ME}/a`, false],
    [undefined, "users/a", false],
    [undefined, "drop/a", true],
    [undefined, "drop/closed/a", false],
    [undefined, "drop/team/a", false],
    [undefined, "team/a", false],
    [undefined, "open/a", false],
    [undefined, "a", false],
    ["editors", "team/a", true],
    ["editors", "drop/team/a", true],
    ["editors", "drop/a", true],
    ["editors", `users/${ME}/a`, true],
    ["editors", "admins/a", false],
    ["editors", "a", false],
    ["admins", "admins/a", false],
    ["admins", "team/a", false],
  ])("%s stores %s: %s", (reader, key, allowed) => {
    expect(accessProblems(config)).toEqual([]);
    expect(may(reader, key)).toBe(allowed);
  });

  test.each(["s3:DeleteObject", "s3:PutObjectAcl", "s3:PutObjectTagging", "s3:AbortMultipartUpload"])(
    "nobody may %s",
    (action) => {
      for (const reader of [undefined, "editors", "admins"])
        for (const key of ["drop/a", "team/a", `users/${ME}/a`]) expect(may(reader, key, action)).toBe(false);
    },
  );

  test("nothing outside of the bucket, and nothing where no area has uploads", () => {
    const outside = evaluator(roleStatements(config, "editors"), session);
    expect(outside("s3:PutObject", "arn:aws:s3:::other/site/drop/a")).toBe(false);
    const without = { ...config, areas: config.areas.map((area) => ({ ...area, uploads: undefined })) };
    expect(JSON.stringify(roleStatements(without, "editors"))).not.toContain("PutObject");
  });
});

const RULE = {
  AllowedMethods: ["PUT"],
  AllowedOrigins: ["*"],
  AllowedHeaders: ["cache-control", "content-type"],
};
const UPLOADS = [{ path: "/me/*", owner: "users/{identityId}/", uploads }, { path: "/*" }];

describe("browsers at the bucket", () => {
  test("may store files, and nothing else, where an area has uploads", () => {
    const template = templateWith({ areas: UPLOADS });
    const { CorsConfiguration } = only(template, "AWS::S3::Bucket").Properties;
    expect(CorsConfiguration).toEqual({ CorsRules: [{ ...RULE, ExposedHeaders: ["ETag"], MaxAge: 600 }] });
    expect(cycleIn(json(template))).toBeUndefined();
  });

  test("have no rule where none has", () => {
    const template = templateWith({ areas: [{ path: "/*" }] });
    expect(only(template, "AWS::S3::Bucket").Properties).not.toHaveProperty("CorsConfiguration");
  });

  test("at a bucket that is given, get it from its owner", () => {
    const given = (areas: SignedInAssetsProps["areas"]) =>
      json(gateIn("us-east-1", (stack) => ({ auth: {}, areas, bucket: new Bucket(stack, "B") })).template());
    const { Outputs = {}, Resources } = given(UPLOADS);
    const [id = ""] = Object.keys(Outputs).filter((name) => name.includes("BucketCorsConfiguration"));
    expect(JSON.parse(String(Outputs[id]?.Value))).toEqual({
      CORSRules: [{ ...RULE, ExposeHeaders: ["ETag"], MaxAgeSeconds: 600 }],
    });
    expect(JSON.stringify(Resources)).not.toContain("CorsRules");
    expect(JSON.stringify(given([{ path: "/*" }]).Outputs)).not.toContain("CORSRules");
  });
});

describe("the behaviour of links", () => {
  const template = templateWith({ areas: [{ path: "/*", links: { maxSeconds: 60 } }], listing: true });
  const { CacheBehaviors, DefaultCacheBehavior } = Object(
    only(template, "AWS::CloudFront::Distribution").Properties["DistributionConfig"],
  );

  test("comes before that of the endpoints, and differs from the default one by what browsers are told alone", () => {
    const paths = CacheBehaviors.map(({ PathPattern }: { PathPattern: string }) => PathPattern);
    expect(paths).toEqual(["/.gatehouse/link/*", "/.gatehouse/list/*", "/.gatehouse/*"]);
    const { id } = only(template, "AWS::CloudFront::ResponseHeadersPolicy", "Link");
    expect(CacheBehaviors[0]).toEqual({
      ...DefaultCacheBehavior,
      PathPattern: "/.gatehouse/link/*",
      ResponseHeadersPolicyId: { Ref: id },
    });
  });

  test("tells no other page the address, and any player what it asks for, without credentials", () => {
    const { Properties } = only(template, "AWS::CloudFront::ResponseHeadersPolicy", "Link");
    const policy = Object(Properties["ResponseHeadersPolicyConfig"]);
    expect(policy.SecurityHeadersConfig.ReferrerPolicy).toEqual({
      ReferrerPolicy: "no-referrer",
      Override: true,
    });
    expect(policy.CorsConfig).toMatchObject({
      AccessControlAllowCredentials: false,
      AccessControlAllowOrigins: { Items: ["*"] },
      AccessControlAllowMethods: { Items: ["GET", "HEAD", "OPTIONS"] },
      OriginOverride: true,
    });
    expect(policy.CustomHeadersConfig.Items).toEqual([
      { Header: "Cache-Control", Value: "private, no-cache", Override: false },
      { Header: "Cross-Origin-Resource-Policy", Value: "cross-origin", Override: true },
    ]);
  });

  test("is not there without links", () => {
    const resources = Object.values(json(templateWith({ areas: [{ path: "/*" }] })).Resources);
    const atTheFront = resources.filter(({ Type }) => Type.startsWith("AWS::CloudFront::"));
    expect(JSON.stringify(atTheFront)).toContain("/.gatehouse/*");
    expect(JSON.stringify(atTheFront)).not.toMatch(/gatehouse\/link|no-referrer/);
  });
});
