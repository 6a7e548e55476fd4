import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Credentials } from "../../../local/aws/iam/sessions.ts";
import { type Rgw, startRgw } from "../../../local/rgw/cluster.ts";
import { rgwMissing } from "../../../local/rgw/installed.ts";
import { provisionRgw, type RgwBucket } from "../../../local/rgw/provision.ts";
import { presign, send, signHeaders, type ToSign } from "../aws/s3/presign.ts";

const BUCKET = "assets-example";
const HOST = `${BUCKET}.s3.us-east-1.amazonaws.com`;
const B = `arn:aws:s3:::${BUCKET}`;
const role = (name: string) => `arn:aws:iam::111122223333:role/${name}`;
const trust = {
  Version: "2012-10-17",
  Statement: [
    { Effect: "Allow", Principal: { Federated: "cognito-identity.amazonaws.com" }, Action: "sts:*" },
  ],
};
const document = (...statements: object[]) => ({
  trust,
  policies: [
    {
      Version: "2012-10-17",
      Statement: statements.map((s) => ({ Effect: "Allow", Action: "s3:GetObject", ...s })),
    },
  ],
});
const roles = new Map([
  [role("reader"), document({ NotResource: `${B}/users/*` })],
  [role("owner"), document({ Resource: `${B}/users/\${cognito-identity.amazonaws.com:sub}/*` })],
  [
    role("lister"),
    document({
      Action: "s3:ListBucket",
      Resource: B,
      Condition: {
        StringLike: { "s3:prefix": ["", "*/"] },
        StringNotLike: { "s3:prefix": ["", "team/*", "users/*"] },
      },
    }),
  ],
  [role("nobody"), document({ Effect: "Deny", Resource: "*" })],
]);
const policy = {
  Version: "2012-10-17",
  Statement: [
    {
      Effect: "Deny",
      Principal: "*",
      Action: "s3:*",
      Resource: `${B}/*`,
      Condition: { Bool: { "aws:SecureTransport": "false" } },
    },
    {
      Effect: "Allow",
      Principal: { Service: "cloudfront.amazonaws.com" },
      Action: "s3:GetObject",
      Resource: `${B}/public/*`,
    },
  ],
};
const SUB = "us-east-1:00000000-0000-4000-8000-000000000001";

const missing = rgwMissing();
const skip = missing !== undefined && process.env["GATEHOUSE_REQUIRE_ALL"] !== "1";

describe.skipIf(skip)(`RADOS Gateway${skip ? ` (skipped: ${missing})` : ""}`, () => {
  let rgw: Rgw;
  let bucket: RgwBucket;
  let reader: Credentials;

  const mint = (name: string, context: Record<string, string> = {}, durationSeconds = 3600) =>
    bucket.mint({ roleArn: role(name), sessionName: "CognitoIdentityCredentials", durationSeconds, context });
  const get = async (path: string, changes: Partial<ToSign> = {}, headers: Record<string, string> = {}) => {
    const target = await presign({ host: HOST, path, credentials: reader, now: Date.now(), ...changes });
    return await send(rgw.port, target, { host: HOST, ...headers }, changes.method);
  };

  beforeAll(async () => {
    rgw = await startRgw({ region: "us-east-1" });
    bucket = await provisionRgw(rgw, {
      bucket: BUCKET,
      region: "us-east-1",
      roles,
      policy,
      versioning: true,
    });
    await bucket.put("hello.txt", Buffer.from("hello, world\n"), { "cache-control": "max-age=60" });
    await bucket.put("public/logo.svg", Buffer.from("<svg/>"));
    await bucket.put(`users/${SUB}/photo.jpg`, Buffer.from("mine"));
    await bucket.put("users/us-east-1:another/photo.jpg", Buffer.from("theirs"));
    reader = await mint("reader");
  });
  afterAll(() => rgw?.close());

  test("serves a presigned request of a role session, with CloudFront's own headers", async () => {
    const cloudFront = {
      "user-agent": "Amazon CloudFront",
      via: "2.0 0123456789abcdef.cloudfront.net (CloudFront)",
      "x-amz-cf-id": "abc",
      "x-forwarded-for": "192.0.2.1",
    };
    const answer = await get("/hello.txt", {}, cloudFront);
    expect([answer.status, answer.body.toString()]).toEqual([200, "hello, world\n"]);
    expect(answer.headers).toMatchObject({
      "content-type": "text/plain; charset=utf-8",
      "cache-control": "max-age=60",
      etag: '"22c3683b094136c3398391ae71b20f04"',
    });
    expect(answer.headers["x-amz-version-id"]).toBeDefined();
  });

  test("answers HEAD, Range and If-None-Match", async () => {
    expect(await get("/hello.txt", { method: "HEAD" })).toMatchObject({ status: 200, body: Buffer.alloc(0) });
    const range = await get("/hello.txt", {}, { range: "bytes=7-11" });
    expect([range.status, range.body.toString()]).toEqual([206, "world"]);
    const etag = '"22c3683b094136c3398391ae71b20f04"';
    expect((await get("/hello.txt", {}, { "if-none-match": etag })).status).toBe(304);
  });

  test.each<[string, (target: string) => string, number, string]>([
    [
      "a changed signature",
      (t) => t.replace(/(X-Amz-Signature=)(.)/, (_a, n, c) => n + (c === "0" ? "1" : "0")),
      403,
      "SignatureDoesNotMatch",
    ],
    ["another key", (t) => t.replace("hello", "other"), 403, "SignatureDoesNotMatch"],
    ["an added override", (t) => `${t}&response-content-type=text%2Fhtml`, 403, "SignatureDoesNotMatch"],
    [
      "a changed token",
      (t) => t.replace("X-Amz-Security-Token=", "X-Amz-Security-Token=x"),
      403,
      "AccessDenied",
    ],
    ["no token", (t) => t.replace(/X-Amz-Security-Token=[^&]*&?/, ""), 403, "AccessDenied"],
  ])("refuses %s", async (_name, change, status, code) => {
    const target = await presign({ host: HOST, path: "/hello.txt", credentials: reader, now: Date.now() });
    const answer = await send(rgw.port, change(target), { host: HOST });
    expect([answer.status, answer.code]).toEqual([status, code]);
  });

  test("refuses a URL that has expired", async () => {
    expect(await get("/hello.txt", { now: Date.now() - 301_000 })).toMatchObject({
      status: 403,
      code: "AccessDenied",
    });
  });

  test("refuses expired credentials", async () => {
    const credentials = await mint("reader", {}, 1);
    await new Promise((resolve) => setTimeout(resolve, 2100));
    expect((await get("/hello.txt", { credentials })).status).toBe(403);
  });

  test("evaluates the roles' policies, variables too", async () => {
    const [owner, nobody] = [
      await mint("owner", { "cognito-identity.amazonaws.com:sub": SUB }),
      await mint("nobody"),
    ];
    const own = `/users/${encodeURIComponent(SUB)}/photo.jpg`;
    const other = "/users/us-east-1%3Aanother/photo.jpg";
    const statusOf = async (path: string, credentials: Credentials) =>
      (await get(path, { credentials })).status;
    expect([
      await statusOf(own, owner),
      await statusOf(other, owner),
      await statusOf("/hello.txt", owner),
    ]).toEqual([200, 403, 403]);
    expect([await statusOf(own, reader), await statusOf("/hello.txt", reader)]).toEqual([403, 200]);
    expect(await statusOf("/hello.txt", nobody)).toBe(403);
    const unknown = await mint("owner");
    expect(await statusOf(own, unknown)).toBe(403);
  });

  test.each([
    ["public/", 200],
    ["public/pictures/2026/", 200],
    ["public", 403],
    ["team/", 403],
    ["users/", 403],
    ["users/us-east-1:another/", 403],
    ["", 403],
    [undefined, 403],
  ])("lets a role list %s: %i", async (prefix, status) => {
    const query = { "list-type": "2", ...(prefix !== undefined && { prefix }) };
    expect((await get("/", { query, credentials: await mint("lister") })).status).toBe(status);
  });

  test("lets CloudFront's service principal in to public keys only, and nobody anonymous", async () => {
    const credentials = { ...rgw.cloudfront, sessionToken: "", expiresAt: 0 };
    const signed = async (path: string) => {
      const { "x-amz-security-token": _none, ...headers } = await signHeaders({
        host: HOST,
        path,
        credentials,
        now: Date.now(),
      });
      return (await send(rgw.port, path, headers)).status;
    };
    expect([await signed("/public/logo.svg"), await signed("/hello.txt")]).toEqual([200, 403]);
    expect((await send(rgw.port, "/public/logo.svg", { host: HOST })).status).toBe(403);
  });

  const KEYS = [
    "a b.txt",
    "a+b.txt",
    "100%.txt",
    "%41.txt",
    "quote'\".txt",
    "ümlaut.txt",
    "emoji-😀.txt",
    "two//slashes",
    "/leading",
    "trailing/",
    "dots...",
    "./dot",
    "a/../b",
    "semi;colon=&,",
    "back\\slash",
    "x".repeat(1024),
  ];
  test.each(KEYS)("serves the key %s", async (key) => {
    await bucket.put(key, Buffer.from(`bytes of ${key}`));
    const answer = await get(`/${encodePath(key)}`);
    expect([answer.status, answer.body.toString()]).toEqual([200, `bytes of ${key}`]);
  });

  test("serves generated keys and refuses their neighbours", async () => {
    const name = fc.string({ unit: "grapheme", minLength: 1, maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(name, async (key) => {
        await bucket.put(key, Buffer.from(key));
        const target = await presign({
          host: HOST,
          path: `/${encodePath(key)}`,
          credentials: reader,
          now: Date.now(),
        });
        const answer = await send(rgw.port, target, { host: HOST });
        expect([answer.status, answer.body.toString()]).toEqual([200, key]);
        expect((await send(rgw.port, target.replace("?", "x?"), { host: HOST })).status).toBe(403);
      }),
      { numRuns: 50 },
    );
  });

  test("takes a whole folder", async () => {
    await bucket.putFolder(new URL("../../../local/assets", import.meta.url).pathname, "site/");
    const picture = await get(`/${encodePath("site/odd names/100% sure.svg")}`);
    expect([picture.status, picture.headers["content-type"]]).toEqual([200, "image/svg+xml"]);
  });
});

function encodePath(key: string): string {
  return encodeURIComponent(key)
    .replaceAll("%2F", "/")
    .replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
}
