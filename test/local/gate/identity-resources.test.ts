import { describe, expect, test } from "vitest";
import type { DeployedResource } from "../../../local/aws/cloudformation/index.ts";
import { groupsOf, identityPoolOf } from "../../../local/gate/identity-resources.ts";

const PROVIDER = "cognito-idp.us-east-1.amazonaws.com/us-east-1_Example01:client";
const TOKEN = { Type: "Token", AmbiguousRoleResolution: "AuthenticatedRole" };
const RULE = { Claim: "department", MatchType: "Equals", Value: "press", RoleARN: "arn:role" };

const resource = (type: string, properties: object, ref = type): DeployedResource => ({
  type,
  ref,
  attributes: {},
  properties: { ...properties },
});

/** An identity pool of one client with these role mappings. */
function poolWith(mappings: unknown, ...more: DeployedResource[]) {
  const pool = {
    CognitoIdentityProviders: [{ ClientId: "client", ProviderName: "provider", ServerSideTokenCheck: true }],
  };
  const attachment = { Roles: { authenticated: "arn:authenticated" }, RoleMappings: mappings };
  const resources = [
    resource("AWS::Cognito::IdentityPool", pool, "us-east-1:pool"),
    resource("AWS::Cognito::IdentityPoolRoleAttachment", attachment),
    ...more,
  ];
  return new Map(resources.map((item, index) => [`R${index}`, item]));
}

describe("the identity pool", () => {
  test.each<[string, unknown, unknown]>([
    ["no mapping", undefined, {}],
    ["a mapping under its provider", { [PROVIDER]: TOKEN }, { [PROVIDER]: TOKEN }],
    [
      "a mapping that names its provider",
      { key: { ...TOKEN, IdentityProvider: PROVIDER } },
      { [PROVIDER]: TOKEN },
    ],
    [
      "rules",
      { [PROVIDER]: { Type: "Rules", RulesConfiguration: { Rules: [RULE] } } },
      { [PROVIDER]: { Type: "Rules", RulesConfiguration: { Rules: [RULE] } } },
    ],
  ])("%s", (_name, mappings, roleMappings) => {
    expect(identityPoolOf(poolWith(mappings), new Map())).toMatchObject({
      identityPoolId: "us-east-1:pool",
      clientIds: ["client"],
      serverSideTokenCheck: true,
      authenticatedRole: "arn:authenticated",
      roleMappings,
    });
  });

  test.each([
    ["another type", { Type: "Guess" }],
    ["another resolution", { ...TOKEN, AmbiguousRoleResolution: "Allow" }],
    [
      "a rule without a claim",
      { Type: "Rules", RulesConfiguration: { Rules: [{ ...RULE, Claim: undefined }] } },
    ],
  ])("refuses %s", (_name, mapping) => {
    expect(() => identityPoolOf(poolWith({ [PROVIDER]: mapping }), new Map())).toThrow();
  });

  test.each([
    ["its own", { PrincipalTags: { team: "custom:team" } }, { team: "custom:team" }],
    ["the defaults", { UseDefaults: true }, { username: "sub", client: "aud" }],
  ])("has principal tags: %s", (_name, properties, tags) => {
    const type = "AWS::Cognito::IdentityPoolPrincipalTag";
    const resources = poolWith({}, resource(type, { IdentityProviderName: "provider", ...properties }));
    expect(identityPoolOf(resources, new Map())?.principalTags).toEqual({ provider: tags });
  });

  test("may not be there", () => {
    expect(identityPoolOf(new Map(), new Map())).toBeUndefined();
  });
});

test("groups come with precedence and role where they have them", () => {
  const type = "AWS::Cognito::UserPoolGroup";
  const groups = [
    resource(type, { Precedence: "1", RoleArn: "arn:editors" }, "editors"),
    resource(type, {}, "readers"),
  ];
  expect(groupsOf(new Map(groups.map((group) => [group.ref, group])))).toEqual([
    { name: "editors", precedence: 1, roleArn: "arn:editors" },
    { name: "readers" },
  ]);
});
