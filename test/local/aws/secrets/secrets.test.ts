// Secrets in a deployment: versions, dynamic references to them, and who may ask which one is current.

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { deploy } from "../../../../local/aws/cloudformation/index.ts";
import { secretReference } from "../../../../local/aws/secrets/reference.ts";
import { Secrets } from "../../../../local/aws/secrets/secrets.ts";
import { type SecretsServer, startSecretsServer } from "../../../../local/aws/secrets/server.ts";
import { BAD_SIGNATURES, type Call, call, callersFor, NOW, unsignedCall } from "../json-api/signed.ts";

const ARN = "arn:aws:secretsmanager:us-east-1:123456789012:secret:keys-a1b2c3";

function threeVersions() {
  const secrets = new Secrets();
  secrets.create(ARN, "keys", '{"key":"one"}');
  const ids = [secrets.find(ARN)?.versions[0]?.versionId ?? ""];
  for (const text of ['{"key":"two","number":2}', '{"key":"three"}'])
    ids.push(secrets.rotate(ARN, text).versionId);
  return { secrets, ids };
}

describe("versions", () => {
  test("a second creation changes nothing", () => {
    const { secrets } = threeVersions();
    expect(secrets.create(ARN, "keys", "another").versions).toHaveLength(3);
  });

  test("what is not there cannot be rotated", () => {
    expect(() => new Secrets().rotate(ARN, "x")).toThrow("no secret");
  });
});

describe("dynamic references", () => {
  const { secrets, ids } = threeVersions();
  test.each<[string, string]>([
    [`${ARN}:SecretString:key`, "three"],
    [`${ARN}:SecretString:key::`, "three"],
    [`${ARN}:SecretString:key:AWSCURRENT`, "three"],
    [`${ARN}:SecretString:key:AWSPREVIOUS:`, "two"],
    [`${ARN}:SecretString:key::${ids[0]}`, "one"],
    [`${ARN}:SecretString:::${ids[1]}`, '{"key":"two","number":2}'],
    [`${ARN}:SecretString`, '{"key":"three"}'],
    [ARN, '{"key":"three"}'],
    ["keys:SecretString:key", "three"],
  ])("%s", (reference, value) => {
    expect(secretReference(secrets, `secretsmanager:${reference}`)).toBe(value);
  });

  test.each<[string, string]>([
    [`secretsmanager:${ARN}:SecretString:key::00000000-0000-4000-8000-000000000000`, "for VersionId"],
    [`secretsmanager:${ARN}:SecretString:key:AWSPENDING`, "for staging label"],
    [`secretsmanager:${ARN}:SecretString:key:AWSCURRENT:${ids[2]}`, "not both"],
    [`secretsmanager:${ARN}:SecretString:other`, "Could not find a value associated with JSONKey"],
    [
      `secretsmanager:${ARN}:SecretString:number::${ids[1]}`,
      "Could not find a value associated with JSONKey",
    ],
    [`secretsmanager:${ARN}x:SecretString:key`, "can't find the specified secret"],
    [`secretsmanager:${ARN}:SecretBinary:key`, "not a reference"],
    ["ssm:parameter:1", "not a reference"],
  ])("%s is refused", (reference, message) => {
    expect(() => secretReference(secrets, reference)).toThrow(message);
  });

  test("a key of a secret that is no JSON is refused, without quoting it", () => {
    const plain = new Secrets();
    plain.create(ARN, "keys", "hidden");
    expect(() => secretReference(plain, `secretsmanager:${ARN}:SecretString:key`)).toThrow(
      /^Could not parse SecretString JSON$/,
    );
  });

  test("an unknown version inside joined text fails the deployment", async () => {
    const code = (version: string) => ({
      Resources: {
        F: {
          Type: "T",
          Properties: {
            Code: {
              "Fn::Join": ["", ["a{{resolve:secretsmanager:", ARN, ":SecretString:key::", version, "}}b"]],
            },
          },
        },
      },
    });
    const options = { dynamicReference: (reference: string) => secretReference(secrets, reference) };
    const stack = await deploy(code(ids[1] ?? ""), options);
    expect(stack.resources.get("F")?.properties).toEqual({ Code: "atwob" });
    await expect(deploy(code("nowhere"), options)).rejects.toThrow("for VersionId: nowhere");
  });
});

describe("DescribeSecret", () => {
  const { secrets, ids } = threeVersions();
  const signing = callersFor("secretsmanager:DescribeSecret", ARN, () => NOW);
  let server: SecretsServer;
  beforeAll(async () => {
    server = await startSecretsServer(secrets, signing.callers);
  });
  afterAll(() => server.close());

  async function describeSecret(SecretId: unknown, changes: Partial<Call> & { readonly as?: string } = {}) {
    const { as = "function", ...others } = changes;
    return await call({
      endpoint: server.endpoint,
      target: "secretsmanager.DescribeSecret",
      input: { SecretId },
      service: "secretsmanager",
      credentials: await signing.mint(as),
      ...others,
    });
  }

  test.each([ARN, "keys"])("%s: versions with their stages, and no value", async (secretId) => {
    const { status, json } = await describeSecret(secretId);
    expect([status, json]).toEqual([
      200,
      {
        ARN,
        Name: "keys",
        VersionIdsToStages: { [ids[2] ?? ""]: ["AWSCURRENT"], [ids[1] ?? ""]: ["AWSPREVIOUS"] },
      },
    ]);
    expect(server.calls("DescribeSecret")).toBeGreaterThan(0);
  });

  test.each<[string, unknown, string]>([
    ["another secret", `${ARN}x`, "AccessDeniedException"],
    ["another name", "others", "AccessDeniedException"],
    ["no secret", undefined, "InvalidParameterException"],
  ])("%s is refused", async (_name, secretId, type) => {
    expect(await describeSecret(secretId)).toMatchObject({ status: 400, type });
  });

  test("a secret that is not there is ResourceNotFoundException to who may ask for it", async () => {
    const empty = await startSecretsServer(new Secrets(), signing.callers);
    const answer = await describeSecret(ARN, { endpoint: empty.endpoint });
    await empty.close();
    expect(answer).toMatchObject({ status: 400, type: "ResourceNotFoundException" });
  });

  test("a role without the right is refused", async () => {
    expect(await describeSecret(ARN, { as: "powerless" })).toMatchObject({
      status: 400,
      type: "AccessDeniedException",
    });
  });

  test.each(BAD_SIGNATURES)("a signature %s is refused", async (_name, changes, type) => {
    expect(await describeSecret(ARN, changes)).toMatchObject({ status: 400, type });
  });

  test("no signature is refused", async () => {
    const answer = await unsignedCall(server.endpoint, "secretsmanager.DescribeSecret", "{}");
    expect(answer).toMatchObject({ status: 400, type: "MissingAuthenticationTokenException" });
  });
});
