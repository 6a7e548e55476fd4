import { beforeEach, describe, expect, test, vi } from "vitest";
import type { AreaDocument } from "../../../edge/config/config.ts";
import { BUNDLES, loadBundle } from "../fixtures/bundle.ts";
import { configDocument } from "../fixtures/config.ts";
import { REQUEST_ID, viewerEvent } from "../fixtures/events.ts";

/** The XML of a refused signature, as S3 writes it, in a header that stands for what must not pass. */
const S3_HEADERS = {
  "content-type": [{ key: "Content-Type", value: "application/xml" }],
  "x-amz-request-id": [{ key: "x-amz-request-id", value: "7CG2WFWJ" }],
  "x-amz-id-2": [{ key: "x-amz-id-2", value: "host-id" }],
  via: [{ key: "Via", value: "1.1 s3" }],
  "transfer-encoding": [{ key: "Transfer-Encoding", value: "chunked" }],
};

interface EventChanges {
  readonly method?: string;
  readonly uri?: string;
  /** The cache scope of a signed area; public ones have none. */
  readonly scope?: string;
}

function originEvent(status: number, headers: object, { scope, ...options }: EventChanges = {}) {
  const event = viewerEvent({ ...options, ...(scope && { headers: { "x-gatehouse-cache-scope": scope } }) });
  const [record] = event.Records;
  if (!record) throw new Error("no record");
  const response = { status: String(status), statusDescription: "from S3", headers };
  return { Records: [{ cf: { ...record.cf, response } }] };
}

describe.each(BUNDLES)("%s", (bundle) => {
  let logged: { level: string; code: string; originStatus: number }[];
  beforeEach(() => {
    logged = [];
    const spy = vi.spyOn(console, "log").mockImplementation((line: string) => logged.push(JSON.parse(line)));
    return () => spy.mockRestore();
  });
  const answer = (event: unknown, areas?: AreaDocument[], path?: string) => {
    const { origin } = configDocument();
    const changes = { ...(areas && { areas }), ...(path && { origin: { ...origin, path } }) };
    return loadBundle(bundle, configDocument(changes), "originResponse")(event);
  };

  const errors: [number, number, string, string][] = [
    [301, 502, "origin_error", "error"],
    [307, 502, "origin_error", "error"],
    [400, 502, "origin_error", "error"],
    [403, 404, "not_found", "warn"],
    [404, 404, "not_found", "warn"],
    [405, 502, "origin_error", "error"],
    [412, 412, "precondition_failed", "warn"],
    [416, 416, "range_not_satisfiable", "warn"],
    [500, 502, "origin_error", "error"],
    [503, 502, "origin_error", "error"],
  ];
  test.each(errors)("S3's %i becomes our %i %s", async (origin, status, code, level) => {
    const result = await answer(originEvent(origin, S3_HEADERS));
    expect(result).toMatchObject({
      status: String(status),
      headers: {
        "cache-control": [{ value: "no-store" }],
        "content-type": [{ value: "text/html; charset=utf-8" }],
        via: [{ value: "1.1 s3" }],
        "transfer-encoding": [{ value: "chunked" }],
      },
      body: expect.stringContaining("<h1>"),
    });
    expect(JSON.stringify(result)).not.toMatch(/x-amz|application\/xml|from S3/);
    expect(logged).toEqual([
      expect.objectContaining({ level, code, originStatus: origin, requestId: REQUEST_ID }),
    ]);
  });

  test.each([
    ["a person", "signed-in;page=en", "text/html; charset=utf-8"],
    ["a program", "signed-in", "application/json"],
    ["a program, in an area of one's own", "owner:eu-west-1%3A5%3Bpage%3Dde", "application/json"],
    ["who knows, in a public area", "", "text/html; charset=utf-8"],
  ])("S3's 403 is a 404 for %s in their form", async (_, scope, type) => {
    const result = await answer(originEvent(403, S3_HEADERS, { scope }));
    expect(result).toMatchObject({
      status: "404",
      headers: { "cache-control": [{ value: "no-store" }], "content-type": [{ value: type }] },
    });
    if (type === "application/json")
      expect(JSON.parse(String(Object(result)["body"]))).toEqual({
        code: "not_found",
        message: "There is nothing here.",
        requestId: REQUEST_ID,
      });
  });

  const caching: [scope: string, said: string, cached: object][] = [
    ["signed-in", "public, max-age=60", { expires: [{ key: "Expires", value: expect.any(String) }] }],
    ["signed-in", "no-store", { "cache-control": [{ key: "Cache-Control", value: "private, no-cache" }] }],
    [
      "signed-in;page=",
      "public, max-age=60",
      { "cache-control": [{ key: "Cache-Control", value: "no-store" }] },
    ],
    ["signed-in;page=de", "", { "cache-control": [{ key: "Cache-Control", value: "no-store" }] }],
    ["", "public, max-age=60", { "cache-control": [{ value: "public, max-age=60" }] }],
  ];
  test.each(caching)("in the scope %j, what says %j is cached so", async (scope, said, cached) => {
    const headers = { "content-type": [{ value: "image/png" }] };
    for (const status of [200, 206, 304]) {
      const own = said ? { "cache-control": [{ value: said }] } : {};
      const result = await answer(originEvent(status, { ...headers, ...own }, { scope }));
      expect(result.headers).toEqual({ ...headers, ...cached });
    }
  });

  test("an area that browsers may keep keeps what its objects say, but for pages", async () => {
    const areas = [{ path: "/kept/*", browserMaxAge: 60 }, { path: "/*" }];
    const headers = { "content-type": [{ value: "image/png" }], "cache-control": [{ value: "max-age=5" }] };
    const uri = "/kept/a.png";
    expect((await answer(originEvent(200, headers, { scope: "signed-in", uri }), areas)).headers).toEqual(
      headers,
    );
    const page = await answer(originEvent(200, headers, { scope: "signed-in;page=en", uri }), areas);
    expect(page.headers).toMatchObject({ "cache-control": [{ value: "no-store" }] });
    const other = await answer(originEvent(200, headers, { scope: "signed-in" }), areas);
    expect(other.headers).not.toHaveProperty("cache-control");
  });

  test("an error answer to HEAD has no body", async () => {
    expect(await answer(originEvent(404, S3_HEADERS, { method: "HEAD" }))).not.toHaveProperty("body");
  });

  const types: Record<string, boolean> = {
    "text/html": true,
    "TEXT/HTML; charset=utf-8": true,
    "image/svg+xml": true,
    "application/xhtml+xml": true,
    "application/xml": true,
    "text/xml;x=y": true,
    "text/xsl": true,
    "application/rss+xml": true,
    "image/png, text/html": true,
    "image/png;a=b, text/html": true,
    "multipart/x-mixed-replace": true,
    "": true,
    "*/*": true,
    html: true,
    "image/png": false,
    "video/mp4": false,
    "text/plain; charset=utf-8": false,
    "text/css": false,
    "application/json": false,
    "application/pdf": false,
  };
  test.each(Object.entries(types))("the type %j is sandboxed: %s", async (type, active) => {
    const headers = { "content-type": [{ key: "Content-Type", value: type }], etag: [{ value: '"1"' }] };
    const event = originEvent(200, headers);
    const policy = active ? { "content-security-policy": [{ value: "sandbox" }] } : {};
    expect(await answer(event)).toEqual({
      status: "200",
      statusDescription: "from S3",
      headers: { ...headers, ...policy },
    });
    expect(await answer(event, [{ path: "/*", trusted: true }])).toEqual(event.Records[0]?.cf.response);
  });

  const trusted: Record<string, boolean> = {
    "/a!b/pages/a.html": false,
    "/a%21b/pages/a.html": true,
    "/a%21b/other/a.html": false,
    // As where CloudFront puts the origin's path before it.
    "/pages/a.html": true,
    "/other/a%21b/pages/a.html": false,
  };
  test.each(Object.entries(trusted))("below the origin's path, %s is trusted: %s", async (uri, passes) => {
    const event = originEvent(200, { "content-type": [{ value: "text/html" }] }, { uri });
    const areas = [
      { path: "/pages/*", trusted: true },
      { path: "/*", trusted: false },
    ];
    const result = await answer(event, areas, "/a!b");
    expect("content-security-policy" in (result.headers ?? {})).toBe(!passes);
  });

  test("a policy of the object's own stays beside the sandbox", async () => {
    const own = [{ key: "Content-Security-Policy", value: "default-src 'self'" }];
    expect(await answer(originEvent(200, { "content-security-policy": own }))).toMatchObject({
      headers: { "content-security-policy": [{ value: "default-src 'self'" }, { value: "sandbox" }] },
    });
  });

  test("a 304 passes as it is: the cached headers stay", async () => {
    const event = originEvent(304, { etag: [{ value: '"1"' }] });
    expect(await answer(event)).toEqual(event.Records[0]?.cf.response);
  });

  test("no type at all, and a second type, are sandboxed too", async () => {
    const sandboxed = { headers: { "content-security-policy": [{ value: "sandbox" }] } };
    expect(await answer(originEvent(206, {}))).toMatchObject(sandboxed);
    const two = { "content-type": [{ value: "image/png" }, { value: "text/html" }] };
    expect(await answer(originEvent(200, two))).toMatchObject(sandboxed);
  });

  test.each([[null], [{}], [viewerEvent()]])("an event without a response fails: %j", async (event) => {
    await expect(answer(event)).rejects.toThrow("internal_error");
  });
});
