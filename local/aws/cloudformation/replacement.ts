// What a changed property means: an update in the resource's place, or another resource instead.

import type { JsonObject } from "./json.ts";

/** What an update does to a resource. */
export type Change = "none" | "update" | "replace";

/**
 * The properties whose change replaces the resource, "Update requires: Replacement" on the type's page, and
 * `createOnlyProperties` in its schema; every other change is made in place.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-updating-stacks-update-behaviors.html
 */
export const CREATE_ONLY: Readonly<Record<string, readonly string[]>> = {
  "AWS::CloudFront::CachePolicy": [],
  "AWS::CloudFront::Distribution": [],
  "AWS::CloudFront::Function": ["Name"],
  "AWS::CloudFront::KeyValueStore": ["Name"],
  "AWS::CloudFront::OriginAccessControl": [],
  "AWS::CloudFront::OriginRequestPolicy": [],
  "AWS::CloudFront::ResponseHeadersPolicy": [],
  "AWS::CloudWatch::Alarm": ["AlarmName"],
  "AWS::Cognito::IdentityPool": [],
  "AWS::Cognito::IdentityPoolPrincipalTag": ["IdentityPoolId", "IdentityProviderName"],
  "AWS::Cognito::IdentityPoolRoleAttachment": ["IdentityPoolId"],
  "AWS::Cognito::ManagedLoginBranding": ["ClientId", "UserPoolId"],
  "AWS::Cognito::UserPool": [],
  "AWS::Cognito::UserPoolClient": ["GenerateSecret", "UserPoolId"],
  "AWS::Cognito::UserPoolDomain": ["Domain", "UserPoolId"],
  "AWS::Cognito::UserPoolGroup": ["GroupName", "UserPoolId"],
  "AWS::Events::Rule": ["EventBusName", "Name"],
  "AWS::IAM::ManagedPolicy": ["Description", "ManagedPolicyName", "Path"],
  "AWS::IAM::Policy": [],
  "AWS::IAM::Role": ["Path", "RoleName"],
  "AWS::KMS::Key": [],
  "AWS::Lambda::Function": ["FunctionName", "PackageType", "TenancyConfig"],
  "AWS::Lambda::LayerVersion": [
    "CompatibleArchitectures",
    "CompatibleRuntimes",
    "Content",
    "Description",
    "LayerName",
    "LicenseInfo",
  ],
  "AWS::Lambda::Permission": [
    "Action",
    "EventSourceToken",
    "FunctionName",
    "FunctionUrlAuthType",
    "InvokedViaFunctionUrl",
    "Principal",
    "PrincipalOrgID",
    "SourceAccount",
    "SourceArn",
  ],
  "AWS::Lambda::Version": [
    "CodeSha256",
    "Description",
    "FunctionName",
    "ProvisionedConcurrencyConfig",
    "RuntimePolicy",
  ],
  "AWS::Logs::LogGroup": ["LogGroupName"],
  "AWS::Logs::MetricFilter": ["FilterName", "LogGroupName"],
  "AWS::S3::Bucket": ["BucketName", "BucketNamePrefix", "BucketNamespace", "ObjectLockEnabled"],
  "AWS::S3::BucketPolicy": ["Bucket"],
  "AWS::SNS::Topic": ["FifoTopic", "TopicName"],
  "AWS::SSM::Parameter": ["Name"],
  "AWS::SecretsManager::Secret": ["Name"],
};

/** Compares the properties of a resource with those that it is to have. */
export function changeOf(type: string, before: JsonObject, after: JsonObject): Change {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  const changed = [...names].filter((name) => canonical(before[name]) !== canonical(after[name]));
  if (changed.length === 0) return "none";
  return changed.some((name) => CREATE_ONLY[type]?.includes(name)) ? "replace" : "update";
}

/** Text that does not depend on the order of keys. */
function canonical(value: unknown): string {
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "";
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${canonical(item)}`).join(",")}}`;
}
