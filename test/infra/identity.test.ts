import { UserPool, UserPoolClient } from "aws-cdk-lib/aws-cognito";
import { expect, test } from "vitest";
import { gateIn, json, lockWith, only } from "./synth.ts";

const template = lockWith();
const pool = only(template, "AWS::Cognito::UserPool");
const client = only(template, "AWS::Cognito::UserPoolClient");
const identityPool = only(template, "AWS::Cognito::IdentityPool");

test("only an administrator makes users, who sign in by e-mail", () => {
  expect(pool.Properties).toMatchObject({
    AdminCreateUserConfig: { AllowAdminCreateUserOnly: true },
    UsernameAttributes: ["email"],
    UsernameConfiguration: { CaseSensitive: false },
    AccountRecoverySetting: { RecoveryMechanisms: [{ Name: "verified_email", Priority: 1 }] },
    Policies: { PasswordPolicy: { MinimumLength: 12 } },
  });
});

test("the pool survives `cdk destroy`, but not the rollback of its own creation", () => {
  expect(pool).toMatchObject({ DeletionPolicy: "RetainExceptOnCreate", UpdateReplacePolicy: "Retain" });
  expect(pool.Properties["DeletionProtection"]).toBeUndefined();
});

test("the client is public: no secret, SRP and refresh only, tokens of an hour", () => {
  expect(client.Properties).toEqual({
    UserPoolId: { Ref: pool.id },
    GenerateSecret: false,
    ExplicitAuthFlows: ["ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
    AllowedOAuthFlowsUserPoolClient: false,
    SupportedIdentityProviders: ["COGNITO"],
    PreventUserExistenceErrors: "ENABLED",
    EnableTokenRevocation: true,
    IdTokenValidity: 60,
    AccessTokenValidity: 60,
    RefreshTokenValidity: 43_200,
    TokenValidityUnits: { IdToken: "minutes", AccessToken: "minutes", RefreshToken: "minutes" },
  });
});

test("the identity pool checks tokens with the user pool, and knows no guests and no classic flow", () => {
  expect(identityPool.Properties).toEqual({
    AllowClassicFlow: false,
    AllowUnauthenticatedIdentities: false,
    CognitoIdentityProviders: [
      {
        ClientId: { Ref: client.id },
        ProviderName: { "Fn::GetAtt": [pool.id, "ProviderName"] },
        ServerSideTokenCheck: true,
      },
    ],
  });
});

test("an existing user pool of another region is named by its own region, however it was imported", () => {
  const { template: withPool } = gateIn("us-east-1", (stack) => ({
    userPool: UserPool.fromUserPoolId(stack, "Pool", "eu-west-1_AbCdEfGhI"),
    userPoolClients: ["one", "two"].map((id) => UserPoolClient.fromUserPoolClientId(stack, id, id)),
  }));
  const providers = only(withPool(), "AWS::Cognito::IdentityPool").Properties["CognitoIdentityProviders"];
  const provider = {
    ProviderName: "cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEfGhI",
    ServerSideTokenCheck: true,
  };
  expect(providers).toEqual([
    { ...provider, ClientId: "one" },
    { ...provider, ClientId: "two" },
  ]);
});

test("signed-in users may read the assets and nothing else", () => {
  const role = only(template, "AWS::IAM::Role", "PoolAuthenticatedRole");
  expect(role.Properties["AssumeRolePolicyDocument"]).toMatchObject({
    Statement: [
      {
        Action: "sts:AssumeRoleWithWebIdentity",
        Principal: { Federated: "cognito-identity.amazonaws.com" },
        Condition: {
          StringEquals: { "cognito-identity.amazonaws.com:aud": { Ref: identityPool.id } },
          "ForAnyValue:StringLike": { "cognito-identity.amazonaws.com:amr": "authenticated" },
        },
      },
    ],
  });
  expect(rightsOf(role.id)).toEqual([
    {
      Effect: "Allow",
      Action: "s3:GetObject",
      Resource: {
        "Fn::Join": ["", [{ "Fn::GetAtt": [only(template, "AWS::S3::Bucket").id, "Arn"] }, "/*"]],
      },
    },
  ]);
});

test("guests have a role without any right", () => {
  expect(rightsOf(only(template, "AWS::IAM::Role", "Unauthenticated").id)).toEqual([]);
});

test("no role has managed or inline policies that the other tests would not see", () => {
  template.resourceCountIs("AWS::IAM::Role", 5);
  template.resourceCountIs("AWS::IAM::Policy", 4);
  for (const { Type, Properties } of Object.values(json(template).Resources))
    if (Type === "AWS::IAM::Role")
      expect([Properties["ManagedPolicyArns"], Properties["Policies"]]).toEqual([undefined, undefined]);
});

test("with an origin path the right covers that prefix only", () => {
  const { template: withPath } = gateIn("us-east-1", () => ({ originPath: "/site" }));
  const policy = only(withPath(), "AWS::IAM::Policy", "PoolAuthenticatedRole");
  expect(JSON.stringify(policy.Properties["PolicyDocument"])).toContain('"/site/*"');
});

/** The statements of every policy that is attached to a role. */
function rightsOf(role: string): unknown[] {
  return Object.values(template.findResources("AWS::IAM::Policy"))
    .filter(({ Properties }) => JSON.stringify(Properties.Roles).includes(role))
    .flatMap(({ Properties }) => Properties.PolicyDocument.Statement);
}
