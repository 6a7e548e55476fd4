// Reads out of a deployed template what the servers behind CloudFront need to know.
import type { DeployedResource, Stack } from "../aws/cloudformation/index.ts";
import { type JsonObject, requireArray, requireObject, requireString } from "../aws/cloudformation/json.ts";
import type { RoleDocument } from "../aws/iam/role.ts";
import { type CorsRule, corsRulesOf } from "../aws/s3/cors.ts";

/** What a deployment made, by logical id. */
export type Resources = Stack["resources"];

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
export function roleDocumentsOf(resources: Resources): ReadonlyMap<string, RoleDocument> {
  return new Map(
    ofType(resources, "AWS::IAM::Role").map((role) => [
      requireString(role.attributes["Arn"], "Arn"),
      {
        trust: role.properties["AssumeRolePolicyDocument"],
        policies: [
          ...inlinePolicies(role.properties),
          ...attachedPolicies(resources, role.ref),
          ...managedPolicies(resources, role),
        ],
      },
    ]),
  );
}

/** The role that a function of the stack runs as; `functionArn` may name a version. */
export function functionRoleOf(resources: Resources, functionArn: string): string {
  const unqualified = functionArn.split(":").slice(0, 7).join(":");
  const found = ofType(resources, "AWS::Lambda::Function").find(
    ({ attributes }) => attributes["Arn"] === unqualified,
  );
  return requireString(found?.properties["Role"], `Role of ${functionArn}`);
}

function inlinePolicies(role: JsonObject): readonly unknown[] {
  return list(role["Policies"]).map((policy) => requireObject(policy, "Policies")["PolicyDocument"]);
}

function attachedPolicies(resources: Resources, roleName: string): readonly unknown[] {
  return ofType(resources, "AWS::IAM::Policy")
    .filter(({ properties }) => list(properties["Roles"]).includes(roleName))
    .map(({ properties }) => properties["PolicyDocument"]);
}

/** Those that the role names, and those that name the role; AWS's own have no document in the template. */
function managedPolicies(resources: Resources, role: DeployedResource): readonly unknown[] {
  const named = list(role.properties["ManagedPolicyArns"]);
  return ofType(resources, "AWS::IAM::ManagedPolicy")
    .filter(({ ref, properties }) => named.includes(ref) || list(properties["Roles"]).includes(role.ref))
    .map(({ properties }) => properties["PolicyDocument"]);
}

/** The policy document of the bucket; undefined when the template has none. */
export function bucketPolicyOf(resources: Resources): unknown {
  return ofType(resources, "AWS::S3::BucketPolicy")[0]?.properties["PolicyDocument"];
}

/** What the bucket tells browsers that store files in it. */
export function bucketCorsOf(resources: Resources): readonly CorsRule[] {
  return corsRulesOf(ofType(resources, "AWS::S3::Bucket")[0]?.properties["CorsConfiguration"]);
}

/** Which bucket the distribution reads, out of its origins' regional domain name. */
export function bucketOrigin(distributionConfig: unknown): {
  readonly bucket: string;
  readonly region: string;
  readonly domainName: string;
} {
  const origins = list(requireObject(distributionConfig, "DistributionConfig")["Origins"]).filter(
    (item) => requireObject(item, "Origin")["CustomOriginConfig"] === undefined,
  );
  const names = origins.map((item) =>
    requireString(requireObject(item, "Origin")["DomainName"], "DomainName"),
  );
  const [domainName = "", ...others] = new Set(names);
  if (others.length > 0) throw new Error(`${names.join(", ")}: one bucket is served, not several`);
  const [, bucket, region] = /^(.+)\.s3\.([\w-]+)\.amazonaws\.com$/.exec(domainName) ?? [];
  if (!bucket || !region) throw new Error(`${domainName} is no regional S3 domain name`);
  return { bucket, region, domainName };
}

/** All behaviours, the default one first. */
export function cacheBehaviors(distributionConfig: unknown): readonly JsonObject[] {
  const config = requireObject(distributionConfig, "DistributionConfig");
  const behaviors = [config["DefaultCacheBehavior"], ...list(config["CacheBehaviors"])];
  return behaviors.map((behavior) => requireObject(behavior, "CacheBehavior"));
}

/** ARNs of all functions that the distribution's behaviours run. */
export function edgeFunctionArns(distributionConfig: unknown): readonly string[] {
  const associations = cacheBehaviors(distributionConfig).flatMap((behavior) =>
    list(behavior["LambdaFunctionAssociations"]),
  );
  const arns = associations.map((item) =>
    requireString(requireObject(item, "LambdaFunctionAssociation")["LambdaFunctionARN"], "LambdaFunctionARN"),
  );
  return [...new Set(arns)];
}

/** All resources of a type. */
export function ofType(resources: Resources, type: string): readonly DeployedResource[] {
  return [...resources.values()].filter((resource) => resource.type === type);
}

/** A list that may be left out. */
export function list(value: unknown): readonly unknown[] {
  return value === undefined ? [] : requireArray(value, "list");
}
