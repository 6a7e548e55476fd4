import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { schemaOf, schemaProblems } from "./resource-schemas.ts";
import { json, type ResourceJson, templateWith } from "./synth.ts";

const FOLDER = mkdtempSync(join(tmpdir(), "gatehouse-schemas-"));
writeFileSync(join(FOLDER, "index.html"), "<!doctype html>");

const AREAS = [
  { path: "/team/*", groups: ["editors"], versions: true },
  { path: "/me/*", owner: "users/{identityId}/" },
  { path: "/open/*", public: true },
  { path: "/static/*", browserMaxAge: 600 },
  { path: "/a?b/*" },
];
const MANY = Array.from({ length: 30 }, (_, index) => ({
  path: `/team-${index}/*`,
  groups: [`team-${index}`],
}));
const EXISTING = {
  userPoolId: "eu-west-1_AbCdEfGhI",
  userPoolClientIds: ["one", "two"],
  identityPoolId: "eu-west-1:00000000-0000-4000-8000-000000000000",
  authenticatedRoleArn: "arn:aws:iam::123456789012:role/path/reader",
  bucketName: "my-assets",
  bucketRegion: "eu-central-1",
};
const AROUND = {
  domainNames: "assets.example.com",
  certificateArn: "arn:aws:acm:us-east-1:123456789012:certificate/1",
  alarmTopicArn: "arn:aws:sns:us-east-1:123456789012:alarms",
};

const SHAPES: readonly (readonly [name: string, context: Record<string, unknown>])[] = [
  ["everything made", {}],
  ["no sign-in", { auth: false }],
  ["STS", { exchange: "sts" }],
  ["STS without sign-in", { exchange: "sts", auth: false }],
  ["the SDK's build", { sdk: true }],
  ["the SDK's build and STS", { sdk: true, exchange: "sts" }],
  ["sign-in at known origins", { auth: { origins: ["https://a.example.com"], distributionOrigin: false } }],
  ["areas of every kind, listed", { areas: AREAS, listing: true }],
  ["areas of every kind and STS", { areas: AREAS, listing: true, exchange: "sts" }],
  [
    "links and uploads",
    { areas: [{ path: "/*", links: { maxSeconds: 60 }, uploads: { maxBytes: 1, types: ["image/*"] } }] },
  ],
  ["areas inside one for all", { areas: [...AREAS.slice(0, 2), { path: "/*", versions: true }] }],
  ["roles that share policies", { areas: [...MANY, { path: "/*" }], listing: true }],
  ["roles that share policies and STS", { areas: [...MANY, { path: "/*" }], exchange: "sts" }],
  ["everything given", EXISTING],
  ["everything given and sign-in", { ...EXISTING, userPoolDomain: "login.example.com", sdk: true }],
  ["a given bucket", { bucketName: "my-assets", bucketRegion: "eu-central-1", originPath: "/site" }],
  ["domain names, alarms and CORS", { ...AROUND, corsOrigins: "https://app.example.com" }],
  ["the split placement", { placement: "split", revocation: true, areas: AREAS, listing: true }],
  ["the split placement with the SDK's build and STS", { placement: "split", sdk: true, exchange: "sts" }],
  ["a folder to upload", { assets: FOLDER }],
  ["a wildcard domain", { ...AROUND, domainNames: "*.example.com,assets.example.com" }],
];

test.each(SHAPES)("%s: the template is as AWS's resource schemas have it", (_name, context) => {
  expect(schemaProblems(json(templateWith(context)))).toEqual([]);
});

describe("a template that is not", () => {
  const role = { AssumeRolePolicyDocument: {} };
  const cases: readonly [name: string, resource: ResourceJson, problem: string][] = [
    [
      "an unknown type",
      { Type: "AWS::Lambda::Funktion", Properties: {} },
      "It: AWS has no AWS::Lambda::Funktion",
    ],
    [
      "a misspelt property",
      { Type: "AWS::IAM::Role", Properties: { ...role, Polices: [] } },
      "It: no property Polices",
    ],
    ["a missing property", { Type: "AWS::Lambda::Version", Properties: {} }, "It: FunctionName is required"],
    [
      "a text for a list",
      { Type: "AWS::IAM::Role", Properties: { ...role, ManagedPolicyArns: "arn" } },
      "It.ManagedPolicyArns: a list is expected",
    ],
    [
      "a property that is nested wrongly",
      { Type: "AWS::Events::Rule", Properties: { Targets: [{ Id: "1" }] } },
      "It.Targets[0]: Arn is required",
    ],
    [
      "an attribute that is not there",
      { Type: "AWS::Lambda::Version", Properties: { FunctionName: { "Fn::GetAtt": ["It", "Name"] } } },
      "It: It (AWS::Lambda::Version) has no attribute Name",
    ],
  ];
  test.each(cases)("%s is seen", (_name, resource, problem) => {
    expect(schemaProblems({ Resources: { It: resource } })).toEqual([problem]);
  });
});

test("a version is replaced when its description changes", () => {
  expect(schemaOf("AWS::Lambda::Version")?.properties["Description"]?.causesReplacement).toBe("yes");
});
