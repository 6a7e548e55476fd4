import { describe, expect, test } from "vitest";
import { readBuiltFile } from "../../infra/build/built-file.ts";
import { cycleIn } from "./cycle.ts";
import { json, lockWith, only, resolve } from "./synth.ts";

const AREAS = [
  { path: "/team/*", groups: ["editors"] },
  { path: "/me/*", owner: "users/{identityId}/" },
  { path: "/*" },
];
const template = lockWith({ areas: AREAS, groups: "editors", exchange: "sts" });
const functionRole = only(template, "AWS::IAM::Role", "ViewerRequestRole");
const signedIn = only(template, "AWS::IAM::Role", "AuthenticatedRole");
const editors = only(template, "AWS::IAM::Role", "GroupRoleeditors");
const arnOf = ({ id }: { id: string }) => ({ "Fn::GetAtt": [id, "Arn"] });

test("there is no identity pool, and no role for guests", () => {
  template.resourceCountIs("AWS::Cognito::IdentityPool", 0);
  template.resourceCountIs("AWS::Cognito::IdentityPoolRoleAttachment", 0);
  template.resourceCountIs("AWS::IAM::Role", 5);
  expect(Object.keys(json(template).Outputs ?? {})).not.toContain("IdentityPoolId");
});

test("the group carries no role, for the token does not choose it", () => {
  expect(only(template, "AWS::Cognito::UserPoolGroup").Properties).toEqual({
    GroupName: "editors",
    UserPoolId: { Ref: only(template, "AWS::Cognito::UserPool").id },
  });
});

test.each([
  ["signed-in users", signedIn],
  ["editors", editors],
])("the role of %s trusts exactly the function's role, with the one tag", (_name, role) => {
  expect(role.Properties["AssumeRolePolicyDocument"]).toEqual({
    Version: "2012-10-17",
    Statement: [
      { Effect: "Allow", Action: "sts:AssumeRole", Principal: { AWS: arnOf(functionRole) } },
      {
        Effect: "Allow",
        Action: "sts:TagSession",
        Principal: { AWS: arnOf(functionRole) },
        Condition: { "ForAllValues:StringEquals": { "aws:TagKeys": ["identityId"] } },
      },
    ],
  });
});

test("the function may assume exactly these roles, and the other function none", () => {
  expect(only(template, "AWS::IAM::Policy", "AssumeRoles").Properties).toMatchObject({
    Roles: [{ Ref: functionRole.id }],
    PolicyDocument: {
      Statement: [
        {
          Effect: "Allow",
          Action: ["sts:AssumeRole", "sts:TagSession"],
          Resource: [arnOf(signedIn), arnOf(editors)],
        },
      ],
    },
  });
  expect(JSON.stringify(only(template, "AWS::IAM::Policy", "OriginResponse").Properties)).not.toContain(
    "sts:",
  );
});

test("without an owner area no session is tagged", () => {
  const text = JSON.stringify(json(lockWith({ exchange: "sts" })));
  expect(text).not.toContain("sts:TagSession");
  expect(text).toContain("sts:AssumeRole");
});

test("the own folder is the session tag's", () => {
  const { PolicyDocument } = only(template, "AWS::IAM::Policy", "AuthenticatedRole").Properties;
  expect(JSON.stringify(PolicyDocument)).toContain("/users/$" + "{aws:PrincipalTag/identityId, '='}/*");
});

test("no resource depends on itself by any way round", () => {
  expect(cycleIn(json(template))).toBeUndefined();
});

describe.each([
  [false, "edge/gatehouse-sts.js"],
  [true, "edge/gatehouse-sts-sdk.js"],
] as const)("with sdk: %s", (sdk, file) => {
  const synthesized = lockWith({ areas: AREAS, groups: "editors", exchange: "sts", sdk });

  test("the function is the build for STS, with the roles in its configuration", () => {
    const code = codeOf("ViewerRequest");
    expect(bundleOf(code)).toBe(readBuiltFile(file));
    const literal = code.slice("const GATEHOUSE_CONFIG=".length, code.indexOf(";\n"));
    const config: unknown = JSON.parse(literal.replace('"jwks":<', '"jwks":"<').replace(".Jwks>", '.Jwks>"'));
    expect(config).toMatchObject({
      exchange: { kind: "sts", roleArn: expect.stringMatching(/AuthenticatedRole.*\.Arn>$/) },
      groups: { editors: { roleArn: expect.stringMatching(/GroupRole.*\.Arn>$/) } },
    });
    expect(config).not.toHaveProperty("identityPool");
  });

  test("the other function comes from the small build of the same exchange", () => {
    expect(bundleOf(codeOf("OriginResponse"))).toBe(readBuiltFile("edge/gatehouse-sts.js"));
  });

  test("the template is below CloudFormation's limit", () => {
    expect(JSON.stringify(synthesized.toJSON()).length).toBeLessThan(1_000_000);
  });

  /** What stands between the configuration and the id of the content. */
  function bundleOf(code: string): string | undefined {
    return /;\n(.*)\n\/\/<\w+\.ContentId>$/s.exec(code)?.[1];
  }

  function codeOf(name: string): string {
    const { ZipFile } = Object(only(synthesized, "AWS::Lambda::Function", name).Properties["Code"]);
    return String(resolve(ZipFile, (reference) => `<${reference}>`));
  }
});

test("an existing user pool's groups are named, and neither made nor changed", () => {
  const existing = { userPoolId: "eu-west-1_AbCdEfGhI", userPoolClientIds: "one" };
  const synthesized = lockWith({ ...existing, areas: AREAS, groups: ["editors"], exchange: "sts" });
  synthesized.resourceCountIs("AWS::Cognito::UserPoolGroup", 0);
  expect(only(synthesized, "AWS::IAM::Role", "GroupRoleeditors")).toBeDefined();
});
