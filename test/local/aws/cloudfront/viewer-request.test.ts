// The event of a viewer-request function, and what becomes of its answer.

import { describe, expect, test } from "vitest";
import { createCloudFront } from "../../../../local/aws/cloudfront/index.ts";
import { bytesOf, textOf } from "../../../../local/aws/cloudfront/viewer.ts";
import { CACHE_NONE, cloudFrontOptions, FORWARD_QUERY, stage, type ViewerRequestEvent } from "./stage.ts";

type EventRequest = ViewerRequestEvent["Records"][number]["cf"]["request"];

/** A function that keeps the events it saw and returns the request, changed by `change`. */
function recorder(change: (request: EventRequest) => unknown = (request) => request) {
  const events: ViewerRequestEvent[] = [];
  const viewerRequest = (event: ViewerRequestEvent) => {
    events.push(structuredClone(event));
    const request = event.Records[0]?.cf.request;
    return request === undefined ? undefined : change(request);
  };
  const first = (): EventRequest => {
    const request = events[0]?.Records[0]?.cf.request;
    if (request === undefined) throw new Error("no event");
    return request;
  };
  return { events, viewerRequest, first };
}

describe("the event", () => {
  test("has CloudFront's shape, and nothing else", async () => {
    const { events, viewerRequest } = recorder();
    const edge = await stage({ viewerRequest });
    const answer = await edge.get("/a%20b?x=%31&y", { Host: "assets.example.test", "User-Agent": "curl/8" });
    expect(events).toEqual([
      {
        Records: [
          {
            cf: {
              config: {
                distributionDomainName: "d111111abcdef8.cloudfront.net",
                distributionId: "EDFDVBD6EXAMPLE",
                eventType: "viewer-request",
                requestId: answer.headers["x-amz-cf-id"],
              },
              request: {
                clientIp: "127.0.0.1",
                headers: {
                  host: [{ key: "Host", value: "assets.example.test" }],
                  "user-agent": [{ key: "User-Agent", value: "curl/8" }],
                },
                method: "GET",
                querystring: "x=%31&y",
                uri: "/a%20b",
              },
            },
          },
        ],
      },
    ]);
  });

  test("header names: lower-case map keys, the viewer's spelling in key, one entry per line", async () => {
    const { viewerRequest, first } = recorder();
    const edge = await stage({ viewerRequest });
    await edge.get("/a", { "X-MiXed": "1", Cookie: ["a=1", "b=2"] });
    expect(first().headers["x-mixed"]).toEqual([{ key: "X-MiXed", value: "1" }]);
    expect(first().headers["cookie"]).toEqual([
      { key: "Cookie", value: "a=1" },
      { key: "Cookie", value: "b=2" },
    ]);
  });

  test("disallowed headers are not exposed", async () => {
    const { viewerRequest, first } = recorder();
    const edge = await stage({ viewerRequest });
    await edge.get("/a", {
      Connection: "close",
      "X-Amz-Cf-Id": "x",
      "X-Edge-Foo": "x",
      "X-Forwarded-Proto": "http",
      "X-Real-IP": "x",
      Kept: "x",
    });
    expect(Object.keys(first().headers).sort()).toEqual(["host", "kept"]);
  });

  test.each([
    ["UTF-8 stays", "/\xc3\xa9", "/é"],
    ["ISO-8859-1 becomes UTF-8", "/\xe9", "/é"],
    ["percent-encoding stays", "/%E9", "/%E9"],
  ])("%s", (_name, bytes, text) => {
    expect(textOf(bytes)).toBe(text);
  });

  test("clientIp may be IPv6", async () => {
    const { viewerRequest, first } = recorder();
    const edge = await stage({ viewerRequest });
    const six = createCloudFront(cloudFrontOptions({ viewerRequest }, 9, edge));
    const { port } = await six.listen(0, "::1");
    await fetch(`http://[::1]:${port}/a`).catch(() => undefined);
    await six.close();
    expect(first().clientIp).toBe("::1");
  });
});

describe("IncludeBody", () => {
  const all = ["GET", "HEAD", "OPTIONS", "PUT", "PATCH", "POST", "DELETE"];
  test.each([
    ["small", "hello", "hello".length, false],
    ["exactly 40 KB", "x".repeat(40_960), 40_960, false],
    ["beyond 40 KB: truncated for the function, whole for the origin", "x".repeat(40_961), 40_960, true],
  ])("%s", async (_name, body, exposed, inputTruncated) => {
    const { viewerRequest, first } = recorder();
    const edge = await stage({ viewerRequest, includeBody: true, behavior: { AllowedMethods: all } });
    await edge.send("POST", "/a", {}, body);
    const seen = first().body;
    expect(seen).toMatchObject({ inputTruncated, action: "read-only", encoding: "base64" });
    expect(Buffer.from(seen?.data ?? "", "base64").length).toBe(exposed);
    expect(edge.seen[0]?.body).toBe(body);
  });

  test("without it there is no body field", async () => {
    const { viewerRequest, first } = recorder();
    const edge = await stage({ viewerRequest, behavior: { AllowedMethods: all } });
    await edge.send("POST", "/a", {}, "hello");
    expect(first()).not.toHaveProperty("body");
  });

  test("a replaced body goes to the origin", async () => {
    const { viewerRequest } = recorder((request) => ({
      ...request,
      body: { action: "replace", encoding: "text", data: "other" },
    }));
    const edge = await stage({ viewerRequest, includeBody: true, behavior: { AllowedMethods: all } });
    await edge.send("POST", "/a", {}, "hello");
    expect(edge.seen).toMatchObject([{ body: "other", headers: { "content-length": "5" } }]);
  });
});

describe("a changed request", () => {
  test("uri and querystring go to the origin, and uri into the cache key", async () => {
    const { viewerRequest } = recorder((request) => ({ ...request, uri: "/same", querystring: "sig=1" }));
    const edge = await stage({ viewerRequest, behavior: { OriginRequestPolicyId: FORWARD_QUERY } });
    await edge.get("/a?x=1");
    expect(await edge.xCache("/b")).toBe("Hit from cloudfront");
    expect(edge.seen.map(({ url }) => url)).toEqual(["/same?sig=1"]);
  });

  test("a changed uri does not change the behaviour", async () => {
    const edge = await stage({
      viewerRequest: recorder((request) => ({ ...request, uri: "/other/a" })).viewerRequest,
      behaviors: [{ PathPattern: "/other/*", CachePolicyId: CACHE_NONE }],
    });
    await edge.get("/a");
    expect(await edge.xCache("/a")).toBe("Hit from cloudfront");
  });

  test.each([
    ["ASCII", "/a%20b", "/a%20b"],
    ["anything else as UTF-8", "/é", "/\xc3\xa9"],
  ])("text on the wire: %s", (_name, text, bytes) => {
    expect(bytesOf(text)).toBe(bytes);
  });

  test.each([
    ["rebuilt", "sig=secret"],
    ["viewer", "x=1"],
  ] as const)("reading accessLogQuery=%s", async (accessLogQuery, query) => {
    const { viewerRequest } = recorder((request) => ({ ...request, querystring: "sig=secret" }));
    const edge = await stage({ viewerRequest, readings: { accessLogQuery } });
    await edge.get("/a?x=1");
    expect(edge.log).toMatchObject([{ type: "access", query }]);
  });
});

describe("a generated response", () => {
  const generated = {
    status: "302",
    statusDescription: "Go There",
    headers: {
      location: [{ key: "Location", value: "/x" }],
      "set-cookie": [{ value: "a=1" }, { value: "b=2" }],
    },
    body: "moved",
  };
  const POLICY = {
    policy: {
      ResponseHeadersPolicyConfig: {
        CustomHeadersConfig: { Items: [{ Header: "X-Policy", Value: "1", Override: true }] },
      },
    },
  };

  test("goes to the viewer, is not cached, and never reaches the origin", async () => {
    const { viewerRequest, events } = recorder(() => generated);
    const edge = await stage({ viewerRequest });
    await edge.get("/a");
    const answer = await edge.get("/a");
    expect(answer).toMatchObject({ status: 302, statusMessage: "Go There", text: "moved" });
    expect(answer.headers).toMatchObject({
      location: "/x",
      "content-length": "5",
      "x-cache": "LambdaGeneratedResponse from cloudfront",
    });
    expect(answer.rawHeaders.filter((name) => name.toLowerCase() === "set-cookie")).toHaveLength(2);
    expect([events.length, edge.seen.length]).toEqual([2, 0]);
  });

  test("base64 bodies are decoded; HEAD gets no body", async () => {
    const body = Buffer.from([0, 255, 1]).toString("base64");
    const { viewerRequest } = recorder(() => ({ status: "200", body, bodyEncoding: "base64" }));
    const edge = await stage({ viewerRequest });
    expect([...(await edge.get("/a")).body]).toEqual([0, 255, 1]);
    const head = await edge.send("HEAD", "/a");
    expect([head.body.length, head.headers["content-length"]]).toEqual([0, "3"]);
  });

  test.each([
    [true, "1"],
    [false, undefined],
  ])("reading responseHeadersPolicyOnGenerated=%s", async (responseHeadersPolicyOnGenerated, header) => {
    const { viewerRequest } = recorder(() => generated);
    const edge = await stage({
      viewerRequest,
      readings: { responseHeadersPolicyOnGenerated },
      policies: POLICY,
      behavior: { ResponseHeadersPolicyId: "policy" },
    });
    expect((await edge.get("/a")).headers["x-policy"]).toBe(header);
  });
});
