// What CloudFront refuses before any function runs.

import { connect } from "node:net";
import { describe, expect, test } from "vitest";
import { type Stage, stage } from "./stage.ts";

describe("limits", () => {
  test.each([
    ["a URL of 8,192 bytes", "/".padEnd(8192, "a"), {}, 200],
    ["a URL of 8,193 bytes", "/".padEnd(8193, "a"), {}, 413],
    ["a query that makes it longer", `/a?${"q".repeat(8190)}`, {}, 413],
    ["20,000 bytes of headers", "/", { x: "h".repeat(20_000) }, 200],
    ["20,480 bytes of headers", "/", { x: "h".repeat(20_480) }, 413],
  ])("%s: %#", async (_name, path, headers, status) => {
    const edge = await stage();
    const answer = await edge.get(path, headers);
    expect(answer.status).toBe(status);
    if (status === 413)
      expect(answer.headers).toMatchObject({ "x-cache": "Error from cloudfront", connection: "close" });
  });

  test("reading maxRequestBytes=32768", async () => {
    const edge = await stage({ readings: { maxRequestBytes: 32_768 } });
    expect((await edge.get("/", { x: "h".repeat(30_000) })).status).toBe(200);
    expect((await edge.get("/", { x: "h".repeat(33_000) })).status).toBe(413);
  });
});

describe("methods", () => {
  test.each([
    ["GET", ["GET", "HEAD"], 200],
    ["HEAD", ["GET", "HEAD"], 200],
    ["OPTIONS", ["GET", "HEAD"], 403],
    ["OPTIONS", ["GET", "HEAD", "OPTIONS"], 200],
    ["POST", ["GET", "HEAD", "OPTIONS"], 403],
    ["POST", ["GET", "HEAD", "OPTIONS", "PUT", "PATCH", "POST", "DELETE"], 200],
    ["PROPFIND", ["GET", "HEAD"], 403],
  ])("%s with %j: %i", async (method, AllowedMethods, status) => {
    const edge = await stage({ behavior: { AllowedMethods } });
    const answer = await edge.send(method, "/a");
    expect(answer.status).toBe(status);
    if (status === 403) {
      expect(answer.headers["x-cache"]).toBe("Error from cloudfront");
      expect(edge.seen).toEqual([]);
    }
  });

  test("GET with a body is refused", async () => {
    const edge = await stage();
    expect((await edge.send("GET", "/a", {}, "body")).status).toBe(403);
    expect(edge.reasons()).toEqual(["GET with a body"]);
  });

  test("a method that is not cached reaches the origin each time, with its body", async () => {
    const all = ["GET", "HEAD", "OPTIONS", "PUT", "PATCH", "POST", "DELETE"];
    const edge = await stage({ behavior: { AllowedMethods: all } });
    for (let i = 0; i < 2; i += 1) {
      const answer = await edge.send("POST", "/a", { "content-type": "text/plain" }, "body");
      expect(answer.headers["x-cache"]).toBe("Miss from cloudfront");
    }
    expect(edge.seen).toMatchObject([
      { method: "POST", body: "body", headers: { "content-type": "text/plain" } },
      {},
    ]);
  });

  test("OPTIONS is cached only where CachedMethods says so, and apart from GET", async () => {
    const uncached = await stage();
    await uncached.send("OPTIONS", "/a");
    await uncached.send("OPTIONS", "/a");
    expect(uncached.seen).toHaveLength(2);
    const cached = await stage({ behavior: { CachedMethods: ["GET", "HEAD", "OPTIONS"] } });
    await cached.send("OPTIONS", "/a");
    await cached.send("OPTIONS", "/a");
    await cached.get("/a");
    expect(cached.seen.map(({ method }) => method)).toEqual(["OPTIONS", "GET"]);
  });
});

describe("the viewer protocol policy over plain http", () => {
  test.each([
    ["counts as https by default", "redirect-to-https", undefined, 200],
    ["redirect-to-https", "redirect-to-https", "http", 301],
    ["https-only", "https-only", "http", 403],
    ["allow-all", "allow-all", "http", 200],
  ] as const)("%s", async (_name, ViewerProtocolPolicy, plainHttpIs, status) => {
    const edge = await stage({
      behavior: { ViewerProtocolPolicy },
      cloudFront: plainHttpIs ? { plainHttpIs } : {},
    });
    const answer = await edge.get("/a?b=c", { host: "assets.example.test" });
    expect(answer.status).toBe(status);
    if (status === 301) {
      expect(answer.headers).toMatchObject({
        location: "https://assets.example.test/a?b=c",
        "x-cache": "Redirect from cloudfront",
      });
    }
  });
});

describe("a request line that is none of a viewer's", () => {
  const raw = (edge: Stage, text: string): Promise<string> =>
    new Promise((resolve, reject) => {
      const socket = connect(edge.port, "127.0.0.1", () => socket.write(text));
      let answer = "";
      socket.on("data", (chunk) => {
        answer += chunk.toString("latin1");
      });
      socket.on("end", () => resolve(answer));
      socket.on("error", reject);
    });

  test.each([
    ["no Host", "GET / HTTP/1.1\r\nConnection: close\r\n\r\n", "400"],
    ["OPTIONS *", "OPTIONS * HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", "400"],
    ["an absolute URL", "GET http://a/b HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", "200"],
  ])("%s", async (_name, text, status) => {
    const edge = await stage();
    expect(await raw(edge, text)).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    if (status === "200") expect(edge.seen).toMatchObject([{ url: "/b" }]);
  });
});
