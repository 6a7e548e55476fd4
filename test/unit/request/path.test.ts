import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { canonicalPath, uriEncode } from "../../../edge/request/path.ts";

describe("canonicalPath", () => {
  const canonical: Record<string, string> = {
    "/": "/index.html",
    "/docs/": "/docs/index.html",
    "/a.txt": "/a.txt",
    "/a b": "/a%20b",
    "/a%20b": "/a%20b",
    "/a+b": "/a%2Bb",
    "/a%2bb": "/a%2Bb",
    "/%7e~": "/~~",
    "/%41": "/A",
    "/a!'()*": "/a%21%27%28%29%2A",
    "/100%25": "/100%25",
    "/%2525": "/%2525",
    "/ä": "/%C3%A4",
    "/%c3%a4": "/%C3%A4",
    "/😀": "/%F0%9F%98%80",
    "//a//b": "//a//b",
    "/a?b": "/a%3Fb",
    "/a;b=c": "/a%3Bb%3Dc",
    "/...": "/...",
    "/a./.b": "/a./.b",
    [`/${"a".repeat(1024)}`]: `/${"a".repeat(1024)}`,
  };
  test.each(Object.entries(canonical))("%s", (uri, path) => expect(canonicalPath(uri)).toBe(path));

  const refused: [string, string][] = [
    ["", "invalid_path"],
    ["a", "invalid_path"],
    ["/a/../b", "invalid_path"],
    ["/..", "invalid_path"],
    ["/.", "invalid_path"],
    ["/./", "invalid_path"],
    ["/a/.", "invalid_path"],
    ["/a/%2e%2E/b", "invalid_path"],
    ["/a/.%2e", "invalid_path"],
    ["/ä/..", "invalid_path"],
    ["/a%2Fb", "invalid_path"],
    ["/a%2fb", "invalid_path"],
    ["/a%5Cb", "invalid_path"],
    ["/a\\b", "invalid_path"],
    ["/a%00", "invalid_path"],
    ["/a\u0000", "invalid_path"],
    ["/a%0Ab", "invalid_path"],
    ["/a%7F", "invalid_path"],
    ["/a%", "invalid_path"],
    ["/a%zz", "invalid_path"],
    ["/a%C3", "invalid_path"],
    ["/%C0%AF", "invalid_path"],
    ["/%ED%A0%80", "invalid_path"],
    ["/a\ud800", "invalid_path"],
    [`/${"a".repeat(1025)}`, "uri_too_long"],
    [`/${"%C3%A4".repeat(513)}`, "uri_too_long"],
  ];
  test.each(refused)("%j is %s", (uri, code) => expect(() => canonicalPath(uri)).toThrow(code));

  test("is its own canonical form, and holds nothing that two readers could read differently", () => {
    fc.assert(
      fc.property(fc.stringMatching(/^\/[\w%.~/+ äß;?&=@:!'()*-]{0,40}$/), (uri) => {
        const path = tryCanonical(uri);
        if (path === undefined) return;
        expect(canonicalPath(path)).toBe(path);
        expect(path).toMatch(/^(\/([\w.~-]|%[0-9A-F]{2})*)+$/);
        expect(path).not.toMatch(/%2F|%5C|%2E|(^|\/)\.\.?(\/|$)|\/$/);
      }),
      { numRuns: 5_000 },
    );
  });
});

test("uriEncode leaves only unreserved characters (RFC 3986 §2.3)", () => {
  const all = Array.from({ length: 128 }, (_, code) => String.fromCharCode(code));
  expect(all.filter((char) => uriEncode(char) === char).join("")).toBe(
    "-.0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz~",
  );
});

function tryCanonical(uri: string): string | undefined {
  try {
    return canonicalPath(uri);
  } catch {
    return undefined;
  }
}
