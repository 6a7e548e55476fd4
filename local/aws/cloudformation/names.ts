// Names that an account can give once: a second resource of that name is refused.

import { AwsError } from "./aws-error.ts";
import { type JsonObject, objectOf } from "./json.ts";

/** Where the name stands, for types whose names are unique in an account or, for domains and buckets, anywhere. */
const NAMES: Readonly<Record<string, readonly string[]>> = {
  "AWS::CloudFront::CachePolicy": ["CachePolicyConfig", "Name"],
  "AWS::CloudFront::Function": ["Name"],
  "AWS::CloudFront::KeyValueStore": ["Name"],
  "AWS::CloudFront::OriginAccessControl": ["OriginAccessControlConfig", "Name"],
  "AWS::CloudFront::OriginRequestPolicy": ["OriginRequestPolicyConfig", "Name"],
  "AWS::CloudFront::ResponseHeadersPolicy": ["ResponseHeadersPolicyConfig", "Name"],
  "AWS::CloudWatch::Alarm": ["AlarmName"],
  "AWS::Cognito::UserPoolDomain": ["Domain"],
  "AWS::IAM::ManagedPolicy": ["ManagedPolicyName"],
  "AWS::IAM::Role": ["RoleName"],
  "AWS::Lambda::Function": ["FunctionName"],
  "AWS::Logs::LogGroup": ["LogGroupName"],
  "AWS::S3::Bucket": ["BucketName"],
  "AWS::SNS::Topic": ["TopicName"],
  "AWS::SSM::Parameter": ["Name"],
  "AWS::SecretsManager::Secret": ["Name"],
};

/** Outlives every stack; its state is the names in use. */
export class Names {
  readonly #taken = new Set<string>();

  /** @throws AwsError AlreadyExists, unless the name is free or already the resource's own. */
  check(type: string, properties: JsonObject, own: JsonObject = {}): void {
    const name = nameOf(type, properties);
    if (name === undefined || name === nameOf(type, own) || !this.#taken.has(`${type} ${name}`)) return;
    throw new AwsError(
      "AlreadyExists",
      `Resource of type '${type}' with identifier '${name}' already exists.`,
    );
  }

  take(type: string, properties: JsonObject): void {
    const name = nameOf(type, properties);
    if (name !== undefined) this.#taken.add(`${type} ${name}`);
  }

  release(type: string, properties: JsonObject): void {
    this.#taken.delete(`${type} ${nameOf(type, properties)}`);
  }
}

function nameOf(type: string, properties: JsonObject): string | undefined {
  const place = NAMES[type];
  const name = place?.reduce<unknown>((value, key) => objectOf(value)?.[key], properties);
  return typeof name === "string" ? name : undefined;
}
