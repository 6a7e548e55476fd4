// What creating a resource returns when no provider says otherwise: made-up but lasting ids in AWS's forms.

import { createHash } from "node:crypto";
import { type JsonObject, requireString } from "./json.ts";

/** The result of creating one resource. */
export interface Created {
  /** What `Ref` gives. */
  readonly ref: string;
  /** What `Fn::GetAtt` gives, by attribute name. */
  readonly attributes: JsonObject;
  /** Of a function's version: the properties of the function as they were published. */
  readonly published?: JsonObject;
}

/** Where the stack is deployed. */
export interface Account {
  readonly region: string;
  readonly accountId: string;
  readonly partition: string;
  readonly stackName: string;
}

interface Naming {
  readonly account: Account;
  readonly logicalId: string;
  readonly properties: JsonObject;
  /** `length` characters that depend on stack, logical id and generation only. */
  readonly id: (alphabet: string, length: number) => string;
  /** The named property, or a generated physical name that is no longer than the service takes. */
  readonly name: (property: string, maxLength?: number) => string;
  readonly arn: (service: string, resource: string, place?: "global" | "regional") => string;
}

const UPPER = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
const LOWER = "abcdefghijklmnopqrstuvwxyz0123456789";
const HEX = "0123456789abcdef";
/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html */
const MAX_ROLE_NAME = 64;

/**
 * The default result for a resource type; unknown types get a name and no attributes. Ids depend on the stack, the
 * logical id and how often a resource has been made under it.
 */
export function createDefault(
  type: string,
  logicalId: string,
  properties: JsonObject,
  account: Account,
  generation = 0,
): Created {
  const naming = namingOf(logicalId, properties, account, generation);
  const make = DEFAULTS[type];
  return make ? make(naming) : { ref: naming.name("Name"), attributes: {} };
}

function namingOf(logicalId: string, properties: JsonObject, account: Account, generation: number): Naming {
  const again = generation === 0 ? "" : `/${generation}`;
  const digest = createHash("sha256").update(`${account.stackName}/${logicalId}${again}`).digest();
  const id = (alphabet: string, length: number) =>
    Array.from({ length }, (_, i) => alphabet[(digest[i % digest.length] ?? 0) % alphabet.length]).join("");
  return {
    account,
    logicalId,
    properties,
    id,
    name: (property, maxLength = Number.POSITIVE_INFINITY) => {
      const given = properties[property];
      if (given !== undefined) return requireString(given, property);
      const end = `-${id(UPPER, 12)}`;
      return `${account.stackName}-${logicalId}`.slice(0, maxLength - end.length) + end;
    },
    arn: (service, resource, place = "regional") => {
      const region = place === "regional" ? account.region : "";
      return `arn:${account.partition}:${service}:${region}:${account.accountId}:${resource}`;
    },
  };
}

const policyId = ({ id }: Naming): Created => {
  const ref = [8, 4, 4, 4, 12].map((length) => id(HEX, length)).join("-");
  return { ref, attributes: { Id: ref, LastModifiedTime: "2026-01-01T00:00:00Z" } };
};

const DEFAULTS: Readonly<Record<string, (naming: Naming) => Created>> = {
  "AWS::IAM::Role": ({ name, arn, id }) => {
    const ref = name("RoleName", MAX_ROLE_NAME);
    return { ref, attributes: { Arn: arn("iam", `role/${ref}`, "global"), RoleId: `AROA${id(UPPER, 17)}` } };
  },
  "AWS::IAM::ManagedPolicy": ({ name, arn }) => {
    const ref = arn("iam", `policy/${name("ManagedPolicyName")}`, "global");
    return { ref, attributes: { PolicyArn: ref } };
  },
  "AWS::S3::Bucket": ({ properties, account, logicalId, id }) => {
    const made = `${account.stackName}-${logicalId}-${id(LOWER, 12)}`
      .toLowerCase()
      .slice(-63)
      .replace(/^-+/, "");
    const ref =
      properties["BucketName"] === undefined ? made : requireString(properties["BucketName"], "BucketName");
    return {
      ref,
      attributes: {
        Arn: `arn:${account.partition}:s3:::${ref}`,
        DomainName: `${ref}.s3.amazonaws.com`,
        RegionalDomainName: `${ref}.s3.${account.region}.amazonaws.com`,
        DualStackDomainName: `${ref}.s3.dualstack.${account.region}.amazonaws.com`,
      },
    };
  },
  "AWS::Lambda::Function": ({ name, arn }) => {
    const ref = name("FunctionName");
    return { ref, attributes: { Arn: arn("lambda", `function:${ref}`) } };
  },
  // Its number comes from what has been published of the function.
  "AWS::Lambda::Version": ({ properties, arn }) => {
    const name = requireString(properties["FunctionName"], "FunctionName");
    return { ref: name.startsWith("arn:") ? name : arn("lambda", `function:${name}`), attributes: {} };
  },
  "AWS::Logs::LogGroup": ({ name, arn }) => {
    const ref = name("LogGroupName");
    return { ref, attributes: { Arn: arn("logs", `log-group:${ref}:*`) } };
  },
  "AWS::CloudFront::Distribution": ({ id }) => {
    const ref = `E${id(UPPER, 13)}`;
    return { ref, attributes: { Id: ref, DomainName: `d${id(LOWER, 13)}.cloudfront.net` } };
  },
  "AWS::CloudFront::CachePolicy": policyId,
  "AWS::CloudFront::OriginRequestPolicy": policyId,
  "AWS::CloudFront::ResponseHeadersPolicy": policyId,
  "AWS::CloudFront::Function": ({ name, arn }) => {
    const ref = arn("cloudfront", `function/${name("Name")}`, "global");
    return { ref, attributes: { FunctionARN: ref, FunctionMetadata: { FunctionARN: ref }, Stage: "LIVE" } };
  },
  "AWS::CloudFront::KeyValueStore": (naming) => {
    const ref = naming.name("Name");
    const id = [8, 4, 4, 4, 12].map((length) => naming.id(HEX, length)).join("-");
    const arn = naming.arn("cloudfront", `key-value-store/${id}`, "global");
    return { ref, attributes: { Arn: arn, Id: id, Status: "READY" } };
  },
  "AWS::CloudFront::OriginAccessControl": ({ id }) => {
    const ref = `E${id(UPPER, 13)}`;
    return { ref, attributes: { Id: ref } };
  },
  "AWS::Cognito::UserPool": ({ account, id, arn }) => {
    const ref = `${account.region}_${id(UPPER, 9)}`;
    const provider = `cognito-idp.${account.region}.amazonaws.com/${ref}`;
    return {
      ref,
      attributes: {
        Arn: arn("cognito-idp", `userpool/${ref}`),
        ProviderName: provider,
        ProviderURL: `https://${provider}`,
        UserPoolId: ref,
      },
    };
  },
  "AWS::Cognito::UserPoolClient": ({ id, name }) => {
    const ref = id(LOWER, 26);
    return { ref, attributes: { ClientId: ref, ClientSecret: id(LOWER, 51), Name: name("ClientName") } };
  },
  "AWS::Cognito::UserPoolDomain": ({ name }) => {
    const ref = name("Domain");
    return { ref, attributes: { Id: ref, CloudFrontDistribution: "d111111abcdef8.cloudfront.net" } };
  },
  "AWS::Cognito::UserPoolGroup": ({ name }) => ({ ref: name("GroupName"), attributes: {} }),
  "AWS::Cognito::IdentityPool": ({ account, id, name }) => {
    const ref = `${account.region}:${[8, 4, 4, 4, 12].map((length) => id(HEX, length)).join("-")}`;
    return { ref, attributes: { Id: ref, Name: name("IdentityPoolName") } };
  },
  "AWS::SecretsManager::Secret": ({ name, arn, id }) => {
    const ref = arn("secretsmanager", `secret:${name("Name")}-${id(LOWER, 6)}`);
    return { ref, attributes: { Id: ref } };
  },
  "AWS::KMS::Key": ({ id, arn }) => {
    const ref = [8, 4, 4, 4, 12].map((length) => id(HEX, length)).join("-");
    return { ref, attributes: { KeyId: ref, Arn: arn("kms", `key/${ref}`) } };
  },
  "AWS::SSM::Parameter": ({ name, properties }) => ({
    ref: name("Name"),
    attributes: { Value: properties["Value"], Type: properties["Type"] },
  }),
  "AWS::Events::Rule": ({ name, arn }) => {
    const ref = name("Name");
    return { ref, attributes: { Arn: arn("events", `rule/${ref}`) } };
  },
  "AWS::CloudWatch::Alarm": ({ name, arn }) => {
    const ref = name("AlarmName");
    return { ref, attributes: { Arn: arn("cloudwatch", `alarm:${ref}`) } };
  },
  "AWS::SNS::Topic": ({ name, arn }) => {
    const topic = name("TopicName");
    const ref = arn("sns", topic);
    return { ref, attributes: { TopicArn: ref, TopicName: topic } };
  },
};
