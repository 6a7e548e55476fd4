// Reads out of a deployed template what the servers behind CloudFront need to know.
import type { DeployedResource, Stack } from "./cloudformation/index.ts";
import { type JsonObject, requireArray, requireObject, requireString } from "./cloudformation/json.ts";
import type { IdentityPoolResources } from "./cognito/identity-pool.ts";
import { parseRoles, type Role, type RoleDocument } from "./iam/role.ts";

type Resources = Stack["resources"];

/** The stack's only resource of a type; throws when there is none. */
export function only(resources: Resources, type: string): DeployedResource {
  const [resource, ...others] = ofType(resources, type);
  if (!resource || others.length > 0)
    throw new Error(`the template has ${others.length + (resource ? 1 : 0)} ${type}`);
  return resource;
}

/** Properties of all resources of a type, by what `Ref` gives. */
export function propertiesByRef(resources: Resources, type: string): Record<string, JsonObject> {
  return Object.fromEntries(ofType(resources, type).map(({ ref, properties }) => [ref, properties]));
}

/** Every role by ARN, with its own policies and those attached to it by name. */
export function rolesOf(resources: Resources): ReadonlyMap<string, Role> {
  const documents = ofType(resources, "AWS::IAM::Role").map((role): [string, RoleDocument] => [
    requireString(role.attributes["Arn"], "Arn"),
    {
      trust: role.properties["AssumeRolePolicyDocument"],
      policies: [...inlinePolicies(role.properties), ...attachedPolicies(resources, role.ref)],
    },
  ]);
  return parseRoles(new Map(documents));
}

function inlinePolicies(role: JsonObject): readonly unknown[] {
  return list(role["Policies"]).map((policy) => requireObject(policy, "Policies")["PolicyDocument"]);
}

function attachedPolicies(resources: Resources, roleName: string): readonly unknown[] {
  return ofType(resources, "AWS::IAM::Policy")
    .filter(({ properties }) => list(properties["Roles"]).includes(roleName))
    .map(({ properties }) => properties["PolicyDocument"]);
}

/** The identity pool as the template describes it. */
export function identityPoolOf(resources: Resources): IdentityPoolResources {
  const pool = only(resources, "AWS::Cognito::IdentityPool");
  const providers = list(pool.properties["CognitoIdentityProviders"]).map((item) =>
    requireObject(item, "provider"),
  );
  const attachment = only(resources, "AWS::Cognito::IdentityPoolRoleAttachment").properties;
  const roles = requireObject(attachment["Roles"], "Roles");
  return {
    identityPoolId: pool.ref,
    clientIds: providers.map((provider) => requireString(provider["ClientId"], "ClientId")),
    serverSideTokenCheck: providers.every((provider) => provider["ServerSideTokenCheck"] === true),
    authenticatedRole: requireString(roles["authenticated"], "Roles.authenticated"),
    roles: rolesOf(resources),
  };
}

/** The policy document of the bucket; undefined when the template has none. */
export function bucketPolicyOf(resources: Resources): unknown {
  return ofType(resources, "AWS::S3::BucketPolicy")[0]?.properties["PolicyDocument"];
}

/** Which bucket the distribution reads, out of its origin's regional domain name. */
export function bucketOrigin(distributionConfig: unknown): {
  readonly bucket: string;
  readonly region: string;
} {
  const origins = list(requireObject(distributionConfig, "DistributionConfig")["Origins"]);
  const domainName = requireString(requireObject(origins[0], "Origin")["DomainName"], "DomainName");
  const [, bucket, region] = /^(.+)\.s3\.([\w-]+)\.amazonaws\.com$/.exec(domainName) ?? [];
  if (!bucket || !region) throw new Error(`${domainName} is no regional S3 domain name`);
  return { bucket, region };
}

/** ARNs of all functions that the distribution's behaviours run. */
export function edgeFunctionArns(distributionConfig: unknown): readonly string[] {
  const config = requireObject(distributionConfig, "DistributionConfig");
  const behaviors = [config["DefaultCacheBehavior"], ...list(config["CacheBehaviors"])];
  const associations = behaviors.flatMap((behavior) =>
    list(requireObject(behavior, "CacheBehavior")["LambdaFunctionAssociations"]),
  );
  const arns = associations.map((item) =>
    requireString(requireObject(item, "LambdaFunctionAssociation")["LambdaFunctionARN"], "LambdaFunctionARN"),
  );
  return [...new Set(arns)];
}

function ofType(resources: Resources, type: string): DeployedResource[] {
  return [...resources.values()].filter((resource) => resource.type === type);
}

function list(value: unknown): readonly unknown[] {
  return value === undefined ? [] : requireArray(value, "list");
}
