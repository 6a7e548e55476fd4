// Path patterns: which behaviour serves a path, under both readings.

import { describe, expect, test } from "vitest";
import { matches, normalizedPath } from "../../../../local/aws/cloudfront/behaviors.ts";
import { stage } from "./stage.ts";

describe("a pattern", () => {
  test.each([
    ["*", "/anything/at/all", true],
    ["/images/*.jpg", "/images/a.jpg", true],
    ["/images/*.jpg", "/images/deep/er/a.jpg", true],
    ["/images/*.jpg", "/images/a.jpgx", false],
    ["images/*", "/images/a", true],
    ["*.jpg", "/images/a.jpg", true],
    ["/a?c", "/abc", true],
    ["/a?c", "/ac", false],
    ["/a?c", "/a/c", true],
    ["/A", "/a", false],
    ["/a.b", "/axb", false],
    ["/a+$(b)", "/a+$(b)", true],
    ["/public/*", "/public", false],
    ["/a", "/a\nb", false],
    ["/?", "/😀", true],
  ])("%s over %j: %s", (pattern, path, expected) => {
    expect(matches(pattern, path)).toBe(expected);
  });
});

describe("the normalised path", () => {
  test.each([
    ["dot segments", "/a/./b/../c", "/a/c", "/a/c"],
    ["beyond the root", "/../../a", "/a", "/a"],
    ["a trailing dot segment keeps its slash", "/a/b/..", "/a/", "/a/"],
    ["several slashes", "//a///b", "/a/b", "/a/b"],
    ["a trailing slash", "/a/", "/a/", "/a/"],
    ["an encoded letter", "/%61", "/a", "/a"],
    ["encoded dots", "/a/%2e%2E/b", "/b", "/b"],
    ["an encoded space", "/a%20b", "/a b", "/a%20b"],
    ["an encoded slash", "/a%2fb", "/a/b", "/a%2Fb"],
    ["an encoded backtrack", "/public/..%2fprivate", "/private", "/public/..%2Fprivate"],
    ["UTF-8", "/%C3%A9", "/é", "/%C3%A9"],
  ])("%s", (_name, path, decoded, raw) => {
    expect(normalizedPath(path, "decoded")).toBe(decoded);
    expect(normalizedPath(path, "raw")).toBe(raw);
  });
});

test("the first pattern that matches wins, then the default", async () => {
  const edge = await stage({
    behaviors: [{ PathPattern: "/a/special" }, { PathPattern: "/a/*" }],
  });
  for (const path of ["/a/special", "/a/other", "/b"]) await edge.get(path);
  expect(edge.log.map((entry) => entry.type === "access" && entry.pathPattern)).toEqual([
    "/a/special",
    "/a/*",
    "*",
  ]);
});

test.each([
  ["decoded", "/public/*"],
  ["raw", "*"],
] as const)("reading patternPath=%s: an encoded slash matches %s", async (patternPath, expected) => {
  const edge = await stage({ behaviors: [{ PathPattern: "/public/*" }], readings: { patternPath } });
  await edge.get("/public%2Fa");
  expect(edge.log).toMatchObject([{ pathPattern: expected }]);
});

test("the raw path goes to function and origin", async () => {
  const uris: unknown[] = [];
  const edge = await stage({
    viewerRequest: (event) => {
      uris.push(event.Records[0]?.cf.request.uri);
      return event.Records[0]?.cf.request;
    },
  });
  await edge.get("//a/%61/../b%2f");
  expect(uris).toEqual(["//a/%61/../b%2f"]);
  expect(edge.seen).toMatchObject([{ url: "//a/%61/../b%2f" }]);
});
