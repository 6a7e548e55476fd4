// What the shipped app has around its gate: uploads, domain names, alarms, and the commands that come next.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Validations } from "aws-cdk-lib";
import { AwsSolutionsChecks } from "cdk-nag";
import { afterAll, describe, expect, test } from "vitest";
import { ConfigError } from "../../edge/config/document.ts";
import { readOptions } from "../verify/options.ts";
import { cycleIn } from "./cycle.ts";
import { appWith, json, only, resolve, stackOf, templateWith } from "./synth.ts";

const FOLDER = mkdtempSync(join(tmpdir(), "gatehouse-assets-"));
writeFileSync(join(FOLDER, "a.txt"), "a");
afterAll(() => rmSync(FOLDER, { recursive: true }));

const NAMED = {
  domainNames: "*.example.org,assets.example.com",
  certificateArn: "arn:aws:acm:us-east-1:123456789012:certificate/abc",
};
const TOPIC = "arn:aws:sns:us-east-1:123456789012:on-call";
/** CloudFormation's limit of a template that comes from S3. */
const MAX_TEMPLATE_BYTES = 1_000_000;

function outputsOf(context: Record<string, unknown>): Record<string, string> {
  const { Outputs = {} } = json(templateWith(context));
  return Object.fromEntries(
    Object.entries(Outputs).map(([name, { Value }]) => [name, String(resolve(Value, (id) => `<${id}>`))]),
  );
}

describe("-c assets=./folder", () => {
  const template = templateWith({ assets: FOLDER, originPath: "/site" });

  test("uploads below the origin path, deletes nothing, and drops old copies from the cache", () => {
    expect(only(template, "Custom::CDKBucketDeployment").Properties).toMatchObject({
      DestinationBucketName: { Ref: only(template, "AWS::S3::Bucket").id },
      DestinationBucketKeyPrefix: "site",
      Prune: false,
      RetainOnDelete: true,
      DistributionId: { Ref: only(template, "AWS::CloudFront::Distribution").id },
      DistributionPaths: ["/*"],
      // The invalidation goes on while the deployment is done: waiting for it has rolled back many a good one.
      WaitForDistributionInvalidation: false,
    });
  });

  test("has room and memory for more than a handful of files, and logs for a month", () => {
    expect(only(template, "AWS::Lambda::Function", "CDKBucketDeployment").Properties).toMatchObject({
      MemorySize: 1024,
      EphemeralStorage: { Size: 4096 },
      LoggingConfig: { LogGroup: { Ref: only(template, "AWS::Logs::LogGroup", "AssetUpload").id } },
    });
  });

  test.each([
    ["everything made", {}],
    [
      "the larger build and areas of every kind",
      {
        sdk: true,
        areas: [
          { path: "/team/*", groups: ["editors"] },
          { path: "/open/*", public: true },
          { path: "/me/*", owner: "users/{identityId}/" },
        ],
        ...NAMED,
        alarmTopicArn: TOPIC,
      },
    ],
    ["an existing bucket", { bucketName: "my-assets", bucketRegion: "eu-central-1" }],
  ])(
    "with %s: synthesizes without a network, fits, satisfies cdk-nag, and has no cycle",
    (_name, context) => {
      const app = appWith({ ...context, assets: FOLDER, "@aws-cdk/core:validateAgainstDefaultRules": true });
      Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
      const { template: synthesized } = app.synth().getStackByName("Gatehouse");
      expect(JSON.stringify(synthesized).length).toBeLessThan(MAX_TEMPLATE_BYTES);
      expect(cycleIn(Object(synthesized))).toBeUndefined();
    },
  );

  test("is not there without the folder", () => {
    templateWith().resourceCountIs("Custom::CDKBucketDeployment", 0);
    expect(outputsOf({ assets: FOLDER })).not.toHaveProperty("NextUpload");
  });
});

describe("domain names", () => {
  const template = templateWith(NAMED);

  test("reach the distribution with their certificate, the client, and the outputs", () => {
    expect(only(template, "AWS::CloudFront::Distribution").Properties).toMatchObject({
      DistributionConfig: {
        Aliases: ["*.example.org", "assets.example.com"],
        ViewerCertificate: { AcmCertificateArn: NAMED.certificateArn },
      },
    });
    expect(only(template, "AWS::Cognito::UserPoolClient").Properties).toMatchObject({
      CallbackURLs: ["https://assets.example.com/.gatehouse/callback"],
    });
    expect(outputsOf(NAMED)).toMatchObject({
      Url: "https://assets.example.com",
      SignInUrl: "https://assets.example.com/.gatehouse/login",
      DomainTarget: expect.stringContaining("DomainName"),
    });
  });

  test("beside the distribution's own for those who ask for it", () => {
    templateWith({ ...NAMED, auth: { distributionOrigin: true } }).resourceCountIs(
      "Custom::GatehouseClientUrls",
      1,
    );
  });
});

test.each([
  [{ alarms: "true" }, 4, undefined],
  [{ alarmTopicArn: TOPIC }, 4, [TOPIC]],
  [{}, 0, undefined],
])("alarms with %j: %d", (context, count, actions) => {
  const alarms = Object.values(templateWith(context).findResources("AWS::CloudWatch::Alarm"));
  expect(alarms).toHaveLength(count);
  for (const { Properties } of alarms) expect(Properties.AlarmActions).toEqual(actions);
});

describe("the outputs name the next commands", () => {
  const { NextUpload, NextCreateUser, NextVerify, AfterDestroy, Url } = outputsOf({});

  test("upload and first user, with the names filled in", () => {
    expect(NextUpload).toMatch(/^aws s3 cp \.\/assets s3:\/\/<AssetsBucket\w+>\/ --recursive$/);
    expect(NextCreateUser).toMatch(
      /^aws cognito-idp admin-create-user --region us-east-1 --user-pool-id <AssetsUserPool\w+> --username you@example\.com --user-attributes Name=email,Value=you@example\.com Name=email_verified,Value=true --desired-delivery-mediums EMAIL$/,
    );
  });

  test("the check, in options that it knows", () => {
    const [npm, run, verify, separator, ...args] = String(NextVerify).split(" ");
    expect([npm, run, verify, separator]).toEqual(["npm", "run", "verify", "--"]);
    expect(Url).toMatch(/^https:\/\/</);
    const filled = args.map((text) => text.replace(/<[^>]*>/, "x.example.com"));
    expect(readOptions(filled, {})).toMatchObject({
      basePath: "/.gatehouse/",
      bucket: { region: "us-east-1", originPath: "" },
      user: { tokenFile: "token.txt", signIn: undefined },
    });
  });

  test("the check of a gate with other names", () => {
    const { NextVerify: other, NextCreateUser: none } = outputsOf({
      userPoolId: "eu-west-1_AbCdEfGhI",
      userPoolClientIds: "one,two",
      userPoolDomain: "login.example.com",
      auth: { basePath: "/in/", clientId: "two" },
      bucketName: "theirs",
      bucketRegion: "eu-central-1",
      originPath: "/site",
    });
    expect(other).toMatch(
      / --token-file token\.txt --bucket theirs --region eu-central-1 --origin-path \/site --base-path \/in\/$/,
    );
    expect(none).toBeUndefined();
  });

  test("what is left to delete after cdk destroy: both functions, which the template keeps", () => {
    const ids = [...String(AfterDestroy).matchAll(/--function-name <(\w+)>/g)].map(([, id]) => id);
    const { Resources } = json(templateWith());
    const kept = Object.entries(Resources).filter(
      ([, { Type, DeletionPolicy }]) => Type === "AWS::Lambda::Function" && DeletionPolicy !== undefined,
    );
    expect(ids.sort()).toEqual(kept.map(([id]) => id).sort());
    expect(ids).toHaveLength(2);
  });
});

test.each([
  [{ assets: "/nowhere" }, 'assets: expected a folder, which "/nowhere" is not'],
  [{ assets: import.meta.filename }, `assets: expected a folder, which "${import.meta.filename}" is not`],
  [{ domainNames: "assets.example.com" }, "certificateArn: domain names come with a certificate for them"],
  [
    { ...NAMED, domainNames: "https://a.example.com" },
    "domainNames: expected names such as assets.example.com",
  ],
  [{ ...NAMED, domainNames: [] }, "domainNames: expected names such as assets.example.com"],
  [
    { certificateArn: NAMED.certificateArn },
    "domainNames: a certificate comes with the names that it is for",
  ],
  [
    { ...NAMED, certificateArn: NAMED.certificateArn.replace("us-east-1", "eu-west-1") },
    "certificateArn: expected a certificate of us-east-1, such as arn:aws:acm:us-east-1:123456789012:certificate/<id>",
  ],
  [{ alarms: "yes" }, "alarms: expected true or false"],
  [
    { alarmTopicArn: "on-call" },
    "alarmTopicArn: expected a topic of us-east-1, such as arn:aws:sns:us-east-1:123456789012:name",
  ],
])("%j is a mistake", (context, problem) => {
  const mistake = (): readonly string[] => {
    try {
      appWith(context);
    } catch (error) {
      if (error instanceof ConfigError) return error.problems;
      throw error;
    }
    return [];
  };
  expect(mistake()).toEqual([problem]);
});

test.each([
  [undefined, 0.01],
  ["0.5", 0.5],
  [0, 0],
])("-c logAllowed=%s is a share of %d in the function's configuration", (logAllowed, allowed) => {
  const { assets } = stackOf(appWith(logAllowed === undefined ? {} : { logAllowed }));
  expect(assets.config.log).toEqual({ allowed });
});
