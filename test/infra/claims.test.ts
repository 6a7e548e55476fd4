// Folders named after claims, in the template: what IAM goes by, and who can write the claims.
import { Stack } from "aws-cdk-lib";
import { Annotations, Match } from "aws-cdk-lib/assertions";
import { ClientAttributes, UserPool, UserPoolClient } from "aws-cdk-lib/aws-cognito";
import { IdentityPool } from "aws-cdk-lib/aws-cognito-identitypool";
import { Role } from "aws-cdk-lib/aws-iam";
import { describe, expect, test } from "vitest";
import { gateIn, json, lockWith, only, templateWith } from "./synth.ts";

const AREAS = [
  { path: "/tenant/*", owner: "tenants/{claim:custom:tenant}/" },
  { path: "/both/*", owner: "people/{claim:custom:tenant}/{sub}/" },
  { path: "/mail/*", owner: "mail/{claim:email}/" },
  { path: "/team/*", groups: ["editors"] },
  { path: "/*" },
];
const NAMED = AREAS.filter(({ owner }) => owner);
const tag = (name: string) => `$${`{aws:PrincipalTag/${name}, '='}`}`;
const TAGS = { "custom-tenant": "custom:tenant", sub: "sub", email: "email" };

describe("with an identity pool that is made", () => {
  const template = lockWith({ areas: AREAS, groups: ["editors"] });
  const identityPool = only(template, "AWS::Cognito::IdentityPool");
  const roles = Object.entries(json(template).Resources).filter(
    ([id, { Type }]) => Type === "AWS::IAM::Role" && /IdentityPoolAuthenticatedRole|GroupRole/.test(id),
  );

  test("its sessions are tagged with the claims, once their roles take tags", () => {
    const tags = only(template, "AWS::Cognito::IdentityPoolPrincipalTag");
    expect(tags.Properties).toEqual({
      IdentityPoolId: { Ref: identityPool.id },
      IdentityProviderName: { "Fn::GetAtt": [only(template, "AWS::Cognito::UserPool").id, "ProviderName"] },
      PrincipalTags: TAGS,
      UseDefaults: false,
    });
    expect(tags.DependsOn).toEqual(expect.arrayContaining(roles.map(([id]) => id)));
  });

  test("its roles let it tag sessions of signed-in users, and nobody else's", () => {
    expect(roles).toHaveLength(2);
    for (const [, { Properties }] of roles) {
      const { Statement } = Object(Properties["AssumeRolePolicyDocument"]);
      expect(Statement).toHaveLength(2);
      expect(Statement[1]).toEqual({ ...Statement[0], Action: "sts:TagSession" });
      expect(Statement[0].Condition).toEqual({
        StringEquals: { "cognito-identity.amazonaws.com:aud": { Ref: identityPool.id } },
        "ForAnyValue:StringLike": { "cognito-identity.amazonaws.com:amr": "authenticated" },
      });
    }
    expect(JSON.stringify(json(template)).match(/sts:TagSession/g)).toHaveLength(2);
  });

  test("own folders open by the tags", () => {
    const { PolicyDocument } = only(template, "AWS::IAM::Policy", "AuthenticatedRole").Properties;
    const text = JSON.stringify(PolicyDocument);
    expect(text).toContain(`/tenants/${tag("custom-tenant")}/*`);
    expect(text).toContain(`/people/${tag("custom-tenant")}/${tag("sub")}/*`);
    expect(text).toContain(`/mail/${tag("email")}/*`);
  });

  test("it goes with the stack: a new one would find the same folders", () => {
    expect(identityPool).not.toHaveProperty("DeletionPolicy");
    const own = lockWith({ areas: [{ path: "/me/*", owner: "u/{claim:custom:t}/{identityId}/" }] });
    expect(only(own, "AWS::Cognito::IdentityPool")).toHaveProperty("DeletionPolicy");
  });
});

test.each([
  ["no own folders", [{ path: "/*" }]],
  ["folders named after identities", [{ path: "/me/*", owner: "users/{identityId}/" }]],
])("with %s nothing is tagged, and clients are as they were", (_, areas) => {
  const template = lockWith({ areas });
  template.resourceCountIs("AWS::Cognito::IdentityPoolPrincipalTag", 0);
  expect(JSON.stringify(json(template))).not.toMatch(/TagSession|WriteAttributes|ReadAttributes/);
  expect(only(template, "AWS::Cognito::UserPool").Properties).not.toHaveProperty("Schema");
});

test("with STS the roles take exactly these tags", () => {
  const template = lockWith({ areas: AREAS, groups: ["editors"], exchange: "sts" });
  template.resourceCountIs("AWS::Cognito::IdentityPoolPrincipalTag", 0);
  for (const name of ["AuthenticatedRole", "GroupRoleeditors"])
    expect(only(template, "AWS::IAM::Role", name).Properties).toMatchObject({
      AssumeRolePolicyDocument: {
        Statement: [
          { Action: "sts:AssumeRole" },
          {
            Action: "sts:TagSession",
            Condition: {
              "ForAllValues:StringEquals": { "aws:TagKeys": ["custom-tenant", "sub", "email"] },
            },
          },
        ],
      },
    });
});

describe("a user pool that is made", () => {
  const template = templateWith({ areas: AREAS, groups: ["editors"] });

  test("has the custom attribute", () => {
    expect(only(template, "AWS::Cognito::UserPool").Properties["Schema"]).toEqual([
      { AttributeDataType: "String", Mutable: true, Name: "tenant" },
    ]);
  });

  test("its client reads the claims, and can write neither the custom attribute nor the standard one", () => {
    const { ReadAttributes: read, WriteAttributes: write } = only(
      template,
      "AWS::Cognito::UserPoolClient",
    ).Properties;
    expect(read).toEqual(expect.arrayContaining(["custom:tenant", "email", "email_verified", "name"]));
    expect(write).toEqual([
      "address",
      "birthdate",
      "family_name",
      "gender",
      "given_name",
      "locale",
      "middle_name",
      "name",
      "nickname",
      "phone_number",
      "picture",
      "preferred_username",
      "profile",
      "updated_at",
      "website",
      "zoneinfo",
    ]);
  });

  test("what tells the client its URLs tells it the same", () => {
    const text = JSON.stringify(only(template, "Custom::GatehouseClientUrls").Properties["Client"]);
    expect(text).toContain("WriteAttributes");
    expect(text).toMatch(/ReadAttributes.*custom:tenant.*WriteAttributes/);
  });
});

describe("what is given", () => {
  const POOL = "us-east-1_AbCdEfGhI";
  const IDENTITY_POOL = "us-east-1:00000000-0000-4000-8000-000000000000";
  const role = (stack: Stack, name: string) =>
    Role.fromRoleArn(stack, name, `arn:aws:iam::123456789012:role/${name}`);
  const imported = (stack: Stack) => ({
    userPool: UserPool.fromUserPoolId(stack, "Pool", POOL),
    userPoolClients: [UserPoolClient.fromUserPoolClientId(stack, "Client", "one")],
  });
  type Props = Parameters<typeof gateIn>[1];
  const warningsOf = (props: Props) =>
    Annotations.fromStack(Stack.of(gateIn("us-east-1", props).gate))
      .findWarning("*", Match.anyValue())
      .map(({ entry }) => String(entry.data).replace(/ \[ack: .*/s, ""))
      .filter((text) => !text.includes("denies"));

  const WRITERS =
    'Whoever can set "custom:tenant", "email" chooses whose folder is theirs. Check that no app client of the user pool ' +
    "has it among its WriteAttributes (a client without such a list may write every standard attribute), that people " +
    "who sign up by themselves cannot set it, and that the app clients given here may read it.";

  test("a user pool: whoever may write the claims has to be checked", () => {
    expect(warningsOf((stack) => ({ ...imported(stack), areas: NAMED }))).toEqual([WRITERS]);
  });
  test.each([
    ["the identity", "users/{identityId}/"],
    ["the subject, which the pool sets", "users/{sub}/"],
  ])("a user pool, with folders named after %s: nothing", (_, owner) => {
    const areas = [{ path: "/me/*", owner }];
    expect(warningsOf((stack) => ({ ...imported(stack), areas }))).toEqual([]);
  });
  test("a user pool that is made: nothing", () => {
    expect(warningsOf(() => ({ areas: NAMED }))).toEqual([]);
  });
  test("a group's role: it has to take tags", () => {
    const warnings = warningsOf((stack) => ({
      ...imported(stack),
      areas: AREAS,
      groups: { editors: role(stack, "Editors") },
    }));
    expect(warnings).toEqual([
      WRITERS,
      'Sessions of the roles of "editors" get tags: let their trust policies allow the identity pool sts:TagSession ' +
        "besides sts:AssumeRoleWithWebIdentity, or members get no credentials at all.",
    ]);
  });
  test("an identity pool: it has to make tags, and is not changed", () => {
    const props: Props = (stack) => ({
      ...imported(stack),
      identityPool: IdentityPool.fromIdentityPoolId(stack, "Identities", IDENTITY_POOL),
      authenticatedRole: role(stack, "Users"),
      groups: { editors: role(stack, "Editors") },
      areas: AREAS,
    });
    expect(warningsOf(props)).toEqual([
      WRITERS,
      `Own folders open by session tags. Map them at the identity pool, for the user pool's provider: ${JSON.stringify(TAGS)}; ` +
        "and let the trust policies of its roles allow sts:TagSession.",
    ]);
    gateIn("us-east-1", props).template().resourceCountIs("AWS::Cognito::IdentityPoolPrincipalTag", 0);
  });

  test.each<[string, string, ClientAttributes | undefined, string | undefined]>([
    ["custom:tenant", "its list", new ClientAttributes().withCustomAttributes("tenant"), "custom:tenant"],
    ["email", "its list", new ClientAttributes().withStandardAttributes({ email: true }), "email"],
    ["email", "having none", undefined, "email"],
    ["custom:tenant", "having none", undefined, undefined],
    ["custom:tenant", "another list", new ClientAttributes().withCustomAttributes("other"), undefined],
  ])("a client of the same app that writes %s by %s", (claim, _, writeAttributes, refused) => {
    const gate = () =>
      gateIn("us-east-1", (stack) => {
        const userPool = new UserPool(stack, "Pool");
        const client = userPool.addClient("Client", { ...(writeAttributes && { writeAttributes }) });
        const areas = [{ path: "/t/*", owner: `t/{claim:${claim}}/` }];
        return { userPool, userPoolClients: [client], areas };
      });
    if (refused === undefined) return expect(gate).not.toThrow();
    return expect(gate).toThrow(
      `userPoolClients: users may write "${refused}" through an app client, and so choose whose folder is theirs; ` +
        "take it out of its writeAttributes",
    );
  });
});
