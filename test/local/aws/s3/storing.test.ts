// Files that browsers send: stored for who may, with what is signed and nothing else; and what a page is told before.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { corsHeaders, corsRulesOf } from "../../../../local/aws/s3/cors.ts";
import { BUCKET, type Fixture, HOST, NOW, READER, startFixture, WRITER } from "./fixture.ts";
import { presign, send } from "./presign.ts";

const RULES = corsRulesOf({
  CorsRules: [
    {
      AllowedOrigins: ["*"],
      AllowedMethods: ["PUT"],
      AllowedHeaders: ["Content-Type"],
      ExposedHeaders: ["ETag"],
    },
  ],
});
const ORIGIN = "https://assets.example.com";

let fixture: Fixture;
beforeAll(async () => {
  fixture = await startFixture({ cors: RULES });
});
afterAll(() => fixture.close());

/** A signed PUT of no bytes; the host that is signed is the one that is asked. */
async function store(role: string, path: string, sent: Record<string, string> = {}) {
  const host = path.startsWith(`/${BUCKET}/`) ? `127.0.0.1:${fixture.s3.port}` : HOST;
  const headers = { "content-length": "0", "content-type": "image/png" };
  const credentials = await fixture.credentialsOf(role);
  const target = await presign({ method: "PUT", host, path, headers, credentials, now: NOW });
  return await send(fixture.s3.port, target, { host, ...headers, origin: ORIGIN, ...sent }, "PUT");
}

describe("a signed PUT", () => {
  test.each(["/drop/a.png", `/${BUCKET}/drop/b.png`])(
    "%s is stored, by either way to name the bucket",
    async (path) => {
      const answer = await store(WRITER, path);
      expect(answer.status).toBe(200);
      expect(answer.headers).toMatchObject({
        etag: '"d41d8cd98f00b204e9800998ecf8427e"',
        "access-control-allow-origin": "*",
        "access-control-expose-headers": "ETag",
      });
      const found = await fixture.s3.bucket.find(path.replace(`/${BUCKET}/`, "/").slice(1));
      expect(found).toMatchObject({
        kind: "object",
        object: { size: 0, headers: { "content-type": "image/png" } },
      });
    },
  );

  test.each<[string, string, Record<string, string>, string]>([
    [READER, "/drop/c.png", {}, "AccessDenied"],
    [WRITER, "/other/c.png", {}, "AccessDenied"],
    [WRITER, "/drop/c.png", { "content-type": "text/html" }, "SignatureDoesNotMatch"],
    [WRITER, "/drop/c.png", { "x-amz-acl": "public-read" }, "AccessDenied"],
  ])("%s, %s with %j is %s, and the page may read that", async (role, path, sent, code) => {
    const answer = await store(role, path, sent);
    expect(answer).toMatchObject({ status: 403, code });
    expect(answer.headers["access-control-allow-origin"]).toBe("*");
    expect(await fixture.s3.bucket.find(path.slice(1))).toEqual({ kind: "no-key" });
  });

  test("without a signature it is nobody's", async () => {
    const answer = await send(fixture.s3.port, "/drop/d.png", { host: HOST, "content-length": "0" }, "PUT");
    expect(answer).toMatchObject({ status: 403, code: "AccessDenied" });
  });
});

test.each<[Record<string, string>, number]>([
  [{ "access-control-request-method": "PUT", "access-control-request-headers": "content-type" }, 200],
  [{ "access-control-request-method": "PUT", "access-control-request-headers": "x-amz-acl" }, 403],
  [{ "access-control-request-method": "DELETE" }, 403],
])("a preflight with %j is %i, without a signature", async (headers, status) => {
  const answer = await send(
    fixture.s3.port,
    "/drop/a",
    { host: HOST, origin: ORIGIN, ...headers },
    "OPTIONS",
  );
  expect(answer.status).toBe(status);
  expect(answer.headers["access-control-allow-origin"]).toBe(status === 200 ? "*" : undefined);
});

test("a bucket without rules tells nobody anything, and a rule of one origin nobody else", () => {
  const request = (origin: string) => ({ method: "PUT", headers: new Map([["origin", origin]]) });
  expect(corsHeaders(request(ORIGIN), corsRulesOf(undefined))).toEqual({});
  const [rule] = RULES;
  const own = rule ? [{ ...rule, origins: [ORIGIN] }] : [];
  expect(corsHeaders(request("https://evil.example"), own)).toEqual({});
  expect(corsHeaders(request(ORIGIN), own)).toMatchObject({ "Access-Control-Allow-Origin": ORIGIN });
});
