// Compression at the edge.

import { brotliDecompressSync, gunzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { CACHE_ALL, cachePolicy, stage } from "./stage.ts";

const TEXT = "gatehouse ".repeat(200);
const BOTH = { EnableAcceptEncodingGzip: true, EnableAcceptEncodingBrotli: true };

interface Case {
  readonly accept?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string;
  readonly settings?: Record<string, unknown>;
  readonly compress?: boolean;
  readonly status?: number;
  readonly chunked?: boolean;
}

async function fetched({
  accept = "gzip, br",
  headers = {},
  body = TEXT,
  settings = BOTH,
  compress = true,
  status = 200,
  chunked = false,
}: Case) {
  const edge = await stage({
    behavior: { Compress: compress },
    policies: { [CACHE_ALL]: cachePolicy([0, 60, 600], settings) },
    origin: (_seen, response) => {
      const length = chunked ? {} : { "Content-Length": Buffer.byteLength(body) };
      response.writeHead(status, {
        "Content-Type": "text/html; charset=utf-8",
        ETag: '"v1"',
        ...length,
        ...headers,
      });
      response.end(body);
    },
  });
  return { edge, answer: await edge.get("/a", { "Accept-Encoding": accept }) };
}

describe("an object that is compressed", () => {
  test.each([
    ["gzip, br", "br"],
    ["gzip", "gzip"],
    ["br", "br"],
  ])("for %s: %s", async (accept, encoding) => {
    const { edge, answer } = await fetched({ accept });
    expect(answer.headers).toMatchObject({
      "content-encoding": encoding,
      "content-length": String(answer.body.length),
      vary: "Accept-Encoding",
      etag: 'W/"v1"',
    });
    const text = encoding === "br" ? brotliDecompressSync(answer.body) : gunzipSync(answer.body);
    expect(text.toString()).toBe(TEXT);
    const hit = await edge.get("/a", { "Accept-Encoding": accept });
    expect([hit.headers["x-cache"], hit.body.equals(answer.body)]).toEqual(["Hit from cloudfront", true]);
    expect((await edge.get("/a", { "Accept-Encoding": accept, "If-None-Match": 'W/"v1"' })).status).toBe(304);
  });

  test.each([
    ['W/"v1"', 'W/"v1"'],
    ["v1", undefined],
  ])("ETag %s becomes %s", async (etag, expected) => {
    expect((await fetched({ headers: { ETag: etag } })).answer.headers["etag"]).toBe(expected);
  });
});

describe("an object that is left alone", () => {
  test.each<[string, Case]>([
    ["the behaviour does not compress", { compress: false }],
    ["the policy has no encodings", { settings: {} }],
    ["the viewer takes none", { accept: "deflate" }],
    ["the viewer refuses", { accept: "gzip;q=0, br;q=0.0" }],
    ["999 bytes", { body: "x".repeat(999) }],
    ["10,000,001 bytes", { body: "x".repeat(10_000_001) }],
    ["a type that is not on the list", { headers: { "Content-Type": "image/png" } }],
    ["already encoded", { headers: { "Content-Encoding": "identity" } }],
    ["no Content-Length", { chunked: true }],
    ["not 200", { status: 203 }],
    ["not kept", { headers: { "Cache-Control": "no-store" } }],
  ])("%s", async (_name, options) => {
    const { answer } = await fetched(options);
    expect(answer.headers["etag"]).toBe('"v1"');
    expect(answer.text).toBe(options.body ?? TEXT);
  });
});
