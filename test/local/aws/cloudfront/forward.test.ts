// The request that the origin receives, from the two policies and from CloudFront itself.

import { describe, expect, test } from "vitest";
import {
  CACHE_ALL,
  CACHE_NONE,
  cachePolicy,
  originRequestPolicy,
  type StageOptions,
  stage,
} from "./stage.ts";

const YEAR = 31_536_000;
const ALL_VIEWER = "216adef6-5c7f-47e4-b989-5492eafa07d3";
const ALL_EXCEPT_HOST = "b689b0a8-53d0-40ab-baf2-68738e2966ac";
const CORS_S3 = "88a5eaf4-2fd4-4709-b370-b4c650ea3fcf";
const UA_REFERER = "acba4595-bd28-49b8-b9fe-13317c0390fa";
const only = (HeaderBehavior: string, ...Headers: string[]) => ({
  HeadersConfig: { HeaderBehavior, Headers },
});

/** What the origin sees of one request under policies given as cache-key settings and origin-request settings. */
async function seen(
  path: string,
  headers: Record<string, string>,
  policies: { cache?: Record<string, unknown>; origin?: Record<string, unknown>; managed?: string },
  options: StageOptions = {},
) {
  const edge = await stage({
    ...options,
    policies: {
      [CACHE_ALL]: cachePolicy([0, 60, YEAR], policies.cache),
      ...(policies.origin ? { orp: originRequestPolicy(policies.origin) } : {}),
    },
    behavior: {
      ...(policies.managed ? { OriginRequestPolicyId: policies.managed } : {}),
      ...(policies.origin ? { OriginRequestPolicyId: "orp" } : {}),
      ...options.behavior,
    },
  });
  const answer = await edge.get(path, headers);
  const [request] = edge.seen;
  if (request === undefined) throw new Error(`the origin saw nothing: ${answer.status} ${edge.reasons()}`);
  return { ...request, answer };
}

test("without policies: path only, and CloudFront's own headers", async () => {
  const request = await seen(
    "/a?x=1",
    {
      Cookie: "a=1",
      Authorization: "Bearer x",
      "X-Custom": "1",
      "X-Amz-Date": "1",
      Referer: "r",
      Origin: "o",
      "Cache-Control": "no-cache",
    },
    {},
  );
  expect(request.url).toBe("/a");
  expect([...request.names].sort()).toEqual([
    "Connection",
    "Host",
    "User-Agent",
    "Via",
    "X-Amz-Cf-Id",
    "X-Forwarded-For",
  ]);
  expect(request.headers).toMatchObject({
    host: "bucket.s3.eu-west-1.amazonaws.com",
    "user-agent": "Amazon CloudFront",
    "x-amz-cf-id": request.answer.headers["x-amz-cf-id"],
    "x-forwarded-for": "127.0.0.1",
    via: expect.stringMatching(/^1\.1 [0-9a-f]{32}\.cloudfront\.net \(CloudFront\)$/),
  });
});

test("X-Forwarded-For and Via are appended to the viewer's", async () => {
  const { headers } = await seen("/a", { "X-Forwarded-For": "192.0.2.4", Via: "1.0 proxy" }, {});
  expect(headers["x-forwarded-for"]).toBe("192.0.2.4, 127.0.0.1");
  expect(headers["via"]).toMatch(/^1\.0 proxy, 1\.1 [0-9a-f]{32}/);
});

test.each([
  ["sent", true],
  ["withheld", false],
] as const)("reading cfIdHeader=%s", async (cfIdHeader, present) => {
  const { headers } = await seen("/a", {}, {}, { readings: { cfIdHeader } });
  expect("x-amz-cf-id" in headers).toBe(present);
});

test("the origin path is prepended after the function", async () => {
  const { url } = await seen(
    "/a",
    {},
    {},
    { originConfig: { OriginPath: "/site" }, viewerRequest: (event) => event.Records[0]?.cf.request },
  );
  expect(url).toBe("/site/a");
});

test("origin custom headers are added, over the viewer's", async () => {
  const originConfig = { OriginCustomHeaders: [{ HeaderName: "X-Secret", HeaderValue: "origin" }] };
  const { headers } = await seen(
    "/a",
    { "X-Secret": "viewer" },
    { managed: ALL_EXCEPT_HOST },
    { originConfig },
  );
  expect(headers["x-secret"]).toBe("origin");
});

test("conditional and range headers always go through", async () => {
  const sent = {
    "If-None-Match": '"a"',
    "If-Modified-Since": "Thu, 01 Jan 2026 00:00:00 GMT",
    "If-Match": '"b"',
    "If-Unmodified-Since": "Thu, 01 Jan 2026 00:00:00 GMT",
    "If-Range": '"c"',
    Range: "bytes=0-1",
  };
  const { headers } = await seen("/a", sent, {});
  for (const [name, value] of Object.entries(sent)) expect(headers[name.toLowerCase()]).toBe(value);
});

describe("query strings", () => {
  const query = (QueryStringBehavior: string, ...QueryStrings: string[]) => ({
    QueryStringsConfig: { QueryStringBehavior, QueryStrings },
  });
  test.each([
    ["none", {}, "/a"],
    ["all in the cache policy", { cache: query("all") }, "/a?b=2&a=1&a=%20&c"],
    ["all in the origin request policy", { origin: query("all") }, "/a?b=2&a=1&a=%20&c"],
    ["a list", { cache: query("whitelist", "a") }, "/a?a=1&a=%20"],
    [
      "both lists together, in the viewer's order",
      { cache: query("whitelist", "a"), origin: query("whitelist", "b") },
      "/a?b=2&a=1&a=%20",
    ],
    ["all except", { cache: query("allExcept", "a", "c") }, "/a?b=2"],
    ["names are case-sensitive", { cache: query("whitelist", "A") }, "/a"],
  ])("%s", async (_name, policies, url) => {
    expect((await seen("/a?b=2&a=1&a=%20&c", {}, policies)).url).toBe(url);
  });

  test("managed policies drop S3's response overrides, own policies do not", async () => {
    const path =
      "/a?response-content-type=text%2Fhtml&response-content-disposition=x&response-content-encoding=y&z=1";
    expect((await seen(path, {}, { managed: ALL_VIEWER })).url).toBe("/a?z=1");
    expect((await seen(path, {}, { origin: query("all") })).url).toBe(path);
  });
});

describe("cookies", () => {
  const cookies = (CookieBehavior: string, ...Cookies: string[]) => ({
    CookiesConfig: { CookieBehavior, Cookies },
  });
  test.each([
    ["none", {}, undefined],
    ["all", { origin: cookies("all") }, "a=1; b=2; c=3"],
    ["a list", { origin: cookies("whitelist", "b") }, "b=2"],
    ["all except", { cache: cookies("allExcept", "b") }, "a=1; c=3"],
    ["both together", { cache: cookies("whitelist", "a"), origin: cookies("whitelist", "c") }, "a=1; c=3"],
  ])("%s", async (_name, policies, expected) => {
    expect((await seen("/a", { Cookie: "a=1; b=2;c=3" }, policies)).headers["cookie"]).toBe(expected);
  });
});

describe("headers", () => {
  test.each([
    ["a list in the cache policy", { cache: only("whitelist", "X-Custom") }, "x-custom", "1"],
    ["a list in the origin request policy", { origin: only("whitelist", "x-custom") }, "x-custom", "1"],
    ["allViewer", { managed: ALL_VIEWER }, "x-custom", "1"],
    ["allViewer takes x-amz-*", { managed: ALL_VIEWER }, "x-amz-date", "2"],
    ["allExcept leaves its list out", { origin: only("allExcept", "X-Custom") }, "x-custom", undefined],
    ["allViewer takes Host", { managed: ALL_VIEWER }, "host", "assets.example.test"],
    [
      "AllViewerExceptHostHeader does not",
      { managed: ALL_EXCEPT_HOST },
      "host",
      "bucket.s3.eu-west-1.amazonaws.com",
    ],
    ["User-Agent by policy", { managed: UA_REFERER }, "user-agent", "curl/8"],
    ["Referer by policy", { managed: UA_REFERER }, "referer", "r"],
    ["CORS-S3Origin takes Origin", { managed: CORS_S3 }, "origin", "o"],
    [
      "Authorization on GET, not by a list of the origin request policy",
      { origin: only("whitelist", "Authorization") },
      "authorization",
      undefined,
    ],
    [
      "Authorization on GET, by the cache policy",
      { cache: only("whitelist", "Authorization") },
      "authorization",
      "Bearer x",
    ],
    [
      "Authorization on GET, by a policy for all viewer headers",
      { managed: ALL_VIEWER },
      "authorization",
      "Bearer x",
    ],
    ["hop-by-hop never", { managed: ALL_VIEWER }, "te", undefined],
    ["X-Forwarded-Proto never", { managed: ALL_VIEWER }, "x-forwarded-proto", undefined],
    ["X-Real-IP never", { managed: ALL_VIEWER }, "x-real-ip", undefined],
    ["X-Edge-* never", { managed: ALL_VIEWER }, "x-edge-a", undefined],
  ])("%s", async (_name, policies, header, expected) => {
    const sent = {
      Host: "assets.example.test",
      "User-Agent": "curl/8",
      "X-Custom": "1",
      "X-Amz-Date": "2",
      Referer: "r",
      Origin: "o",
      Authorization: "Bearer x",
      TE: "trailers",
      "X-Forwarded-Proto": "http",
      "X-Real-IP": "1",
      "X-Edge-A": "1",
    };
    expect((await seen("/a", sent, policies)).headers[header]).toBe(expected);
  });

  test("Authorization on other methods follows the policies", async () => {
    const edge = await stage({
      policies: { orp: originRequestPolicy(only("whitelist", "Authorization")) },
      behavior: {
        OriginRequestPolicyId: "orp",
        AllowedMethods: ["GET", "HEAD", "OPTIONS"],
        CachePolicyId: CACHE_NONE,
      },
    });
    await edge.send("OPTIONS", "/a", { Authorization: "Bearer x" });
    expect(edge.seen[0]?.headers["authorization"]).toBe("Bearer x");
  });
});

describe("Accept-Encoding", () => {
  const both = { EnableAcceptEncodingGzip: true, EnableAcceptEncodingBrotli: true };
  test.each([
    ["gzip, deflate, br", both, "br,gzip"],
    ["br;q=1.0, gzip;q=0.5", both, "br,gzip"],
    ["gzip", both, "gzip"],
    ["br", both, "br"],
    ["gzip;q=0, br", both, "br"],
    ["gzip, br", { EnableAcceptEncodingGzip: true }, "gzip"],
    ["deflate", both, "identity"],
    [undefined, both, undefined],
    ["gzip", {}, undefined],
    ["gzip, deflate", only("whitelist", "Accept-Encoding"), "gzip, deflate"],
  ])("%j under %j: %s", async (sent, cache, expected) => {
    const request = await seen("/a", sent === undefined ? {} : { "Accept-Encoding": sent }, { cache });
    expect(request.headers["accept-encoding"]).toBe(expected);
  });
});
