// The mini CloudFormation: intrinsics, conditions, order, defaults.
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the placeholders are CloudFormation's.

import { describe, expect, test } from "vitest";
import { deploy, functionDefinition } from "../../../../local/aws/cloudformation/index.ts";

/** Deploys one parameter-like resource and gives its resolved property. */
async function resolved(value: unknown, extra: Record<string, unknown> = {}): Promise<unknown> {
  const { Resources = {}, ...sections } = extra;
  const stack = await deploy({
    ...sections,
    Resources: { Probe: { Type: "Test::Probe", Properties: { Value: value } }, ...Object(Resources) },
  });
  return stack.resources.get("Probe")?.properties["Value"];
}

const BUCKET = { Bucket: { Type: "AWS::S3::Bucket", Properties: { BucketName: "assets" } } };

describe("intrinsic functions", () => {
  test.each([
    ["Ref of a resource", { Ref: "Bucket" }, "assets"],
    ["Ref of a parameter", { Ref: "Name" }, "given-by-default"],
    ["AWS::Region", { Ref: "AWS::Region" }, "us-east-1"],
    ["AWS::AccountId", { Ref: "AWS::AccountId" }, "123456789012"],
    ["AWS::Partition", { Ref: "AWS::Partition" }, "aws"],
    ["AWS::URLSuffix", { Ref: "AWS::URLSuffix" }, "amazonaws.com"],
    ["AWS::StackName", { Ref: "AWS::StackName" }, "local"],
    ["Fn::GetAtt, list", { "Fn::GetAtt": ["Bucket", "Arn"] }, "arn:aws:s3:::assets"],
    [
      "Fn::GetAtt, dotted",
      { "Fn::GetAtt": "Bucket.RegionalDomainName" },
      "assets.s3.us-east-1.amazonaws.com",
    ],
    ["Fn::Join", { "Fn::Join": ["/", ["a", { Ref: "Bucket" }, 1]] }, "a/assets/1"],
    ["Fn::Sub", { "Fn::Sub": "x-${Bucket}-${Bucket.Arn}-${!kept}" }, "x-assets-arn:aws:s3:::assets-${kept}"],
    [
      "Fn::Sub with values",
      { "Fn::Sub": ["${a}${AWS::Region}", { a: { Ref: "Bucket" } }] },
      "assetsus-east-1",
    ],
    ["Fn::Select", { "Fn::Select": ["1", ["a", { Ref: "Bucket" }]] }, "assets"],
    ["Fn::Split", { "Fn::Split": ["s", { Ref: "Bucket" }] }, ["a", "", "et", ""]],
    ["Fn::Select of Fn::Split", { "Fn::Select": [2, { "Fn::Split": ["s", { Ref: "Bucket" }] }] }, "et"],
    ["Fn::If, yes", { "Fn::If": ["Yes", "a", "b"] }, "a"],
    ["Fn::If, no", { "Fn::If": ["No", "a", "b"] }, "b"],
    ["AWS::NoValue in an object", { kept: 1, gone: { Ref: "AWS::NoValue" } }, { kept: 1 }],
    ["AWS::NoValue in a list", [1, { "Fn::If": ["No", 2, { Ref: "AWS::NoValue" }] }, 3], [1, 3]],
    ["Fn::FindInMap", { "Fn::FindInMap": ["M", { Ref: "AWS::Region" }, "x"] }, 7],
    ["Fn::Base64", { "Fn::Base64": "hi" }, "aGk="],
    ["an object that only looks like one", { "Fn::Nope": 1, other: 2 }, { "Fn::Nope": 1, other: 2 }],
  ])("%s", async (_name, value, expected) => {
    const sections = {
      Parameters: { Name: { Type: "String", Default: "given-by-default" } },
      Conditions: { Yes: { "Fn::Equals": ["a", "a"] }, No: { "Fn::Not": [{ Condition: "Yes" }] } },
      Mappings: { M: { "us-east-1": { x: 7 } } },
      Resources: BUCKET,
    };
    expect(await resolved(value, sections)).toEqual(expected);
  });

  test.each([
    [
      "an unknown name",
      { Ref: "Nobody" },
      "Resources.Probe.Properties.Value: nothing in the template is called Nobody",
    ],
    [
      "an unknown attribute",
      { "Fn::GetAtt": ["Bucket", "Colour"] },
      "Bucket (AWS::S3::Bucket) has no attribute Colour",
    ],
    ["Fn::ImportValue", { "Fn::ImportValue": "x" }, "no other stacks"],
    ["an unknown function", { "Fn::GetAZs": "" }, "Fn::GetAZs is not emulated"],
    ["Fn::Select beyond the list", { "Fn::Select": [5, ["a"]] }, "no item 5"],
    ["a missing mapping", { "Fn::FindInMap": ["M", "a", "b"] }, "Mappings.M.a.b"],
    ["a parameter without a value", { Ref: "Needed" }, "Parameters.Needed"],
  ])("%s is an error that names its place", async (_name, value, message) => {
    const sections = { Parameters: { Needed: { Type: "String" } }, Resources: BUCKET };
    await expect(resolved(value, sections)).rejects.toThrow(message);
  });
});

describe("conditions", () => {
  const conditions = {
    Us: { "Fn::Equals": [{ Ref: "AWS::Region" }, "us-east-1"] },
    Never: { "Fn::Equals": ["a", "b"] },
    And: { "Fn::And": [{ Condition: "Us" }, { Condition: "Never" }] },
    Or: { "Fn::Or": [{ Condition: "Us" }, { Condition: "Never" }] },
    Loop: { "Fn::Not": [{ Condition: "Loop" }] },
  };
  test.each([
    ["Us", true],
    ["Never", false],
    ["And", false],
    ["Or", true],
  ])("%s decides whether a resource and an output exist", async (name, exists) => {
    const stack = await deploy({
      Conditions: conditions,
      Resources: { Probe: { Type: "Test::Probe", Condition: name } },
      Outputs: { O: { Condition: name, Value: "x" } },
    });
    expect(stack.resources.has("Probe")).toBe(exists);
    expect(stack.outputs).toEqual(exists ? { O: "x" } : {});
  });

  test.each([
    ["one that refers to itself", "Loop", "refers to itself"],
    ["an unknown one", "Nope", "no such condition"],
  ])("%s is an error", async (_name, condition, message) => {
    const template = {
      Conditions: conditions,
      Resources: { Probe: { Type: "Test::Probe", Condition: condition } },
    };
    await expect(deploy(template)).rejects.toThrow(message);
  });

  test("the branch that is not taken makes no dependency", async () => {
    const stack = await deploy({
      Conditions: { No: { "Fn::Equals": ["a", "b"] } },
      Resources: {
        A: { Type: "T::A", Properties: { X: { "Fn::If": ["No", { Ref: "B" }, "free"] } } },
        B: { Type: "T::B", Properties: { X: { Ref: "A" } } },
      },
    });
    expect(stack.resources.get("A")?.properties).toEqual({ X: "free" });
  });
});

describe("order of creation", () => {
  const created = async (resources: Record<string, unknown>): Promise<string[]> => {
    const order: string[] = [];
    const provider = (id: string) => {
      order.push(id);
      return undefined;
    };
    await deploy({ Resources: resources }, { providers: { T: provider } });
    return order;
  };
  test.each([
    ["Ref", { A: { Type: "T", Properties: { X: { Ref: "B" } } }, B: { Type: "T" } }],
    ["Fn::Sub", { A: { Type: "T", Properties: { X: { "Fn::Sub": "${B}" } } }, B: { Type: "T" } }],
    ["DependsOn, text", { A: { Type: "T", DependsOn: "B" }, B: { Type: "T" } }],
    ["DependsOn, list", { A: { Type: "T", DependsOn: ["B"] }, B: { Type: "T" } }],
  ])("%s comes after what it refers to", async (_name, resources) => {
    expect(await created(resources)).toEqual(["B", "A"]);
  });

  test("a cycle names its ring", async () => {
    const resources = {
      A: { Type: "T", Properties: { X: { Ref: "B" } } },
      B: { Type: "T", Properties: { X: { "Fn::GetAtt": ["C", "Y"] } } },
      C: { Type: "T", DependsOn: "A" },
    };
    await expect(created(resources)).rejects.toThrow("circular dependency between resources: A → B → C → A");
  });
});

describe("resources", () => {
  test.each([
    ["AWS::IAM::Role", "Arn", /^arn:aws:iam::123456789012:role\/local-R-[A-Z0-9]{12}$/],
    ["AWS::S3::Bucket", "RegionalDomainName", /^local-r-[a-z0-9]{12}\.s3\.us-east-1\.amazonaws\.com$/],
    ["AWS::Lambda::Function", "Arn", /^arn:aws:lambda:us-east-1:123456789012:function:local-R-/],
    ["AWS::CloudFront::Distribution", "DomainName", /^d[a-z0-9]{13}\.cloudfront\.net$/],
    ["AWS::CloudFront::CachePolicy", "Id", /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/],
    ["AWS::CloudFront::OriginAccessControl", "Id", /^E[A-Z0-9]{13}$/],
    [
      "AWS::Cognito::UserPool",
      "ProviderName",
      /^cognito-idp\.us-east-1\.amazonaws\.com\/us-east-1_[A-Z0-9]{9}$/,
    ],
    ["AWS::Cognito::UserPoolClient", "ClientId", /^[a-z0-9]{26}$/],
    ["AWS::Cognito::IdentityPool", "Id", /^us-east-1:[0-9a-f-]{36}$/],
    [
      "AWS::SecretsManager::Secret",
      "Id",
      /^arn:aws:secretsmanager:us-east-1:123456789012:secret:local-R-\w+-[a-z0-9]{6}$/,
    ],
  ])("%s has a lasting %s", async (type, attribute, pattern) => {
    const template = {
      Resources: { R: { Type: type } },
      Outputs: { O: { Value: { "Fn::GetAtt": ["R", attribute] } } },
    };
    const [first, second] = [await deploy(template), await deploy(template)];
    expect(first.outputs["O"]).toMatch(pattern);
    expect(second.outputs).toEqual(first.outputs);
  });

  test("a function version is the function's ARN with a number, and leads back to the code", async () => {
    const stack = await deploy({
      Resources: {
        F: {
          Type: "AWS::Lambda::Function",
          Properties: { Code: { ZipFile: "x" }, FunctionName: "gate", Timeout: 5 },
        },
        V: { Type: "AWS::Lambda::Version", Properties: { FunctionName: { Ref: "F" } } },
      },
    });
    const arn = stack.resources.get("V")?.ref ?? "";
    expect(arn).toBe("arn:aws:lambda:us-east-1:123456789012:function:gate:1");
    expect(functionDefinition(stack.resources, arn)).toMatchObject({
      code: "x",
      functionVersion: "1",
      timeoutMs: 5000,
    });
    expect(() => functionDefinition(stack.resources, `${arn}x`.replace("gate", "none"))).toThrow(
      "no function of this stack",
    );
  });

  test("a provider's result wins", async () => {
    const stack = await deploy(
      {
        Resources: { P: { Type: "AWS::Cognito::UserPool" } },
        Outputs: { O: { Value: { "Fn::GetAtt": ["P", "Arn"] } } },
      },
      {
        providers: {
          "AWS::Cognito::UserPool": async () => ({ ref: "us-east-1_Real", attributes: { Arn: "arn:real" } }),
        },
      },
    );
    expect(stack.outputs).toEqual({ O: "arn:real" });
  });

  test("region, account, stack name and parameters are the caller's", async () => {
    const stack = await deploy(
      {
        Parameters: { P: {} },
        Resources: { R: { Type: "T" } },
        Outputs: { O: { Value: { "Fn::Sub": "${AWS::Region} ${AWS::AccountId} ${AWS::StackName} ${P}" } } },
      },
      { region: "eu-west-1", accountId: "111111111111", stackName: "mine", parameters: { P: "v" } },
    );
    expect(stack.outputs["O"]).toBe("eu-west-1 111111111111 mine v");
  });

  test("dynamic references are resolved inside text", async () => {
    const template = {
      Resources: {
        R: { Type: "T", Properties: { X: ["a{{resolve:secretsmanager:id:SecretString:::v1}}b"] } },
      },
    };
    const stack = await deploy(template, { dynamicReference: async (reference) => `<${reference}>` });
    expect(stack.resources.get("R")?.properties).toEqual({ X: ["a<secretsmanager:id:SecretString:::v1>b"] });
    await expect(deploy(template)).rejects.toThrow("no dynamicReference was given");
  });
});

describe("a template that is none", () => {
  test.each([
    ["a list", [], "template: must be an object"],
    ["resources as a list", { Resources: [] }, "Resources: must be an object"],
    ["a resource without a type", { Resources: { R: {} } }, "Resources.R.Type"],
    [
      "an unknown DependsOn",
      { Resources: { R: { Type: "T", DependsOn: "Q" } } },
      "Resources.R.DependsOn: no resource Q",
    ],
    ["a macro", { Transform: "x", Resources: {} }, "Transform"],
  ])("%s", async (_name, template, message) => {
    await expect(deploy(template)).rejects.toThrow(message);
  });
});

test("a role gets a name of 64 characters at most, that tells it from others with the same start", async () => {
  const [one, two] = ["1", "2"].map((end) => `Role${"OfAGroupWithALongName".repeat(4)}${end}`);
  const Role = { Type: "AWS::IAM::Role", Properties: {} };
  const { resources } = await deploy({ Resources: { [`${one}`]: Role, [`${two}`]: Role } });
  const names = [...resources.values()].map(({ ref }) => ref);
  expect(names.map((name) => name.length)).toEqual([64, 64]);
  expect(new Set(names.map((name) => name.slice(0, -13))).size).toBe(1);
  expect(new Set(names).size).toBe(2);
});
