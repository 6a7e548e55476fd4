import { deflateRawSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { parseConfig } from "../../edge/config/document.ts";
import { readBuiltFile } from "../../infra/build/built-file.ts";
import { cycleIn } from "./cycle.ts";
import { json, lockWith, MODULUS, only, resolve, templateWith } from "./synth.ts";

const JWKS = `{"keys":[{"kty":"RSA","alg":"RS256","use":"sig","kid":"k1","n":"${MODULUS}","e":"AQAB"}]}`;

const SECRET_ARN = "arn:aws:secretsmanager:us-east-1:123456789012:secret:SealingKeys4A63122B-AbCdEf";
const VERSION_ID = "11111111-2222-4333-8444-555555555555";
const CONTENT_ID = `${"a".repeat(64)}-${"b".repeat(16)}`;
const KEYS: Record<string, string> = { current: "c".repeat(64), previous: "none" };

/** What CloudFormation would put in the place of each reference. */
function deployed(reference: string): string {
  if (reference.endsWith(".Jwks")) return JWKS;
  if (reference.endsWith(".SecretVersionId")) return VERSION_ID;
  if (reference.endsWith(".ContentId")) return CONTENT_ID;
  if (reference.includes("SealingKeys")) return SECRET_ARN;
  if (reference.includes("UserPoolDomain")) return "gatehouse-1";
  if (reference.includes("UserPoolClient")) return "1h57kf5cpq17m0eml12EXAMPLE";
  if (reference.includes("IdentityPool")) return "us-east-1:00000000-0000-4000-8000-000000000000";
  if (reference.includes("UserPool")) return "us-east-1_AbCdEfGhI";
  if (reference.includes("Bucket")) return "gatehouse-assets";
  throw new Error(`the code refers to ${reference}`);
}

describe.each([
  ["ViewerRequest", "index.handler", false, false, "edge/gatehouse.js"],
  ["ViewerRequest", "index.handler", true, false, "edge/gatehouse-sdk.js"],
  ["ViewerRequest", "index.handler", false, true, "edge/gatehouse-auth.js"],
  ["ViewerRequest", "index.handler", true, true, "edge/gatehouse-sdk-auth.js"],
  ["OriginResponse", "index.originResponse", false, false, "edge/gatehouse.js"],
  ["OriginResponse", "index.originResponse", true, false, "edge/gatehouse.js"],
  ["OriginResponse", "index.originResponse", false, true, "edge/gatehouse-auth.js"],
  ["OriginResponse", "index.originResponse", true, true, "edge/gatehouse-auth.js"],
] as const)("the function %s, %s, with sdk: %s and sign-in: %s", (name, handler, sdk, auth, file) => {
  const template = templateWith({ sdk, auth });
  const edgeFunction = only(template, "AWS::Lambda::Function", name);
  const { ZipFile } = Object(edgeFunction.Properties["Code"]);
  const code = withSecret(String(resolve(ZipFile, deployed)));

  test("keeps to what Lambda@Edge allows", () => {
    const allowed = [
      "Architectures",
      "Code",
      "Description",
      "Handler",
      "MemorySize",
      "Role",
      "Runtime",
      "Timeout",
    ];
    expect(Object.keys(edgeFunction.Properties).sort()).toEqual(allowed);
    expect(edgeFunction.Properties).toMatchObject({
      Architectures: ["x86_64"],
      Handler: handler,
      MemorySize: 128,
      Runtime: "nodejs24.x",
      Timeout: 5,
    });
  });

  test("is its configuration, then the bundle, byte for byte, and last the id of its content", () => {
    const [literal, bundle] = splitOnce(code, ";\n");
    expect(bundle).toBe(`${readBuiltFile(file)}\n//${CONTENT_ID}`);
    const document: unknown = JSON.parse(literal.replace("const GATEHOUSE_CONFIG=", ""));
    const expected = {
      userPool: {
        id: "us-east-1_AbCdEfGhI",
        clientIds: ["1h57kf5cpq17m0eml12EXAMPLE"],
        ...(auth && { domain: "gatehouse-1.auth.us-east-1.amazoncognito.com" }),
        jwks: JSON.parse(JWKS),
      },
      identityPool: { id: "us-east-1:00000000-0000-4000-8000-000000000000" },
      origin: { bucket: "gatehouse-assets", region: "us-east-1" },
      areas: [{ path: "/*" }],
      ...(auth && { auth: { keys: KEYS } }),
    };
    expect(parseConfig(document)).toEqual(parseConfig(expected));
  });

  test("is plain ASCII, below the limits for inline code, Lambda@Edge packages and templates", () => {
    expect(Buffer.byteLength(code)).toBe(code.length);
    expect(code.length).toBeLessThan(4 * 1024 * 1024);
    expect(deflateRawSync(code).length).toBeLessThan(1_048_576);
    expect(JSON.stringify(template.toJSON()).length).toBeLessThan(1_000_000);
  });
});

describe.each(["ViewerRequest", "OriginResponse"])("around the function %s", (name) => {
  const template = lockWith();
  const edgeFunction = only(template, "AWS::Lambda::Function", name);
  const role = only(template, "AWS::IAM::Role", name);

  test("the role trusts Lambda and Lambda@Edge", () => {
    expect(role.Properties["AssumeRolePolicyDocument"]).toMatchObject({
      Statement: [
        {
          Effect: "Allow",
          Action: "sts:AssumeRole",
          Principal: { Service: ["edgelambda.amazonaws.com", "lambda.amazonaws.com"] },
        },
      ],
    });
  });

  test("the role may write its own log in every region, and nothing else", () => {
    const policy = only(template, "AWS::IAM::Policy", name);
    const group = `arn:aws:logs:*:<AWS::AccountId>:log-group:/aws/lambda/us-east-1.<${edgeFunction.id}>`;
    expect(policy.Properties["Roles"]).toEqual([{ Ref: role.id }]);
    expect(resolve(policy.Properties["PolicyDocument"], (reference) => `<${reference}>`)).toEqual({
      Version: "2012-10-17",
      Statement: [
        {
          Effect: "Allow",
          Action: ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"],
          // CreateLogGroup is asked for with the bare name, the others with what is inside it.
          Resource: [`${group}:*`, group],
        },
      ],
    });
  });

  test("function and version stay behind, unless their own creation is rolled back", () => {
    const kept = { DeletionPolicy: "RetainExceptOnCreate", UpdateReplacePolicy: "Retain" };
    expect(edgeFunction).toMatchObject(kept);
    expect(only(template, "AWS::Lambda::Version", name)).toMatchObject(kept);
  });
});

describe("around both functions", () => {
  const template = lockWith();

  test("no log group is made where its logs never land", () => {
    expect(only(template, "AWS::Logs::LogGroup").id).toContain("Deployment");
  });

  test("the deployment's function may write its own log, and nothing else", () => {
    const logGroup = only(template, "AWS::Logs::LogGroup");
    const { PolicyDocument } = only(template, "AWS::IAM::Policy", "Deployment").Properties;
    expect(PolicyDocument).toMatchObject({
      Statement: [
        {
          Effect: "Allow",
          Action: ["logs:CreateLogStream", "logs:PutLogEvents"],
          Resource: { "Fn::GetAtt": [logGroup.id, "Arn"] },
        },
      ],
    });
    expect(only(template, "AWS::Lambda::Function", "Deployment").Properties).toMatchObject({
      LoggingConfig: { LogGroup: { Ref: logGroup.id } },
      Runtime: "nodejs24.x",
      Timeout: 120,
    });
  });

  test("no resource depends on itself by any way round", () => {
    expect(cycleIn(json(template))).toBeUndefined();
  });

  test("the walk that looks for cycles finds one", () => {
    const resource = (to: string) => ({ Type: "T", Properties: { A: { "Fn::Sub": `x \${${to}.Arn}` } } });
    expect(cycleIn({ Resources: { A: resource("B"), B: resource("C"), C: resource("A") } })).toEqual([
      "A",
      "B",
      "C",
      "A",
    ]);
  });
});

/** Puts values in the place of the references to exactly this version, as CloudFormation would. */
function withSecret(code: string): string {
  return code.replaceAll(
    /\{\{resolve:secretsmanager:(arn:.*?):SecretString:(\w+)::([^:}]+)\}\}/g,
    (reference, arn, key, version) =>
      (arn === SECRET_ARN && version === VERSION_ID && KEYS[key]) || `unknown ${reference}`,
  );
}

function splitOnce(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return [text.slice(0, at), text.slice(at + separator.length)];
}
