import { describe, expect, test } from "vitest";
import { readEvent } from "../../../edge/request/cloudfront.ts";
import { forward } from "../../../edge/s3/forward.ts";
import { viewerEvent } from "../fixtures/events.ts";

const forwarded = (headers: Record<string, string | string[]>) =>
  forward(readEvent(viewerEvent({ headers, querystring: "a=1" })), "/canonical", "signed=1", "scope");

test("the path, query and scope are ours, method and address the viewer's", () => {
  expect(forwarded({})).toEqual({
    clientIp: "203.0.113.178",
    method: "GET",
    uri: "/canonical",
    querystring: "signed=1",
    headers: {
      host: [{ key: "Host", value: "d111111abcdef8.cloudfront.net" }],
      "x-gatehouse-cache-scope": [{ key: "x-gatehouse-cache-scope", value: "scope" }],
    },
  });
});

describe("headers", () => {
  const cases: Record<string, boolean> = {
    Range: true,
    "If-Match": true,
    "If-Range": true,
    "If-Modified-Since": true,
    "If-Unmodified-Since": true,
    "If-None-Match": true,
    "Accept-Encoding": true,
    "User-Agent": true,
    Origin: true,
    Via: true,
    "Content-Length": true,
    Cookie: false,
    Authorization: false,
    Referer: false,
    "X-Amz-Security-Token": false,
    "X-Amz-Server-Side-Encryption-Customer-Key": false,
    "X-Forwarded-For": false,
    "CloudFront-Viewer-Country": false,
    "X-Anything": false,
  };
  test.each(Object.entries(cases))("%s passes: %s", (name, passes) => {
    expect(name.toLowerCase() in forwarded({ [name]: "1" }).headers).toBe(passes);
  });

  test("a viewer's own cache scope is overwritten, every copy of it", () => {
    expect(forwarded({ "X-Gatehouse-Cache-Scope": ["a", "b"] }).headers["x-gatehouse-cache-scope"]).toEqual([
      { key: "x-gatehouse-cache-scope", value: "scope" },
    ]);
  });

  test("a long one stays here: S3 refuses 8,192 bytes of headers", () => {
    expect("range" in forwarded({ Range: "x".repeat(1_025) }).headers).toBe(false);
    expect("if-none-match" in forwarded({ "If-None-Match": Array(20).fill("x".repeat(60)) }).headers).toBe(
      false,
    );
    expect("range" in forwarded({ Range: "x".repeat(1_024) }).headers).toBe(true);
  });
});

test("more than CloudFront can carry is refused", () => {
  const request = readEvent(viewerEvent());
  expect(forward(request, "/a", "x".repeat(7_597), "s").uri).toBe("/a");
  expect(() => forward(request, "/a", "x".repeat(7_598), "s")).toThrow("uri_too_long");
});
