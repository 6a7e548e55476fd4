import { describe, expect, test } from "vitest";
import { readEvent } from "../../../edge/request/cloudfront.ts";
import { audienceSuffix, languageIn } from "../../../edge/s3/audience.ts";
import { cachedHeaders } from "../../../edge/s3/browser-cache.ts";
import { viewerEvent } from "../fixtures/events.ts";

const NOW = Date.parse("2026-11-26T12:00:00.400Z");
const ETAG = { etag: [{ key: "ETag", value: '"1"' }] };

function headersOf(fields: Readonly<Record<string, string>>) {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, [{ value }]]));
}

/** What is cached, by lower-case name. */
function cached(fields: Readonly<Record<string, string>>, isPage: boolean): object {
  const headers = cachedHeaders({ ...ETAG, ...headersOf(fields) }, isPage, NOW);
  const { etag, ...others } = headers;
  expect(etag).toBe(ETAG.etag);
  return Object.fromEntries(Object.entries(others).map(([name, lines]) => [name, Object(lines)[0].value]));
}

describe("an object that no person has navigated to", () => {
  const objects: Record<string, [said: string, cached: object]> = {
    nothing: ["", {}],
    "an age": ["max-age=60", { expires: "Thu, 26 Nov 2026 12:01:00 GMT" }],
    "an age for everybody": ["public, max-age=3600, immutable", { expires: "Thu, 26 Nov 2026 13:00:00 GMT" }],
    "an age for CloudFront": ["max-age=0, s-maxage=60", { expires: "Thu, 26 Nov 2026 12:01:00 GMT" }],
    "in capitals, and quoted": ['Max-Age="60"', { expires: "Thu, 26 Nov 2026 12:01:00 GMT" }],
    "no age at all": ["max-age=0", { expires: "Thu, 26 Nov 2026 12:00:00 GMT" }],
    "to be asked about": ["no-cache, max-age=60", { expires: "Thu, 26 Nov 2026 12:00:00 GMT" }],
    "more than a year": ["max-age=99999999999999999999", { expires: "Fri, 26 Nov 2027 12:00:00 GMT" }],
    "nothing about time": ["public, must-revalidate", {}],
    nonsense: ["max-age=soon", {}],
    "not to be stored": ["no-store, max-age=60", { "cache-control": "private, no-cache" }],
    private: ["PRIVATE, max-age=60", { "cache-control": "private, no-cache" }],
    "private in part": ['private="set-cookie", max-age=60', { "cache-control": "private, no-cache" }],
  };
  test.each(Object.entries(objects))("%s", (_, [said, expected]) => {
    expect(cached(said ? { "cache-control": said } : {}, false)).toEqual(expected);
  });

  test("its own Expires counts for CloudFront alone, and where it gives an age as well", () => {
    const expires = "Fri, 27 Nov 2026 12:00:00 GMT";
    expect(cached({ expires }, false)).toEqual({ expires });
    expect(cached({ expires, "cache-control": "public" }, false)).toEqual({ expires });
    expect(cached({ expires, "cache-control": "max-age=1" }, false)).toEqual({
      expires: "Thu, 26 Nov 2026 12:00:01 GMT",
    });
  });
});

describe("an object that a person has navigated to", () => {
  const types: Record<string, boolean> = {
    "text/html": true,
    "application/pdf": true,
    "image/jpeg": true,
    "video/mp4": true,
    "text/plain; charset=utf-8": true,
    "application/json": true,
    "application/xhtml+xml": true,
    "application/msword": true,
    "": true,
    nonsense: true,
    "application/octet-stream": false,
    "application/zip": false,
    "Application/GZIP": false,
    "application/x-7z-compressed": false,
    "application/vnd.rar": false,
    "application/x-tar": false,
    "text/html;x=application/zip": true,
  };
  test.each(Object.entries(types))("of the type %j is shown, and not stored: %s", (type, isShown) => {
    const fields = { "content-type": type, "cache-control": "public, max-age=60" };
    const { "content-type": _, ...others } = Object(cached(fields, true));
    const expected = isShown ? { "cache-control": "no-store" } : { expires: "Thu, 26 Nov 2026 12:01:00 GMT" };
    expect(others).toEqual(expected);
  });

  test.each([
    ["attachment", false],
    ['Attachment; filename="a.pdf"', false],
    ["inline", true],
    ['inline; filename="attachment"', true],
  ])("with the disposition %j is shown: %s", (disposition, isShown) => {
    const fields = { "content-type": "application/pdf", "content-disposition": disposition };
    expect("cache-control" in cached(fields, true)).toBe(isShown);
  });
});

describe("who it is for", () => {
  const request = (headers: Record<string, string>) => readEvent(viewerEvent({ headers }));
  test.each([
    ["a navigation", { "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document" }, ";page=de", "de"],
    ["a frame", { "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "iframe" }, ";page=de", "de"],
    ["an old browser", { Accept: "text/html,*/*" }, ";page=de", "de"],
    ["a picture", { "Sec-Fetch-Mode": "no-cors", Accept: "text/html" }, "", undefined],
    ["a program", { Accept: "application/json" }, "", undefined],
    ["curl", { Accept: "*/*" }, "", undefined],
  ])("%s", (_, headers, suffix, language) => {
    expect(audienceSuffix(request(headers), () => "de")).toBe(suffix);
    expect(languageIn(`owner:eu-west-1%3A1${suffix}`)).toBe(language);
  });

  test("is a person without a language where pages have but one", () => {
    const suffix = audienceSuffix(request({ "Sec-Fetch-Mode": "navigate" }), () => "");
    expect([suffix, languageIn(`signed-in${suffix}`)]).toEqual([";page=", ""]);
  });
});
