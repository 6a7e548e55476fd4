import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { startS3 } from "../../../../local/aws/s3/server.ts";
import { BUCKET, type Fixture, HOST, LISTER, NOW, READER, startFixture } from "./fixture.ts";
import { presign, send, signHeaders } from "./presign.ts";

const DISTRIBUTION = "arn:aws:cloudfront::111122223333:distribution/EXAMPLE1";
const policy = {
  Version: "2012-10-17",
  Statement: [
    {
      Effect: "Deny",
      Principal: { AWS: "*" },
      Action: "s3:*",
      Resource: [`arn:aws:s3:::${BUCKET}`, `arn:aws:s3:::${BUCKET}/*`],
      Condition: { Bool: { "aws:SecureTransport": "false" } },
    },
    {
      Effect: "Allow",
      Principal: { Service: "cloudfront.amazonaws.com" },
      Action: "s3:GetObject",
      Resource: `arn:aws:s3:::${BUCKET}/public/*`,
      Condition: { StringEquals: { "AWS:SourceArn": DISTRIBUTION } },
    },
    { Effect: "Allow", Principal: "*", Action: "s3:GetObject", Resource: `arn:aws:s3:::${BUCKET}/open/*` },
  ],
};

let fixture: Fixture;
let etag: string;
const DATE = new Date(NOW).toUTCString();

beforeAll(async () => {
  fixture = await startFixture({ versioning: true, policy });
  etag = `"${fixture.s3.bucket.put("ten.txt", Buffer.from("0123456789")).etag}"`;
});
afterAll(() => fixture.close());
beforeEach(() => fixture.s3.setFault());

async function get(
  path: string,
  options: {
    headers?: Record<string, string>;
    query?: Record<string, string>;
    method?: string;
    role?: string;
  } = {},
) {
  const { method = "GET", query = {}, role = LISTER } = options;
  const credentials = await fixture.credentialsOf(role);
  const target = await presign({ method, host: HOST, path, query, credentials, now: NOW });
  return await send(fixture.s3.port, target, { host: HOST, ...options.headers }, method);
}

describe("Range", () => {
  test.each([
    ["bytes=0-3", 206, "0123", "bytes 0-3/10"],
    ["bytes=8-", 206, "89", "bytes 8-9/10"],
    ["bytes=-2", 206, "89", "bytes 8-9/10"],
    ["bytes=-20", 206, "0123456789", "bytes 0-9/10"],
    ["bytes=5-99", 206, "56789", "bytes 5-9/10"],
    ["bytes=9-9", 206, "9", "bytes 9-9/10"],
    ["bytes=3-2", 200, "0123456789", undefined],
    ["bytes=-", 200, "0123456789", undefined],
    ["bytes=0-1,3-4", 200, "0123456789", undefined],
    ["lines=0-1", 200, "0123456789", undefined],
  ])("%s", async (range, status, body, contentRange) => {
    const answer = await get("/ten.txt", { headers: { range } });
    expect([answer.status, answer.body.toString()]).toEqual([status, body]);
    expect(answer.headers["content-range"]).toBe(contentRange);
    expect(answer.headers["content-length"]).toBe(String(body.length));
  });

  test.each(["bytes=10-", "bytes=10-11", "bytes=-0"])("%s cannot be satisfied", async (range) => {
    const answer = await get("/ten.txt", { headers: { range } });
    expect(answer).toMatchObject({ status: 416, code: "InvalidRange" });
    expect(answer.headers["content-range"]).toBe("bytes */10");
    expect(answer.body.toString()).toContain("<ActualObjectSize>10</ActualObjectSize>");
  });

  test("of an empty object", async () => {
    expect(await get("/empty.bin", { headers: { range: "bytes=0-" } })).toMatchObject({ status: 416 });
    expect(await get("/empty.bin")).toMatchObject({ status: 200, body: Buffer.alloc(0) });
  });

  test("of a file, and with HEAD", async () => {
    expect((await get("/hello.txt", { headers: { range: "bytes=7-11" } })).body.toString()).toBe("world");
    const head = await get("/hello.txt", { method: "HEAD", headers: { range: "bytes=7-11" } });
    expect([head.status, head.headers["content-length"], head.body.length]).toEqual([206, "5", 0]);
  });
});

describe("conditional requests", () => {
  const before = new Date(NOW - 1000).toUTCString();
  const cases = (): [string, Record<string, string>, number][] => [
    ["If-None-Match, same", { "if-none-match": etag }, 304],
    ["If-None-Match, weak", { "if-none-match": `W/${etag}` }, 304],
    ["If-None-Match, list", { "if-none-match": `"x", ${etag}` }, 304],
    ["If-None-Match, other", { "if-none-match": '"x"' }, 200],
    ["If-Modified-Since, same second", { "if-modified-since": DATE }, 304],
    ["If-Modified-Since, earlier", { "if-modified-since": before }, 200],
    ["If-Modified-Since, no date", { "if-modified-since": "never" }, 200],
    ["If-None-Match decides over the date", { "if-none-match": '"x"', "if-modified-since": DATE }, 200],
    ["If-Match, same", { "if-match": etag }, 200],
    ["If-Match, other", { "if-match": '"x"' }, 412],
    ["If-Unmodified-Since, earlier", { "if-unmodified-since": before }, 412],
    ["If-Match decides over the date", { "if-match": etag, "if-unmodified-since": before }, 200],
    ["If-Range, same", { "if-range": etag, range: "bytes=0-1" }, 206],
    ["If-Range, other", { "if-range": '"x"', range: "bytes=0-1" }, 200],
    ["If-Range, date", { "if-range": DATE, range: "bytes=0-1" }, 206],
    ["If-Range, other date", { "if-range": before, range: "bytes=0-1" }, 200],
  ];
  test("answer by RFC 9110", async () => {
    for (const [name, headers, status] of cases()) {
      const answer = await get("/ten.txt", { headers });
      expect([name, answer.status]).toEqual([name, status]);
      if (status === 304) expect([answer.body.length, answer.headers["etag"]]).toEqual([0, etag]);
      if (status === 412) expect(answer.code).toBe("PreconditionFailed");
    }
  });
});

describe("response overrides", () => {
  test("replace headers on signed requests", async () => {
    const query = {
      "response-content-type": "text/html",
      "response-content-disposition": 'attachment; filename="x.txt"',
      "response-cache-control": "no-cache",
      "response-expires": DATE,
    };
    expect((await get("/ten.txt", { query })).headers).toMatchObject({
      "content-type": "text/html",
      "content-disposition": 'attachment; filename="x.txt"',
      "cache-control": "no-cache",
      expires: DATE,
    });
  });

  test("are refused on anonymous ones", async () => {
    const target = "/open/a.txt?response-content-type=text%2Fhtml";
    expect(await send(fixture.s3.port, target, { host: HOST })).toMatchObject({
      status: 400,
      code: "InvalidRequest",
    });
  });
});

describe("versions", () => {
  test("the newest by default, each by its id, none after a delete marker", async () => {
    const { bucket } = fixture.s3;
    const first = bucket.put("doc.txt", Buffer.from("first"));
    const second = bucket.put("doc.txt", Buffer.from("second"));
    const newest = await get("/doc.txt");
    expect([newest.body.toString(), newest.headers["x-amz-version-id"]]).toEqual([
      "second",
      second.versionId,
    ]);
    const older = await get("/doc.txt", { query: { versionId: first.versionId } });
    expect(older.body.toString()).toBe("first");
    bucket.remove("doc.txt");
    const gone = await get("/doc.txt");
    expect([gone.status, gone.code, gone.headers["x-amz-delete-marker"]]).toEqual([404, "NoSuchKey", "true"]);
    const marker = { versionId: gone.headers["x-amz-version-id"] ?? "" };
    expect(await get("/doc.txt", { query: marker })).toMatchObject({ status: 405, code: "MethodNotAllowed" });
    expect(await get("/doc.txt", { query: { versionId: "none" } })).toMatchObject({
      status: 404,
      code: "NoSuchVersion",
    });
  });

  test("need s3:GetObjectVersion", async () => {
    const refused = await get("/hello.txt", { query: { versionId: "null" }, role: READER });
    expect(refused).toMatchObject({ status: 403, code: "AccessDenied" });
    expect(await get("/hello.txt", { query: { versionId: "null" } })).toMatchObject({ status: 200 });
  });
});

describe("ListObjectsV2", () => {
  beforeAll(() => {
    for (const key of ["list/a&b", "list/b/1", "list/b/2", "list/c", "list/ü"])
      fixture.s3.bucket.put(key, Buffer.from(key));
  });
  const list = async (query: Record<string, string>) =>
    (await get("/", { query: { "list-type": "2", prefix: "list/", ...query } })).body.toString();
  const all = (xml: string, name: string) =>
    [...xml.matchAll(new RegExp(`<${name}>([^<]*)</${name}>`, "g"))].map(([, text]) => text);

  test("in byte order, escaped", async () => {
    expect(all(await list({}), "Key")).toEqual(["list/a&amp;b", "list/b/1", "list/b/2", "list/c", "list/ü"]);
    expect(all(await list({ "encoding-type": "url" }), "Key")[0]).toBe("list/a%26b");
  });

  test("common prefixes", async () => {
    const xml = await list({ delimiter: "/" });
    expect(all(xml, "Key")).toEqual(["list/a&amp;b", "list/c", "list/ü"]);
    expect(xml).toContain("<CommonPrefixes><Prefix>list/b/</Prefix></CommonPrefixes>");
  });

  test("page by page", async () => {
    const first = await list({ "max-keys": "2", delimiter: "/" });
    expect([all(first, "IsTruncated"), all(first, "KeyCount")]).toEqual([["true"], ["2"]]);
    const token = all(first, "NextContinuationToken")[0] ?? "";
    const second = await list({ "max-keys": "9", delimiter: "/", "continuation-token": token });
    expect([all(second, "Key"), all(second, "IsTruncated")]).toEqual([["list/c", "list/ü"], ["false"]]);
  });

  test.each([
    [{ "max-keys": "many" }, 400, "InvalidArgument"],
    [{ "continuation-token": "x" }, 400, "InvalidArgument"],
    [{ "list-type": "1" }, 501, "NotImplemented"],
  ])("refuses %j", async (query, status, code) => {
    expect(await get("/", { query: { "list-type": "2", ...query } })).toMatchObject({ status, code });
  });

  test("needs s3:ListBucket", async () => {
    expect(await get("/", { query: { "list-type": "2" }, role: READER })).toMatchObject({ status: 403 });
  });
});

describe("the folder", () => {
  test("is read anew: a changed file has new bytes and a new ETag", async () => {
    const path = join(fixture.folder, "changing.txt");
    writeFileSync(path, "one");
    const first = await get("/changing.txt");
    writeFileSync(path, "two, longer");
    const second = await get("/changing.txt");
    expect([first.body.toString(), second.body.toString()]).toEqual(["one", "two, longer"]);
    expect(first.headers["etag"]).not.toBe(second.headers["etag"]);
  });

  test.each([
    "/../outside",
    "/public/../hello.txt",
    "/%2e%2e/%2e%2e/etc/passwd",
    "/public/%2e%2e/hello.txt",
    "/./hello.txt",
    "//hello.txt",
    "/public//logo.svg",
    "/hello.txt/",
    "/public",
    "/link.txt",
    "/HELLO.txt",
    "/hello.txt%00",
    "/..%2f..%2fetc%2fpasswd",
  ])("has no key %s", async (path) => {
    const encoded = path.replaceAll("%2e", ".").replaceAll("%2f", "/");
    expect(await get(encoded)).toMatchObject({ status: 404, code: "NoSuchKey" });
  });
});

describe("the bucket policy", () => {
  const anonymous = (path: string) => send(fixture.s3.port, path, { host: HOST });

  test("opens its own prefix to everyone and nothing else", async () => {
    fixture.s3.bucket.put("open/a.txt", Buffer.from("open"));
    expect((await anonymous("/open/a.txt")).body.toString()).toBe("open");
    expect(await anonymous("/public/logo.svg")).toMatchObject({ status: 403, code: "AccessDenied" });
    expect(await anonymous("/open/none")).toMatchObject({ status: 403, code: "AccessDenied" });
  });

  test.each([
    [DISTRIBUTION, "/public/logo.svg", 200],
    [DISTRIBUTION, "/hello.txt", 403],
    [`${DISTRIBUTION}2`, "/public/logo.svg", 403],
  ])("origin access control of %s on %s", async (sourceArn, path, status) => {
    const credentials = fixture.sessions.mintForService("cloudfront.amazonaws.com", {
      "aws:SourceArn": sourceArn,
    });
    const headers = await signHeaders({ host: HOST, path, credentials, now: NOW });
    expect((await send(fixture.s3.port, path, headers)).status).toBe(status);
  });

  test("refuses everyone without TLS", async () => {
    const s3 = await startS3({
      bucket: { name: BUCKET, policy },
      region: "us-east-1",
      roles: new Map(),
      sessions: fixture.sessions,
      secureTransport: false,
    });
    s3.bucket.put("open/a.txt", Buffer.from("open"));
    expect(await send(s3.port, "/open/a.txt", { host: HOST })).toMatchObject({
      status: 403,
      code: "AccessDenied",
    });
    await s3.close();
  });
});

test("a header that may be unsigned is let through, no other", async () => {
  const s3 = await startS3({
    bucket: { name: BUCKET, policy },
    region: "us-east-1",
    roles: new Map(),
    sessions: fixture.sessions,
    mayBeUnsigned: ["x-amz-cf-id"],
    now: () => NOW,
  });
  s3.bucket.put("public/a.txt", Buffer.from("a"));
  const credentials = fixture.sessions.mintForService("cloudfront.amazonaws.com", {
    "aws:SourceArn": DISTRIBUTION,
  });
  const target = await presign({ host: HOST, path: "/public/a.txt", credentials, now: NOW });
  const statusWith = async (name: string) =>
    (await send(s3.port, target, { host: HOST, [name]: "x" })).status;
  expect([await statusWith("x-amz-cf-id"), await statusWith("x-amz-meta-x")]).toEqual([200, 403]);
  await s3.close();
});

describe("other methods and faults", () => {
  test.each(["POST", "DELETE", "OPTIONS"])("%s", async (method) => {
    const answer = await send(fixture.s3.port, "/ten.txt", { host: HOST }, method);
    expect(answer).toMatchObject({ status: 405, code: "MethodNotAllowed" });
  });

  test.each([
    ["InternalError", 500],
    ["SlowDown", 503],
  ] as const)("plays %s", async (fault, status) => {
    fixture.s3.setFault(fault);
    expect(await get("/ten.txt")).toMatchObject({ status, code: fault });
    fixture.s3.setFault();
    expect(await get("/ten.txt")).toMatchObject({ status: 200 });
  });

  test("plays a body that ends half-way", async () => {
    fixture.s3.setFault("cut");
    await expect(get("/ten.txt")).rejects.toThrow("aborted");
  });

  test("plays a hang", async () => {
    fixture.s3.setFault("hang");
    const signal = AbortSignal.timeout(200);
    await expect(fetch(`${fixture.s3.endpoint}/ten.txt`, { signal })).rejects.toThrow("timeout");
  });
});
