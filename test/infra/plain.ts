// Makes templates comparable that name their resources differently: references become what they refer to.
import type { ResourceJson, TemplateJson } from "./synth.ts";

const BUCKET = "gatehouse-example-assets";

/** What parameters of the page and the bucket of the app are taken to be. */
const KNOWN: Readonly<Record<string, string>> = {
  Bucket: BUCKET,
  BucketRegion: "us-east-1",
  Host: "assets.example.com",
  CertificateArn: "arn:aws:acm:us-east-1:123456789012:certificate/abc",
  "AWS::S3::Bucket": BUCKET,
  "AWS::S3::Bucket.Arn": `arn:aws:s3:::${BUCKET}`,
  "AWS::S3::Bucket.RegionalDomainName": `${BUCKET}.s3.us-east-1.amazonaws.com`,
};

/** Names and remarks, which may differ, and what CDK says although it is Cognito's default. */
const FREE =
  /^(Name|BucketName|Comment|Description|EmailVerification(Message|Subject)|SmsVerificationMessage)$/;

/** The value with every intrinsic function worked out. */
export function plain(template: TemplateJson, value: unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => plain(template, item));
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value);
  const [[name, argument] = ["", undefined]] = entries;
  if (name === "Ref") return named(template, String(argument));
  if (name === "Fn::GetAtt") return named(template, [argument].flat().join("."));
  if (name === "Fn::Sub") return substituted(template, String(argument));
  if (name === "Fn::Join" && Array.isArray(argument))
    return list(plain(template, argument[1])).join(argument[0]);
  const worked = entries.map(([key, item]) => [key, plain(template, item)] as const);
  return Object.fromEntries(
    worked.filter(
      ([key, item]) =>
        item !== undefined &&
        key !== "VerificationMessageTemplate" &&
        !(FREE.test(key) && typeof item === "string"),
    ),
  );
}

/** All resources of a type, in the order of what is in them. */
export function resourcesOf(template: TemplateJson, type: string): readonly unknown[] {
  return Object.values(template.Resources)
    .filter(({ Type }) => Type === type)
    .map(({ Properties }) => withOrigins(plain(template, Properties)))
    .sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
}

/** What becomes of the resources of a type when they are left out. */
export function keptOf(template: TemplateJson, type: string): readonly unknown[] {
  return Object.values(template.Resources)
    .filter(({ Type }) => Type === type)
    .map(({ DeletionPolicy, UpdateReplacePolicy }) => ({ DeletionPolicy, UpdateReplacePolicy }));
}

/** A policy's rights one by one: how they are put together in statements does not matter. */
export function rightsIn(document: unknown): readonly string[] {
  return list(Object(document)["Statement"])
    .flatMap((statement) => {
      const { Effect, Action, Resource, NotResource, Condition } = Object(statement);
      const where = NotResource ? ["not", NotResource] : ["on", Resource];
      return [Action]
        .flat()
        .flatMap((action) =>
          [where[1]]
            .flat()
            .map((resource) => JSON.stringify([Effect, action, where[0], resource, Condition ?? null])),
        );
    })
    .sort();
}

/** Every text and number in a value. */
export function valuesIn(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.flatMap(valuesIn);
  if (typeof value === "object" && value !== null) return Object.values(value).flatMap(valuesIn);
  return typeof value === "boolean" || value === "" ? [] : [String(value)];
}

/** A list, or none. */
export function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function substituted(template: TemplateJson, text: string): string {
  return text.replace(/\$\{(!?)([^}]+)\}/g, (_, literal: string, name: string) =>
    literal ? `\${${name}}` : named(template, name),
  );
}

/** A reference by the type of the resource; functions at the edge are told apart by what they run. */
function named(template: TemplateJson, reference: string): string {
  const [id = "", attribute] = reference.split(".");
  const resource = template.Resources[id];
  if (!resource) return KNOWN[reference] ?? `<${reference}>`;
  const text = `${resource.Type}${handlerOf(template, resource)}${attribute ? `.${attribute}` : ""}`;
  return KNOWN[text] ?? `<${text}>`;
}

function handlerOf(template: TemplateJson, { Properties }: ResourceJson): string {
  const { FunctionName, Handler } = Object(Properties);
  const { Handler: ofVersion } = Object(template.Resources[FunctionName?.Ref]?.Properties);
  return Handler || ofVersion ? ` ${Handler ?? ofVersion}` : "";
}

/** Origins are called by their place. */
function withOrigins(properties: unknown): unknown {
  const { DistributionConfig } = Object(properties);
  if (!DistributionConfig) return properties;
  const ids = list(DistributionConfig.Origins).map((origin) => Object(origin)["Id"]);
  return JSON.parse(
    JSON.stringify(properties, (key, value) =>
      key === "Id" || key === "TargetOriginId" ? ids.indexOf(value) : value,
    ),
  );
}
