import { beforeEach, describe, expect, test, vi } from "vitest";
import type { AreaDocument } from "../../../edge/config/config.ts";
import { BUNDLES, loadBundle } from "../fixtures/bundle.ts";
import { configDocument, IDENTITY_ID } from "../fixtures/config.ts";
import { type EventOptions, REQUEST_ID, viewerEvent } from "../fixtures/events.ts";

/** The XML of a refused signature, as S3 writes it, in a header that stands for what must not pass. */
const S3_HEADERS = {
  "content-type": [{ key: "Content-Type", value: "application/xml" }],
  "x-amz-request-id": [{ key: "x-amz-request-id", value: "7CG2WFWJ" }],
  "x-amz-id-2": [{ key: "x-amz-id-2", value: "host-id" }],
  via: [{ key: "Via", value: "1.1 s3" }],
  "transfer-encoding": [{ key: "Transfer-Encoding", value: "chunked" }],
};

/** Everything that S3 writes about an object besides what HTTP says of it, and what becomes of it. */
const S3_HEADER_NAMES = [
  "server",
  "x-amz-request-id",
  "x-amz-id-2",
  "x-amz-server-side-encryption",
  "x-amz-server-side-encryption-aws-kms-key-id",
  "x-amz-server-side-encryption-bucket-key-enabled",
  "x-amz-server-side-encryption-customer-algorithm",
  "x-amz-expiration",
  "x-amz-restore",
  "x-amz-archive-status",
  "x-amz-storage-class",
  "x-amz-replication-status",
  "x-amz-version-id",
  "x-amz-delete-marker",
  "x-amz-tagging-count",
  "x-amz-mp-parts-count",
  "x-amz-object-lock-mode",
  "x-amz-object-lock-retain-until-date",
  "x-amz-object-lock-legal-hold",
  "x-amz-website-redirect-location",
  "x-amz-request-charged",
  "x-amz-bucket-region",
  "x-amz-access-point-alias",
  "x-amz-checksum-crc64nvme",
  "x-amz-checksum-type",
  "x-amz-missing-meta",
  "x-amz-meta-camera",
  "x-amz-meta-",
] as const;

/** What HTTP says of an object: it stays. */
const HTTP_HEADERS = Object.fromEntries(
  [
    "accept-ranges",
    "cache-control",
    "content-disposition",
    "content-encoding",
    "content-language",
    "content-length",
    "content-range",
    "date",
    "etag",
    "expires",
    "last-modified",
    "transfer-encoding",
    "via",
  ].map((name) => [name, [{ key: name, value: "as it was" }]]),
);

interface EventChanges extends EventOptions {
  /** The cache scope of a signed area; public ones have none. */
  readonly scope?: string;
}

function originEvent(status: number, headers: object, { scope, ...options }: EventChanges = {}) {
  const scoped = scope && { "x-gatehouse-cache-scope": scope };
  const event = viewerEvent({ ...options, headers: { ...options.headers, ...scoped } });
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
  const answer = (event: unknown, areas?: readonly AreaDocument[], path?: string) => {
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

  test("a 304 without a type passes as it is: the cached headers stay", async () => {
    const event = originEvent(304, { etag: [{ value: '"1"' }] });
    expect(await answer(event)).toEqual(event.Records[0]?.cf.response);
  });

  test.each(Object.entries(types).filter(([type]) => type))(
    "a 304 with the type %j is sandboxed: %s",
    async (type, active) => {
      const event = originEvent(304, { "content-type": [{ key: "Content-Type", value: type }] });
      const { headers } = await answer(event);
      expect(headers["content-security-policy"]).toEqual(active ? [{ value: "sandbox" }] : undefined);
      expect(await answer(event, [{ path: "/*", trusted: true }])).toEqual(event.Records[0]?.cf.response);
    },
  );

  describe("S3's own headers", () => {
    const s3Headers = Object.fromEntries(S3_HEADER_NAMES.map((name) => [name, [{ key: name, value: "s3" }]]));
    const plain = { ...HTTP_HEADERS, "content-type": [{ key: "Content-Type", value: "image/png" }] };
    const META = ["x-amz-meta-camera", "x-amz-meta-"];
    const VERSION = ["x-amz-version-id"];
    const OWN: AreaDocument = { path: "/me/*", owner: "users/{identityId}/" };
    const areas: Record<string, [areas: readonly AreaDocument[], uri: string, passed: readonly string[]]> = {
      "by default": [[{ path: "/*" }], "/a.png", []],
      "where the area asks for metadata": [[{ path: "/*", metadata: true }], "/a.png", META],
      "where the area has versions": [[{ path: "/*", versions: true }], "/a.png", VERSION],
      "where it asks for both": [
        [{ path: "/*", metadata: true, versions: true }],
        "/a.png",
        [...VERSION, ...META],
      ],
      "where another area asks": [
        [{ path: "/with/*", metadata: true, versions: true }, { path: "/*" }],
        "/without/a.png",
        [],
      ],
      "of a path that is nobody's": [[{ path: "/with/*", metadata: true }], "/elsewhere/a.png", []],
      "in one's own folder": [
        [OWN, { path: "/*", metadata: true }],
        `/users/${encodeURIComponent(IDENTITY_ID)}/a.png`,
        [],
      ],
      "in one's own folder that asks": [
        [{ ...OWN, metadata: true }, { path: "/*" }],
        `/users/${encodeURIComponent(IDENTITY_ID)}/a.png`,
        META,
      ],
      "in a folder by two paths, one of which asks": [
        [
          { ...OWN, metadata: true },
          { ...OWN, path: "/mine/*" },
        ],
        `/users/${encodeURIComponent(IDENTITY_ID)}/a.png`,
        [],
      ],
      "of a public area": [[{ path: "/open/*", public: true }], "/open/a.png", []],
      "of a public area that asks": [
        [{ path: "/open/*", public: true, metadata: true }],
        "/open/a.png",
        META,
      ],
      "of a list": [[{ path: "/*", metadata: true, versions: true }], "/", []],
    };
    describe.each([200, 206, 304])("on a %i", (status) => {
      test.each(Object.entries(areas))("%s", async (_, [documents, uri, passed]) => {
        const { headers } = await answer(originEvent(status, { ...plain, ...s3Headers }, { uri }), documents);
        expect(Object.keys(headers).sort()).toEqual([...Object.keys(plain), ...passed].sort());
      });
    });
  });

  describe("an error on a list is told in JSON", () => {
    const querystring = "X-Amz-Expires=300&continuation-token=x&list-type=2&prefix=a%2F&X-Amz-Signature=0";
    const rows: [number, number, string, string, string][] = [
      [400, 400, "invalid_query", "The query is not valid here.", "warn"],
      [403, 404, "not_found", "There is nothing here.", "warn"],
      [404, 404, "not_found", "There is nothing here.", "warn"],
      [500, 502, "origin_error", "The file cannot be read right now.", "error"],
    ];
    test.each(rows)("S3's %i is our %i %s: %s", async (origin, status, code, message, level) => {
      const result = await answer(originEvent(origin, S3_HEADERS, { uri: "/", querystring }));
      expect(result).toMatchObject({
        status: String(status),
        headers: {
          "cache-control": [{ value: "no-store" }],
          "content-type": [{ value: "application/json" }],
        },
      });
      expect(JSON.parse("body" in result ? (result.body ?? "") : "")).toEqual({
        code,
        message,
        requestId: REQUEST_ID,
      });
      expect(logged).toEqual([expect.objectContaining({ level, code, status, originStatus: origin })]);
    });

    test.each(["/index.html", "//", "/a/", "/list-type=2"])("%s is no list", async (uri) => {
      const result = await answer(originEvent(400, S3_HEADERS, { uri, querystring }));
      expect(result).toMatchObject({ status: "502", body: expect.stringContaining("<h1>") });
    });
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

    test("an answer that it is the known one says so as well, and nothing of the bucket's own rules", async () => {
      const headers = { etag: [{ value: '"1"' }], "access-control-allow-origin": [{ value: "*" }] };
      expect((await ask(originEvent(304, headers))).headers).toEqual({
        etag: [{ value: '"1"' }],
        vary: [{ value: "Origin" }],
      });
    });

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

  test("with frameAncestors a 304 without a type leaves the cached policy, its sandbox too, as it is", async () => {
    const document = configDocument({ frameAncestors: ["https://app.example.com"] });
    const ask = loadBundle(bundle, document, "originResponse");
    const etag = [{ value: '"1"' }];
    expect((await ask(originEvent(304, { etag }))).headers).toEqual({ etag });
    const typed = await ask(originEvent(304, { "content-type": [{ value: "text/html" }] }));
    expect(typed.headers["content-security-policy"]).toEqual([
      { value: "frame-ancestors 'self' https://app.example.com" },
      { value: "sandbox" },
    ]);
  });

  test.each([[null], [{}], [viewerEvent()]])("an event without a response fails: %j", async (event) => {
    await expect(answer(event)).rejects.toThrow("internal_error");
  });
});
