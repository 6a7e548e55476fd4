import { createHash } from "node:crypto";
import { describe, expect, test, vi } from "vitest";
import { parseConfig } from "../../edge/config/document.ts";
import { readBuiltFile } from "../../infra/build/built-file.ts";
import { deploy } from "../../infra/deployment/handler.ts";
import { keySetUrl } from "../../infra/deployment/key-set.ts";
import { type Loopback, type Reply, serve } from "./loopback.ts";
import { MODULUS } from "./synth.ts";

const LIMITS = { timeoutMs: 300, pauseMs: 1 };
const KEY = { alg: "RS256", e: "AQAB", kid: "abc+/d==", kty: "RSA", n: MODULUS, use: "sig" };
const KEY_SET: Reply = { body: JSON.stringify({ keys: [KEY] }) };
const JWKS = `{"keys":[{"kty":"RSA","alg":"RS256","use":"sig","kid":"abc+/d==","n":"${MODULUS}","e":"AQAB"}]}`;

vi.spyOn(console, "error").mockImplementation(() => {});

function configFor(jwksUri: string, overrides: object = {}): string {
  return JSON.stringify({
    userPool: { id: "eu-west-1_AbCdEfGhI", clientIds: ["client1"] },
    identityPool: { id: "us-east-1:00000000-0000-4000-8000-000000000000" },
    origin: { bucket: "assets", region: "us-east-1" },
    endpoints: { jwksUri },
    ...overrides,
  });
}

function requestTo(answerUrl: string, config: unknown, type = "Create"): Record<string, unknown> {
  return {
    RequestType: type,
    ResponseURL: answerUrl,
    StackId: "arn:aws:cloudformation:us-east-1:123456789012:stack/Gatehouse/1",
    RequestId: "request-1",
    LogicalResourceId: "Inputs",
    ResourceProperties: { ServiceToken: "arn", Config: config, DeploymentId: "1" },
  };
}

function answersOf(cloudFormation: Loopback): unknown[] {
  return cloudFormation.received.map(({ body }) => JSON.parse(body));
}

/** One run against a key set endpoint; returns CloudFormation's view of it. */
async function outcome(keySet: Loopback, config: unknown = configFor(keySet.url)): Promise<unknown> {
  const cloudFormation = await serve({});
  await deploy(requestTo(cloudFormation.url, config), LIMITS);
  return answersOf(cloudFormation)[0];
}

function failure(reason: string): object {
  return expect.objectContaining({ Status: "FAILED", Reason: reason });
}

describe("a key set that is fine", () => {
  test("gives the reduced keys and a hash over configuration and keys", async () => {
    const keySet = await serve(KEY_SET);
    const config = configFor(keySet.url);
    expect(await outcome(keySet, config)).toEqual({
      Status: "SUCCESS",
      PhysicalResourceId: "gatehouse-deployment",
      StackId: "arn:aws:cloudformation:us-east-1:123456789012:stack/Gatehouse/1",
      RequestId: "request-1",
      LogicalResourceId: "Inputs",
      Data: { Jwks: JWKS, Hash: createHash("sha256").update(`${config}\n${JWKS}`).digest("hex") },
    });
    expect(keySet.received.map(({ method }) => method)).toEqual(["GET"]);
  });

  test("gives the same whatever the order of the keys", async () => {
    const second = { ...KEY, kid: "zzz" };
    const keySet = await serve(
      { body: JSON.stringify({ keys: [KEY, second] }) },
      { body: JSON.stringify({ keys: [second, KEY] }) },
    );
    expect(await outcome(keySet)).toEqual(await outcome(keySet));
  });

  test("leaves out keys for other uses, and fields that are not needed", async () => {
    const keys = [
      { kty: "EC", kid: "ec" },
      { ...KEY, x5c: ["long"] },
      { ...KEY, use: "enc" },
    ];
    const keySet = await serve({ body: JSON.stringify({ keys }) });
    expect(await outcome(keySet)).toMatchObject({ Data: { Jwks: JWKS } });
  });

  test("is asked for a second time after a failure", async () => {
    const keySet = await serve({ status: 500 }, KEY_SET);
    expect(await outcome(keySet)).toMatchObject({ Status: "SUCCESS" });
    expect(keySet.received).toHaveLength(2);
  });

  test("is looked for in the user pool's own region", () => {
    const document = { ...JSON.parse(configFor("https://unused.example")), endpoints: {} };
    expect(keySetUrl(parseConfig(document))).toBe(
      "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEfGhI/.well-known/jwks.json",
    );
  });
});

describe("a key set that fails the deployment", () => {
  const cases: readonly [name: string, reply: Reply, reason: string][] = [
    ["missing", { status: 404 }, "status 404"],
    ["garbage", { body: "<html>" }, "is not JSON"],
    ["no key set", { body: "[]" }, 'expected a JSON Web Key Set: { "keys": [...] }'],
    ["no usable key", { body: '{"keys":[]}' }, "holds no RS256 signing key"],
    ["endless", { body: "x".repeat(70_000) }, "more than 65536 characters"],
    ["elsewhere", { status: 302, location: "http://127.0.0.1:1/" }, "fetch failed: unexpected redirect"],
    ["silent", { hang: true }, "The operation was aborted due to timeout"],
  ];
  test.each(cases)("%s", async (_name, reply, reason) => {
    const keySet = await serve(reply);
    expect(await outcome(keySet)).toEqual(
      failure(`Cannot read the user pool's keys from ${keySet.url}: ${reason}`),
    );
    expect(keySet.received).toHaveLength(2);
  });

  test("refused", async () => {
    const cloudFormation = await serve({});
    await deploy(requestTo(cloudFormation.url, configFor("http://127.0.0.1:1/")), LIMITS);
    expect(answersOf(cloudFormation)).toEqual([
      failure(
        expect.stringMatching(
          /^Cannot read the user pool's keys from http:\/\/127\.0\.0\.1:1\/: fetch failed: /,
        ),
      ),
    ]);
  });

  test("too long for CloudFormation's answer", async () => {
    const keys = Array.from({ length: 9 }, (_, index) => ({ ...KEY, kid: `k${index}`, n: "A".repeat(400) }));
    const keySet = await serve({ body: JSON.stringify({ keys }) });
    expect(await outcome(keySet)).toEqual(
      failure(expect.stringMatching(/^The answer is \d+ bytes long; CloudFormation takes 4096\.$/)),
    );
  });

  const injections = ['"', "\\", "'", "`", "\n", "\u2028", "$", "</script>", "é", "", "A".repeat(2_000)];
  const injected = ["kid", "n", "e"].flatMap((field) => injections.map((text) => [field, text] as const));
  test.each(injected)("%s holding %j", async (field, text) => {
    const keySet = await serve({ body: JSON.stringify({ keys: [{ ...KEY, [field]: text }] }) });
    // A modulus or exponent under which anybody could sign is no key at all.
    const isWeak = (field === "n" && text.length < 342) || (field === "e" && !(numberOf(text) > 2));
    const problem = isWeak ? "holds no RS256 signing key" : "holds a key that is not written in base64url";
    expect(await outcome(keySet)).toEqual(
      failure(`Cannot read the user pool's keys from ${keySet.url}: ${problem}`),
    );
  });
});

function numberOf(text: string): number {
  return Number.parseInt(Buffer.from(text, "base64url").toString("hex"), 16);
}

describe("a configuration that is wrong once its values are known", () => {
  test("is refused with every field, before any request", async () => {
    const keySet = await serve(KEY_SET);
    const config = configFor(keySet.url, {
      userPool: { id: 'us-east-1_A"};evil()//', clientIds: ["a b"] },
    });
    expect(await outcome(keySet, config)).toEqual(
      failure(
        "Invalid Gatehouse configuration:\n" +
          "  userPool.id: expected a user pool id such as us-east-1_AbCdEfGhI\n" +
          "  userPool.clientIds[0]: expected an app client id",
      ),
    );
    expect(keySet.received).toEqual([]);
  });

  test.each([
    ["{", "The property Config is not JSON."],
    [undefined, "The property Config is missing."],
  ])("%j", async (config, reason) => {
    const cloudFormation = await serve({});
    await deploy(requestTo(cloudFormation.url, config), LIMITS);
    expect(answersOf(cloudFormation)).toEqual([failure(reason)]);
  });
});

describe("CloudFormation", () => {
  test("gets one PUT without a content type, as its presigned URL asks", async () => {
    const cloudFormation = await serve({});
    await deploy(requestTo(cloudFormation.url, undefined), LIMITS);
    expect(cloudFormation.received).toHaveLength(1);
    expect(cloudFormation.received[0]?.method).toBe("PUT");
    expect(cloudFormation.received[0]?.headers["content-type"]).toBe("");
  });

  test("hears of every deletion that it succeeded, without a request to the pool", async () => {
    const keySet = await serve({ status: 500 });
    const cloudFormation = await serve({});
    await deploy(requestTo(cloudFormation.url, configFor(keySet.url), "Delete"), LIMITS);
    expect(answersOf(cloudFormation)).toMatchObject([
      { Status: "SUCCESS", PhysicalResourceId: "gatehouse-deployment" },
    ]);
    expect(keySet.received).toEqual([]);
  });

  test("keeps the resource over an update", async () => {
    const keySet = await serve(KEY_SET);
    const cloudFormation = await serve({});
    await deploy(requestTo(cloudFormation.url, configFor(keySet.url), "Update"), LIMITS);
    expect(answersOf(cloudFormation)).toMatchObject([
      { Status: "SUCCESS", PhysicalResourceId: "gatehouse-deployment" },
    ]);
  });

  test("is answered a second time after a failure", async () => {
    const cloudFormation = await serve({ status: 503 }, {});
    await deploy(requestTo(cloudFormation.url, undefined, "Delete"), LIMITS);
    expect(cloudFormation.received).toHaveLength(2);
  });

  test("that cannot be answered makes the run fail, so that Lambda repeats it", async () => {
    const cloudFormation = await serve({ status: 403 });
    await expect(deploy(requestTo(cloudFormation.url, undefined, "Delete"), LIMITS)).rejects.toThrow(
      "CloudFormation's answer URL replied 403",
    );
  });

  test.each([
    [null, "not a custom resource request: RequestType is missing"],
    [{ RequestType: "Create" }, "not a custom resource request: ResponseURL is missing"],
  ])("did not send %j", async (event, message) => {
    await expect(deploy(event, LIMITS)).rejects.toThrow(message);
  });
});

test("the built file answers as Lambda would run it", async () => {
  const keySet = await serve(KEY_SET);
  const cloudFormation = await serve({});
  const module: { exports: { handler?: (event: unknown) => Promise<void> } } = { exports: {} };
  const run = new Function("module", "exports", "require", readBuiltFile("infra/deployment.js"));
  run(module, module.exports, process.getBuiltinModule);
  await module.exports.handler?.(requestTo(cloudFormation.url, configFor(keySet.url)));
  expect(answersOf(cloudFormation)).toMatchObject([{ Status: "SUCCESS", Data: { Jwks: JWKS } }]);
});
