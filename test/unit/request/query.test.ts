import { describe, expect, test } from "vitest";
import { parseConfig } from "../../../edge/config/document.ts";
import { listQuery, objectQuery } from "../../../edge/request/query.ts";
import { configDocument } from "../fixtures/config.ts";

function area(settings: object) {
  const [parsed] = parseConfig(configDocument({ areas: [{ path: "/*", ...settings }] })).areas;
  if (!parsed) throw new Error("no area");
  return parsed;
}
const PATH = "/documents/4711.pdf";
const BOTH = area({ versions: true, downloads: true });

describe("the name of a download", () => {
  /** What a browser would save it as. */
  function savedAs(name: string, path: string): string {
    const [[, value = ""] = []] = objectQuery(`download=${encodeURIComponent(name)}`, BOTH, path);
    return decodeURIComponent(/filename\*=UTF-8''(.*)$/.exec(value)?.[1] ?? "");
  }

  const names: [string, path: string, name: string, saved: string][] = [
    ["the key's own type", "/a.pdf", "plan.pdf", "plan.pdf"],
    ["in another case", "/a.pdf", "PLAN.PDF", "PLAN.PDF"],
    ["of the same type", "/a.jpeg", "photo.jpg", "photo.jpg"],
    ["of the same type, the other way", "/a.jpg", "photo.JPEG", "photo.JPEG"],
    ["of the same type, for pages", "/a.html", "page.htm", "page.htm"],
    ["another type", "/a.jpg", "setup.exe", "setup.exe.jpg"],
    ["another type that is near", "/a.jpg", "photo.png", "photo.png.jpg"],
    ["the key's type inside", "/a.jpg", "photo.jpg.exe", "photo.jpg.exe.jpg"],
    ["the type with more behind it", "/a.jpg", "photo.jpgx", "photo.jpgx.jpg"],
    ["the type with a blank behind it, which systems drop", "/a.jpg", "setup.exe ", "setup.exe .jpg"],
    ["dots at its end, which systems drop", "/a.jpg", "setup.exe..", "setup.exe...jpg"],
    ["no type", "/a.jpg", "photo", "photo.jpg"],
    ["a name of dots", "/a.jpg", "..", "...jpg"],
    ["a type alone", "/a.jpg", ".jpg", ".jpg"],
    ["the key's type written beyond ASCII", "/a.jpg", "photo.ｊｐｇ", "photo.ｊｐｇ.jpg"],
    ["a key in upper case", "/A.JPG", "photo", "photo.JPG"],
    ["a key with several dots", "/a.b/archive.tar.gz", "backup", "backup.gz"],
    ["a key without a type", "/documents.d/LICENSE", "licence.txt", "licence.txt"],
    ["a key that starts with a dot", "/documents/.profile", "profile", "profile"],
    ["a key with a dot and no type", "/documents/Mr.%20Smith", "smith", "smith"],
    ["a key with a long end", "/documents/v1.abcdefghijklmnop", "v1", "v1"],
    ["a folder's dot", "/v1.2/readme", "readme.md", "readme.md"],
    ["a key like a property of every object", "/a.constructor", "b.toString", "b.toString.constructor"],
    ["right-to-left override", "/a.exe", "gpj.\u202Eexe", "gpj.exe"],
    ["right-to-left override, another type", "/a.jpg", "photo\u202Egpj.exe", "photogpj.exe.jpg"],
    [
      "every control of direction",
      "/a.txt",
      "\u061C\u200E\u200F\u202A\u202B\u202C\u202D\u202E\u2066\u2067\u2068\u2069a.txt",
      "a.txt",
    ],
    ["letters that are read from the right", "/a.txt", "שלום.txt", "שלום.txt"],
    ["joiners, which names need", "/a.txt", "👩\u200D🚀.txt", "👩\u200D🚀.txt"],
  ];
  test.each(names)("%s: %s as %j is saved as %j", (_, path, name, saved) => {
    expect(savedAs(name, path)).toBe(saved);
  });

  test("that is nothing but controls is none", () => {
    expect(objectQuery("download=%E2%80%AE%E2%81%A6", BOTH, "/a.jpg")).toEqual([
      ["response-content-disposition", "attachment"],
    ]);
  });

  test("for old browsers has the same type", () => {
    expect(objectQuery("download=%E2%80%AEgpj.exe", BOTH, "/a.jpg")).toEqual([
      ["response-content-disposition", `attachment; filename="gpj.exe.jpg"; filename*=UTF-8''gpj.exe.jpg`],
    ]);
  });
});

describe("objectQuery", () => {
  const cases: Record<string, [string, readonly (readonly string[])[]]> = {
    nothing: ["", []],
    "a version": [
      "versionId=3sL4kqtJlcpXroDTDmJ.rmSpXd3dIbrHY",
      [["versionId", "3sL4kqtJlcpXroDTDmJ.rmSpXd3dIbrHY"]],
    ],
    "the null version": ["versionId=null", [["versionId", "null"]]],
    "a download": ["download", [["response-content-disposition", "attachment"]]],
    "a download with a name": [
      "download=plan.pdf",
      [["response-content-disposition", `attachment; filename="plan.pdf"; filename*=UTF-8''plan.pdf`]],
    ],
    "a name beyond ASCII": [
      "download=%C3%9Cbersicht%20%22%F0%9F%98%80%22.pdf",
      [
        [
          "response-content-disposition",
          `attachment; filename="_bersicht ____.pdf"; filename*=UTF-8''%C3%9Cbersicht%20%22%F0%9F%98%80%22.pdf`,
        ],
      ],
    ],
    both: [
      "versionId=1&download",
      [
        ["response-content-disposition", "attachment"],
        ["versionId", "1"],
      ],
    ],
    "anything else": [
      "response-content-type=text/html&X-Amz-Signature=1&x-id=GetObject&partNumber=1&acl",
      [],
    ],
    "names in another case": ["VersionId=1&VERSIONID=2&Download=x", []],
  };
  test.each(Object.entries(cases))("%s", (_, [querystring, expected]) => {
    expect(objectQuery(querystring, BOTH, PATH)).toEqual(expected);
  });

  test.each([
    "versionId=",
    "versionId=a%20b",
    "versionId=1&versionId=2",
    "download=a%2Fb",
    "download=a%0Ab",
    "download=a%5Cb",
  ])("%s is refused", (querystring) =>
    expect(() => objectQuery(querystring, BOTH, PATH)).toThrow("invalid_query"),
  );

  test("an area gets what it allows", () => {
    const querystring = "versionId=1&download=x";
    expect(objectQuery(querystring, area({}), PATH)).toEqual([]);
    expect(objectQuery(querystring, area({ versions: true }), PATH)).toEqual([["versionId", "1"]]);
    expect(objectQuery(querystring, area({ downloads: true }), PATH).map(([name]) => name)).toEqual([
      "response-content-disposition",
    ]);
  });
});

describe("listQuery", () => {
  const cases: Record<string, readonly (readonly string[])[]> = {
    "": [],
    "delimiter=/": [["delimiter", "/"]],
    "max-keys=1000": [["max-keys", "1000"]],
    "continuation-token=1ueGcxLPRx1Tr%2FXYExHnhbYLgveDs2J%2Fwm36Hy4vbOwM%3D": [
      ["continuation-token", "1ueGcxLPRx1Tr/XYExHnhbYLgveDs2J/wm36Hy4vbOwM="],
    ],
    "prefix=users/&start-after=a&fetch-owner=true&encoding-type=url&list-type=1": [],
  };
  test.each(Object.entries(cases))("%s", (querystring, expected) => {
    const query = listQuery(querystring, "team/");
    expect(query).toEqual(expect.arrayContaining([["list-type", "2"], ["prefix", "team/"], ...expected]));
    expect(query).toHaveLength(2 + expected.length);
  });
  test.each([
    "max-keys=0",
    "max-keys=1001",
    "max-keys=x",
    "delimiter=x",
    "delimiter=",
    "continuation-token=%20",
    "max-keys=1&max-keys=2",
  ])("%s is refused", (querystring) => expect(() => listQuery(querystring, "")).toThrow("invalid_query"));
});
