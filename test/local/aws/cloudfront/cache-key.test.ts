// Which requests share an object: the cache policy says.

import { expect, test } from "vitest";
import { CACHE_ALL, cachePolicy, stage } from "./stage.ts";

const headersIn = (...Headers: string[]) => ({ HeadersConfig: { HeaderBehavior: "whitelist", Headers } });
const cookiesIn = (CookieBehavior: string, ...Cookies: string[]) => ({
  CookiesConfig: { CookieBehavior, Cookies },
});
const queriesIn = (QueryStringBehavior: string, ...QueryStrings: string[]) => ({
  QueryStringsConfig: { QueryStringBehavior, QueryStrings },
});
const COMPRESSED = { EnableAcceptEncodingGzip: true, EnableAcceptEncodingBrotli: true };

type Request = readonly [string, Record<string, string>];

test.each<[string, Record<string, unknown>, Request, Request, boolean]>([
  ["another path", {}, ["/a", {}], ["/b", {}], false],
  ["another case of the path", {}, ["/a", {}], ["/A", {}], false],
  ["another spelling of the path", {}, ["/a", {}], ["/%61", {}], false],
  ["another query, none in the key", {}, ["/a?x=1", {}], ["/a?x=2", {}], true],
  ["another query, all in the key", queriesIn("all"), ["/a?x=1", {}], ["/a?x=2", {}], false],
  ["another order of parameters", queriesIn("all"), ["/a?x=1&y=2", {}], ["/a?y=2&x=1", {}], false],
  ["another listed parameter", queriesIn("whitelist", "x"), ["/a?x=1", {}], ["/a?x=2", {}], false],
  ["another unlisted parameter", queriesIn("whitelist", "x"), ["/a?x=1&y=1", {}], ["/a?y=2&x=1", {}], true],
  ["another excepted parameter", queriesIn("allExcept", "x"), ["/a?x=1", {}], ["/a?x=2", {}], true],
  [
    "another listed header",
    headersIn("X-Scope"),
    ["/a", { "X-Scope": "1" }],
    ["/a", { "X-Scope": "2" }],
    false,
  ],
  ["the listed header missing", headersIn("X-Scope"), ["/a", { "X-Scope": "1" }], ["/a", {}], false],
  [
    "the listed header in another case",
    headersIn("x-scope"),
    ["/a", { "X-Scope": "1" }],
    ["/a", { "x-SCOPE": "1" }],
    true,
  ],
  [
    "the same value in another listed header",
    headersIn("X-A", "X-B"),
    ["/a", { "X-A": "1" }],
    ["/a", { "X-B": "1" }],
    false,
  ],
  [
    "a header value cannot pass for another header",
    headersIn("X-A", "X-B"),
    ["/a", { "X-A": "1", "X-B": "2" }],
    ["/a", { "X-A": "1,x-b:2" }],
    false,
  ],
  [
    "another unlisted header",
    headersIn("X-Scope"),
    ["/a", { "X-Other": "1" }],
    ["/a", { "X-Other": "2" }],
    true,
  ],
  [
    "another listed cookie",
    cookiesIn("whitelist", "s"),
    ["/a", { Cookie: "s=1" }],
    ["/a", { Cookie: "s=2" }],
    false,
  ],
  [
    "another unlisted cookie",
    cookiesIn("whitelist", "s"),
    ["/a", { Cookie: "s=1; t=1" }],
    ["/a", { Cookie: "s=1; t=2" }],
    true,
  ],
  ["another cookie, none in the key", {}, ["/a", { Cookie: "s=1" }], ["/a", { Cookie: "s=2" }], true],
  ["another Accept-Encoding, ignored", {}, ["/a", { "Accept-Encoding": "gzip" }], ["/a", {}], true],
  [
    "another Accept-Encoding, normalised away",
    COMPRESSED,
    ["/a", { "Accept-Encoding": "gzip, br" }],
    ["/a", { "Accept-Encoding": "br;q=0.9, deflate, gzip" }],
    true,
  ],
  [
    "another Accept-Encoding",
    COMPRESSED,
    ["/a", { "Accept-Encoding": "gzip" }],
    ["/a", { "Accept-Encoding": "br" }],
    false,
  ],
  ["another Host", {}, ["/a", { Host: "a.example.test" }], ["/a", { Host: "b.example.test" }], true],
  ["another User-Agent", {}, ["/a", { "User-Agent": "a" }], ["/a", { "User-Agent": "b" }], true],
  ["another Authorization", {}, ["/a", { Authorization: "a" }], ["/a", { Authorization: "b" }], true],
])("%s: same object %#", async (_name, settings, first, second, isShared) => {
  const edge = await stage({ policies: { [CACHE_ALL]: cachePolicy([0, 60, 31_536_000], settings) } });
  await edge.get(...first);
  expect(await edge.xCache(...second)).toBe(`${isShared ? "Hit" : "Miss"} from cloudfront`);
});

test("a header that only the function writes is part of the key; the viewer's copy is not", async () => {
  const edge = await stage({
    policies: { [CACHE_ALL]: cachePolicy([0, 60, 31_536_000], headersIn("x-scope")) },
    viewerRequest: (event) => {
      const request = event.Records[0]?.cf.request;
      const scope = request?.headers["authorization"]?.[0]?.value ?? "none";
      return { ...request, headers: { ...request?.headers, "x-scope": [{ key: "x-scope", value: scope }] } };
    },
  });
  await edge.get("/a", { Authorization: "editors" });
  expect(await edge.xCache("/a", { Authorization: "editors", "X-Scope": "forged" })).toBe(
    "Hit from cloudfront",
  );
  expect(await edge.xCache("/a", { Authorization: "readers", "X-Scope": "editors" })).toBe(
    "Miss from cloudfront",
  );
  expect(edge.seen.map(({ headers }) => headers["x-scope"])).toEqual(["editors", "readers"]);
});

test("the behaviour is not part of the key", async () => {
  const edge = await stage({
    viewerRequest: (event) => ({ ...event.Records[0]?.cf.request, uri: "/b/x" }),
    behaviors: [{ PathPattern: "/b/*" }],
  });
  await edge.get("/a");
  expect(await edge.xCache("/b/x")).toBe("Hit from cloudfront");
});
