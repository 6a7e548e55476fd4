import { createHash } from "node:crypto";
import { afterEach, describe, expect, test, vi } from "vitest";
import { parseConfig } from "../../edge/config/document.ts";
import { readBuiltFile } from "../../infra/build/built-file.ts";
import { attempt, PATIENCE } from "../../infra/deployment/attempt.ts";
import { deploy } from "../../infra/deployment/handler.ts";
import { keySetUrl } from "../../infra/deployment/key-set.ts";
import { type Loopback, type Reply, serve } from "./loopback.ts";
import { MODULUS } from "./synth.ts";

const LIMITS = { timeoutMs: 300, pausesMs: [1] };
const KEY = { alg: "RS256", e: "AQAB", kid: "abc+/d==", kty: "RSA", n: MODULUS, use: "sig" };
const CODE = "0123456789abcdef-fedcba9876543210";
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
    ResourceProperties: { ServiceToken: "arn", Config: config, Code: CODE, DeploymentId: "1" },
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

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

function failure(reason: string): object {
  return expect.objectContaining({ Status: "FAILED", Reason: reason });
}

describe("a key set that is fine", () => {
  test("gives the reduced keys and the id of all that the functions are made of", async () => {
    const keySet = await serve(KEY_SET);
    const config = configFor(keySet.url);
    const id = `${sha256(`${config}\n${CODE}\n${JWKS}`)}-${sha256("request-1").slice(0, 16)}`;
    expect(await outcome(keySet, config)).toEqual({
      Status: "SUCCESS",
      PhysicalResourceId: id,
      StackId: "arn:aws:cloudformation:us-east-1:123456789012:stack/Gatehouse/1",
      RequestId: "request-1",
      LogicalResourceId: "Inputs",
      Data: { Jwks: JWKS, ContentId: id },
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

/** The content ids that CloudFormation is given, one request after the other. */
describe("the id of the content", () => {
  interface Step {
    readonly content: "A" | "B";
    readonly code?: string;
    /** The physical id that CloudFormation hands over: that of an earlier step. */
    readonly of?: number;
  }

  async function idsOf(steps: readonly Step[]): Promise<readonly string[]> {
    const keySet = await serve(KEY_SET);
    const ids: string[] = [];
    for (const [index, { content, code = CODE, of }] of steps.entries()) {
      const cloudFormation = await serve({});
      const config = configFor(keySet.url, { cookies: { names: [content] } });
      const request = requestTo(cloudFormation.url, config, of === undefined ? "Create" : "Update");
      await deploy(
        {
          ...request,
          RequestId: `request-${index}`,
          ResourceProperties: { Config: config, Code: code, DeploymentId: String(index) },
          ...(of !== undefined && { PhysicalResourceId: ids[of] ?? "gatehouse-deployment" }),
        },
        LIMITS,
      );
      const [{ PhysicalResourceId, Data }] = Object(answersOf(cloudFormation));
      expect(Data.ContentId).toBe(PhysicalResourceId);
      expect(PhysicalResourceId).toMatch(/^[0-9a-f]{64}-[0-9a-f]{16}$/);
      ids.push(PhysicalResourceId);
    }
    return ids;
  }

  const cases: readonly [name: string, steps: readonly Step[], expected: readonly number[]][] = [
    ["stays while nothing changes", [{ content: "A" }, { content: "A", of: 0 }], [0, 0]],
    ["changes with the configuration", [{ content: "A" }, { content: "B", of: 0 }], [0, 1]],
    ["changes with the bundles", [{ content: "A" }, { content: "A", code: "other", of: 0 }], [0, 1]],
    [
      "is the old one while an update is rolled back, and a new one when it is tried again",
      [{ content: "A" }, { content: "B", of: 0 }, { content: "A", of: 0 }, { content: "B", of: 0 }],
      [0, 1, 0, 3],
    ],
    [
      "is a new one at every try",
      [{ content: "A" }, { content: "B", of: 0 }, { content: "B", of: 0 }],
      [0, 1, 2],
    ],
    [
      "is a new one when the content before comes back, since another version was published in between",
      [{ content: "A" }, { content: "B", of: 0 }, { content: "A", of: 1 }],
      [0, 1, 2],
    ],
    ["is made for a resource that had none", [{ content: "A", of: 9 }], [0]],
    ["differs between two stacks of the same content", [{ content: "A" }, { content: "A" }], [0, 1]],
  ];
  test.each(cases)("%s", async (_name, steps, expected) => {
    const ids = await idsOf(steps);
    expect(ids.map((id) => ids.indexOf(id))).toEqual(expected);
  });

  test("that is given is never more than an id: it ends up in code", async () => {
    const keySet = await serve(KEY_SET);
    const cloudFormation = await serve({});
    const config = configFor(keySet.url);
    const given = `${sha256(`${config}\n${CODE}\n${JWKS}`)}-\nevil()//`;
    await deploy({ ...requestTo(cloudFormation.url, config), PhysicalResourceId: given }, LIMITS);
    expect(answersOf(cloudFormation)).toEqual([
      expect.objectContaining({ PhysicalResourceId: expect.stringMatching(/^[0-9a-f]{64}-[0-9a-f]{16}$/) }),
    ]);
  });

  test("needs to know the code", async () => {
    const cloudFormation = await serve({});
    const request = requestTo(cloudFormation.url, configFor("http://127.0.0.1:1/"));
    await deploy({ ...request, ResourceProperties: { Config: "{}" } }, LIMITS);
    expect(answersOf(cloudFormation)).toEqual([failure("The property Code is missing.")]);
  });
});

describe("patience with what is seconds old", () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  test.each([0, 1, 20, 44])("a right that is there after %i s is waited for", async (seconds) => {
    vi.useFakeTimers({ now: 0 });
    const call = vi.fn(async () => {
      if (Date.now() < seconds * 1_000) throw new Error("AccessDeniedException");
      return Date.now() / 1_000;
    });
    const result = attempt(PATIENCE, call);
    await vi.runAllTimersAsync();
    expect(await result).toBeLessThan(seconds + 11);
  });

  test("ends after 45 s of pauses that grow, with what the last try says", async () => {
    vi.useFakeTimers({ now: 0 });
    const starts: number[] = [];
    const result = attempt(PATIENCE, async () => {
      starts.push(Date.now() / 1_000);
      throw new Error(`AccessDeniedException ${starts.length}`);
    });
    const outcome = expect(result).rejects.toThrow("AccessDeniedException 8");
    await vi.runAllTimersAsync();
    await outcome;
    expect(starts).toEqual([0, 1, 3, 7, 15, 25, 35, 45]);
  });

  test("leaves time for the answer within the two minutes of the function", () => {
    const { timeoutMs, pausesMs } = PATIENCE;
    const longest = (pauses: readonly number[]) =>
      (pauses.length + 1) * timeoutMs + pauses.reduce((sum, pause) => sum + pause, 0);
    expect(longest(pausesMs) + longest(pausesMs.slice(0, 2))).toBeLessThan(110_000);
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

  test("is answered a second time after a failure", async () => {
    const cloudFormation = await serve({ status: 503 }, {});
    await deploy(requestTo(cloudFormation.url, undefined, "Delete"), LIMITS);
    expect(cloudFormation.received).toHaveLength(2);
  });

  test("is answered three times at most: the work may have taken all the time there was", async () => {
    const cloudFormation = await serve({ status: 503 });
    const limits = { timeoutMs: 300, pausesMs: [1, 1, 1, 1] };
    await expect(deploy(requestTo(cloudFormation.url, undefined, "Delete"), limits)).rejects.toThrow(
      "CloudFormation's answer URL replied 503",
    );
    expect(cloudFormation.received).toHaveLength(3);
  });

  test.each([
    ["Delete", "SUCCESS"],
    ["Update", "FAILED"],
  ])("finds the id as it was after %s, so that nothing is replaced", async (type, status) => {
    const cloudFormation = await serve({});
    const request = { ...requestTo(cloudFormation.url, undefined, type), PhysicalResourceId: "an-id" };
    await deploy(request, LIMITS);
    expect(answersOf(cloudFormation)).toMatchObject([{ Status: status, PhysicalResourceId: "an-id" }]);
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
