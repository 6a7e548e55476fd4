import { UserPool, UserPoolClient } from "aws-cdk-lib/aws-cognito";
import { describe, expect, test } from "vitest";
import { readBuiltFile } from "../../infra/build/built-file.ts";
import type { SignInProps } from "../../infra/users/sign-in-props.ts";
import { cycleIn } from "./cycle.ts";
import { gateIn, json, lockWith, only, resolve, templateWith } from "./synth.ts";

const KNOWN = {
  origins: ["https://assets.example.com", "http://localhost:8080"],
  distributionOrigin: false,
};
const EXISTING = { userPoolId: "eu-west-1_AbCdEfGhI", userPoolClientIds: "one,two" };
const MADE_DOMAIN = "<UserPoolDomain>.auth.us-east-1.amazoncognito.com";

const template = templateWith({ listing: true });
const pool = only(template, "AWS::Cognito::UserPool");
const client = only(template, "AWS::Cognito::UserPoolClient");
const secret = only(template, "AWS::SecretsManager::Secret");

/** References by what a person would call them. */
function named(reference: string): string {
  const [id = "", attribute] = reference.split(".");
  const name = id.replace(/^Assets/, "").replace(/[0-9A-F]{8}$/, "");
  return `<${attribute === undefined ? name : `${name}.${attribute}`}>`;
}

test("no resource depends on itself by any way round", () => {
  for (const context of [{ listing: true }, { exchange: "sts" }, { auth: KNOWN }])
    expect(cycleIn(json(templateWith(context)))).toBeUndefined();
});

describe("the managed login", () => {
  const domain = only(template, "AWS::Cognito::UserPoolDomain");

  test("is at a prefix that the stack alone has, which Cognito takes", () => {
    const { Domain, ...others } = domain.Properties;
    expect(others).toEqual({ ManagedLoginVersion: 2, UserPoolId: { Ref: pool.id } });
    const guid = "6f1d3a50-0c2b-11f0-9c1e-0affd2b1c3e5";
    const stackId = `arn:aws:cloudformation:us-east-1:123456789012:stack/Gatehouse/${guid}`;
    const [separator, parts] = Object(Domain)["Fn::Join"];
    const { "Fn::Select": selection } = parts[1];
    expect(selection[1]).toEqual({ "Fn::Split": ["/", { Ref: "AWS::StackId" }] });
    const prefix = [parts[0], stackId.split("/")[selection[0]], parts[2]].join(separator);
    expect(prefix).toMatch(RegExp(`^gatehouse-${guid}-[0-9a-f]{8}$`));
    expect(prefix.length).toBeLessThanOrEqual(63);
  });

  test("has a style for the client, without which version 2 shows an error", () => {
    expect(only(template, "AWS::Cognito::ManagedLoginBranding").Properties).toEqual({
      UserPoolId: { Ref: pool.id },
      ClientId: { Ref: client.id },
      UseCognitoProvidedValues: true,
    });
  });

  test("is in the function's configuration by its host", () => {
    expect(configOf(template)).toHaveProperty("userPool.domain", MADE_DOMAIN);
  });
});

describe("the client", () => {
  test("is made without the distribution, like that of a gate without sign-in but for its name", () => {
    const { ClientName, ...others } = client.Properties;
    expect(ClientName).toBe("Gatehouse");
    expect(others).toEqual(only(lockWith(), "AWS::Cognito::UserPoolClient").Properties);
  });

  test("is told everything that it is in the template, and sign-in besides", () => {
    const { AllowedOAuthFlowsUserPoolClient: off, GenerateSecret, ...settings } = client.Properties;
    expect([off, GenerateSecret]).toEqual([false, false]);
    expect(updateOf(templateWith())).toEqual({
      ...Object(resolve(settings, named)),
      ClientId: "<UserPoolClient>",
      AllowedOAuthFlowsUserPoolClient: true,
      AllowedOAuthFlows: ["code"],
      AllowedOAuthScopes: ["openid"],
      CallbackURLs: ["https://<Distribution.DomainName>/.gatehouse/callback"],
      LogoutURLs: ["https://<Distribution.DomainName>/.gatehouse/logout"],
    });
  });

  test("is told what was changed about it after it was made", () => {
    const { gate, template: changed } = gateIn("us-east-1", () => ({ auth: {} }));
    const { defaultChild } = gate.userPoolClients[0]?.node ?? {};
    Object.assign(Object(defaultChild), { readAttributes: ["email"], refreshTokenValidity: 60 });
    Object.assign(Object(defaultChild), {
      refreshTokenRotation: { feature: "ENABLED", retryGracePeriodSeconds: 60 },
    });
    const { Properties } = only(changed(), "AWS::Cognito::UserPoolClient");
    expect(updateOf(changed())).toMatchObject({
      ReadAttributes: Properties["ReadAttributes"],
      RefreshTokenValidity: Properties["RefreshTokenValidity"],
      RefreshTokenRotation: Properties["RefreshTokenRotation"],
    });
  });

  test("is told of scopes, base path and further origins", () => {
    const auth = { scopes: ["openid", "email"], basePath: "/in/", origins: ["http://localhost:8080"] };
    expect(updateOf(templateWith({ auth }))).toMatchObject({
      AllowedOAuthScopes: ["openid", "email"],
      CallbackURLs: ["https://<Distribution.DomainName>/in/callback", "http://localhost:8080/in/callback"],
      LogoutURLs: ["https://<Distribution.DomainName>/in/logout", "http://localhost:8080/in/logout"],
    });
  });

  test("takes the identity providers that it is given, before and after it is told of its URLs", () => {
    const auth = { supportedIdentityProviders: ["Google", "COGNITO"], identityProvider: "Google" };
    const given = templateWith({ auth: JSON.stringify(auth) });
    const { SupportedIdentityProviders } = only(given, "AWS::Cognito::UserPoolClient").Properties;
    expect(SupportedIdentityProviders).toEqual(["Google", "COGNITO"]);
    expect(updateOf(given)).toHaveProperty("SupportedIdentityProviders", ["Google", "COGNITO"]);
    const config = configOf(given);
    expect(config).toHaveProperty("auth.identityProvider", "Google");
    expect(config).not.toHaveProperty("auth.supportedIdentityProviders");
    expect(updateOf(template)).toHaveProperty("SupportedIdentityProviders", ["COGNITO"]);
  });

  test("is told whenever something is deployed, since CloudFormation resets what it changes", () => {
    const idOf = (id: string) => only(templateWith({}, id), "Custom::GatehouseClientUrls").Properties;
    expect(idOf("1")["DeploymentId"]).toBe("1");
    expect(idOf("2")["DeploymentId"]).toBe("2");
  });

  test("is told after every roll-back, which may have reset it and not run the custom resource", () => {
    const rule = only(template, "AWS::Events::Rule");
    const handler = only(template, "AWS::Lambda::Function", "ClientUrls");
    const { EventPattern, State = "ENABLED", Targets } = Object(resolve(rule.Properties, named));
    expect(State).toBe("ENABLED");
    expect(EventPattern).toEqual({
      source: ["aws.cloudformation"],
      "detail-type": ["CloudFormation Stack Status Change"],
      detail: {
        "stack-id": ["<AWS::StackId>"],
        "status-details": { status: ["UPDATE_ROLLBACK_COMPLETE", "UPDATE_ROLLBACK_FAILED", "UPDATE_FAILED"] },
      },
    });
    const [{ Input, ...target }, ...others] = Targets;
    expect(others).toEqual([]);
    expect(target).toEqual({ Id: "ClientUrls", Arn: named(`${handler.id}.Arn`) });
    expect(JSON.parse(Input)).toEqual({ Client: updateOf(template) });
    // EventBridge's longest input.
    expect(Input.length).toBeLessThan(8_192);
    expect(only(template, "AWS::Lambda::Permission").Properties).toEqual({
      Action: "lambda:InvokeFunction",
      FunctionName: { "Fn::GetAtt": [handler.id, "Arn"] },
      Principal: "events.amazonaws.com",
      SourceArn: { "Fn::GetAtt": [rule.id, "Arn"] },
    });
  });

  test("knows its URLs itself where the distribution is in none of them", () => {
    const known = templateWith({ auth: KNOWN });
    known.resourceCountIs("Custom::GatehouseClientUrls", 0);
    known.resourceCountIs("AWS::Events::Rule", 0);
    expect(only(known, "AWS::Cognito::UserPoolClient").Properties).toMatchObject({
      ExplicitAuthFlows: ["ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
      GenerateSecret: false,
      AllowedOAuthFlowsUserPoolClient: true,
      AllowedOAuthFlows: ["code"],
      AllowedOAuthScopes: ["openid"],
      CallbackURLs: [
        "https://assets.example.com/.gatehouse/callback",
        "http://localhost:8080/.gatehouse/callback",
      ],
      LogoutURLs: ["https://assets.example.com/.gatehouse/logout", "http://localhost:8080/.gatehouse/logout"],
    });
    expect(json(known).Outputs?.["SignInUrl"]?.Value).toBe("https://assets.example.com/.gatehouse/login");
  });
});

describe("the sealing keys", () => {
  test("are a secret of 32 random bytes in hex that goes with the stack", () => {
    const { GenerateSecretString: generated, ...others } = secret.Properties;
    expect(Object.keys(others)).toEqual(["Description"]);
    const { ExcludeCharacters, ...rules } = Object(generated);
    expect(rules).toEqual({
      SecretStringTemplate: '{"previous":"none"}',
      GenerateStringKey: "current",
      PasswordLength: 64,
      ExcludeUppercase: true,
      ExcludePunctuation: true,
      RequireEachIncludedType: false,
    });
    const left = [..."abcdefghijklmnopqrstuvwxyz"].filter((letter) => !ExcludeCharacters.includes(letter));
    expect([left.join(""), /\d/.test(ExcludeCharacters)]).toEqual(["abcdef", false]);
    expect(secret).toMatchObject({ DeletionPolicy: "Delete", UpdateReplacePolicy: "Delete" });
  });

  test.each(["ViewerRequest", "OriginResponse"])(
    "are in %s as unbroken references to one version",
    (name) => {
      const code = codeOf(template, name);
      const versioned = (key: string) =>
        `{{resolve:secretsmanager:<SealingKeys>:SecretString:${key}::<DeploymentInputs.SecretVersionId>}}`;
      expect(code.match(/\{\{resolve:.*?\}\}/g)).toEqual([versioned("current"), versioned("previous")]);
      expect(code).not.toContain("0".repeat(64));
    },
  );

  test("are nowhere else: where a reference is, CloudFormation puts the value", () => {
    for (const [id, resource] of Object.entries(json(template).Resources)) {
      const text = JSON.stringify({ ...resource, Properties: { ...resource.Properties, Code: undefined } });
      expect(text, id).not.toMatch(/\{\{resolve|SecretString:/);
    }
    expect(JSON.stringify(json(template).Outputs)).not.toMatch(/\{\{|SealingKeys/);
    expect(JSON.stringify(lockWith().toJSON())).not.toContain("{{resolve");
  });

  test("are stood for where the deployment checks the configuration", () => {
    const { Config, SecretArn } = only(template, "Custom::GatehouseDeployment").Properties;
    expect(SecretArn).toEqual({ Ref: secret.id });
    expect(JSON.parse(String(resolve(Config, named)))).toHaveProperty("auth.keys", {
      current: "0".repeat(64),
      previous: "none",
    });
  });
});

describe("rights", () => {
  const logs = ({ id }: { id: string }) => ({
    Effect: "Allow",
    Action: ["logs:CreateLogStream", "logs:PutLogEvents"],
    Resource: { "Fn::GetAtt": [id, "Arn"] },
  });
  test.each([
    ["Deployment", { Action: "secretsmanager:DescribeSecret", Resource: { Ref: secret.id } }],
    [
      "ClientUrls",
      { Action: "cognito-idp:UpdateUserPoolClient", Resource: { "Fn::GetAtt": [pool.id, "Arn"] } },
    ],
  ])("%s may do its one task, and write its log", (name, right) => {
    const policy = only(template, "AWS::IAM::Policy", name);
    const logGroup = only(template, "AWS::Logs::LogGroup", name);
    expect(policy.Properties["Roles"]).toEqual([{ Ref: only(template, "AWS::IAM::Role", name).id }]);
    expect(policy.Properties["PolicyDocument"]).toEqual({
      Version: "2012-10-17",
      Statement: [logs(logGroup), { Effect: "Allow", ...right }],
    });
  });

  test("nobody else has one to the secret or to the client", () => {
    const policies = template.findResources("AWS::IAM::Policy");
    const text = JSON.stringify(policies);
    expect(text.match(/secretsmanager:\w+|cognito-idp:\w+/g)).toEqual([
      "secretsmanager:DescribeSecret",
      "cognito-idp:UpdateUserPoolClient",
    ]);
  });

  test("the function that tells the client runs as built", () => {
    const { Code, Timeout, Runtime } = only(template, "AWS::Lambda::Function", "ClientUrls").Properties;
    expect({ Code, Timeout, Runtime }).toEqual({
      Code: { ZipFile: readBuiltFile("infra/client-urls.js") },
      Timeout: 120,
      Runtime: "nodejs24.x",
    });
  });
});

describe("the behaviours of the endpoints", () => {
  const areas = [
    { path: "/open/*", public: true },
    { path: "/static/*", browserMaxAge: 60 },
  ];
  const behaviors = behaviorsOf({ areas, listing: true });

  test("come before those of areas, the list before the rest", () => {
    expect(behaviors.map(({ PathPattern }) => PathPattern)).toEqual([
      "/.gatehouse/list/*",
      "/.gatehouse/*",
      "/open/*",
      "/static/*",
    ]);
  });

  test("take every method and body over HTTPS, keep nothing, and forward nothing", () => {
    expect(behaviors[1]).toEqual({
      PathPattern: "/.gatehouse/*",
      TargetOriginId: behaviors[0]?.["TargetOriginId"],
      ViewerProtocolPolicy: "https-only",
      AllowedMethods: ["GET", "HEAD", "OPTIONS", "PUT", "PATCH", "POST", "DELETE"],
      CachePolicyId: "4135ea2d-6df8-44a3-9df3-4b5a84be39ad",
      Compress: true,
      LambdaFunctionAssociations: [
        { EventType: "viewer-request", IncludeBody: true, LambdaFunctionARN: "<ViewerRequestVersion>" },
        { EventType: "origin-response", LambdaFunctionARN: "<OriginResponseVersion>" },
      ],
    });
  });

  test("a list is a signed request like any other", () => {
    const { PathPattern: _, ...list } = behaviors[0] ?? {};
    const { DistributionConfig } = only(template, "AWS::CloudFront::Distribution").Properties;
    expect(list).toEqual(resolve(Object(DistributionConfig).DefaultCacheBehavior, named));
  });

  test("are there for what is there, at the base path", () => {
    const patterns = (context: Record<string, unknown>) =>
      behaviorsOf(context).map(({ PathPattern }) => PathPattern);
    expect(patterns({})).toEqual(["/.gatehouse/*"]);
    expect(patterns({ auth: { basePath: "/a/b/" }, listing: true })).toEqual(["/a/b/list/*", "/a/b/*"]);
    expect(patterns({ auth: false, listing: true })).toEqual([]);
  });

  test("read the one S3 origin", () => {
    const { DistributionConfig } = only(template, "AWS::CloudFront::Distribution").Properties;
    expect(Object(DistributionConfig).Origins).toHaveLength(1);
  });
});

describe("an existing user pool", () => {
  const existing = templateWith({ ...EXISTING, userPoolDomain: "login.example.com" });

  test("is not written: nothing of Cognito's is made, and nothing may change it", () => {
    const types = Object.values(json(existing).Resources).map(({ Type }) => Type);
    expect(types.filter((type) => /UserPool|ManagedLogin|ClientUrls/.test(type))).toEqual([]);
    expect(JSON.stringify(existing.toJSON().Resources)).not.toContain("cognito-idp:Update");
  });

  test("is told which URLs to register", () => {
    const { Outputs = {} } = json(existing);
    const [name] = Object.keys(Outputs).filter((key) => key.includes("AppClientUrls"));
    expect(JSON.parse(String(resolve(Outputs[name ?? ""]?.Value, named)))).toEqual({
      CallbackURLs: ["https://<Distribution.DomainName>/.gatehouse/callback"],
      LogoutURLs: ["https://<Distribution.DomainName>/.gatehouse/logout"],
    });
    expect(Outputs["ManagedLoginDomain"]?.Value).toBe("login.example.com");
  });

  test("signs people in at its own login, with the client that is named", () => {
    const config = configOf(
      templateWith({ ...EXISTING, auth: { clientId: "two" }, userPoolDomain: "a.example" }),
    );
    expect(config).toMatchObject({ userPool: { domain: "a.example" }, auth: { clientId: "two" } });
  });

  test("without its managed login has no sign-in unless that is asked for", () => {
    expect(configOf(templateWith(EXISTING))).not.toHaveProperty("auth");
  });

  test("works in a stack of one's own", () => {
    const { gate } = gateIn("us-east-1", (stack) => ({
      userPool: UserPool.fromUserPoolId(stack, "Pool", "eu-west-1_AbCdEfGhI"),
      userPoolClients: [UserPoolClient.fromUserPoolClientId(stack, "Client", "one")],
      userPoolDomain: "login.example.com",
      auth: {},
    }));
    expect([gate.clientUrls, gate.userPoolDomain]).toEqual([undefined, undefined]);
    expect(gate.config.userPool.domain).toBe("login.example.com");
  });
});

describe("an app client with a secret", () => {
  const ARN = "arn:aws:secretsmanager:us-east-1:123456789012:secret:client-AbCdEf";
  const existing = { ...EXISTING, userPoolDomain: "login.example.com" };
  const withSecret = templateWith({
    ...existing,
    auth: JSON.stringify({ clientSecret: { secretArn: ARN, field: "value" } }),
  });

  test.each(["ViewerRequest", "OriginResponse"])("is part of %s, by one version", (name) => {
    const reference = `{{resolve:secretsmanager:${ARN}:SecretString:value::<DeploymentInputs.ClientSecretVersionId>}}`;
    expect(codeOf(withSecret, name)).toContain(`"clientSecret":"${reference}"`);
  });

  test("without a field it is the whole text of the secret", () => {
    const auth = JSON.stringify({ clientSecret: { secretArn: ARN } });
    expect(codeOf(templateWith({ ...existing, auth }), "ViewerRequest")).toContain(
      `{{resolve:secretsmanager:${ARN}:SecretString:::<DeploymentInputs.ClientSecretVersionId>}}`,
    );
  });

  test("is nowhere else: the deployment learns its ARN alone, and may ask for its version", () => {
    for (const [id, resource] of Object.entries(json(withSecret).Resources)) {
      const text = JSON.stringify({ ...resource, Properties: { ...resource.Properties, Code: undefined } });
      expect(text, id).not.toMatch(/\{\{resolve|SecretString:/);
    }
    const { Config, ClientSecretArn } = only(withSecret, "Custom::GatehouseDeployment").Properties;
    expect(ClientSecretArn).toBe(ARN);
    expect(JSON.stringify(resolve(Config, named))).not.toContain("clientSecret");
    const policies = Object.values(json(withSecret).Resources).filter(
      ({ Type }) => Type === "AWS::IAM::Policy",
    );
    const statements = policies.flatMap(({ Properties }) => Object(Properties).PolicyDocument.Statement);
    const described = statements.filter(({ Action }) => Action === "secretsmanager:DescribeSecret");
    expect(described).toHaveLength(1);
    expect([...described[0].Resource].filter((resource) => resource !== ARN)).toEqual([
      { Ref: only(withSecret, "AWS::SecretsManager::Secret").id },
    ]);
    expect(described[0].Resource).toContain(ARN);
    expect(statements.flatMap(({ Action }) => Action)).not.toContain("secretsmanager:GetSecretValue");
  });

  const wanted =
    "auth.clientSecret: expected { secretArn, field? } of a secret in Secrets Manager, never the client's secret itself";
  test.each([
    ["the secret itself", "1example2secret3", wanted],
    ["nothing", {}, wanted],
    ["a field that would end the reference", { secretArn: ARN, field: "a:b}}" }, wanted],
    ["an unknown setting", { secretArn: ARN, name: "x" }, wanted],
  ])("as %s is a mistake", (_, clientSecret, problem) => {
    const auth = JSON.stringify({ clientSecret });
    expect(() => templateWith({ ...existing, auth })).toThrow(problem);
  });

  test("for the client that is made is a mistake: it has none", () => {
    const auth = JSON.stringify({ clientSecret: { secretArn: ARN } });
    expect(() => templateWith({ auth })).toThrow(
      "auth.clientSecret: the app client that is made has no secret",
    );
  });

  const clients = (generateSecret: boolean, auth: SignInProps) => () =>
    gateIn("us-east-1", (stack) => {
      const userPool = new UserPool(stack, "Users");
      const client = new UserPoolClient(stack, "WithSecret", { userPool, generateSecret });
      const other = new UserPoolClient(stack, "Other", { userPool });
      return { userPool, userPoolClients: [client, other], userPoolDomain: "login.example.com", auth };
    });

  test("that can be seen to have one, and none configured", () => {
    expect(clients(true, {})).toThrow(
      "auth.clientSecret: the app client that people sign in with has a secret; put it into Secrets Manager and name it here",
    );
    expect(clients(true, { clientSecret: { secretArn: ARN } })).not.toThrow();
    expect(clients(false, {})).not.toThrow();
  });
});

test("the construct signs nobody in unless asked to, and then says what it made", () => {
  const made = (auth?: SignInProps) => {
    const { gate } = gateIn("us-east-1", () => (auth ? { auth } : {}));
    return [gate.secret, gate.userPoolDomain, gate.clientUrls, gate.signInUrls].map(Boolean);
  };
  expect(made()).toEqual([false, false, false, false]);
  expect(made({})).toEqual([true, true, true, true]);
  expect(made(KNOWN)).toEqual([true, true, false, true]);
});

test("the outputs say where people sign in", () => {
  const { SignInUrl, ManagedLoginDomain } = json(template).Outputs ?? {};
  expect(resolve([SignInUrl?.Value, ManagedLoginDomain?.Value], named)).toEqual([
    "https://<Distribution.DomainName>/.gatehouse/login",
    MADE_DOMAIN,
  ]);
  expect(Object.keys(json(lockWith()).Outputs ?? {})).not.toContain("SignInUrl");
});

test("settings of sign-in and of cookies reach the function", () => {
  const config = configOf(
    templateWith({
      auth: '{"title":"Team","notBefore":1700000000,"maxAge":3600,"screenHint":true,"texts":{"it":{"start_page":"Inizio"}}}',
      cookieSameSite: "None",
      cookiePartitioned: "true",
      cookieDomain: "example.com",
    }),
  );
  expect(config).toMatchObject({
    auth: {
      title: "Team",
      notBefore: 1_700_000_000,
      maxAge: 3_600,
      scopes: ["openid"],
      screenHint: true,
      texts: { it: { start_page: "Inizio" } },
    },
    cookies: { names: [], sameSite: "None", partitioned: true, domain: "example.com" },
  });
  expect(config).not.toHaveProperty("auth.origins");
});

test.each([[{ sdk: true }], [{ sdk: true, exchange: "sts" }]])("the template fits with %j", (context) => {
  expect(JSON.stringify(templateWith({ ...context, listing: true }).toJSON()).length).toBeLessThan(1_000_000);
});

type Behavior = Readonly<Record<string, unknown>>;

function behaviorsOf(context: Record<string, unknown>): readonly Behavior[] {
  const { DistributionConfig } = only(templateWith(context), "AWS::CloudFront::Distribution").Properties;
  return Object(resolve(Object(DistributionConfig).CacheBehaviors ?? [], named));
}

/** What UpdateUserPoolClient would be sent. */
function updateOf(of: ReturnType<typeof templateWith>): unknown {
  return JSON.parse(String(resolve(only(of, "Custom::GatehouseClientUrls").Properties["Client"], named)));
}

function codeOf(of: ReturnType<typeof templateWith>, name: string): string {
  const { ZipFile } = Object(only(of, "AWS::Lambda::Function", name).Properties["Code"]);
  return String(resolve(ZipFile, named)).split(";\n")[0] ?? "";
}

/** The configuration that the function starts with, but for the keys that a deployment reads. */
function configOf(of: ReturnType<typeof templateWith>): unknown {
  const literal = codeOf(of, "ViewerRequest").replace("const GATEHOUSE_CONFIG=", "");
  return JSON.parse(literal.replace('"jwks":<DeploymentInputs.Jwks>', '"jwks":{}'));
}
