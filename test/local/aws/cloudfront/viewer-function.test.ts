// CloudFront Functions: the event, what may come back, and the store that they read; in both engines.

import { describe, expect, test } from "vitest";
import { hasNjs, KeyValueStore } from "../../../../local/aws/cloudfront/index.ts";
import { FORWARD_QUERY, originRequestPolicy, type StageOptions, stage } from "./stage.ts";

const ENGINES = ["context", ...(hasNjs ? (["njs"] as const) : [])] as const;

/** A function that answers with what it was given. */
const ECHO = `function handler(event) {
  return { statusCode: 200, body: JSON.stringify({ event: event, raw: event.request.rawQueryString() }) };
}`;

/** A function that returns the request after a statement about it. */
function changing(statement: string): string {
  return `function handler(event) { var request = event.request; ${statement}; return request; }`;
}

async function withFunction(viewerFunction: string, options: StageOptions = {}) {
  return await stage({ viewerFunction, ...options });
}

describe.each(ENGINES)("in %s", (functionEngine) => {
  const cloudFront = { functionEngine };

  test("the event has CloudFront's shape, cookies of their own, and nothing else", async () => {
    const edge = await withFunction(ECHO, { cloudFront });
    const answer = await edge.get("/a%20b?x=%31&y&x=2", {
      Host: "assets.example.test",
      Cookie: "a=1; b=x=y; a=2",
      Accept: ["text/html", "image/png"],
      "X-Forwarded-Proto": "https",
    });
    expect(JSON.parse(answer.text)).toEqual({
      raw: "x=%31&y&x=2",
      event: {
        version: "1.0",
        context: {
          distributionDomainName: "d111111abcdef8.cloudfront.net",
          distributionId: "EDFDVBD6EXAMPLE",
          eventType: "viewer-request",
          requestId: answer.headers["x-amz-cf-id"],
        },
        viewer: { ip: "127.0.0.1" },
        request: {
          method: "GET",
          uri: "/a%20b",
          querystring: {
            x: { value: "%31", multiValue: [{ value: "%31" }, { value: "2" }] },
            y: { value: "" },
          },
          headers: {
            host: { value: "assets.example.test" },
            accept: { value: "text/html", multiValue: [{ value: "text/html" }, { value: "image/png" }] },
          },
          cookies: { a: { value: "1", multiValue: [{ value: "1" }, { value: "2" }] }, b: { value: "x=y" } },
        },
      },
    });
    expect(answer.headers["x-cache"]).toBe("FunctionGeneratedResponse from cloudfront");
    expect(edge.seen).toEqual([]);
  });

  test("what it changes goes on, and counts for the cache", async () => {
    const code = changing(`
      request.uri = '/b';
      request.querystring = { v: { value: '2' }, l: { value: '', multiValue: [{ value: '1' }, { value: '2' }] } };
      request.headers['x-scope'] = { value: 's' };
      request.cookies = {}`);
    const policies = {
      scoped: originRequestPolicy({
        HeadersConfig: { HeaderBehavior: "whitelist", Headers: ["X-Scope"] },
        QueryStringsConfig: { QueryStringBehavior: "all" },
        CookiesConfig: { CookieBehavior: "all" },
      }),
    };
    const edge = await withFunction(code, {
      policies,
      behavior: { OriginRequestPolicyId: "scoped" },
      cloudFront,
    });
    await edge.get("/a?z=1", { Cookie: "c=1" });
    expect(edge.seen).toMatchObject([{ url: "/b?v=2&l=1&l=2", headers: { "x-scope": "s" } }]);
    expect(edge.seen[0]?.headers["cookie"]).toBeUndefined();
  });

  test.each([
    ["throws", "function handler() { throw new Error('no'); }", "FunctionExecutionError"],
    ["rejects", "async function handler() { throw new Error('no'); }", "FunctionExecutionError"],
    ["uses a timer", changing("setTimeout(function () {}, 1)"), "FunctionExecutionError"],
    ["asks for a module that is not there", changing("require('https')"), "FunctionExecutionError"],
    ["returns nothing", "function handler() {}", "FunctionValidationError"],
    ["returns text", "function handler() { return 'x'; }", "FunctionValidationError"],
  ])("a function that %s is a 503", async (_, code, resultType) => {
    const edge = await withFunction(code, { cloudFront });
    const answer = await edge.get("/");
    expect([answer.status, answer.headers["x-cache"]]).toEqual([503, `${resultType} from cloudfront`]);
    expect(edge.seen).toEqual([]);
  });

  test("reads its store: there, absent, failing, and changed at once", async () => {
    const store = new KeyValueStore();
    const code = `import cf from 'cloudfront';
const store = cf.kvs();
async function handler() {
  const has = await store.exists('k');
  return { statusCode: 200, body: has ? await store.get('k') : 'absent' };
}`;
    const edge = await withFunction(code, { store, cloudFront });
    expect((await edge.get("/")).text).toBe("absent");
    store.put("k", "v");
    expect((await edge.get("/")).text).toBe("v");
    store.fail(true);
    expect((await edge.get("/")).status).toBe(503);
  });
});

test.each([
  ["another method", "request.method = 'HEAD'"],
  ["no path", "request.uri = 'b'"],
  ["a path with a space", "request.uri = '/a b'"],
  ["a query as text", "request.querystring = 'a=1'"],
  ["a query with a space", "request.querystring = { a: { value: 'x y' } }"],
  ["a URL of 8,192 characters", "request.uri = '/' + 'x'.repeat(8191)"],
  ["another Host", "request.headers.host = { value: 'x' }"],
  ["no Host", "delete request.headers.host"],
  ["Via", "request.headers.via = { value: 'x' }"],
  ["cookies as a header", "request.headers.cookie = { value: 'a=1' }"],
  ["a header in capitals", "request.headers['X-A'] = { value: 'x' }"],
  ["a header without value", "request.headers['x-a'] = {}"],
  ["a header of two lines", "request.headers['x-a'] = { value: 'a\\r\\nb' }"],
  ["headers of 20,480 bytes", "request.headers['x-a'] = { value: 'x'.repeat(20480) }"],
])("a request with %s is a 503", async (_, statement) => {
  const edge = await withFunction(changing(statement));
  const answer = await edge.get("/a");
  expect([answer.status, answer.headers["x-cache"]]).toEqual([
    503,
    "FunctionValidationError from cloudfront",
  ]);
  expect(edge.seen).toEqual([]);
});

test.each([
  ["a status as text", "{ statusCode: '200' }"],
  ["status 99", "{ statusCode: 99 }"],
  ["a body of neither kind", "{ statusCode: 200, body: { encoding: 'hex', data: '' } }"],
  ["more than 40 KB", "{ statusCode: 200, body: 'x'.repeat(40961) }"],
  ["Content-Length", "{ statusCode: 200, headers: { 'content-length': { value: '1' } } }"],
])("an answer with %s is a 503", async (_, answer) => {
  const edge = await withFunction(`function handler() { return ${answer}; }`);
  expect((await edge.get("/a")).headers["x-cache"]).toBe("FunctionValidationError from cloudfront");
});

test("a disallowed header is a 502", async () => {
  const edge = await withFunction(changing("request.headers['x-edge-a'] = { value: 'x' }"));
  expect((await edge.get("/a")).status).toBe(502);
});

test("an answer with cookies, and one in base64", async () => {
  const edge = await withFunction(`function handler() { return {
    statusCode: 201, statusDescription: 'Made',
    headers: { 'x-a': { value: '1' } },
    cookies: { a: { value: '1', attributes: 'Path=/; Secure' } },
    body: { encoding: 'base64', data: 'aGVsbG8=' } }; }`);
  const answer = await edge.get("/a");
  expect([answer.status, answer.statusMessage, answer.text]).toEqual([201, "Made", "hello"]);
  expect(answer.headers).toMatchObject({
    "x-a": "1",
    "set-cookie": "a=1; Path=/; Secure",
    "content-length": "5",
  });
});

test("no code is made of text, and no global of Node.js is there", async () => {
  const code = `function handler() {
    var names = ['process', 'fetch', 'setTimeout', 'Map', 'Set', 'URL', 'global'];
    var found = names.filter(function (name) { return globalThis[name] !== undefined; });
    try { eval('1'); found.push('eval'); } catch (e) {}
    return { statusCode: 200, body: found.join() };
  }`;
  expect((await (await withFunction(code)).get("/")).text).toBe("");
});

test("a function that is skipped sees nothing, and the request goes on as it came", async () => {
  const edge = await withFunction("function handler() { return { statusCode: 403 }; }", {
    behavior: { OriginRequestPolicyId: FORWARD_QUERY },
  });
  edge.skipFunctions(true);
  expect((await edge.get("/a?b=c")).status).toBe(200);
  expect(edge.seen).toMatchObject([{ url: "/a?b=c" }]);
  edge.skipFunctions(false);
  expect((await edge.get("/a?b=c")).status).toBe(403);
});
