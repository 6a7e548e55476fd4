// Nothing of S3's own is seen by a viewer: not by a path that only CloudFront takes for an endpoint's, nor in a list or header.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { PatternPath } from "../../local/aws/cloudfront/behaviors.ts";
import { type Gate, startGate } from "../../local/gate/gate.ts";
import { type Answer, send } from "../local/aws/s3/presign.ts";
import { ASSETS } from "./stage.ts";

const OF_S3 = /<\?xml|<Error|<Code>|AmazonS3|AWS4-HMAC/;
/** Headers that S3 writes; CloudFront's own have the same start. */
const S3_HEADER = /^(x-amz-(?!cf-)|server$)/;

/** Asks exactly as it is written, as a user who is signed in. */
async function ask(gate: Gate, target: string, method = "GET", headers = {}): Promise<Answer> {
  const port = Number(new URL(gate.url).port);
  const authorization = `Bearer ${await gate.userPool.issueIdToken("ada")}`;
  return await send(port, target, { host: `localhost:${port}`, authorization, ...headers }, method);
}

function headersOfS3({ headers }: Answer): readonly string[] {
  return Object.keys(headers).filter((name) => S3_HEADER.test(name) && headers[name] !== "CloudFront");
}

/** Spellings that CloudFront's patterns may take for an endpoint's, with what each of them is to the gate. */
const SPELLINGS: readonly (readonly [target: string, status: number, code: string | undefined])[] = [
  ["//.gatehouse/x", 404, undefined],
  ["//.gatehouse/login", 404, undefined],
  ["///.gatehouse/me", 404, undefined],
  ["//.gatehouse//", 404, undefined],
  ["//.gatehouse/list/documents/", 404, undefined],
  ["//%2Egatehouse/x", 404, undefined],
  ["//.gatehous%65/x", 404, undefined],
  ["/documents//.gatehouse/x", 404, undefined],
  ["/.GATEHOUSE/x", 404, undefined],
  ["/.gatehouse", 404, undefined],
  ["/./.gatehouse/x", 400, "invalid_path"],
  ["/documents/../.gatehouse/x", 400, "invalid_path"],
  ["/documents/%2e%2e/.gatehouse/x", 400, "invalid_path"],
  ["//..//.gatehouse/x", 400, "invalid_path"],
  ["/.gatehouse%2Fx", 400, "invalid_path"],
  ["/%2F.gatehouse/x", 400, "invalid_path"],
  ["/.gatehouse%5Cx", 400, "invalid_path"],
  ["/.gatehouse/%2Fx", 400, "invalid_path"],
  ["/.gatehouse//x", 404, "not_found"],
  ["/%2Egatehouse/x", 404, "not_found"],
];

/** Queries of a list, and what becomes of them. */
const LISTS: readonly (readonly [query: string, status: number, code: string | undefined])[] = [
  ["", 200, undefined],
  ["max-keys=1&delimiter=/", 200, undefined],
  ["continuation-token=garbage", 400, "invalid_query"],
  ["continuation-token=", 400, "invalid_query"],
  ["continuation-token=a%00b", 400, "invalid_query"],
  ["continuation-token=a&continuation-token=b", 400, "invalid_query"],
  ["max-keys=0", 400, "invalid_query"],
  ["max-keys=1001", 400, "invalid_query"],
  ["max-keys=many", 400, "invalid_query"],
  ["max-keys=1&max-keys=2", 400, "invalid_query"],
  ["delimiter=a", 400, "invalid_query"],
  ["delimiter=", 400, "invalid_query"],
  // What a gate does not pass on cannot be wrong.
  [
    "start-after=%FF&encoding-type=x&fetch-owner=x&list-type=1&prefix=../&marker=x&versions&uploads",
    200,
    undefined,
  ],
];

describe.each<PatternPath>(["decoded", "raw"])("where patterns match %s paths", (patternPath) => {
  let gate: Gate;
  beforeAll(async () => {
    gate = await startGate({
      port: 0,
      assets: ASSETS,
      context: { listing: true, auth: {} },
      readings: { patternPath },
    });
  });
  afterAll(() => gate?.close());

  test.each(SPELLINGS)("%s is %i %s, whatever behaviour takes it", async (target, status, code) => {
    for (const method of ["GET", "HEAD"]) {
      const answer = await ask(gate, target, method);
      const body = answer.body.toString();
      expect([method, answer.status]).toEqual([method, status]);
      expect(body).not.toMatch(OF_S3);
      expect(headersOfS3(answer)).toEqual([]);
      if (method === "HEAD") expect(body).toBe("");
      else if (code === undefined) expect(body).toMatch(/There is nothing here|not_found/);
      else expect(JSON.parse(body)).toMatchObject({ code });
    }
  });

  test.each(LISTS)("the list ?%s is %i %s", async (query, status, code) => {
    const answer = await ask(gate, `/.gatehouse/list/documents/?${query}`);
    expect(answer.status).toBe(status);
    expect(headersOfS3(answer)).toEqual([]);
    if (status === 200) expect(answer.body.toString()).toContain("<ListBucketResult");
    else expect(JSON.parse(answer.body.toString())).toMatchObject({ code });
  });
});

describe("headers", () => {
  const AREAS = [
    { path: "/open/*", public: true },
    { path: "/open-meta/*", public: true, metadata: true },
    { path: "/meta/*", metadata: true },
    { path: "/versions/*", versions: true },
    { path: "/me/*", owner: "users/{identityId}/", metadata: true },
    { path: "/plain/*" },
  ];
  let gate: Gate;
  beforeAll(async () => {
    gate = await startGate({ port: 0, assets: ASSETS, context: { areas: AREAS } });
    const headers = {
      "content-type": "text/plain",
      "x-amz-meta-camera": "box",
      "x-amz-storage-class": "GLACIER_IR",
    };
    for (const folder of [
      "open",
      "open-meta",
      "meta",
      "versions",
      "plain",
      `users/${gate.identityIdOf("ada")}`,
    ])
      await gate.store.put(`${folder}/a.txt`, Buffer.from("a"), headers);
  });
  afterAll(() => gate?.close());

  test.each([
    ["/open/a.txt", []],
    ["/open-meta/a.txt", ["x-amz-meta-camera"]],
    ["/plain/a.txt", []],
    ["/meta/a.txt", ["x-amz-meta-camera"]],
    ["/versions/a.txt", ["x-amz-version-id"]],
    ["/me/a.txt", ["x-amz-meta-camera"]],
    ["/plain/none.txt", []],
    ["/open/none.txt", []],
  ])("of S3's own, %s has %j: cold, warm, in part and not modified", async (path, expected) => {
    const cold = await ask(gate, path);
    const { etag = "" } = cold.headers;
    const more: Record<string, string>[] = [{}, { range: "bytes=0-0" }, { "if-none-match": etag }];
    const answers = [cold];
    for (const headers of more) answers.push(await ask(gate, path, "GET", headers));
    answers.push(await ask(gate, path, "HEAD"));
    for (const answer of answers) expect(headersOfS3(answer)).toEqual(expected);
    if (!path.includes("none"))
      expect(answers.map(({ status }) => status)).toEqual([200, 200, 206, 304, 200]);
  });
});
