import { describe, expect, test } from "vitest";
import { parseConfig } from "../../../edge/config/document.ts";
import { listQuery, objectQuery } from "../../../edge/request/query.ts";
import { configDocument } from "../fixtures/config.ts";

function area(settings: object) {
  const [parsed] = parseConfig(configDocument({ areas: [{ path: "/*", ...settings }] })).areas;
  if (!parsed) throw new Error("no area");
  return parsed;
}
const BOTH = area({ versions: true, downloads: true });

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
    expect(objectQuery(querystring, BOTH)).toEqual(expected);
  });

  test.each([
    "versionId=",
    "versionId=a%20b",
    "versionId=1&versionId=2",
    "download=a%2Fb",
    "download=a%0Ab",
    "download=a%5Cb",
  ])("%s is refused", (querystring) => expect(() => objectQuery(querystring, BOTH)).toThrow("invalid_query"));

  test("an area gets what it allows", () => {
    const querystring = "versionId=1&download=x";
    expect(objectQuery(querystring, area({}))).toEqual([]);
    expect(objectQuery(querystring, area({ versions: true }))).toEqual([["versionId", "1"]]);
    expect(objectQuery(querystring, area({ downloads: true })).map(([name]) => name)).toEqual([
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
