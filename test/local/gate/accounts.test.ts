// What the account does with resources of a template that it has to hear of.

import { describe, expect, test } from "vitest";
import { deploy } from "../../../local/aws/cloudformation/index.ts";
import { UserPool } from "../../../local/aws/cognito/user-pool.ts";
import { secretReference } from "../../../local/aws/secrets/reference.ts";
import { Secrets } from "../../../local/aws/secrets/secrets.ts";
import { providers } from "../../../local/gate/accounts.ts";

const CALLBACK = "https://app.example.com/callback";
const OAUTH = {
  AllowedOAuthFlowsUserPoolClient: true,
  AllowedOAuthFlows: ["code"],
  AllowedOAuthScopes: ["openid"],
  CallbackURLs: [CALLBACK],
  SupportedIdentityProviders: ["COGNITO"],
};

async function account() {
  const userPool = await UserPool.create({ id: "us-east-1_Accounts1", clients: [{ clientId: "client" }] });
  const secrets = new Secrets();
  const options = {
    providers: providers(userPool, secrets),
    dynamicReference: (reference: string) => secretReference(secrets, reference),
  };
  const run = (Type: string, Properties: object, more: object = {}) =>
    deploy({ Resources: { R: { Type, Properties }, ...more } }, options);
  return { userPool, secrets, run };
}

describe("AWS::Cognito::UserPoolClient", () => {
  const TYPE = "AWS::Cognito::UserPoolClient";

  test("its properties are the client's settings", async () => {
    const { userPool, run } = await account();
    const properties = { ...OAUTH, ExplicitAuthFlows: ["ALLOW_USER_SRP_AUTH"], IdTokenValidity: 2 };
    const stack = await run(TYPE, { ...properties, RefreshTokenRotation: { Feature: "ENABLED" } });
    expect(stack.resources.get("R")).toMatchObject({ ref: "client", attributes: { ClientId: "client" } });
    expect(userPool.client("client")).toMatchObject({
      oauthFlows: ["code"],
      oauthScopes: ["openid"],
      callbackUrls: [CALLBACK],
      idTokenSeconds: 7200,
      rotation: { graceSeconds: 0 },
    });
  });

  test("the same properties once more leave alone what others have set since; others reset it", async () => {
    const { userPool, run } = await account();
    const urls = () => userPool.client("client")?.callbackUrls;
    await run(TYPE, OAUTH);
    userPool.addUrls("client", { callbackUrls: ["https://more.example.com/"] });
    await run(TYPE, OAUTH);
    expect(urls()).toEqual([CALLBACK, "https://more.example.com/"]);
    await run(TYPE, { ...OAUTH, IdTokenValidity: 2 });
    expect(urls()).toEqual([CALLBACK]);
  });

  test("settings that the service refuses fail the deployment", async () => {
    const { run } = await account();
    await expect(run(TYPE, { ...OAUTH, CallbackURLs: ["http://app.example.com/"] })).rejects.toThrow(
      "cannot use the HTTP protocol",
    );
  });
});

describe("AWS::Cognito::UserPoolDomain", () => {
  const TYPE = "AWS::Cognito::UserPoolDomain";

  test("Ref is the prefix", async () => {
    const { run } = await account();
    const { resources } = await run(TYPE, { Domain: "my-files" });
    expect(resources.get("R")).toMatchObject({
      ref: "my-files",
      attributes: { CloudFrontDistribution: expect.stringMatching(/\.cloudfront\.net$/) },
    });
  });

  test.each([
    "my_files",
    "My-files",
    "-files",
    "files-",
    "a".repeat(64),
    "my-aws-files",
    "cognito-files",
    "amazonas",
  ])("%s is refused", async (Domain) => {
    const { run } = await account();
    await expect(run(TYPE, { Domain })).rejects.toThrow(`Domain ${Domain}`);
  });

  test("a domain of one's own is no prefix", async () => {
    const { run } = await account();
    const CustomDomainConfig = { CertificateArn: "arn:aws:acm:us-east-1:1:certificate/x" };
    const { resources } = await run(TYPE, { Domain: "login.example.com", CustomDomainConfig });
    expect(resources.get("R")?.ref).toBe("login.example.com");
  });
});

describe("AWS::Cognito::ManagedLoginBranding", () => {
  const TYPE = "AWS::Cognito::ManagedLoginBranding";

  test("Ref names pool and style", async () => {
    const { run } = await account();
    const { resources } = await run(TYPE, { ClientId: "client", UseCognitoProvidedValues: true });
    expect(resources.get("R")?.ref).toMatch(/^us-east-1_Accounts1\|[0-9a-f-]{36}$/);
  });

  test.each<[string, object, string]>([
    ["no client", { UseCognitoProvidedValues: true }, "ClientId"],
    [
      "Cognito's values and one's own",
      { ClientId: "client", UseCognitoProvidedValues: true, Settings: {} },
      "UseCognitoProvidedValues",
    ],
  ])("%s is refused", async (_name, properties, message) => {
    const { run } = await account();
    await expect(run(TYPE, properties)).rejects.toThrow(message);
  });
});

describe("AWS::SecretsManager::Secret", () => {
  const rules = {
    GenerateSecretString: { SecretStringTemplate: '{"previous":"none"}', GenerateStringKey: "current" },
  };
  const reader = {
    Code: {
      Type: "T",
      Properties: {
        Text: { "Fn::Join": ["", ["{{resolve:secretsmanager:", { Ref: "R" }, ":SecretString:current::}}"]] },
      },
    },
  };

  test("is generated once, keeps its value, and gives it to references", async () => {
    const { secrets, run } = await account();
    const first = await run("AWS::SecretsManager::Secret", rules, reader);
    const second = await run("AWS::SecretsManager::Secret", rules, reader);
    const text = first.resources.get("Code")?.properties["Text"];
    expect(text).toMatch(/^\S{32}$/);
    expect(second.resources.get("Code")?.properties["Text"]).toBe(text);
    const arn = first.resources.get("R")?.ref ?? "";
    expect(arn).toMatch(/^arn:aws:secretsmanager:us-east-1:123456789012:secret:local-R-[0-9a-f]{6}$/);
    secrets.rotate(arn, '{"current":"next"}');
    const third = await run("AWS::SecretsManager::Secret", rules, reader);
    expect(third.resources.get("Code")?.properties["Text"]).toBe("next");
  });

  test("rules that the service refuses fail the deployment", async () => {
    const { run } = await account();
    await expect(
      run("AWS::SecretsManager::Secret", { GenerateSecretString: { PasswordLength: 0 } }),
    ).rejects.toThrow("PasswordLength");
  });
});
