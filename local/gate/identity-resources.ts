// Reads out of a deployed template who may sign in as what: the identity pool, its roles, the user pool's groups.

import { type JsonObject, objectOf, requireObject, requireString } from "../aws/cloudformation/json.ts";
import type { IdentityPoolResources } from "../aws/cognito/identity-pool.ts";
import type { MappingRule, RoleMapping } from "../aws/cognito/role-mapping.ts";
import type { Group } from "../aws/cognito/users.ts";
import type { Role } from "../aws/iam/role.ts";
import { list, ofType, only, type Resources } from "./resources.ts";

/** The identity pool as the template describes it; undefined when the template has none. */
export function identityPoolOf(
  resources: Resources,
  roles: ReadonlyMap<string, Role>,
): IdentityPoolResources | undefined {
  const [pool] = ofType(resources, "AWS::Cognito::IdentityPool");
  if (!pool) return undefined;
  const providers = list(pool.properties["CognitoIdentityProviders"]).map((item) =>
    requireObject(item, "provider"),
  );
  const attachment = only(resources, "AWS::Cognito::IdentityPoolRoleAttachment").properties;
  const attached = requireObject(attachment["Roles"], "Roles");
  return {
    identityPoolId: pool.ref,
    clientIds: providers.map((provider) => requireString(provider["ClientId"], "ClientId")),
    serverSideTokenCheck: providers.every((provider) => provider["ServerSideTokenCheck"] === true),
    authenticatedRole: requireString(attached["authenticated"], "Roles.authenticated"),
    roleMappings: roleMappingsOf(attachment["RoleMappings"]),
    principalTags: principalTagsOf(resources),
    roles,
  };
}

/** The user pool's groups, each with the role of its members. */
export function groupsOf(resources: Resources): readonly Group[] {
  return ofType(resources, "AWS::Cognito::UserPoolGroup").map(({ ref, properties }) => {
    const { Precedence: precedence, RoleArn: roleArn } = properties;
    return {
      name: ref,
      ...(precedence !== undefined && { precedence: Number(precedence) }),
      ...(roleArn !== undefined && { roleArn: requireString(roleArn, "RoleArn") }),
    };
  });
}

/** A mapping is for the provider that it names, or else for the one that is its key. */
function roleMappingsOf(value: unknown): Readonly<Record<string, RoleMapping>> {
  const mappings = Object.entries(objectOf(value) ?? {}).map(([key, item]): [string, RoleMapping] => {
    const mapping = requireObject(item, `RoleMappings.${key}`);
    const provider = mapping["IdentityProvider"];
    return [provider === undefined ? key : requireString(provider, "IdentityProvider"), mappingOf(mapping)];
  });
  return Object.fromEntries(mappings);
}

function mappingOf(mapping: JsonObject): RoleMapping {
  const rules = objectOf(mapping["RulesConfiguration"])?.["Rules"];
  const resolution = mapping["AmbiguousRoleResolution"];
  return {
    Type: oneOf(mapping["Type"], ["Token", "Rules"]),
    ...(resolution !== undefined && {
      AmbiguousRoleResolution: oneOf(resolution, ["AuthenticatedRole", "Deny"]),
    }),
    ...(rules !== undefined && { RulesConfiguration: { Rules: list(rules).map(ruleOf) } }),
  };
}

function ruleOf(value: unknown): MappingRule {
  const rule = requireObject(value, "Rule");
  return {
    Claim: requireString(rule["Claim"], "Claim"),
    MatchType: oneOf(rule["MatchType"], ["Contains", "Equals", "NotEqual", "StartsWith"]),
    Value: requireString(rule["Value"], "Value"),
    RoleARN: requireString(rule["RoleARN"], "RoleARN"),
  };
}

/** Tags by provider; the service's defaults are `username` for `sub` and `client` for `aud`. */
function principalTagsOf(resources: Resources): IdentityPoolResources["principalTags"] {
  const tags = ofType(resources, "AWS::Cognito::IdentityPoolPrincipalTag").map(({ properties }) => {
    const own = Object.entries(objectOf(properties["PrincipalTags"]) ?? {});
    const mapping =
      properties["UseDefaults"] === true
        ? { username: "sub", client: "aud" }
        : Object.fromEntries(own.map(([tag, claim]) => [tag, requireString(claim, tag)]));
    return [requireString(properties["IdentityProviderName"], "IdentityProviderName"), mapping];
  });
  return Object.fromEntries(tags);
}

function oneOf<const Word extends string>(value: unknown, words: readonly Word[]): Word {
  const found = words.find((word) => word === value);
  if (found === undefined) throw new Error(`${value}: expected ${words.join(" or ")}`);
  return found;
}
