// The origin-response function: its event, its powers, its limits.

import { describe, expect, test } from "vitest";
import { FORWARD_QUERY, type OriginHandler, type OriginResponseEvent, stage } from "./stage.ts";

type EventResponse = OriginResponseEvent["Records"][number]["cf"]["response"];

const change =
  (edit: (response: EventResponse) => unknown) =>
  (event: OriginResponseEvent): unknown => {
    const response = event.Records[0]?.cf.response;
    return response === undefined ? null : edit(response);
  };
const denied: OriginHandler = (_seen, response) =>
  response
    .writeHead(403, { "Content-Type": "application/xml", "Transfer-Encoding": "chunked" })
    .end("<Error>token</Error>");
const NO_ERROR_CACHE = {
  CustomErrorResponses: [404, 500, 502, 503].map((ErrorCode) => ({ ErrorCode, ErrorCachingMinTTL: 0 })),
};

test("the event has the forwarded request, the origin and the response without its body", async () => {
  const events: OriginResponseEvent[] = [];
  const edge = await stage({
    behavior: { OriginRequestPolicyId: FORWARD_QUERY },
    originConfig: {
      OriginPath: "/site",
      OriginCustomHeaders: [{ HeaderName: "X-Secret", HeaderValue: "s" }],
    },
    originResponse: (event) => {
      events.push(event);
      return event.Records[0]?.cf.response;
    },
    origin: (_seen, response) =>
      response.writeHead(200, "Fine", { "Content-Length": "5", "X-Amz-Cf-Hidden": "x" }).end("hello"),
  });
  const answer = await edge.get("/a%20b?sig=1", { "User-Agent": "curl/8" });
  expect(events).toHaveLength(1);
  const { config, request, response } = events[0]?.Records[0]?.cf ?? {};
  expect(config).toEqual({
    distributionDomainName: "d111111abcdef8.cloudfront.net",
    distributionId: "EDFDVBD6EXAMPLE",
    eventType: "origin-response",
    requestId: answer.headers["x-amz-cf-id"],
  });
  expect(request).toMatchObject({
    clientIp: "127.0.0.1",
    method: "GET",
    uri: "/a%20b",
    querystring: "sig=1",
    headers: {
      host: [{ key: "Host", value: "bucket.s3.eu-west-1.amazonaws.com" }],
      "user-agent": [{ key: "User-Agent", value: "Amazon CloudFront" }],
    },
    origin: {
      s3: {
        authMethod: "none",
        customHeaders: { "x-secret": [{ key: "X-Secret", value: "s" }] },
        domainName: "bucket.s3.eu-west-1.amazonaws.com",
        path: "/site",
        region: "eu-west-1",
      },
    },
  });
  expect(response).toMatchObject({
    status: "200",
    statusDescription: "Fine",
    headers: { "content-length": [{ key: "Content-Length", value: "5" }] },
  });
  expect(response).not.toHaveProperty("body");
  expect(response?.headers).not.toHaveProperty("x-amz-cf-hidden");
  expect(answer.text).toBe("hello");
});

test("the query string is visible only where a policy takes all of it", async () => {
  const seen: unknown[] = [];
  const edge = await stage({
    originResponse: (event) => {
      seen.push(event.Records[0]?.cf.request.querystring);
      return event.Records[0]?.cf.response;
    },
  });
  await edge.get("/a?x=1");
  expect(seen).toEqual([""]);
});

test("it runs on misses and revalidations, never on hits", async () => {
  const statuses: unknown[] = [];
  const edge = await stage({
    originResponse: change((response) => {
      statuses.push(response.status);
      return response;
    }),
    origin: (seen, response) =>
      response
        .writeHead(seen.headers["if-none-match"] ? 304 : 200, { ETag: '"v"', "Cache-Control": "max-age=60" })
        .end(),
  });
  await edge.get("/a");
  await edge.get("/a");
  edge.wait(61);
  await edge.get("/a");
  expect(statuses).toEqual(["200", "304"]);
});

test("it replaces status, headers and body of an error", async () => {
  const edge = await stage({
    origin: denied,
    config: NO_ERROR_CACHE,
    originResponse: change(() => ({
      status: "404",
      statusDescription: "Not Here",
      headers: {
        "transfer-encoding": [{ key: "Transfer-Encoding", value: "chunked" }],
        "content-type": [{ key: "Content-Type", value: "application/json" }],
      },
      body: '{"code":"not_found"}',
    })),
  });
  const answer = await edge.get("/a");
  expect(answer).toMatchObject({ status: 404, statusMessage: "Not Here", text: '{"code":"not_found"}' });
  expect(answer.headers).toMatchObject({
    "content-type": "application/json",
    "content-length": "20",
    "x-cache": "Error from cloudfront",
  });
});

test("the changed answer is what is cached", async () => {
  const edge = await stage({
    originResponse: change((response) => ({
      ...response,
      headers: { ...response.headers, "x-added": [{ value: "1" }] },
    })),
  });
  await edge.get("/a");
  const hit = await edge.get("/a");
  expect([hit.headers["x-cache"], hit.headers["x-added"], hit.text]).toEqual([
    "Hit from cloudfront",
    "1",
    "hello",
  ]);
});

test("an empty body removes the origin's", async () => {
  const edge = await stage({ originResponse: change((response) => ({ ...response, body: "" })) });
  expect(await edge.get("/a")).toMatchObject({ status: 200, text: "" });
});

test("its no-store is respected", async () => {
  const edge = await stage({
    originResponse: change((response) => ({
      ...response,
      headers: { ...response.headers, "cache-control": [{ value: "no-store" }] },
    })),
  });
  await edge.get("/a");
  expect(await edge.xCache("/a")).toBe("Miss from cloudfront");
});

test("HEAD keeps the length of the object", async () => {
  const edge = await stage({
    originResponse: change((response) => response),
    origin: (_seen, response) => response.writeHead(200, { "Content-Length": 5 }).end(),
  });
  expect((await edge.send("HEAD", "/a")).headers["content-length"]).toBe("5");
});

describe("an invalid result is 502", () => {
  test.each<[string, (response: EventResponse) => unknown, string]>([
    ["null", () => null, "must be an object"],
    ["no status", ({ headers }) => ({ headers }), "status must be a string"],
    [
      "a disallowed header",
      (response) => ({ ...response, headers: { ...response.headers, "x-cache": [{ value: "x" }] } }),
      "disallowed header",
    ],
    [
      "changes Via",
      (response) => ({ ...response, headers: { ...response.headers, via: [{ value: "x" }] } }),
      "read-only header: via",
    ],
    [
      "removes Transfer-Encoding",
      (response) => ({ ...response, headers: {} }),
      "read-only header: transfer-encoding",
    ],
    ["over 1 MB", (response) => ({ ...response, body: "x".repeat(1024 * 1024 + 1) }), "more than 1048576"],
  ])("%s", async (_name, edit, reason) => {
    const edge = await stage({ origin: denied, originResponse: change(edit) });
    const answer = await edge.get("/a");
    expect([answer.status, answer.headers["x-cache"]]).toEqual([
      502,
      "LambdaValidationError from cloudfront",
    ]);
    expect(answer.text).not.toContain("token");
    expect(edge.reasons()).toEqual([expect.stringContaining(reason)]);
  });

  test("nearly 1 MB is fine", async () => {
    const edge = await stage({
      originResponse: change((response) => ({ ...response, body: "x".repeat(1024 * 1024 - 1024) })),
    });
    expect((await edge.get("/a")).body.length).toBe(1024 * 1024 - 1024);
  });
});

test("a function that throws is 503, and nothing of the origin's answer is served or kept", async () => {
  const edge = await stage({ origin: denied, originResponse: () => Promise.reject(new Error("broken")) });
  for (let i = 0; i < 2; i += 1) {
    const answer = await edge.get("/a");
    expect([answer.status, answer.headers["x-cache"]]).toEqual([503, "LambdaExecutionError from cloudfront"]);
  }
  expect(edge.seen).toHaveLength(2);
});
