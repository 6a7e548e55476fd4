// Origin-request functions: behind the cache, and with the last word on what the origin is asked.

import { expect, test } from "vitest";
import {
  FORWARD_QUERY,
  type OriginRequestEvent,
  type OriginResponseEvent,
  originRequestPolicy,
  stage,
} from "./stage.ts";

type EventRequest = OriginRequestEvent["Records"][number]["cf"]["request"];

/** A function that keeps its events and returns the request, changed. */
function recorder(change: (request: EventRequest) => unknown = (request) => request) {
  const events: OriginRequestEvent[] = [];
  const originRequest = (event: OriginRequestEvent) => {
    events.push(structuredClone(event));
    const request = event.Records[0]?.cf.request;
    return request && change(request);
  };
  return { events, originRequest };
}

const S3 = {
  s3: {
    authMethod: "none",
    customHeaders: {},
    domainName: "bucket.s3.eu-west-1.amazonaws.com",
    path: "",
    region: "eu-west-1",
  },
};

test("the event has the headers that go to the origin, and the origin", async () => {
  const { events, originRequest } = recorder();
  const policies = {
    some: originRequestPolicy({
      HeadersConfig: { HeaderBehavior: "whitelist", Headers: ["X-Token"] },
      QueryStringsConfig: { QueryStringBehavior: "all" },
    }),
  };
  const edge = await stage({ originRequest, policies, behavior: { OriginRequestPolicyId: "some" } });
  const answer = await edge.get("/a%20b?x=1", { "X-Token": "t", "X-Other": "o", Cookie: "c=1" });
  expect(events).toMatchObject([
    {
      Records: [
        {
          cf: {
            config: { eventType: "origin-request", requestId: answer.headers["x-amz-cf-id"] },
            request: { method: "GET", uri: "/a%20b", querystring: "x=1", origin: S3 },
          },
        },
      ],
    },
  ]);
  expect(Object.keys(events[0]?.Records[0]?.cf.request.headers ?? {}).sort()).toEqual([
    "host",
    "user-agent",
    "via",
    "x-forwarded-for",
    "x-token",
  ]);
});

test("what it changes goes to the origin and not into the cache key, and the origin-response function sees it", async () => {
  const { originRequest } = recorder((request) => {
    const { "x-forwarded-for": _, ...headers } = request.headers;
    return {
      ...request,
      uri: "/%C3%A4",
      querystring: "signed=1",
      headers: { ...headers, "x-a": [{ value: "1" }] },
    };
  });
  const responses: OriginResponseEvent[] = [];
  const edge = await stage({
    originRequest,
    originResponse: (event) => {
      responses.push(event);
      return event.Records[0]?.cf.response;
    },
    behavior: { OriginRequestPolicyId: FORWARD_QUERY },
  });
  expect(await edge.xCache("/a")).toBe("Miss from cloudfront");
  expect(await edge.xCache("/a")).toBe("Hit from cloudfront");
  expect(edge.seen.map(({ url, headers }) => [url, headers["x-a"], headers["x-forwarded-for"]])).toEqual([
    ["/%C3%A4?signed=1", "1", undefined],
  ]);
  expect(responses[0]?.Records[0]?.cf.request).toMatchObject({ uri: "/%C3%A4", querystring: "signed=1" });
});

test("runs on misses only: hits and requests that wait for another's trip run nothing", async () => {
  const { events, originRequest } = recorder();
  const edge = await stage({ originRequest, origin: (_, answer) => setTimeout(() => answer.end("x"), 50) });
  await Promise.all([edge.get("/a"), edge.get("/a"), edge.get("/a")]);
  await edge.get("/a");
  expect(events).toHaveLength(1);
});

test.each([
  ["max-age", "max-age=60", 1],
  ["no-store", "no-store", 2],
])(
  "an answer of its own with %s is kept accordingly, and no origin-response function sees it",
  async (_, value, runs) => {
    const { events, originRequest } = recorder(() => ({
      status: "200",
      headers: { "cache-control": [{ value }] },
      body: "made",
    }));
    const edge = await stage({ originRequest, originResponse: () => ({ status: "500" }) });
    expect([(await edge.get("/a")).text, (await edge.get("/a")).text]).toEqual(["made", "made"]);
    expect([events.length, edge.seen.length]).toEqual([runs, 0]);
  },
);

test("its errors are kept for the error caching minimum TTL", async () => {
  const { events, originRequest } = recorder(() => ({ status: "503", body: "no" }));
  const edge = await stage({ originRequest });
  expect((await edge.get("/a")).status).toBe(503);
  expect((await edge.get("/a")).status).toBe(503);
  expect(events).toHaveLength(1);
  edge.wait(11);
  await edge.get("/a");
  expect(events).toHaveLength(2);
});

test.each<[string, (request: EventRequest) => unknown]>([
  ["another method", (request) => ({ ...request, method: "HEAD" })],
  ["no origin", ({ origin: _, ...request }) => request],
  ["another origin", (request) => ({ ...request, origin: { s3: { ...S3.s3, path: "/x" } } })],
  ["a changed Via", (request) => ({ ...request, headers: { ...request.headers, via: [{ value: "x" }] } })],
  [
    "If-None-Match added",
    (request) => ({ ...request, headers: { ...request.headers, "if-none-match": [{ value: "x" }] } }),
  ],
  [
    "a disallowed header",
    (request) => ({ ...request, headers: { ...request.headers, "x-edge-a": [{ value: "x" }] } }),
  ],
  ["an answer over 1 MB", () => ({ status: "200", body: "x".repeat(1024 * 1024 + 1) })],
])("%s is a 502", async (_, change) => {
  const edge = await stage({ ...recorder(change) });
  const answer = await edge.get("/a");
  expect([answer.status, answer.headers["x-cache"]]).toEqual([502, "LambdaValidationError from cloudfront"]);
  expect(edge.seen).toEqual([]);
});

test("a function that throws is a 503 that is not kept", async () => {
  let runs = 0;
  const edge = await stage({
    originRequest: () => {
      runs += 1;
      throw new Error("no");
    },
  });
  expect((await edge.get("/a")).headers["x-cache"]).toBe("LambdaExecutionError from cloudfront");
  await edge.get("/a");
  expect(runs).toBe(2);
});
