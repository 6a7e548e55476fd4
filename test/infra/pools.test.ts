// Several user pools in the template: whom the identity pool takes, whose keys are baked in, which groups are whose.
import { UserPool, UserPoolClient } from "aws-cdk-lib/aws-cognito";
import { describe, expect, test } from "vitest";
import { deploy } from "../../infra/deployment/handler.ts";
import { cycleIn } from "./cycle.ts";
import { serve } from "./loopback.ts";
import { gateIn, json, lockWith, MODULUS, only, resolve, templateWith } from "./synth.ts";

const SUB = { id: "eu-west-1_SubPool1", clientIds: ["3subclient3", "4subclient4"] };
const ASIA = { id: "ap-south-1_SubPool1", clientIds: ["5asiaclient5"] };
const SUB_NAME = "cognito-idp.eu-west-1.amazonaws.com/eu-west-1_SubPool1";
const ASIA_NAME = "cognito-idp.ap-south-1.amazonaws.com/ap-south-1_SubPool1";
const AREAS = [
  { path: "/team/*", groups: ["editors"] },
  { path: "/sub/*", groups: [`${SUB.id}/editors`] },
  { path: "/me/*", owner: "users/{sub}/" },
  { path: "/*" },
];
const template = lockWith({ furtherUserPools: JSON.stringify([SUB, ASIA]), areas: AREAS });
const { Resources } = json(template);
const ofType = (type: string) => Object.entries(Resources).filter(([, it]) => it.Type === type);

describe("the identity pool", () => {
  test("takes each pool's clients, by the name of its own region, and asks the pool about each token", () => {
    const provider = { ServerSideTokenCheck: true };
    expect(only(template, "AWS::Cognito::IdentityPool").Properties["CognitoIdentityProviders"]).toEqual([
      { ...provider, ClientId: { Ref: expect.any(String) }, ProviderName: expect.any(Object) },
      { ...provider, ClientId: "3subclient3", ProviderName: SUB_NAME },
      { ...provider, ClientId: "4subclient4", ProviderName: SUB_NAME },
      { ...provider, ClientId: "5asiaclient5", ProviderName: ASIA_NAME },
    ]);
  });

  test("takes roles from tokens of the pools that have groups here, and of no other", () => {
    const { RoleMappings } = only(template, "AWS::Cognito::IdentityPoolRoleAttachment").Properties;
    const mapping = { Type: "Token", AmbiguousRoleResolution: "AuthenticatedRole" };
    expect(RoleMappings).toEqual({
      client0: { ...mapping, IdentityProvider: expect.any(Object) },
      pool0client0: { ...mapping, IdentityProvider: `${SUB_NAME}:3subclient3` },
      pool0client1: { ...mapping, IdentityProvider: `${SUB_NAME}:4subclient4` },
    });
  });

  test("puts what folders are named after on sessions of the first pool alone", () => {
    const tags = ofType("AWS::Cognito::IdentityPoolPrincipalTag").map(([, { Properties }]) => Properties);
    expect(tags).toEqual([
      expect.objectContaining({
        IdentityProviderName: { "Fn::GetAtt": [expect.any(String), "ProviderName"] },
      }),
    ]);
  });
});

test("a further pool's group is none of the pool that is made, and has a role", () => {
  const names = ofType("AWS::Cognito::UserPoolGroup").map(([, { Properties }]) => Properties["GroupName"]);
  expect(names).toEqual(["editors"]);
  const roles = ofType("AWS::IAM::Role").map(([id]) => id);
  expect(roles.filter((id) => id.includes("GroupRole"))).toHaveLength(2);
});

test("with STS there is nothing of them but the configuration and the keys", () => {
  const sts = lockWith({ furtherUserPools: [SUB], areas: AREAS, exchange: "sts" });
  const text = JSON.stringify(json(sts));
  expect(text).not.toContain("AWS::Cognito::IdentityPool");
  expect(text).toContain("3subclient3");
});

test("each pool's keys are read while deploying, and stand in its own place in every function's code", () => {
  const inputs = ofType("Custom::GatehouseDeployment");
  expect(inputs.map(([, { Properties }]) => Properties["UserPool"])).toEqual([
    '{"id":"eu-west-1_SubPool1"}',
    '{"id":"ap-south-1_SubPool1"}',
    undefined,
  ]);
  const further = inputs.slice(0, 2).map(([id]) => id);
  expect(inputs[2]?.[1].Properties["FurtherKeys"]).toEqual(
    further.map((id) => ({ "Fn::GetAtt": [id, "ContentId"] })),
  );
  for (const name of ["ViewerRequest", "OriginResponse"]) {
    const { ZipFile } = Object(only(template, "AWS::Lambda::Function", name).Properties["Code"]);
    const code = String(resolve(ZipFile, (reference) => JSON.stringify(reference)));
    for (const [index, { id }] of [SUB, ASIA].entries())
      expect(code).toMatch(
        RegExp(`"id":"${id}","clientIds":\\[[^\\]]*\\],"jwks":"${further[index]}\\.Jwks"`),
      );
  }
});

test("no resource depends on itself by any way round", () => {
  expect(cycleIn(json(template))).toBeUndefined();
});

test("without further pools one resource reads keys, and knows of no other", () => {
  const { Properties } = only(lockWith(), "Custom::GatehouseDeployment");
  expect(Object.keys(Properties).sort()).toEqual([
    "Code",
    "Config",
    "DeploymentId",
    "ServiceTimeout",
    "ServiceToken",
  ]);
});

test("pools that are made in the same stack are named by references", () => {
  const { template: made } = gateIn("us-east-1", (stack) => {
    const userPool = new UserPool(stack, "SubPool");
    const client = new UserPoolClient(stack, "SubClient", { userPool });
    return { furtherUserPools: [{ userPool, userPoolClients: [client] }] };
  });
  const providers = only(made(), "AWS::Cognito::IdentityPool").Properties["CognitoIdentityProviders"];
  expect(providers).toContainEqual({
    ClientId: { Ref: expect.stringContaining("SubClient") },
    ProviderName: { "Fn::GetAtt": [expect.stringContaining("SubPool"), "ProviderName"] },
    ServerSideTokenCheck: true,
  });
});

describe("refused, in the words of whoever wrote it", () => {
  test("in the app", () => {
    const furtherUserPools = [{ ...SUB, clientIds: [] }];
    expect(() => templateWith({ furtherUserPools })).toThrow(
      "furtherUserPools[0].clientIds: expected a list",
    );
  });

  test("as props", () => {
    const props = () =>
      gateIn("us-east-1", (stack) => ({
        furtherUserPools: [
          {
            userPool: UserPool.fromUserPoolId(stack, "Pool", SUB.id),
            userPoolClients: ["one", "one"]
              .slice(0, 0)
              .map((id) => UserPoolClient.fromUserPoolClientId(stack, id, id)),
          },
        ],
      }));
    expect(props).toThrow("furtherUserPools[0].clientIds: expected a list of at least 1");
  });
});

describe("the custom resource", () => {
  const KEY = { alg: "RS256", e: "AQAB", kid: "k1", kty: "RSA", n: MODULUS, use: "sig" };
  const LIMITS = { timeoutMs: 300, pausesMs: [1] };
  const config = (jwksUri: string) =>
    JSON.stringify({
      userPool: { id: "us-east-1_AbCdEfGhI", clientIds: ["client1"] },
      identityPool: { id: "us-east-1:00000000-0000-4000-8000-000000000000" },
      origin: { bucket: "assets", region: "us-east-1" },
      endpoints: { jwksUri },
    });

  async function run(properties: object): Promise<Record<string, unknown>> {
    const cloudFormation = await serve({});
    const common = { StackId: "stack", RequestId: "request-1", LogicalResourceId: "Inputs" };
    const event = { RequestType: "Create", ResponseURL: cloudFormation.url, ...common };
    await deploy(
      { ...event, ResourceProperties: { ServiceToken: "arn", DeploymentId: "1", ...properties } },
      LIMITS,
    );
    return JSON.parse(String(cloudFormation.received[0]?.body));
  }
  const contentId = (answer: Record<string, unknown>) => String(Object(answer["Data"]).ContentId);

  test("reads a further pool's keys and names them", async () => {
    const keySet = await serve({ body: JSON.stringify({ keys: [KEY] }) });
    const answer = await run({ UserPool: JSON.stringify({ id: SUB.id, jwksUri: keySet.url }) });
    expect(answer).toMatchObject({
      Status: "SUCCESS",
      Data: { Jwks: expect.stringContaining('"kid":"k1"') },
    });
    expect(contentId(answer)).toMatch(/^[0-9a-f]{64}-[0-9a-f]{16}$/);
  });

  test.each([
    ["{", "The property UserPool is not JSON."],
    ["{}", "The property UserPool has no id."],
  ])("%s fails the deployment", async (UserPool, reason) => {
    expect(await run({ UserPool })).toMatchObject({
      Status: "FAILED",
      Reason: expect.stringContaining(reason),
    });
  });

  test("other keys of a further pool are another content, and so another version of every function", async () => {
    const keySet = await serve({ body: JSON.stringify({ keys: [KEY] }) });
    const main = { Config: config(keySet.url), Code: "code" };
    const ids = [];
    for (const FurtherKeys of [undefined, ["a"], ["b"], ["a", "b"]])
      ids.push(contentId(await run({ ...main, ...(FurtherKeys && { FurtherKeys }) })));
    expect(new Set(ids).size).toBe(4);
  });
});
