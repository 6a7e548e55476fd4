// The loader: a function's code runs as it would in Lambda.

import { afterEach, describe, expect, test } from "vitest";
import {
  createLambda,
  type FunctionDefinition,
  type LambdaFunction,
  type LambdaOptions,
  type LogLine,
  parseFunctionProperties,
} from "../../../../local/aws/lambda/index.ts";

const open: LambdaFunction[] = [];

afterEach(async () => {
  await Promise.all(open.splice(0).map((lambda) => lambda.close()));
});

function run(
  code: string,
  options: LambdaOptions & { definition?: Partial<FunctionDefinition> } = {},
): LambdaFunction {
  const identity = {
    functionName: "us-east-1.gate",
    functionArn: "arn:aws:lambda:eu-west-1:123456789012:function:gate",
    functionVersion: "1",
  };
  const definition = parseFunctionProperties(
    { Code: { ZipFile: code }, MemorySize: 128, Timeout: 5 },
    identity,
  );
  const lambda = createLambda({ ...definition, ...options.definition }, options);
  open.push(lambda);
  return lambda;
}

test("with a cold start for every request nothing is remembered", async () => {
  const code = "let calls = 0; exports.handler = async () => ++calls;";
  const [warm, cold] = [run(code), run(code, { coldStarts: "always" })];
  expect([await warm.invoke({}), await warm.invoke({})]).toEqual([1, 2]);
  expect([await cold.invoke({}), await cold.invoke({})]).toEqual([1, 1]);
  expect([warm.instanceCount(), cold.instanceCount()]).toEqual([1, 0]);
});

describe("a handler's answer", () => {
  test.each([
    ["an object", "async () => ({ a: [1, 'x', null] })", { a: [1, "x", null] }],
    ["undefined becomes null", "async () => {}", null],
    [
      "what JSON drops is dropped",
      "async () => ({ a: undefined, b: () => 1, d: new Date(0) })",
      { d: "1970-01-01T00:00:00.000Z" },
    ],
    ["a plain function's value", "(event) => event.n + 1", 42],
  ])("%s", async (_name, handler, expected) => {
    expect(await run(`exports.handler = ${handler}`).invoke({ n: 41 })).toEqual(expected);
  });

  test("no event is null", async () => {
    expect(await run("exports.handler = async (event) => ({ event })").invoke(undefined)).toEqual({
      event: null,
    });
  });

  test("the event is a copy: JSON in, JSON out", async () => {
    const lambda = run("exports.handler = async (event) => Object.keys(event)");
    expect(await lambda.invoke({ kept: 1, dropped: undefined })).toEqual(["kept"]);
  });

  test("the context names the invocation", async () => {
    const lambda = run(
      "exports.handler = async (e, c) => [c.awsRequestId.length, c.functionName, c.functionVersion, c.memoryLimitInMB, c.getRemainingTimeInMillis() > 0 && c.getRemainingTimeInMillis() <= 5000]",
    );
    expect(await lambda.invoke({})).toEqual([36, "us-east-1.gate", "1", "128", true]);
  });
});

describe("a failure", () => {
  test.each([
    ["thrown error", "exports.handler = async () => { throw new TypeError('bad') }", "TypeError", "bad"],
    ["rejected string", "exports.handler = () => Promise.reject('no')", "string", "no"],
    [
      "circular answer",
      "exports.handler = async () => { const a = {}; a.a = a; return a }",
      "TypeError",
      "circular",
    ],
    ["throws while loading", "throw new RangeError('init')", "RangeError", "init"],
    ["syntax error", "exports.handler = async () => {", "Runtime.UserCodeSyntaxError", "Unexpected end"],
    ["no such export", "exports.other = 1", "Runtime.HandlerNotFound", "index.handler"],
    [
      "callback handler",
      "exports.handler = (event, context, callback) => callback(null, 1)",
      "Runtime.CallbackHandlerDeprecated",
      "callback",
    ],
    ["process.exit", "exports.handler = async () => process.exit(3)", "Runtime.ExitError", "exit status 3"],
    [
      "answer over 6 MB",
      "exports.handler = async () => 'x'.repeat(6291556)",
      "Function.ResponseSizeTooLarge",
      "6291556",
    ],
  ])("%s", async (_name, code, errorType, message) => {
    await expect(run(code).invoke({})).rejects.toMatchObject({
      errorType,
      errorMessage: expect.stringContaining(message),
    });
  });

  test("time-out kills the instance, the next request gets a new one", async () => {
    const lambda = run(
      "let n = 0; exports.handler = (e) => { n += 1; return e.hang ? new Promise(() => {}) : n }",
      {
        definition: { timeoutMs: 200 },
      },
    );
    expect(await lambda.invoke({})).toBe(1);
    await expect(lambda.invoke({ hang: true })).rejects.toMatchObject({
      errorMessage: expect.stringContaining("Task timed out after 0.20 seconds"),
    });
    expect(await lambda.invoke({})).toBe(1);
  });

  test("a busy loop times out too", async () => {
    const lambda = run("exports.handler = async () => { for (;;); }", { definition: { timeoutMs: 200 } });
    await expect(lambda.invoke({})).rejects.toMatchObject({ errorType: "Sandbox.Timedout" });
  });

  test("memory beyond the limit ends the instance", async () => {
    const code = "exports.handler = async () => { const a = []; for (;;) a.push(new Array(1e5).fill({})); }";
    await expect(
      run(code, { definition: { memoryMb: 32, timeoutMs: 20_000 } }).invoke({}),
    ).rejects.toMatchObject({
      errorType: "Runtime.OutOfMemory",
    });
  });

  test("an error crosses as Lambda's shape", async () => {
    const error = await run("exports.handler = async () => { throw new Error('x') }")
      .invoke({})
      .catch((e: unknown) => e);
    expect(JSON.parse(JSON.stringify(error))).toMatchObject({ errorType: "Error", errorMessage: "x" });
  });
});

describe("instances", () => {
  const counting =
    "let n = 0; exports.handler = async (e) => { n += 1; await new Promise((r) => setTimeout(r, e.ms ?? 0)); return n }";

  test("requests in a row share one", async () => {
    const lambda = run(counting);
    expect([await lambda.invoke({}), await lambda.invoke({}), await lambda.invoke({})]).toEqual([1, 2, 3]);
    expect(lambda.instanceCount()).toBe(1);
  });

  test("requests at the same time get one each", async () => {
    const lambda = run(counting);
    expect(await Promise.all([lambda.invoke({ ms: 50 }), lambda.invoke({ ms: 50 })])).toEqual([1, 1]);
    expect(lambda.instanceCount()).toBe(2);
  });

  test("a full pool waits", async () => {
    const lambda = run(counting, { maxInstances: 1 });
    expect(await Promise.all([1, 2, 3].map(() => lambda.invoke({})))).toEqual([1, 2, 3]);
  });

  test("a full pool throttles where asked to", async () => {
    const lambda = run(counting, { maxInstances: 1, whenFull: "throttle" });
    const [first, second] = await Promise.allSettled([lambda.invoke({}), lambda.invoke({})]);
    expect(first).toEqual({ status: "fulfilled", value: 1 });
    expect(second).toMatchObject({ reason: { errorType: "TooManyRequestsException" } });
  });

  test("nothing runs between two requests: the instance is frozen", async () => {
    const lambda = run(
      "let ticks = 0; exports.handler = async () => { const seen = ticks; setInterval(() => { ticks += 1 }, 1).unref(); return seen }",
    );
    await lambda.invoke({});
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(await lambda.invoke({})).toBeLessThan(5);
  });

  test("close ends requests under way and refuses later ones", async () => {
    const lambda = run("exports.handler = () => new Promise(() => {})");
    const pending = lambda.invoke({}).catch((error: unknown) => error);
    await lambda.close();
    expect(await pending).toMatchObject({ errorType: "Runtime.ExitError" });
    await expect(lambda.invoke({})).rejects.toMatchObject({ errorType: "Runtime.Closed" });
  });
});

describe("surroundings", () => {
  test("the developer's variables do not reach the function", async () => {
    process.env["AWS_PROFILE"] = "developer";
    const lambda = run("exports.handler = async () => process.env");
    const env = await lambda.invoke({});
    delete process.env["AWS_PROFILE"];
    expect(env).toMatchObject({
      AWS_REGION: "eu-west-1",
      AWS_EXECUTION_ENV: "AWS_Lambda_nodejs24.x",
      AWS_LAMBDA_FUNCTION_NAME: "us-east-1.gate",
      _HANDLER: "index.handler",
    });
    expect(env).not.toHaveProperty("AWS_PROFILE");
    expect(env).not.toHaveProperty("HOME");
  });

  test("console lines arrive with their level and request id", async () => {
    const lines: LogLine[] = [];
    const lambda = run(
      "exports.handler = async (e, c) => { console.log('a', { b: 1 }); console.error('z'); return c.awsRequestId }",
      {
        log: (line) => lines.push(line),
      },
    );
    const requestId = await lambda.invoke({});
    expect(lines).toEqual([
      { level: "INFO", message: "a { b: 1 }", requestId },
      { level: "ERROR", message: "z", requestId },
    ]);
  });

  test("CommonJS, as inline code is", async () => {
    const lambda = run(
      "const { sep } = require('node:path'); exports.handler = async () => [typeof module, sep, __filename.endsWith('index.js')]",
    );
    expect(await lambda.invoke({})).toEqual(["object", "/", true]);
  });
});

describe("parseFunctionProperties", () => {
  const identity = { functionName: "f", functionArn: "arn" };
  test("Lambda's defaults", () => {
    expect(parseFunctionProperties({ Code: { ZipFile: "x" } }, identity)).toMatchObject({
      memoryMb: 128,
      timeoutMs: 3000,
      handler: "index.handler",
    });
  });
  test.each([
    ["an asset", { Code: { S3Bucket: "b" } }, "Code.ZipFile"],
    ["a bad time-out", { Code: { ZipFile: "" }, Timeout: [] }, "Timeout"],
    ["no properties", null, "Properties"],
  ])("%s is refused", (_name, properties, message) => {
    expect(() => parseFunctionProperties(properties, identity)).toThrow(message);
  });
});
