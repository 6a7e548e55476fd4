import { App, Stack } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";
import { Role } from "aws-cdk-lib/aws-iam";
import { Key } from "aws-cdk-lib/aws-kms";
import { Bucket, BucketEncryption, type IBucket } from "aws-cdk-lib/aws-s3";
import { describe, expect, test } from "vitest";
import type { SignedInAssetsProps } from "../../infra/props.ts";
import { SignedInAssets } from "../../infra/signed-in-assets.ts";
import { cycleIn } from "./cycle.ts";
import { gateIn, json, newOutdir, only, resolve } from "./synth.ts";

const OWNER = "999999999999";
const KEY = `arn:aws:kms:eu-central-1:${OWNER}:key/00000000-0000-4000-8000-000000000000`;
/** As where the bucket is. */
const VIA_S3 = { StringEquals: { "kms:ViaService": "s3.eu-central-1.amazonaws.com" } };
const PUBLIC = { areas: [{ path: "/open/*", public: true }, { path: "/team/*" }] };
const GROUPS = { areas: [{ path: "/team/*", groups: ["editors"], versions: true }, { path: "/*" }] };

function withBucket(
  bucket: (stack: Stack) => IBucket,
  props: SignedInAssetsProps = {},
): { template: Template; output: (name: string) => unknown } {
  const { template } = gateIn("us-east-1", (stack) => ({ bucket: bucket(stack), ...props }));
  const synthesized = template();
  const output = (name: string) => {
    const value = json(synthesized).Outputs?.[name]?.Value;
    return value === undefined
      ? undefined
      : JSON.parse(String(resolve(value, (reference) => reference.replace("AWS::Partition", "aws"))));
  };
  return { template: synthesized, output: (name) => output(outputId(synthesized, name)) };
}

function outputId(template: Template, name: string): string {
  return Object.keys(json(template).Outputs ?? {}).find((id) => id.startsWith(`Assets${name}`)) ?? "";
}

/** A bucket that is imported, in Frankfurt. */
function imported(account: string | undefined, key?: string): (stack: Stack) => IBucket {
  return (stack) =>
    Bucket.fromBucketAttributes(stack, "B", {
      bucketName: "theirs",
      region: "eu-central-1",
      ...(account && { account }),
      ...(key && { encryptionKey: Key.fromKeyArn(stack, "K", key) }),
    });
}

function roleIds(template: Template): readonly string[] {
  const readers = Object.keys(template.findResources("AWS::IAM::Role")).filter(
    (id) => /AuthenticatedRole|GroupRole/.test(id) && !/Unauthenticated/.test(id),
  );
  return readers.map((id) => `${id}.Arn`).sort();
}

describe("a bucket of another account", () => {
  const { template, output } = withBucket(imported(OWNER), { ...GROUPS, listing: { enabled: true } });

  test("gets from its owner what the roles may do, and no more than their own policies ask", () => {
    const [objects, list, ...others] = Object(output("BucketPolicyStatements"));
    expect(others).toEqual([]);
    expect(objects).toMatchObject({
      Effect: "Allow",
      Action: ["s3:GetObject", "s3:GetObjectVersion"],
      Resource: "arn:aws:s3:::theirs/*",
    });
    expect(list).toMatchObject({ Effect: "Allow", Action: "s3:ListBucket", Resource: "arn:aws:s3:::theirs" });
    for (const { Principal } of [objects, list]) expect([...Principal.AWS].sort()).toEqual(roleIds(template));
    expect(roleIds(template)).toHaveLength(2);
  });

  test("is not changed, and only says so where it is somebody else's", () => {
    template.resourceCountIs("AWS::S3::BucketPolicy", 0);
    expect(withBucket(imported(undefined)).output("BucketPolicyStatements")).toBeUndefined();
    const { template: made } = gateIn("us-east-1", () => ({ outputs: false }));
    expect(Object.keys(json(made()).Outputs ?? {})).toEqual([]);
  });
});

describe("a KMS key", () => {
  const decrypts = (template: Template) =>
    Object.values(template.findResources("AWS::IAM::Policy")).flatMap(({ Properties }) =>
      Properties.PolicyDocument.Statement.filter(
        ({ Action }: { Action: unknown }) => Action === "kms:Decrypt",
      ),
    );

  test("of another account: every role may decrypt with it, and its owner is told the other half", () => {
    const { template, output } = withBucket(imported(OWNER, KEY), GROUPS);
    const own = { Effect: "Allow", Action: "kms:Decrypt", Resource: KEY, Condition: VIA_S3 };
    expect(decrypts(template)).toEqual([own, own]);
    const [statement, ...others] = Object(output("KeyPolicyStatements"));
    expect(others).toEqual([]);
    expect([...statement.Principal.AWS].sort()).toEqual(roleIds(template));
    expect(statement).toMatchObject({
      Effect: "Allow",
      Action: "kms:Decrypt",
      Resource: "*",
      Condition: VIA_S3,
    });
  });

  test("and encrypt with it, by way of S3, where they store files", () => {
    const areas = [{ path: "/*", uploads: { maxBytes: 1 } }];
    const { template, output } = withBucket(imported(OWNER, KEY), { areas, auth: {} });
    const Action = ["kms:Decrypt", "kms:GenerateDataKey"];
    const own = { Effect: "Allow", Action, Resource: KEY, Condition: VIA_S3 };
    const statements = Object.values(template.findResources("AWS::IAM::Policy")).flatMap(
      ({ Properties }) => Properties.PolicyDocument.Statement,
    );
    expect(statements).toContainEqual(own);
    expect(output("KeyPolicyStatements")).toMatchObject([{ Action, Resource: "*", Condition: VIA_S3 }]);
    expect(output("BucketPolicyStatements")).toMatchObject([{ Action: ["s3:GetObject", "s3:PutObject"] }]);
  });

  test("of this account: nobody has to do anything", () => {
    const stackOf = (id: string) =>
      new Stack(new App({ outdir: newOutdir() }), id, { env: { region: "us-east-1", account: OWNER } });
    const stack = stackOf("Site");
    new SignedInAssets(stack, "Assets", { bucket: imported(OWNER, KEY)(stack), outputs: false });
    const template = Template.fromStack(stack);
    expect(decrypts(template)).toHaveLength(1);
    expect(json(template).Outputs ?? {}).toEqual({});
  });

  test("that the app makes: no cycle, and CloudFront may decrypt what is public", () => {
    const { template } = withBucket(
      (stack) => new Bucket(stack, "B", { encryption: BucketEncryption.KMS }),
      PUBLIC,
    );
    expect(cycleIn(json(template))).toBeUndefined();
    expect(decrypts(template)).toHaveLength(1);
    const { Statement } = Object(only(template, "AWS::KMS::Key").Properties["KeyPolicy"]);
    expect(Statement).toContainEqual(
      expect.objectContaining({
        Action: "kms:Decrypt",
        Principal: { Service: "cloudfront.amazonaws.com" },
        Condition: { StringLike: { "AWS:SourceArn": expect.anything() } },
      }),
    );
  });

  test("of somebody else with public areas: CloudFront's part is told, for this distribution", () => {
    const { template, output } = withBucket(imported(OWNER, KEY), PUBLIC);
    const { id } = only(template, "AWS::CloudFront::Distribution");
    const statement = Object(output("PublicKeyPolicyStatement"));
    expect(statement).toMatchObject({
      Action: "kms:Decrypt",
      Principal: { Service: "cloudfront.amazonaws.com" },
    });
    expect(JSON.stringify(statement.Condition)).toContain(`distribution/${id}`);
    expect(withBucket(imported(OWNER), PUBLIC).output("PublicKeyPolicyStatement")).toBeUndefined();
  });

  test("that is not named gets no right", () => {
    expect(decrypts(withBucket(imported(undefined)).template)).toEqual([]);
  });
});

test("an imported role of an existing identity pool gets the key's right, too", () => {
  const { template } = gateIn("us-east-1", (stack) => ({
    exchange: "identityPool",
    groups: { editors: Role.fromRoleArn(stack, "R", "arn:aws:iam::123456789012:role/editors") },
    areas: GROUPS.areas,
    bucket: imported(OWNER, KEY)(stack),
  }));
  const policies = Object.values(template().findResources("AWS::IAM::Policy"));
  const own = policies.filter(({ Properties }) => JSON.stringify(Properties.Roles) === '["editors"]');
  expect(own).toHaveLength(1);
  expect(JSON.stringify(own)).toContain("kms:Decrypt");
});
