import { createHash, createHmac } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { uriEncodePath } from "../../../edge/request/path.ts";
import { createSign, type SignInput } from "../../../edge/s3/sign.ts";
import * as sdk from "../../../edge/sdk/sign.ts";
import { NOW } from "../fixtures/config.ts";

const INPUT: SignInput = {
  method: "GET",
  host: "examplebucket.s3.us-east-1.amazonaws.com",
  region: "us-east-1",
  path: "/test.txt",
  query: [],
  credentials: {
    accessKeyId: "test-key",
    secretAccessKey: "test-secret",
    sessionToken: "t+o/k=",
    expiresAt: 0,
  },
  now: Date.UTC(2013, 4, 24),
};

const credentials = fc.record({
  accessKeyId: fc.stringMatching(/^[A-Z0-9]{16,20}$/),
  secretAccessKey: fc.stringMatching(/^[\w+/]{40}$/),
  sessionToken: fc.stringMatching(/^[\w+/=]{1,200}$/),
  expiresAt: fc.constant(0),
});

const input: fc.Arbitrary<SignInput> = fc.record(
  {
    method: fc.constantFrom("GET" as const, "HEAD" as const),
    host: fc.stringMatching(/^[a-z0-9-]{3,20}\.s3\.[a-z]{2}-[a-z]{4,9}-[1-9]\.amazonaws\.com$/),
    region: fc.stringMatching(/^[a-z]{2}-[a-z]{4,9}-[1-9]$/),
    path: fc
      .string({ unit: "grapheme", maxLength: 60 })
      .filter((key) => key.isWellFormed())
      .map((key) => uriEncodePath(`/${key}`)),
    query: fc.uniqueArray(
      fc.tuple(
        fc.constantFrom("versionId", "response-content-disposition", "list-type", "prefix", "max-keys"),
        fc.string({ unit: "grapheme", maxLength: 30 }).filter((value) => value.isWellFormed()),
      ),
      { selector: ([name]) => name, maxLength: 3 },
    ),
    cfId: fc.stringMatching(/^[\w-]{20,56}==$/),
    credentials,
    now: fc.integer({ min: 0, max: 4e12 }),
  },
  { requiredKeys: ["method", "host", "region", "path", "query", "credentials", "now"] },
);

describe("the two builds", () => {
  test("sign 10,000 generated requests byte for byte the same", async () => {
    const own = createSign();
    const stock = sdk.createSign();
    let signed = 0;
    await fc.assert(
      fc.asyncProperty(input, async (request) => {
        expect(await own(request)).toBe(await stock(request));
        signed += 1;
      }),
      { numRuns: 10_000 },
    );
    expect(signed).toBe(10_000);
  });

  test("use one user's signing key again, but not on the next day", async () => {
    const own = createSign();
    const stock = sdk.createSign();
    for (const now of [NOW, NOW + 1000, NOW + 86_400_000, NOW]) {
      expect(await own({ ...INPUT, now })).toBe(await stock({ ...INPUT, now }));
    }
  });
});

test("the signature is the one of the S3 documentation's recipe, step by step", async () => {
  const query =
    "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=test-key%2F20130524%2Fus-east-1%2Fs3%2Faws4_request" +
    "&X-Amz-Date=20130524T000000Z&X-Amz-Expires=300&X-Amz-Security-Token=t%2Bo%2Fk%3D&X-Amz-SignedHeaders=host";
  const canonicalRequest = `GET\n/test.txt\n${query}\nhost:examplebucket.s3.us-east-1.amazonaws.com\n\nhost\nUNSIGNED-PAYLOAD`;
  const stringToSign = [
    "AWS4-HMAC-SHA256",
    "20130524T000000Z",
    "20130524/us-east-1/s3/aws4_request",
    createHash("sha256").update(canonicalRequest).digest("hex"),
  ].join("\n");
  const hmac = (key: string | Buffer, data: string) => createHmac("sha256", key).update(data).digest();
  const signingKey = hmac(hmac(hmac(hmac("AWS4test-secret", "20130524"), "us-east-1"), "s3"), "aws4_request");
  expect(await createSign()(INPUT)).toBe(
    `${query}&X-Amz-Signature=${hmac(signingKey, stringToSign).toString("hex")}`,
  );
});

test("what is signed cannot be changed without changing the signature", async () => {
  const sign = createSign();
  const signature = async (change: Partial<SignInput>) => (await sign({ ...INPUT, ...change })).slice(-64);
  const changes: Partial<SignInput>[] = [
    {},
    { method: "HEAD" },
    { host: "otherbucket.s3.us-east-1.amazonaws.com" },
    { path: "/test.txt2" },
    { region: "eu-central-1", credentials: { ...INPUT.credentials } },
    { query: [["versionId", "1"]] },
    { cfId: "abc==" },
    { now: INPUT.now + 1000 },
    { credentials: { ...INPUT.credentials, secretAccessKey: "other" } },
    { credentials: { ...INPUT.credentials, sessionToken: "other" } },
  ];
  const signatures = await Promise.all(changes.map(signature));
  expect(new Set(signatures).size).toBe(changes.length);
});
