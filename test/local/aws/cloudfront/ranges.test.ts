// Ranges and conditions: from the cache, and through it.

import { describe, expect, test } from "vitest";
import { parseRanges } from "../../../../local/aws/cloudfront/ranges.ts";
import { type OriginHandler, type Stage, stage } from "./stage.ts";

const BODY = "0123456789";
const DATE = "Thu, 01 Jan 2026 00:00:00 GMT";
const FIELDS = {
  ETag: '"v1"',
  "Last-Modified": DATE,
  "Content-Type": "text/x-digits",
  "Accept-Ranges": "bytes",
};

/** An origin that cuts single ranges, as S3 does. */
const origin: OriginHandler = (seen, response) => {
  const [, first, last] = /^bytes=(\d+)-(\d*)$/.exec(seen.headers["range"] ?? "") ?? [];
  if (first === undefined) {
    response.writeHead(200, { ...FIELDS, "Content-Length": BODY.length }).end(BODY);
    return;
  }
  const part = BODY.slice(Number(first), last === "" ? undefined : Number(last) + 1);
  const range = `bytes ${first}-${Number(first) + part.length - 1}/${BODY.length}`;
  response.writeHead(206, { ...FIELDS, "Content-Range": range, "Content-Length": part.length }).end(part);
};

async function warm(): Promise<Stage> {
  const edge = await stage({ origin });
  await edge.get("/a");
  return edge;
}

describe("parsing", () => {
  test.each([
    ["bytes=0-3", [[0, 3]]],
    ["bytes=5-", [[5, 9]]],
    ["bytes=-3", [[7, 9]]],
    ["bytes=-30", [[0, 9]]],
    ["bytes=8-100", [[8, 9]]],
    [
      "bytes=0-0,2-3",
      [
        [0, 0],
        [2, 3],
      ],
    ],
    [
      "bytes= 0-1 , 3-4 ",
      [
        [0, 1],
        [3, 4],
      ],
    ],
    ["BYTES=0-1", [[0, 1]]],
    ["bytes=10-", []],
    ["bytes=-0", []],
    ["bytes=3-4,0-1", undefined],
    ["bytes=0-4,3-5", undefined],
    ["bytes=4-3", undefined],
    ["bytes=a-b", undefined],
    ["bytes=", undefined],
    ["bytes=-", undefined],
    ["bytes=-1-2", undefined],
    ["lines=0-1", undefined],
  ])("%s of ten bytes: %j", (header, expected) => {
    expect(parseRanges(header, 10)?.map(({ first, last }) => [first, last])).toEqual(expected);
  });
});

describe("from a cached object", () => {
  test.each([
    ["bytes=2-4", 206, "234", "bytes 2-4/10"],
    ["bytes=-2", 206, "89", "bytes 8-9/10"],
    ["bytes=20-", 416, "", "bytes */10"],
    ["bytes=3-4,0-1", 200, BODY, undefined],
  ])("%s: %i", async (Range, status, text, contentRange) => {
    const edge = await warm();
    const answer = await edge.get("/a", { Range });
    expect([answer.status, answer.text, answer.headers["content-range"]]).toEqual([
      status,
      text,
      contentRange,
    ]);
    expect(answer.headers).toMatchObject({
      "x-cache": "Hit from cloudfront",
      "content-length": String(text.length),
    });
    expect(edge.seen).toHaveLength(1);
  });

  test("several ranges are multipart/byteranges", async () => {
    const edge = await warm();
    const answer = await edge.get("/a", { Range: "bytes=0-1,5-6" });
    const boundary = /^multipart\/byteranges; boundary=(\w+)$/.exec(
      answer.headers["content-type"] ?? "",
    )?.[1];
    expect(answer.text).toBe(
      [
        "",
        `--${boundary}`,
        "Content-Type: text/x-digits",
        "Content-Range: bytes 0-1/10",
        "",
        "01",
        `--${boundary}`,
        "Content-Type: text/x-digits",
        "Content-Range: bytes 5-6/10",
        "",
        "56",
        `--${boundary}--`,
        "",
      ].join("\r\n"),
    );
  });

  test.each([
    ["the ETag", '"v1"', 206],
    ["another ETag", '"v2"', 200],
    ["a weak ETag", 'W/"v1"', 200],
    ["the date", DATE, 206],
    ["another date", "Fri, 02 Jan 2026 00:00:00 GMT", 200],
  ])("If-Range with %s: %s gives %i", async (_name, ifRange, status) => {
    const edge = await warm();
    expect((await edge.get("/a", { Range: "bytes=0-1", "If-Range": ifRange })).status).toBe(status);
  });

  test("HEAD has no ranges", async () => {
    const edge = await warm();
    expect((await edge.send("HEAD", "/a", { Range: "bytes=0-1" })).status).toBe(200);
  });
});

describe("that is not cached", () => {
  test("the range goes to the origin; the same range is a hit, another is not", async () => {
    const edge = await stage({ origin });
    const first = await edge.get("/a", { Range: "bytes=2-4" });
    expect([first.status, first.text, first.headers["x-cache"]]).toEqual([
      206,
      "234",
      "Miss from cloudfront",
    ]);
    const again = await edge.get("/a", { Range: "bytes=2-4" });
    expect([again.status, again.text, again.headers["x-cache"]]).toEqual([206, "234", "Hit from cloudfront"]);
    const other = await edge.get("/a", { Range: "bytes=0-4" });
    expect([other.text, other.headers["x-cache"]]).toEqual(["01234", "Miss from cloudfront"]);
  });

  test("a cached part never answers for the whole", async () => {
    const edge = await stage({ origin });
    await edge.get("/a", { Range: "bytes=2-4" });
    const whole = await edge.get("/a");
    expect([whole.status, whole.text, whole.headers["x-cache"]]).toEqual([200, BODY, "Miss from cloudfront"]);
  });

  test("a part is not used against another If-Range", async () => {
    const edge = await stage({ origin });
    await edge.get("/a", { Range: "bytes=2-4" });
    expect(await edge.xCache("/a", { Range: "bytes=2-4", "If-Range": '"v2"' })).toBe("Miss from cloudfront");
    expect(await edge.xCache("/a", { Range: "bytes=2-4", "If-Range": '"v1"' })).toBe("Hit from cloudfront");
  });

  test("a part grows old as an object does", async () => {
    const edge = await stage({ origin });
    await edge.get("/a", { Range: "bytes=2-4" });
    edge.wait(86_401);
    expect(await edge.xCache("/a", { Range: "bytes=2-4" })).toBe("Miss from cloudfront");
  });

  test("an origin without ranges: the whole object is served and kept", async () => {
    const edge = await stage({
      origin: (_seen, response) => response.writeHead(200, { "Content-Length": 10 }).end(BODY),
    });
    const first = await edge.get("/a", { Range: "bytes=2-4" });
    expect([first.status, first.text]).toEqual([200, BODY]);
    expect(await edge.get("/a", { Range: "bytes=2-4" })).toMatchObject({ status: 206, text: "234" });
  });
});

describe("conditions on a cached object", () => {
  test.each([
    ["If-None-Match with the ETag", { "If-None-Match": '"v1"' }, 304],
    ["If-None-Match with a weak one", { "If-None-Match": 'W/"v1"' }, 304],
    ["If-None-Match in a list", { "If-None-Match": '"x", "v1"' }, 304],
    ["If-None-Match: *", { "If-None-Match": "*" }, 304],
    ["If-None-Match with another", { "If-None-Match": '"v2"' }, 200],
    ["If-Modified-Since with the date", { "If-Modified-Since": DATE }, 304],
    ["If-Modified-Since with an earlier date", { "If-Modified-Since": "Wed, 31 Dec 2025 00:00:00 GMT" }, 200],
    [
      "If-None-Match decides before If-Modified-Since",
      { "If-None-Match": '"v2"', "If-Modified-Since": DATE },
      200,
    ],
    ["If-Match with the ETag", { "If-Match": '"v1"' }, 200],
    ["If-Match with another", { "If-Match": '"v2"' }, 412],
    [
      "If-Unmodified-Since with an earlier date",
      { "If-Unmodified-Since": "Wed, 31 Dec 2025 00:00:00 GMT" },
      412,
    ],
    ["If-Unmodified-Since with the date", { "If-Unmodified-Since": DATE }, 200],
  ])("%s: %j gives %i", async (_name, headers, status) => {
    const edge = await warm();
    const answer = await edge.get("/a", headers);
    expect([answer.status, answer.text]).toEqual([status, status === 200 ? BODY : ""]);
    expect(edge.seen).toHaveLength(1);
    if (status === 304)
      expect(answer.headers).toMatchObject({ etag: '"v1"', "x-cache": "Hit from cloudfront" });
  });

  test("on a miss they are the origin's to answer, and its 304 is not kept", async () => {
    const edge = await stage({
      origin: (seen, response) => {
        if (seen.headers["if-none-match"] === '"v1"') response.writeHead(304, { ETag: '"v1"' }).end();
        else response.writeHead(200, FIELDS).end(BODY);
      },
    });
    expect(await edge.get("/a", { "If-None-Match": '"v1"' })).toMatchObject({ status: 304, text: "" });
    expect(await edge.get("/a")).toMatchObject({ status: 200, text: BODY });
  });
});
