import { createHash, createHmac } from "node:crypto";
import { describe, expect, test, vi } from "vitest";
import { readBuiltFile } from "../../infra/build/built-file.ts";
import { type AwsCall, processAnswer, signedRequest } from "../../infra/deployment/aws.ts";
import { updateClient } from "../../infra/deployment/client-urls-handler.ts";
import { deploy } from "../../infra/deployment/handler.ts";
import { processDescription } from "../../infra/deployment/secret.ts";
import { type Loopback, type Received, type Reply, serve } from "./loopback.ts";
import { MODULUS } from "./synth.ts";

const LIMITS = { timeoutMs: 1_000, pausesMs: [1] };
const CREDENTIALS = {
  AWS_ACCESS_KEY_ID: "AKIDEXAMPLE",
  AWS_SECRET_ACCESS_KEY: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
  AWS_SESSION_TOKEN: "session-token-of-the-role",
};
const ARN = "arn:aws:secretsmanager:us-east-1:123456789012:secret:SealingKeys4A63122B-AbCdEf";
const VERSION = "11111111-2222-4333-8444-555555555555";
const OLD = "00000000-2222-4333-8444-555555555555";
const DESCRIPTION = {
  ARN,
  VersionIdsToStages: { [OLD]: ["AWSPREVIOUS"], [VERSION]: ["AWSCURRENT", "x"] },
};
const KEY = { alg: "RS256", e: "AQAB", kid: "abc", kty: "RSA", n: MODULUS, use: "sig" };
const CLIENT = { UserPoolId: "eu-west-1_AbCdEfGhI", ClientId: "client1", IdTokenValidity: 60 };
const IDS = { StackId: "stack", RequestId: "request", LogicalResourceId: "Inputs" };

const log = vi.spyOn(console, "error").mockImplementation(() => {});

/** What CloudFormation hears of a run, given the properties. */
async function answerOf(
  run: (event: unknown, limits: typeof LIMITS, environment: Record<string, string>) => Promise<void>,
  properties: object,
  environment: Record<string, string>,
  type = "Update",
): Promise<unknown> {
  const cloudFormation = await serve({});
  const event = {
    RequestType: type,
    ResponseURL: cloudFormation.url,
    ...IDS,
    ResourceProperties: properties,
  };
  await run(event, LIMITS, { ...CREDENTIALS, ...environment });
  return JSON.parse(cloudFormation.received[0]?.body ?? "{}");
}

describe("the current version of the secret", () => {
  async function described(reply: Reply, secretArn: unknown = ARN) {
    const keySet = await serve({ body: JSON.stringify({ keys: [KEY] }) });
    const secrets = await serve(reply);
    const config = JSON.stringify({
      userPool: { id: "us-east-1_AbCdEfGhI", clientIds: ["client1"] },
      identityPool: { id: "us-east-1:00000000-0000-4000-8000-000000000000" },
      origin: { bucket: "assets", region: "us-east-1" },
      endpoints: { jwksUri: keySet.url },
    });
    const answer = await answerOf(
      deploy,
      { Config: config, Code: "code", SecretArn: secretArn },
      { AWS_ENDPOINT_URL_SECRETS_MANAGER: secrets.url },
    );
    return { answer, secrets, config };
  }

  test("is read without the value, and is part of the content", async () => {
    const { answer, secrets, config } = await described({ body: JSON.stringify(DESCRIPTION) });
    const jwks = `{"keys":[{"kty":"RSA","alg":"RS256","use":"sig","kid":"abc","n":"${MODULUS}","e":"AQAB"}]}`;
    expect(answer).toMatchObject({
      Status: "SUCCESS",
      Data: {
        Jwks: jwks,
        ContentId: `${sha256(`${config}\ncode\n${jwks}\n${VERSION}`)}-${sha256("request").slice(0, 16)}`,
        SecretVersionId: VERSION,
      },
    });
    expect(secrets.received).toHaveLength(1);
    expect(secrets.received[0]?.headers["x-amz-target"]).toBe("secretsmanager.DescribeSecret");
    expect(JSON.parse(secrets.received[0]?.body ?? "")).toEqual({ SecretId: ARN });
  });

  test("so is that of an app client's secret", async () => {
    const other = "c0ffee00-0000-4000-8000-00000000000c";
    const keySet = await serve({ body: JSON.stringify({ keys: [KEY] }) });
    const secrets = await serve(
      { body: JSON.stringify(DESCRIPTION) },
      { body: JSON.stringify({ VersionIdsToStages: { [other]: ["AWSCURRENT"] } }) },
    );
    const config = JSON.stringify({
      userPool: { id: "eu-west-1_AbCdEfGhI", clientIds: ["client1"] },
      identityPool: { id: "us-east-1:00000000-0000-4000-8000-000000000000" },
      origin: { bucket: "assets", region: "us-east-1" },
      endpoints: { jwksUri: keySet.url },
    });
    const ClientSecretArn = ARN.replace("secret:", "secret:client");
    const answer = await answerOf(
      deploy,
      { Config: config, Code: "code", SecretArn: ARN, ClientSecretArn },
      { AWS_ENDPOINT_URL_SECRETS_MANAGER: secrets.url },
    );
    expect(answer).toMatchObject({ Status: "SUCCESS" });
    const { Data } = Object(answer);
    expect([Data.SecretVersionId, Data.ClientSecretVersionId].sort()).toEqual([VERSION, other].sort());
    expect(secrets.received.map(({ body }) => JSON.parse(body))).toEqual(
      expect.arrayContaining([{ SecretId: ARN }, { SecretId: ClientSecretArn }]),
    );
    expect(
      secrets.received.every((one) => one.headers["x-amz-target"] === "secretsmanager.DescribeSecret"),
    ).toBe(true);
  });

  const failures: readonly [name: string, reply: Reply, reason: string][] = [
    [
      "refused",
      { status: 400, body: '{"__type":"AccessDeniedException","Message":"no right to DescribeSecret"}' },
      "DescribeSecret failed: status 400, AccessDeniedException: no right to DescribeSecret",
    ],
    [
      "a signature that does not match, whose text quotes the request",
      {
        status: 400,
        body: `{"__type":"InvalidSignatureException","message":"x-amz-security-token:${CREDENTIALS.AWS_SESSION_TOKEN}"}`,
      },
      "DescribeSecret failed: status 400, InvalidSignatureException",
    ],
    ["down", { status: 503 }, "DescribeSecret failed: status 503"],
    ["garbage", { body: "<html>" }, "DescribeSecret failed: the answer is not JSON"],
    ["silent", { hang: true }, "DescribeSecret failed: The operation was aborted due to timeout"],
    [
      "elsewhere",
      { status: 302, location: "http://127.0.0.1:1/" },
      "DescribeSecret failed: fetch failed: unexpected redirect",
    ],
    ["without versions", { body: "{}" }, "The secret has no current version."],
  ];
  test.each(failures)("fails the deployment: %s", async (_name, reply, reason) => {
    const { answer } = await described(reply);
    expect(answer).toMatchObject({ Status: "FAILED", Reason: reason });
  });

  test("of something that is no secret is not asked for", async () => {
    const { answer, secrets } = await described({}, "arn:aws:s3:::bucket");
    expect(answer).toMatchObject({ Reason: "The property SecretArn is not a secret's ARN." });
    expect(secrets.received).toEqual([]);
  });

  test.each(["", "short", `${VERSION}}}`, `${VERSION}:x`, "x".repeat(65)])(
    "cannot be %j, which could end the reference",
    (version) => {
      expect(() => processDescription({ VersionIdsToStages: { [version]: ["AWSCURRENT"] } })).toThrow(
        "The secret has no current version.",
      );
    },
  );

  test("says nothing secret in log or reason", async () => {
    await described({ status: 400, body: '{"__type":"x#ExpiredTokenException","message":"secret"}' });
    const text = JSON.stringify(log.mock.calls);
    for (const secret of Object.values(CREDENTIALS)) expect(text).not.toContain(secret);
    expect(log).toHaveBeenLastCalledWith("DescribeSecret failed: status 400, ExpiredTokenException");
  });
});

describe("the client's URLs", () => {
  async function updated(
    reply: Reply,
    properties: object = { Client: JSON.stringify(CLIENT) },
    type?: string,
  ) {
    const cognito = await serve(reply, { body: "{}" });
    const environment = { AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER: cognito.url };
    return { answer: await answerOf(updateClient, properties, environment, type), cognito };
  }

  test("are sent with everything that the property holds", async () => {
    const { answer, cognito } = await updated({ body: "{}" });
    expect(answer).toMatchObject({ Status: "SUCCESS" });
    expect(cognito.received).toHaveLength(1);
    const [request] = cognito.received;
    expect([request?.method, request?.headers["x-amz-target"], request?.headers["content-type"]]).toEqual([
      "POST",
      "AWSCognitoIdentityProviderService.UpdateUserPoolClient",
      "application/x-amz-json-1.1",
    ]);
    expect(JSON.parse(request?.body ?? "")).toEqual(CLIENT);
  });

  test("are sent again after a failure", async () => {
    const { answer, cognito } = await updated({ status: 500 });
    expect(answer).toMatchObject({ Status: "SUCCESS" });
    expect(cognito.received).toHaveLength(2);
  });

  test("stay when the resource is deleted", async () => {
    const { answer, cognito } = await updated({}, {}, "Delete");
    expect(answer).toMatchObject({ Status: "SUCCESS" });
    expect(cognito.received).toEqual([]);
  });

  test.each([
    [{}, "The property Client is not JSON."],
    [{ Client: "null" }, "The property Client names no user pool."],
    [{ Client: '{"UserPoolId":"evil.example/_A"}' }, "The property Client names no user pool."],
  ])("are not sent with %j", async (properties, reason) => {
    const { answer, cognito } = await updated({}, properties);
    expect(answer).toMatchObject({ Status: "FAILED", Reason: reason });
    expect(cognito.received).toEqual([]);
  });

  test("that Cognito refuses fail the deployment with its words", async () => {
    const body = JSON.stringify({ __type: "InvalidParameterException", message: "redirect_uri" });
    const cognito = await serve({ status: 400, body });
    const environment = { AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER: cognito.url };
    expect(await answerOf(updateClient, { Client: JSON.stringify(CLIENT) }, environment)).toMatchObject({
      Status: "FAILED",
      Reason: "UpdateUserPoolClient failed: status 400, InvalidParameterException: redirect_uri",
    });
  });

  test("are sent once more by the rule that sees a roll-back, to which nothing is answered", async () => {
    const cognito = await serve({ status: 500 }, { body: "{}" });
    const environment = { ...CREDENTIALS, AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER: cognito.url };
    await updateClient({ Client: CLIENT }, LIMITS, environment);
    expect(cognito.received.map(({ body }) => JSON.parse(body))).toEqual([CLIENT, CLIENT]);
  });

  test.each([
    [{ Client: null }, "The property Client names no user pool."],
    [{ Client: "{}" }, "The property Client names no user pool."],
    [{ Client: { UserPoolId: "evil.example/_A" } }, "The property Client names no user pool."],
  ])("make the run fail that the rule started with %j, so that Lambda repeats it", async (event, message) => {
    await expect(updateClient(event, LIMITS, CREDENTIALS)).rejects.toThrow(message);
  });

  test("make that run fail when Cognito refuses them", async () => {
    const cognito = await serve({ status: 400, body: '{"__type":"AccessDeniedException","message":"no"}' });
    const environment = { ...CREDENTIALS, AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER: cognito.url };
    await expect(updateClient({ Client: CLIENT }, LIMITS, environment)).rejects.toThrow(
      "UpdateUserPoolClient failed: status 400, AccessDeniedException: no",
    );
  });

  test("are sent by the built file, with the credentials that Lambda gives it", async () => {
    const cognito = await serve({ body: "{}" });
    const cloudFormation = await serve({});
    const environment = { ...CREDENTIALS, AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER: cognito.url };
    for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
    const module: { exports: { handler?: (event: unknown) => Promise<void> } } = { exports: {} };
    const run = new Function("module", "exports", "require", readBuiltFile("infra/client-urls.js"));
    run(module, module.exports, process.getBuiltinModule);
    const ResourceProperties = { Client: JSON.stringify(CLIENT) };
    await module.exports.handler?.({
      RequestType: "Create",
      ResponseURL: cloudFormation.url,
      ...IDS,
      ResourceProperties,
    });
    vi.unstubAllEnvs();
    expect(JSON.parse(cloudFormation.received[0]?.body ?? "")).toMatchObject({ Status: "SUCCESS" });
    expect(isSigned(cognito, "eu-west-1", "cognito-idp")).toBe(true);
  });
});

describe("a signed call", () => {
  const CALL: AwsCall = {
    service: "secretsmanager",
    region: "us-east-1",
    operation: "DescribeSecret",
    input: {},
  };

  test("goes to the region's endpoint unless the SDKs' variable names another", async () => {
    const urlOf = async (call: AwsCall, environment = {}) =>
      String((await signedRequest(call, { ...CREDENTIALS, ...environment })).url);
    expect(await urlOf(CALL)).toBe("https://secretsmanager.us-east-1.amazonaws.com/");
    expect(await urlOf({ ...CALL, service: "cognito-idp", region: "eu-west-1" })).toBe(
      "https://cognito-idp.eu-west-1.amazonaws.com/",
    );
    const local = { AWS_ENDPOINT_URL_SECRETS_MANAGER: "http://127.0.0.1:4566" };
    expect(await urlOf(CALL, local)).toBe("http://127.0.0.1:4566/");
    expect(await urlOf({ ...CALL, service: "cognito-idp" }, local)).toContain("amazonaws.com");
  });

  test("carries a signature over host, body, target and session token", async () => {
    const secrets = await serve({ body: "{}" });
    const { url, ...init } = await signedRequest(CALL, {
      ...CREDENTIALS,
      AWS_ENDPOINT_URL_SECRETS_MANAGER: secrets.url,
    });
    await fetch(url, init);
    expect(isSigned(secrets, "us-east-1", "secretsmanager")).toBe(true);
  });

  test("works without a session token", async () => {
    const { AWS_SESSION_TOKEN: _, ...others } = CREDENTIALS;
    expect((await signedRequest(CALL, others)).headers).not.toHaveProperty("x-amz-security-token");
  });

  test("that failed without a word says its status", () => {
    expect(() => processAnswer(500, "")).toThrow("status 500");
    expect(() => processAnswer(500, "[]")).toThrow("status 500");
  });
});

/** Signature Version 4 over what arrived, worked out again. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html */
function isSigned({ received: [request] }: Loopback, region: string, service: string): boolean {
  if (!request) return false;
  const [, names = "", signature] =
    /SignedHeaders=(.*?), Signature=(\w+)/.exec(String(request.headers["authorization"])) ?? [];
  const signed = names.split(";");
  const required = ["host", "x-amz-date", "x-amz-security-token", "x-amz-target", "content-type"];
  if (!required.every((name) => signed.includes(name))) return false;
  const date = String(request.headers["x-amz-date"]);
  const scope = [date.slice(0, 8), region, service, "aws4_request"];
  const text = ["AWS4-HMAC-SHA256", date, scope.join("/"), sha256(canonicalRequest(request, signed))].join(
    "\n",
  );
  const key = scope.reduce<string | Buffer>(
    (key, part) => createHmac("sha256", key).update(part).digest(),
    `AWS4${CREDENTIALS.AWS_SECRET_ACCESS_KEY}`,
  );
  return signature === createHmac("sha256", key).update(text).digest("hex");
}

function canonicalRequest({ headers, body, method }: Received, signed: readonly string[]): string {
  const lines = signed.map((name) => `${name}:${headers[name]}\n`).join("");
  return [method, "/", "", lines, signed.join(";"), sha256(body)].join("\n");
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
