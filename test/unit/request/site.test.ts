import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseConfig } from "../../../edge/config/document.ts";
import { askedOf } from "../../../edge/request/asked.ts";
import { readEvent } from "../../../edge/request/cloudfront.ts";
import { canonicalPath } from "../../../edge/request/path.ts";
import { addressOf, wantedIn } from "../../../edge/request/site.ts";
import { configDocument } from "../fixtures/config.ts";
import { viewerEvent } from "../fixtures/events.ts";

function areaOf(site: object | boolean, path = "/*") {
  const [area] = parseConfig(configDocument({ areas: [{ path, site }] })).areas;
  if (!area?.site) throw new Error("no site");
  return { ...area, site: area.site };
}

const SITE = areaOf(true);
const PERSON = { "Sec-Fetch-Dest": "document" };

const wanted = (area: ReturnType<typeof areaOf>, uri: string, headers: Record<string, string> = PERSON) =>
  wantedIn(area.site, area, canonicalPath(uri), askedOf(readEvent(viewerEvent({ uri, headers }))));

describe("the address of a key", () => {
  const addresses: Record<string, string> = {
    "/index.html": "/",
    "/a/index.html": "/a/",
    "/a.html": "/a",
    "/a%20b.html": "/a%20b",
    "/.html": "/.html",
    "/a/.html": "/a/.html",
    "/v1.2.html": "/v1.2.html",
    "/index": "/index",
    "/myindex.html": "/myindex",
    "/a.js": "/a.js",
    "/a": "/a",
  };
  test.each(Object.entries(addresses))("%s is %s", (key, address) => {
    expect(addressOf(key, SITE.site)).toBe(address);
    expect(addressOf(key, areaOf({ cleanUrls: false }).site)).toBe(key);
  });
});

describe("who is a person", () => {
  const people: [Record<string, string>, boolean][] = [
    [{ "Sec-Fetch-Dest": "document" }, true],
    [{ "Sec-Fetch-Dest": "iframe" }, true],
    [{ "Sec-Fetch-Dest": "frame" }, true],
    [{ "Sec-Fetch-Dest": "empty", Accept: "text/html" }, false],
    [{ "Sec-Fetch-Dest": "image" }, false],
    [{ "Sec-Fetch-Dest": "documents" }, false],
    [{ Accept: "text/html,application/xhtml+xml" }, true],
    [{ Accept: "*/*" }, false],
    [{}, false],
  ];
  const app = areaOf({ fallback: "/index.html" });
  test.each(people)("%j: %s", (headers, isPerson) => {
    expect(wanted(app, "/orders/42", headers)).toMatchObject({
      path: isPerson ? "/index.html" : "/orders/42",
    });
  });
});

test("what else it may be is tried from the nearest to the farthest", () => {
  const both = areaOf({ cleanUrls: true, fallback: "/app.html", notFound: "/gone.html" });
  const others = (uri: string) => {
    const found = wanted(both, uri);
    return found.kind === "page" ? found.others.map(({ status, path }) => `${status} ${path}`) : found.to;
  };
  expect(others("/a")).toEqual(["308 /a/index.html", "200 /app.html", "404 /gone.html"]);
  expect(others("/a/")).toEqual(["308 /a.html", "200 /app.html", "404 /gone.html"]);
  expect(others("/")).toEqual(["200 /app.html", "404 /gone.html"]);
  expect(others("/a.b")).toEqual(["308 /a.b/index.html", "308 /a.b.html", "200 /app.html", "404 /gone.html"]);
  expect(others("/app")).toEqual(["308 /app/index.html", "404 /gone.html"]);
  expect(others("/app.html")).toBe("/app");
});

test("nobody goes round in circles: a redirect leads to a path that is none, for every site", () => {
  const sites = [true, { cleanUrls: false }, { fallback: "/i.html" }, { index: "home.htm" }].map((site) =>
    areaOf(site),
  );
  const piece = fc.constantFrom(
    "a",
    "index",
    "index.html",
    "home.htm",
    ".html",
    "a.html",
    "v1.2",
    "a.html.html",
    "",
    "ä",
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 4 }), fc.constantFrom(...sites), (pieces, area) => {
      const first = wanted(area, encodeURI(`/${pieces.join("/")}`));
      if (first.kind === "moved") expect(wanted(area, first.to).kind).toBe("page");
      else
        for (const { status, path } of first.others)
          if (status === 308) {
            const address = addressOf(path, area.site);
            // What is there is shown at its address, or leads to it once.
            expect(wanted(area, address)).toMatchObject({ kind: "page", path });
          }
    }),
    { numRuns: 20_000 },
  );
});
