// Machines, in the template: a role for each scope, which opens the areas that ask for it and nothing else.
import type { Stack } from "aws-cdk-lib";
import { UserPool, UserPoolClient } from "aws-cdk-lib/aws-cognito";
import { describe, expect, test } from "vitest";
import { parseConfig } from "../../edge/config/document.ts";
import { accessProblems, machinesWith, roleStatements } from "../../infra/access/index.ts";
import { policyDocuments } from "../../infra/build/policy-documents.ts";
import { decide } from "../../local/aws/iam/decide.ts";
import { parsePolicy } from "../../local/aws/iam/parse.ts";
import { configDocument } from "../unit/fixtures/config.ts";
import { gateIn, only, templateWith } from "./synth.ts";

const ROLE = "arn:aws:iam::123456789012:role/r";
const USER_POOL = { userPoolId: "us-east-1_AbCdEfGhI", userPoolClientIds: "people" };
const AREAS = [
  { path: "/reports/secret/*" },
  { path: "/reports/*", scopes: ["assets/read", "assets/admin"] },
  { path: "/me/*", owner: "users/{sub}/" },
  { path: "/*", scopes: ["assets/admin"], uploads: { maxBytes: 9 } },
];

describe("a role for each scope", () => {
  const template = templateWith({
    ...USER_POOL,
    userPoolDomain: "login.example.com",
    machineClientIds: "machine",
    exchange: "sts",
    areas: AREAS,
    listing: true,
  });

  test.each(["assets/read", "assets/admin"])("%s: assumed by the function alone", (scope) => {
    const id = `ScopeRole${encodeURIComponent(scope).replace(/\W/g, "")}`;
    const role = only(template, "AWS::IAM::Role", id);
    const { Statement } = Object(role.Properties["AssumeRolePolicyDocument"]);
    const functionRole = only(template, "AWS::IAM::Role", "ViewerRequestRole");
    expect(Statement[0].Principal).toEqual({ AWS: { "Fn::GetAtt": [functionRole.id, "Arn"] } });
    const may = JSON.stringify(only(template, "AWS::IAM::Policy", "AssumeRoles").Properties);
    expect(may).toContain(role.id);
  });
});

describe("what it opens", () => {
  const document = configDocument({
    areas: AREAS,
    auth: { keys: { current: "01".repeat(32) } },
    endpoints: { oauth: "https://login.example.com" },
    exchange: { kind: "sts", roleArn: ROLE },
    scopes: { "assets/read": { roleArn: ROLE }, "assets/admin": { roleArn: ROLE } },
    listing: { enabled: true },
  });
  const { identityPool: _, ...rest } = document;
  const config = parseConfig({
    ...rest,
    userPool: { ...document.userPool, machineClientIds: ["machine"] },
  });

  const policyFor = (scope: string) =>
    parsePolicy(
      {
        Version: "2012-10-17",
        Statement: roleStatements(config, machinesWith(scope)).map((statement) => ({
          Effect: statement.effect,
          Action: statement.actions,
          ...(statement.resources && { Resource: statement.resources.map((r) => `arn:aws:s3:::b${r}`) }),
          ...(statement.notResources && {
            NotResource: statement.notResources.map((r) => `arn:aws:s3:::b${r}`),
          }),
          ...(statement.conditions && { Condition: statement.conditions }),
        })),
      },
      "identity",
    );

  test.each([
    ["assets/read", "s3:GetObject", "reports/a.csv", "allow"],
    ["assets/read", "s3:GetObject", "reports/secret/a.csv", "deny"],
    ["assets/read", "s3:GetObject", "a.txt", "deny"],
    ["assets/read", "s3:GetObject", "users/machine/a", "deny"],
    ["assets/read", "s3:GetObject", "users/=/a", "deny"],
    ["assets/read", "s3:PutObject", "reports/a.csv", "deny"],
    ["assets/admin", "s3:GetObject", "reports/a.csv", "allow"],
    ["assets/admin", "s3:GetObject", "a.txt", "allow"],
    ["assets/admin", "s3:GetObject", "reports/secret/a.csv", "deny"],
    ["assets/admin", "s3:GetObject", "users/machine/a", "deny"],
    ["assets/admin", "s3:GetObject", "users/=/a", "deny"],
    ["assets/admin", "s3:PutObject", "a.txt", "deny"],
    ["assets/admin", "s3:DeleteObject", "a.txt", "deny"],
  ])("with %s, %s of %s: %s", (scope, action, key, decision) => {
    const principal = { kind: "role", arn: ROLE, sessionArn: `${ROLE}/s` } as const;
    const request = { principal, action, resource: `arn:aws:s3:::b/${key}`, context: {} };
    const decided = decide(request, { identity: [policyFor(scope)] });
    expect(decided === "allow" ? "allow" : "deny").toBe(decision);
  });

  test("without CDK, a policy by each scope beside those by group", () => {
    const groups = { editors: { roleArn: ROLE } };
    const documents = policyDocuments({ ...config, groups });
    expect(Object.keys(documents.groups)).toEqual(["editors"]);
    expect(Object.keys(documents.scopes)).toEqual(["assets/read", "assets/admin"]);
    const statements = roleStatements(config, machinesWith("assets/read"));
    expect(documents.scopes["assets/read"]?.Statement).toMatchObject(
      statements.map(({ effect, actions }) => ({ Effect: effect, Action: actions })),
    );
    expect(documents.scopes["assets/read"]).not.toEqual(documents.signedIn);
  });

  test("nothing that cannot be said", () => expect(accessProblems(config)).toEqual([]));
});

test("machines' clients come with their user pool", () => {
  const areas = [{ path: "/*", scopes: ["assets/read"] }];
  const machinesOf = (stack: Stack) => {
    const userPool = new UserPool(stack, "Pool");
    return [new UserPoolClient(stack, "Machine", { userPool })];
  };
  const alone = () =>
    gateIn("us-east-1", (stack) => ({ machineClients: machinesOf(stack), areas, exchange: "sts" }));
  expect(alone).toThrow("machineClients: come with the user pool that they belong to");
  const byIdentityPool = () => gateIn("us-east-1", (stack) => ({ machineClients: machinesOf(stack), areas }));
  expect(byIdentityPool).toThrow(
    "machineClients: needs exchange sts, for an identity pool takes no access tokens",
  );
});
