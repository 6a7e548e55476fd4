import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Credentials } from "../../../../local/aws/iam/sessions.ts";
import { BUCKET, type Fixture, HOST, LISTER, NOBODY, NOW, OWNER, READER, startFixture } from "./fixture.ts";
import { presign, send, signHeaders, type ToSign } from "./presign.ts";

let fixture: Fixture;
let credentials: Credentials;

beforeAll(async () => {
  fixture = await startFixture();
});
afterAll(() => fixture.close());
beforeEach(async () => {
  fixture.clock.now = NOW;
  credentials = await fixture.credentialsOf(READER);
});

const get = (target: string, headers: Record<string, string> = {}, method = "GET") =>
  send(fixture.s3.port, target, { host: HOST, ...headers }, method);
const signed = (changes: Partial<ToSign> = {}) =>
  presign({ host: HOST, path: "/hello.txt", credentials, now: NOW, ...changes });

describe("a presigned request", () => {
  test("brings the bytes with S3's headers", async () => {
    const answer = await get(await signed());
    expect(answer.status).toBe(200);
    expect(answer.body.toString()).toBe("hello, world\n");
    expect(answer.headers).toMatchObject({
      "content-type": "text/plain; charset=utf-8",
      "content-length": "13",
      etag: '"22c3683b094136c3398391ae71b20f04"',
      "accept-ranges": "bytes",
      "x-amz-server-side-encryption": "AES256",
      server: "AmazonS3",
    });
    expect(answer.headers).toHaveProperty("x-amz-request-id");
    expect(answer.headers).toHaveProperty("x-amz-id-2");
  });

  test("for HEAD has headers and no body, and is not good for GET", async () => {
    const target = await signed({ method: "HEAD" });
    const head = await get(target, {}, "HEAD");
    expect([head.status, head.headers["content-length"], head.body.length]).toEqual([200, "13", 0]);
    expect(await get(target)).toMatchObject({ status: 403, code: "SignatureDoesNotMatch" });
  });

  const KEYS = [
    "a b.txt",
    "a+b.txt",
    "100%.txt",
    "%41.txt",
    "quote'\".txt",
    "paren()!*.txt",
    "ümlaut.txt",
    "e\u0301.txt",
    "emoji-😀.txt",
    "folder//double.txt",
    "/leading",
    "trailing/",
    "trailing.../dots.",
    "./dot",
    "a/../b",
    "semi;colon=and&amp,comma",
    "back\\slash",
    "tilde~under_score-.txt",
    "x".repeat(1024),
    "ü".repeat(512),
  ];
  test.each(KEYS)("for the key %s", async (key) => {
    fixture.s3.bucket.put(key, Buffer.from(`bytes of ${key}`));
    const path = `/${encodePath(key)}`;
    const answer = await get(await signed({ path }));
    expect([answer.status, answer.body.toString()]).toEqual([200, `bytes of ${key}`]);
  });

  test("for any key, and refused when one character of the key or the signature differs", async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: "grapheme", minLength: 1, maxLength: 40 }), async (key) => {
        fixture.s3.bucket.put(key, Buffer.from(key));
        fixture.s3.bucket.put(`${key}x`, Buffer.from("other"));
        const target = await signed({ path: `/${encodePath(key)}` });
        const answer = await get(target);
        expect([answer.status, answer.body.toString()]).toEqual([200, key]);
        expect((await get(target.replace("?", "x?"))).code).toBe("SignatureDoesNotMatch");
        expect((await get(tamper(target))).code).toBe("SignatureDoesNotMatch");
      }),
      { numRuns: 150 },
    );
  });

  test("for a raw plus means a space", async () => {
    fixture.s3.bucket.put("one two", Buffer.from("space"));
    const target = await signed({ path: "/one%20two" });
    expect((await get(target.replace("%20", "+"))).body.toString()).toBe("space");
  });
});

describe("a request that S3 refuses", () => {
  const cases: [name: string, target: () => Promise<string>, status: number, code: string][] = [
    ["a changed signature", async () => tamper(await signed()), 403, "SignatureDoesNotMatch"],
    ["another key", async () => (await signed()).replace("hello", "other"), 403, "SignatureDoesNotMatch"],
    [
      "an added parameter",
      async () => `${await signed()}&response-content-type=text%2Fhtml`,
      403,
      "SignatureDoesNotMatch",
    ],
    [
      "a longer expiry",
      async () => (await signed()).replace("Expires=300", "Expires=301"),
      403,
      "SignatureDoesNotMatch",
    ],
    [
      "an unknown access key",
      async () => (await signed()).replace("LOCALASIA", "LOCALASIX"),
      403,
      "InvalidAccessKeyId",
    ],
    [
      "no session token",
      async () => (await signed()).replace(/X-Amz-Security-Token=[^&]*&?/, ""),
      403,
      "InvalidAccessKeyId",
    ],
    [
      "another session's token",
      async () =>
        signed({
          credentials: { ...credentials, sessionToken: (await fixture.credentialsOf(READER)).sessionToken },
        }),
      400,
      "InvalidToken",
    ],
    ["another region", () => signed({ region: "eu-west-1" }), 400, "AuthorizationQueryParametersError"],
    [
      "another service",
      async () => (await signed()).replace("%2Fs3%2F", "%2Fsqs%2F"),
      400,
      "AuthorizationQueryParametersError",
    ],
    [
      "an expiry of more than a week",
      () => signed({ expiresIn: 604_800 }).then((t) => t.replace("=604800", "=604801")),
      400,
      "AuthorizationQueryParametersError",
    ],
    [
      "no X-Amz-Expires",
      async () => (await signed()).replace("&X-Amz-Expires=300", ""),
      400,
      "AuthorizationQueryParametersError",
    ],
    [
      "another algorithm",
      async () => (await signed()).replace("HMAC-SHA256", "HMAC-SHA1"),
      400,
      "AuthorizationQueryParametersError",
    ],
    [
      "a scope of another day",
      async () => (await signed()).replace("%2F20261122%2F", "%2F20261121%2F"),
      400,
      "AuthorizationQueryParametersError",
    ],
    ["a duplicate parameter", async () => `${await signed()}&X-Amz-Expires=300`, 400, "InvalidArgument"],
    ["broken percent-encoding", async () => (await signed()).replace("hello", "%zz"), 400, "InvalidURI"],
    ["bytes that are not UTF-8", async () => (await signed()).replace("hello", "%ff"), 400, "InvalidURI"],
    ["a key of 1,025 bytes", () => signed({ path: `/${"x".repeat(1025)}` }), 400, "KeyTooLongError"],
    ["nobody's signature", async () => "/hello.txt", 403, "AccessDenied"],
  ];
  test.each(cases)("%s", async (_name, target, status, code) => {
    const answer = await get(await target());
    expect([answer.status, answer.code]).toEqual([status, code]);
    expect(answer.headers["content-type"]).toBe("application/xml");
  });

  test.each([
    ["299 s later", 299, 200, undefined],
    ["300 s later", 300, 403, "AccessDenied"],
    ["14 minutes early", -14 * 60, 200, undefined],
    ["16 minutes early", -16 * 60, 403, "AccessDenied"],
  ])("by the clock: %s", async (_name, seconds, status, code) => {
    const target = await signed();
    fixture.clock.now = NOW + seconds * 1000;
    const answer = await get(target);
    expect([answer.status, answer.code]).toEqual([status, code]);
  });

  test("expired credentials: ExpiredToken echoes the token", async () => {
    fixture.clock.now = NOW + 3600_000;
    const answer = await get(await signed({ now: fixture.clock.now }));
    expect([answer.status, answer.code]).toEqual([400, "ExpiredToken"]);
    expect(answer.body.toString()).toContain(`<Token-0>${credentials.sessionToken}</Token-0>`);
  });

  test("SignatureDoesNotMatch echoes the canonical request", async () => {
    const body = (await get(tamper(await signed()))).body.toString();
    expect(body).toContain("<CanonicalRequest>GET\n/hello.txt\nX-Amz-Algorithm=AWS4-HMAC-SHA256&amp;");
    expect(body).toContain(`<AWSAccessKeyId>${credentials.accessKeyId}</AWSAccessKeyId>`);
  });

  test.each(["x-amz-cf-id", "x-amz-meta-anything", "x-amz-security-token"])(
    "an unsigned %s header",
    async (name) => {
      const answer = await get(await signed(), { [name]: "value" });
      expect([answer.status, answer.code]).toEqual([403, "AccessDenied"]);
      expect(answer.body.toString()).toContain(`<HeadersNotSigned>${name}</HeadersNotSigned>`);
    },
  );

  test("a signed x-amz-cf-id header is accepted, with its value and no other", async () => {
    const target = await signed({ headers: { "x-amz-cf-id": "abc" } });
    expect((await get(target, { "x-amz-cf-id": "abc" })).status).toBe(200);
    expect((await get(target, { "x-amz-cf-id": "abd" })).code).toBe("SignatureDoesNotMatch");
    expect((await get(target)).code).toBe("SignatureDoesNotMatch");
  });

  test.each([
    [8000, 200, undefined],
    [8192, 400, "RequestHeaderSectionTooLarge"],
  ])("%i bytes of cookies", async (bytes, status, code) => {
    const answer = await get(await signed(), { cookie: "c".repeat(bytes) });
    expect([answer.status, answer.code]).toEqual([status, code]);
  });

  test("another bucket, another region's endpoint", async () => {
    const to = (host: string) => send(fixture.s3.port, "/hello.txt", { host });
    expect(await to("other.s3.us-east-1.amazonaws.com")).toMatchObject({ status: 404, code: "NoSuchBucket" });
    expect(await to(`${BUCKET}.s3.eu-west-1.amazonaws.com`)).toMatchObject({
      status: 404,
      code: "NoSuchBucket",
    });
  });
});

describe("a signature in Authorization", () => {
  const request = () => ({ host: HOST, path: "/hello.txt", credentials, now: NOW });

  test("is verified", async () => {
    const headers = await signHeaders(request());
    expect((await get("/hello.txt", headers)).status).toBe(200);
    expect((await get("/other.txt", headers)).code).toBe("SignatureDoesNotMatch");
  });

  test.each([
    ["with a presigned query as well", "/hello.txt?X-Amz-Signature=0", {}, 400, "InvalidArgument"],
    ["of another kind", "/hello.txt", { authorization: "Bearer x" }, 400, "InvalidArgument"],
    ["malformed", "/hello.txt", { authorization: "AWS4-HMAC-SHA256 x" }, 400, "AuthorizationHeaderMalformed"],
    [
      "with a payload hash of something",
      "/hello.txt",
      { "x-amz-content-sha256": "0".repeat(64) },
      400,
      "XAmzContentSHA256Mismatch",
    ],
    ["with an unsigned x-amz header", "/hello.txt", { "x-amz-extra": "1" }, 403, "AccessDenied"],
  ])("%s", async (_name, target, changes, status, code) => {
    const headers = { ...(await signHeaders(request())), ...changes };
    expect(await get(target, headers)).toMatchObject({ status, code });
  });

  test("16 minutes old: RequestTimeTooSkewed", async () => {
    const headers = await signHeaders(request());
    fixture.clock.now = NOW + 16 * 60_000;
    expect(await get("/hello.txt", headers)).toMatchObject({ status: 403, code: "RequestTimeTooSkewed" });
  });
});

describe("what IAM says", () => {
  const by = async (role: string, path: string, context = {}) =>
    get(await signed({ path, credentials: await fixture.credentialsOf(role, context) }));

  test("a role without rights is refused, and the answer names it as S3 does", async () => {
    const answer = await by(NOBODY, "/hello.txt");
    expect(answer).toMatchObject({ status: 403, code: "AccessDenied" });
    expect(answer.body.toString()).toContain(
      "assumed-role/nobody/test is not authorized to perform: s3:GetObject",
    );
  });

  test("a missing key is 403 to who may not list, 404 to who may", async () => {
    expect(await by(READER, "/none")).toMatchObject({ status: 403, code: "AccessDenied" });
    expect(await by(LISTER, "/none")).toMatchObject({ status: 404, code: "NoSuchKey" });
  });

  test(`\${cognito-identity.amazonaws.com:sub} opens the own prefix only`, async () => {
    const sub = "us-east-1:00000000-0000-4000-8000-000000000001";
    fixture.s3.bucket.put(`users/${sub}/photo.jpg`, Buffer.from("mine"));
    fixture.s3.bucket.put("users/another/photo.jpg", Buffer.from("theirs"));
    const context = { "cognito-identity.amazonaws.com:sub": sub };
    expect((await by(OWNER, `/users/${encodePath(sub)}/photo.jpg`, context)).status).toBe(200);
    expect((await by(OWNER, "/users/another/photo.jpg", context)).status).toBe(403);
    expect((await by(OWNER, `/users/${encodePath(sub)}/photo.jpg`)).status).toBe(403);
  });
});

function tamper(target: string): string {
  return target.replace(/(X-Amz-Signature=)(.)/, (_all, name, first) => name + (first === "0" ? "1" : "0"));
}

function encodePath(key: string): string {
  return encodeURIComponent(key)
    .replaceAll("%2F", "/")
    .replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
}
