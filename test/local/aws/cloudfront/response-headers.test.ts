// The response headers policy.

import { describe, expect, test } from "vitest";
import { stage } from "./stage.ts";

const CORS = {
  AccessControlAllowCredentials: true,
  AccessControlAllowHeaders: { Items: ["Range", "Authorization"] },
  AccessControlAllowMethods: { Items: ["GET", "HEAD"] },
  AccessControlAllowOrigins: { Items: ["https://app.example.test", "https://*.example.org"] },
  AccessControlExposeHeaders: { Items: ["ETag"] },
  AccessControlMaxAgeSec: 600,
  OriginOverride: true,
};

async function withPolicy(config: Record<string, unknown>, origin: Record<string, string> = {}) {
  return stage({
    policies: { rhp: { ResponseHeadersPolicyConfig: { Name: "test", ...config } } },
    behavior: { ResponseHeadersPolicyId: "rhp" },
    origin: (_seen, response) => response.writeHead(200, { ETag: '"v"', ...origin }).end("hello"),
  });
}

describe("CORS", () => {
  test.each([
    ["https://app.example.test", "https://app.example.test"],
    ["https://a.example.org", "https://a.example.org"],
    ["https://a.b.example.org", "https://a.b.example.org"],
    ["https://example.org", undefined],
    ["https://.example.org", undefined],
    ["https://evil.test", undefined],
    ["https://app.example.test.evil.test", undefined],
  ])("Origin %s: %s", async (origin, allowed) => {
    const edge = await withPolicy({ CorsConfig: CORS });
    const { headers } = await edge.get("/a", { Origin: origin });
    expect([
      headers["access-control-allow-origin"],
      headers["access-control-allow-credentials"],
      headers["vary"],
    ]).toEqual(allowed === undefined ? [undefined, undefined, undefined] : [allowed, "true", "Origin"]);
  });

  test("without Origin nothing is added", async () => {
    const edge = await withPolicy({ CorsConfig: CORS });
    expect((await edge.get("/a")).headers["access-control-allow-origin"]).toBeUndefined();
  });

  test("all origins", async () => {
    const edge = await withPolicy({
      CorsConfig: {
        ...CORS,
        AccessControlAllowOrigins: { Items: ["*"] },
        AccessControlAllowCredentials: false,
      },
    });
    const { headers } = await edge.get("/a", { Origin: "https://any.test" });
    expect(headers["access-control-allow-origin"]).toBe("*");
    expect(headers).not.toHaveProperty("access-control-allow-credentials");
  });

  test("simple requests and preflights get their own fields", async () => {
    const edge = await withPolicy({ CorsConfig: CORS });
    const simple = await edge.get("/a", { Origin: "https://app.example.test" });
    expect(simple.headers["access-control-expose-headers"]).toBe("ETag");
    expect(simple.headers).not.toHaveProperty("access-control-allow-methods");
    const preflight = await edge.send("OPTIONS", "/a", {
      Origin: "https://app.example.test",
      "Access-Control-Request-Method": "GET",
    });
    expect(preflight.headers).toMatchObject({
      "access-control-allow-methods": "GET, HEAD",
      "access-control-allow-headers": "Range, Authorization",
      "access-control-max-age": "600",
    });
  });

  test.each([
    [true, "https://app.example.test"],
    [false, "https://origin-says.test"],
  ])("OriginOverride %s: %s", async (OriginOverride, allowed) => {
    const edge = await withPolicy(
      { CorsConfig: { ...CORS, OriginOverride } },
      { "Access-Control-Allow-Origin": "https://origin-says.test" },
    );
    const { headers } = await edge.get("/a", { Origin: "https://app.example.test" });
    expect(headers["access-control-allow-origin"]).toBe(allowed);
  });

  test("the answer fits each viewer although the object is shared", async () => {
    const edge = await withPolicy({ CorsConfig: CORS });
    await edge.get("/a", { Origin: "https://app.example.test" });
    const second = await edge.get("/a", { Origin: "https://a.example.org" });
    expect(second.headers).toMatchObject({
      "x-cache": "Hit from cloudfront",
      "access-control-allow-origin": "https://a.example.org",
    });
  });
});

describe("security headers", () => {
  test.each([
    [
      "content-security-policy",
      { ContentSecurityPolicy: { ContentSecurityPolicy: "default-src 'self'", Override: true } },
      "default-src 'self'",
    ],
    ["x-content-type-options", { ContentTypeOptions: { Override: true } }, "nosniff"],
    ["x-frame-options", { FrameOptions: { FrameOption: "DENY", Override: true } }, "DENY"],
    ["referrer-policy", { ReferrerPolicy: { ReferrerPolicy: "same-origin", Override: true } }, "same-origin"],
    [
      "strict-transport-security",
      {
        StrictTransportSecurity: {
          AccessControlMaxAgeSec: 60,
          IncludeSubdomains: true,
          Preload: true,
          Override: true,
        },
      },
      "max-age=60; includeSubDomains; preload",
    ],
    [
      "strict-transport-security",
      { StrictTransportSecurity: { AccessControlMaxAgeSec: "60", Override: true } },
      "max-age=60",
    ],
    [
      "x-xss-protection",
      { XSSProtection: { Protection: true, ModeBlock: true, Override: true } },
      "1; mode=block",
    ],
    [
      "x-xss-protection",
      { XSSProtection: { Protection: true, ReportUri: "https://r.test", Override: true } },
      "1; report=https://r.test",
    ],
    ["x-xss-protection", { XSSProtection: { Protection: false, Override: true } }, "0"],
  ])("%s from %j", async (header, SecurityHeadersConfig, expected) => {
    const edge = await withPolicy({ SecurityHeadersConfig });
    expect((await edge.get("/a")).headers[header]).toBe(expected);
  });
});

describe("custom and removed headers", () => {
  const custom = (Override: boolean) => ({
    CustomHeadersConfig: { Items: [{ Header: "Cache-Control", Value: "private, no-cache", Override }] },
  });
  test.each([
    ["override", true, { "Cache-Control": "max-age=60" }, "private, no-cache"],
    ["no override", false, { "Cache-Control": "max-age=60" }, "max-age=60"],
    ["no override, but the origin is silent", false, {}, "private, no-cache"],
  ])("%s", async (_name, override, origin, expected) => {
    const edge = await withPolicy(custom(override), origin);
    expect((await edge.get("/a")).headers["cache-control"]).toBe(expected);
  });

  test("a Cache-Control of the policy does not change how long CloudFront keeps the object", async () => {
    const edge = await withPolicy(custom(true), { "Cache-Control": "max-age=60" });
    await edge.get("/a");
    const { headers } = await edge.get("/a");
    expect([headers["x-cache"], headers["cache-control"]]).toEqual([
      "Hit from cloudfront",
      "private, no-cache",
    ]);
  });

  test("removed first, then added", async () => {
    const edge = await withPolicy(
      {
        RemoveHeadersConfig: { Items: [{ Header: "X-Powered-By" }, { Header: "X-Back" }] },
        CustomHeadersConfig: { Items: [{ Header: "X-Back", Value: "policy", Override: false }] },
      },
      { "X-Powered-By": "x", "X-Back": "origin" },
    );
    const { headers } = await edge.get("/a");
    expect([headers["x-powered-by"], headers["x-back"]]).toEqual([undefined, "policy"]);
  });

  test("304 and errors of the origin carry it, error pages of CloudFront do not", async () => {
    const edge = await withPolicy(custom(true));
    await edge.get("/a");
    expect((await edge.get("/a", { "If-None-Match": '"v"' })).headers["cache-control"]).toBe(
      "private, no-cache",
    );
    expect((await edge.send("POST", "/a")).headers["cache-control"]).toBeUndefined();
  });
});

test("managed: SecurityHeadersPolicy", async () => {
  const edge = await stage({ behavior: { ResponseHeadersPolicyId: "67f7725c-6f97-4210-82d7-5512b31e9d03" } });
  expect((await edge.get("/a")).headers).toMatchObject({
    "x-content-type-options": "nosniff",
    "x-frame-options": "SAMEORIGIN",
    "referrer-policy": "strict-origin-when-cross-origin",
    "strict-transport-security": "max-age=31536000",
    "x-xss-protection": "1; mode=block",
  });
});
