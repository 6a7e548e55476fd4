// How long objects live, and what happens when they are stale.

import { describe, expect, test } from "vitest";
import { ObjectCache } from "../../../../local/aws/cloudfront/cache.ts";
import { errorTtlSeconds, ttlSeconds } from "../../../../local/aws/cloudfront/freshness.ts";
import { headersOf } from "../../../../local/aws/cloudfront/headers.ts";
import {
  CACHE_ALL,
  CACHE_NONE,
  cachePolicy,
  type OriginHandler,
  originRequestPolicy,
  stage,
} from "./stage.ts";

const NOW = Date.parse("2026-01-01T00:00:00Z");
const none = { kind: "none", names: new Set<string>() } as const;
const policy = (minTtl: number, defaultTtl: number, maxTtl: number) => ({
  minTtl,
  defaultTtl,
  maxTtl,
  headers: none,
  cookies: none,
  queryStrings: none,
  gzip: false,
  brotli: false,
});

describe("seconds to live", () => {
  const inAnHour = new Date(NOW + 3_600_000).toUTCString();
  test.each<[string, Record<string, string>, readonly [number, number, number], number | undefined]>([
    ["nothing said, MinTTL 0: the default", {}, [0, 100, 1000], 100],
    ["nothing said, MinTTL above the default", {}, [200, 100, 1000], 200],
    ["max-age", { "Cache-Control": "max-age=50" }, [0, 100, 1000], 50],
    ["max-age above MaxTTL", { "Cache-Control": "max-age=5000" }, [0, 100, 1000], 1000],
    ["max-age below MinTTL", { "Cache-Control": "max-age=5" }, [60, 100, 1000], 60],
    ["max-age=0", { "Cache-Control": "max-age=0" }, [0, 100, 1000], 0],
    ["s-maxage before max-age", { "Cache-Control": "max-age=5, s-maxage=70" }, [0, 100, 1000], 70],
    ["Expires", { Expires: inAnHour }, [0, 100, 10_000], 3600],
    ["Expires above MaxTTL", { Expires: inAnHour }, [0, 100, 1000], 1000],
    ["Expires in the past", { Expires: "Thu, 01 Jan 1970 00:00:00 GMT" }, [0, 100, 1000], 0],
    ["Expires that is no date", { Expires: "0" }, [0, 100, 1000], expect.any(Number)],
    ["max-age before Expires", { "Cache-Control": "max-age=5", Expires: inAnHour }, [0, 100, 10_000], 5],
    ["no-store", { "Cache-Control": "no-store" }, [0, 100, 1000], undefined],
    ["private", { "Cache-Control": "private, max-age=60" }, [0, 100, 1000], undefined],
    ["no-cache is kept, but asked about", { "Cache-Control": "no-cache" }, [0, 100, 1000], 0],
    ["MinTTL overrules no-store", { "Cache-Control": "no-store" }, [60, 100, 1000], 60],
    ["MinTTL overrules private", { "Cache-Control": "private" }, [60, 100, 1000], 60],
    ["Vary: *", { Vary: "*" }, [0, 100, 1000], undefined],
    ["all TTLs 0: caching disabled", { "Cache-Control": "max-age=60" }, [0, 0, 0], undefined],
    ["spelling does not matter", { "Cache-Control": 'S-MaxAge="7"' }, [0, 100, 1000], 7],
  ])("%s", (_name, headers, [min, fallback, max], expected) => {
    expect(ttlSeconds(200, headersOf(headers), policy(min, fallback, max), NOW)).toEqual(expected);
  });

  test.each([
    [200, 100],
    [206, 100],
    [301, 100],
    [302, undefined],
    [307, undefined],
    [304, undefined],
    [404, undefined],
  ])("status %i without headers: %s", (status, expected) => {
    expect(ttlSeconds(status, headersOf({}), policy(0, 100, 1000), NOW)).toBe(expected);
  });

  test("302 with max-age is kept", () => {
    expect(ttlSeconds(302, headersOf({ "Cache-Control": "max-age=9" }), policy(0, 100, 1000), NOW)).toBe(9);
  });
});

describe("seconds that an error is kept", () => {
  const distribution = {
    id: "",
    domainName: "",
    behaviors: [],
    origins: new Map(),
    customErrorResponses: new Map([[404, { cachingMinTtl: 0, page: undefined }]]),
  };
  test.each([
    ["404 with a minimum of 0", 404, {}, 0],
    ["404 with a minimum of 0 and max-age", 404, { "Cache-Control": "max-age=30" }, 30],
    ["500 by default", 500, {}, 10],
    ["503 by default, whatever no-store says", 503, { "Cache-Control": "no-store" }, 10],
    ["502 with a longer max-age", 502, { "Cache-Control": "max-age=60" }, 60],
    ["403 without max-age", 403, {}, 0],
    ["403 with max-age", 403, { "Cache-Control": "max-age=60" }, 60],
    ["403 with a short max-age", 403, { "Cache-Control": "max-age=1" }, 10],
    ["401 never", 401, { "Cache-Control": "max-age=60" }, 0],
    ["416 never", 416, {}, 0],
  ])("%s", (_name, status, headers, expected) => {
    expect(errorTtlSeconds(status, headersOf(headers), distribution)).toBe(expected);
  });
});

/** An origin with one object that answers conditional requests; `version` may change. */
function versioned(state: {
  version: string;
  headers?: Record<string, string>;
  status?: number;
}): OriginHandler {
  return (seen, response) => {
    if (state.status !== undefined) {
      response.writeHead(state.status, state.headers).end("failed");
      return;
    }
    const etag = `"${state.version}"`;
    const fields = { ETag: etag, ...state.headers };
    if (seen.headers["if-none-match"] === etag) response.writeHead(304, fields).end();
    else response.writeHead(200, fields).end(state.version);
  };
}

describe("a stale object", () => {
  const short = { "Cache-Control": "max-age=60" };

  test("is asked about, and refreshed by 304", async () => {
    const edge = await stage({ origin: versioned({ version: "one", headers: short }) });
    await edge.get("/a");
    edge.wait(61);
    const answer = await edge.get("/a");
    expect([answer.text, answer.headers["x-cache"], answer.headers["age"]]).toEqual([
      "one",
      "RefreshHit from cloudfront",
      "0",
    ]);
    expect(edge.seen[1]?.headers["if-none-match"]).toBe('"one"');
    expect(await edge.xCache("/a")).toBe("Hit from cloudfront");
  });

  test("is replaced by 200", async () => {
    const state = { version: "one", headers: short };
    const edge = await stage({ origin: versioned(state) });
    await edge.get("/a");
    state.version = "two";
    edge.wait(61);
    const answer = await edge.get("/a");
    expect([answer.text, answer.headers["x-cache"]]).toEqual(["two", "Miss from cloudfront"]);
  });

  test("Last-Modified becomes If-Modified-Since", async () => {
    const date = "Thu, 01 Jan 2026 00:00:00 GMT";
    const edge = await stage({
      origin: (_seen, response) => response.writeHead(200, { ...short, "Last-Modified": date }).end("x"),
    });
    await edge.get("/a");
    edge.wait(61);
    await edge.get("/a");
    expect(edge.seen[1]?.headers["if-modified-since"]).toBe(date);
  });

  test("the viewer's own conditions and range are answered from the refreshed object", async () => {
    const edge = await stage({ origin: versioned({ version: "one", headers: short }) });
    await edge.get("/a");
    edge.wait(61);
    expect((await edge.get("/a", { "If-None-Match": '"one"' })).status).toBe(304);
    edge.wait(61);
    const part = await edge.get("/a", { Range: "bytes=0-0", "If-None-Match": '"other"' });
    expect([part.status, part.text]).toEqual([206, "o"]);
    expect(edge.seen.map(({ headers }) => [headers["if-none-match"], headers["range"]])).toEqual([
      [undefined, undefined],
      ['"one"', undefined],
      ['"one"', undefined],
    ]);
  });

  test("is served while the origin fails with 5xx, for the error caching minimum TTL", async () => {
    const state: Parameters<typeof versioned>[0] = { version: "one", headers: short };
    const edge = await stage({ origin: versioned(state) });
    await edge.get("/a");
    Object.assign(state, { status: 500, headers: {} });
    edge.wait(61);
    expect(await edge.get("/a")).toMatchObject({ status: 200, text: "one" });
    edge.wait(9);
    await edge.get("/a");
    expect(edge.seen).toHaveLength(2);
    edge.wait(2);
    await edge.get("/a");
    expect(edge.seen).toHaveLength(3);
  });

  test("is forgotten when the 304 says no-store", async () => {
    const state = { version: "one", headers: short };
    const edge = await stage({ origin: versioned(state) });
    await edge.get("/a");
    state.headers = { "Cache-Control": "no-store" };
    edge.wait(61);
    expect(await edge.xCache("/a")).toBe("RefreshHit from cloudfront");
    await edge.get("/a");
    expect(edge.seen[2]?.headers["if-none-match"]).toBeUndefined();
  });

  test("gives way to a 4xx", async () => {
    const state: Parameters<typeof versioned>[0] = { version: "one", headers: short };
    const edge = await stage({ origin: versioned(state) });
    await edge.get("/a");
    state.status = 404;
    edge.wait(61);
    expect((await edge.get("/a")).status).toBe(404);
  });

  test("no-cache: every request asks, nobody gets an unchecked copy", async () => {
    const state = { version: "one", headers: { "Cache-Control": "no-cache" } };
    const edge = await stage({ origin: versioned(state) });
    await edge.get("/a");
    expect(await edge.xCache("/a")).toBe("RefreshHit from cloudfront");
    state.version = "two";
    expect((await edge.get("/a")).text).toBe("two");
  });
});

describe("errors", () => {
  test.each([
    [404, "Error from cloudfront", 1],
    [500, "Error from cloudfront", 1],
    [403, "Error from cloudfront", 2],
    [400, "Error from cloudfront", 2],
  ])("%i: x-cache %s, %i trips for two requests", async (status, xCache, trips) => {
    const edge = await stage({ origin: versioned({ version: "x", status }) });
    await edge.get("/a");
    const answer = await edge.get("/a");
    expect([answer.status, answer.headers["x-cache"], edge.seen.length]).toEqual([status, xCache, trips]);
  });

  test("the error is forgotten after its time", async () => {
    const state: Parameters<typeof versioned>[0] = { version: "back", status: 404 };
    const edge = await stage({ origin: versioned(state) });
    await edge.get("/a");
    delete state.status;
    edge.wait(9);
    expect((await edge.get("/a")).status).toBe(404);
    edge.wait(2);
    expect((await edge.get("/a")).text).toBe("back");
  });

  test("an ErrorCachingMinTTL of 0 keeps nothing", async () => {
    const config = { CustomErrorResponses: [{ ErrorCode: 404, ErrorCachingMinTTL: 0 }] };
    const edge = await stage({ origin: versioned({ version: "x", status: 404 }), config });
    await edge.get("/a");
    await edge.get("/a");
    expect(edge.seen).toHaveLength(2);
  });
});

describe("HEAD", () => {
  test("is answered from a cached GET", async () => {
    const edge = await stage();
    await edge.get("/a");
    const head = await edge.send("HEAD", "/a");
    expect([head.headers["x-cache"], head.body.length, head.headers["content-length"]]).toEqual([
      "Hit from cloudfront",
      0,
      "5",
    ]);
  });

  test.each([
    ["HEAD", "HEAD", "Miss from cloudfront"],
    ["GET", "GET", "Hit from cloudfront"],
  ] as const)(
    "reading headOnMiss=%s: the origin sees %s, the GET after it is a %s",
    async (headOnMiss, method, xCache) => {
      const edge = await stage({
        readings: { headOnMiss },
        origin: (_seen, response) => response.writeHead(200, { "Content-Length": 5 }).end("hello"),
      });
      const head = await edge.send("HEAD", "/a");
      expect([head.body.length, head.headers["content-length"]]).toEqual([0, "5"]);
      expect(edge.seen[0]?.method).toBe(method);
      const get = await edge.get("/a");
      expect([get.headers["x-cache"], get.text]).toEqual([xCache, "hello"]);
    },
  );

  test("an answer to HEAD serves HEAD again", async () => {
    const edge = await stage({
      origin: (_seen, response) => response.writeHead(200, { "Content-Length": 5 }).end(),
    });
    await edge.send("HEAD", "/a");
    expect((await edge.send("HEAD", "/a")).headers["x-cache"]).toBe("Hit from cloudfront");
  });
});

describe("caching disabled", () => {
  test("every request goes to the origin", async () => {
    const edge = await stage({ behavior: { CachePolicyId: CACHE_NONE } });
    await edge.get("/a");
    expect(await edge.xCache("/a")).toBe("Miss from cloudfront");
  });
});

describe("requests at the same time", () => {
  /** An origin that holds its answers until it was asked `expected` times, or told to go on. */
  function held(headers: Record<string, string> = {}) {
    const { promise, resolve } = Promise.withResolvers<void>();
    let asked = 0;
    const origin: OriginHandler = (seen, response) => {
      asked += 1;
      const n = asked;
      const isNotModified = seen.headers["if-none-match"] === '"v"';
      void promise.then(() =>
        response
          .writeHead(isNotModified ? 304 : 200, { ETag: '"v"', ...headers })
          .end(isNotModified ? "" : `answer ${n}`),
      );
    };
    return { origin, release: resolve };
  }
  const settle = () => new Promise((resolve) => setTimeout(resolve, 50));

  test("share one trip; the others are hits", async () => {
    const { origin, release } = held();
    const edge = await stage({ origin });
    const answers = Promise.all([edge.get("/a"), edge.get("/a"), edge.get("/a")]);
    await settle();
    release();
    expect((await answers).map(({ text, headers }) => `${text}, ${headers["x-cache"]}`).sort()).toEqual([
      "answer 1, Hit from cloudfront",
      "answer 1, Hit from cloudfront",
      "answer 1, Miss from cloudfront",
    ]);
  });

  test("of different keys do not", async () => {
    const { origin, release } = held();
    const edge = await stage({ origin });
    const answers = Promise.all([edge.get("/a"), edge.get("/b")]);
    await settle();
    release();
    await answers;
    expect(edge.seen).toHaveLength(2);
  });

  test("nobody gets another's 304 or range", async () => {
    const { origin, release } = held();
    const edge = await stage({ origin });
    const answers = Promise.all([edge.get("/a", { "If-None-Match": '"v"' }), edge.get("/a")]);
    await settle();
    release();
    expect((await answers).map(({ status }) => status)).toEqual([304, 200]);
  });

  test.each<[string, Record<string, unknown>, Record<string, unknown>]>([
    [
      "cookies in the origin request policy",
      { orp: originRequestPolicy({ CookiesConfig: { CookieBehavior: "all" } }) },
      { OriginRequestPolicyId: "orp" },
    ],
    [
      "cookies in the cache policy",
      { [CACHE_ALL]: cachePolicy([0, 60, 600], { CookiesConfig: { CookieBehavior: "all" } }) },
      {},
    ],
    ["caching disabled", {}, { CachePolicyId: CACHE_NONE }],
  ])("%s switches sharing off", async (_name, policies, behavior) => {
    const { origin, release } = held();
    const edge = await stage({ origin, policies, behavior });
    const answers = Promise.all([edge.get("/a"), edge.get("/a")]);
    await settle();
    release();
    await answers;
    expect(edge.seen).toHaveLength(2);
  });

  test.each([
    [true, 1],
    [false, 2],
  ])(
    "reading collapseUncacheable=%s: a no-store answer takes %i trips for two",
    async (collapseUncacheable, trips) => {
      const { origin, release } = held({ "Cache-Control": "no-store" });
      const edge = await stage({ origin, readings: { collapseUncacheable } });
      const answers = Promise.all([edge.get("/a"), edge.get("/a")]);
      await settle();
      release();
      await answers;
      expect(edge.seen).toHaveLength(trips);
    },
  );
});

describe("the store", () => {
  const object = (bytes: number) => ({
    status: 200,
    statusDescription: "",
    headers: new Map(),
    body: Buffer.alloc(bytes),
    storedAt: 0,
    expiresAt: 0,
  });
  test("is bounded: the least recently used object goes", () => {
    const cache = new ObjectCache(3 * 4048);
    for (const key of ["a", "b", "c"]) cache.set(key, object(2000));
    cache.get("a");
    cache.set("d", object(2000));
    expect(["a", "b", "c", "d"].map((key) => cache.get(key) !== undefined)).toEqual([
      true,
      false,
      true,
      true,
    ]);
  });
  test("counts a replaced object once", () => {
    const cache = new ObjectCache(2 * 4048);
    for (let i = 0; i < 5; i += 1) cache.set("a", object(2000));
    cache.set("b", object(2000));
    expect(cache.size).toBe(2);
  });
  test("invalidate empties it", async () => {
    const cache = new ObjectCache();
    cache.set("a", object(1));
    cache.clear();
    expect(cache.size).toBe(0);
  });
});

test("a body beyond what is kept passes through whole, uncached", async () => {
  const big = Buffer.alloc(33 * 1024 * 1024, 7);
  const edge = await stage({ origin: (_seen, response) => response.end(big) });
  for (let i = 0; i < 2; i += 1) {
    const answer = await edge.get("/a");
    expect(answer.headers["x-cache"]).toBe("Miss from cloudfront");
    expect(answer.body.equals(big)).toBe(true);
  }
});

test("so does one of unknown length", async () => {
  const chunk = Buffer.alloc(1024 * 1024, 7);
  const edge = await stage({
    origin: (_seen, response) => {
      for (let i = 0; i < 34; i += 1) response.write(chunk);
      response.end("end");
    },
  });
  const answer = await edge.get("/a");
  expect([answer.body.length, answer.body.subarray(-3).toString()]).toEqual([34 * 1024 * 1024 + 3, "end"]);
});
