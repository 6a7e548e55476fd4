import { beforeEach, describe, expect, test, vi } from "vitest";
import { BUNDLES, loadBundle } from "../fixtures/bundle.ts";
import { configDocument } from "../fixtures/config.ts";
import { type EventOptions, REQUEST_ID, viewerEvent } from "../fixtures/events.ts";

/** The XML of a refused signature, as S3 writes it, in a header that stands for what must not pass. */
const S3_HEADERS = {
  "content-type": [{ key: "Content-Type", value: "application/xml" }],
  "x-amz-request-id": [{ key: "x-amz-request-id", value: "7CG2WFWJ" }],
  "x-amz-id-2": [{ key: "x-amz-id-2", value: "host-id" }],
  via: [{ key: "Via", value: "1.1 s3" }],
  "transfer-encoding": [{ key: "Transfer-Encoding", value: "chunked" }],
};

function originEvent(status: number, headers: object, options: EventOptions = {}) {
  const event = viewerEvent(options);
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
  const answer = (event: unknown, areas?: { path: string; trusted: boolean }[], path?: string) => {
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

  describe("with CORS", () => {
    const origins = ["https://app.example.com", "https://*.preview.example.net"];
    const ask = (event: unknown, changes: object = { cors: { origins } }) =>
      loadBundle(bundle, configDocument(changes), "originResponse")(event);

    test.each([200, 206])(
      "an answer with status %i depends on the origin, for whoever it is",
      async (status) => {
        const headers = {
          "content-type": [{ key: "Content-Type", value: "image/png" }],
          vary: [{ key: "Vary", value: "Accept-Encoding" }],
          "access-control-allow-origin": [
            { key: "Access-Control-Allow-Origin", value: "https://evil.example" },
          ],
          "access-control-allow-credentials": [{ value: "true" }],
        };
        expect((await ask(originEvent(status, headers))).headers).toEqual({
          "content-type": [{ key: "Content-Type", value: "image/png" }],
          vary: [{ value: "Accept-Encoding" }, { value: "Origin" }],
        });
        expect((await ask(originEvent(status, headers), {})).headers).toEqual({
          "content-type": [{ key: "Content-Type", value: "image/png" }],
          vary: [{ key: "Vary", value: "Accept-Encoding" }],
        });
      },
    );

    test("an error does, too", async () => {
      expect((await ask(originEvent(404, S3_HEADERS))).headers["vary"]).toEqual([
        { key: "Vary", value: "Origin" },
      ]);
    });

    const preflights: [string | undefined, number, string | undefined][] = [
      ["https://app.example.com", 204, undefined],
      ["https://pr-1.preview.example.net", 204, undefined],
      ["https://evil.example", 403, "origin_not_allowed"],
      [undefined, 405, "method_not_allowed"],
    ];
    const statuses = [200, 400, 403, 500];
    test.each(preflights)(
      "a preflight from %s is answered with %i, whatever S3 says",
      async (origin, status, code) => {
        const headers = { ...(origin && { Origin: origin }), "Access-Control-Request-Method": "GET" };
        const asked = { method: "OPTIONS", uri: "/public/a.json", headers };
        for (const of of statuses) {
          const result = await ask(originEvent(of, S3_HEADERS, asked));
          expect(result).toMatchObject({ status: String(status), headers: { via: [{ value: "1.1 s3" }] } });
          expect(JSON.stringify(result)).not.toMatch(/x-amz|from S3/);
          // As the function before the cache answers those of signed areas.
          const signed = await loadBundle(bundle, configDocument({ cors: { origins } }))(viewerEvent(asked));
          const { via, "transfer-encoding": _, ...ours } = result.headers;
          expect({ ...result, headers: ours }).toEqual(signed);
        }
        const codes = logged.filter((line) => "originStatus" in line).map((line) => line.code);
        expect(codes).toEqual(code ? statuses.map(() => code) : []);
      },
    );
  });

  test("with frameAncestors every object says who may frame it, beside its sandbox and its own policy", async () => {
    const changes = { frameAncestors: ["https://app.example.com", "https://*.example.org"] };
    const policy = "frame-ancestors 'self' https://app.example.com https://*.example.org";
    const policiesOf = async (headers: object, more: object = {}) => {
      const answer = loadBundle(bundle, configDocument({ ...changes, ...more }), "originResponse");
      return (await answer(originEvent(200, headers))).headers["content-security-policy"];
    };
    expect(await policiesOf({ "content-type": [{ value: "application/pdf" }] })).toEqual([{ value: policy }]);
    const own = {
      "content-type": [{ value: "text/html" }],
      "content-security-policy": [{ value: "img-src *" }],
    };
    expect(await policiesOf(own)).toEqual([{ value: "img-src *" }, { value: policy }, { value: "sandbox" }]);
    const trusted = { areas: [{ path: "/*", trusted: true }] };
    expect(await policiesOf(own, trusted)).toEqual([{ value: "img-src *" }, { value: policy }]);
  });

  test.each([[null], [{}], [viewerEvent()]])("an event without a response fails: %j", async (event) => {
    await expect(answer(event)).rejects.toThrow("internal_error");
  });
});
