// The synthesized template on local servers, from the outside: what a viewer gets, and what reaches S3.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { S3LogEntry } from "../../local/aws/s3/options.ts";
import { type Gate, startGate } from "../../local/gate/gate.ts";

const ASSETS = join(import.meta.dirname, "../../local/assets");
const FILE = "documents/opening-hours.txt";
const BYTES = readFileSync(join(ASSETS, FILE), "utf8");

describe.each([
  ["default build", {}],
  ["SDK build", { sdk: true }],
])("%s", (_, context) => {
  let gate: Gate;
  let token: string;
  let atS3: S3LogEntry[];

  beforeAll(async () => {
    atS3 = [];
    gate = await startGate({ port: 0, assets: ASSETS, context, s3Log: (entry) => atS3.push(entry) });
    token = await gate.userPool.issueIdToken("ada");
  });
  afterAll(() => gate?.close());

  const get = (path: string, headers: Record<string, string> = {}, method = "GET") =>
    fetch(`${gate.url}/${path}`, { headers, method });
  const bearer = (value: string) => ({ authorization: `Bearer ${value}` });
  const cacheResult = (response: Response) => response.headers.get("x-cache");

  test("serves the bytes by header, then by cookie from the cache, asking S3 once", async () => {
    gate.cloudFront.invalidate();
    atS3.length = 0;
    const first = await get(FILE, bearer(token));
    expect([first.status, cacheResult(first)]).toEqual([200, "Miss from cloudfront"]);
    expect(await first.text()).toBe(BYTES);
    const second = await get(FILE, { cookie: `__Host-gatehouse-id=${token}` });
    expect([second.status, cacheResult(second)]).toEqual([200, "Hit from cloudfront"]);
    expect(await second.text()).toBe(BYTES);
    expect(atS3).toHaveLength(1);
  });

  test("tells browsers to ask again each time", async () => {
    const response = await get(FILE, bearer(token));
    expect(response.headers.get("cache-control")).toBe("private, no-cache");
    expect(response.headers.get("x-content-type-options")).toBe("nosniff");
  });

  test.each(["hit", "miss"])("refuses everybody else on the same URL, with a cache %s", async (state) => {
    if (state === "hit") await get(FILE, bearer(token));
    else gate.cloudFront.invalidate();
    atS3.length = 0;
    const refused: Record<string, Record<string, string>> = {
      token_missing: {},
      token_invalid: bearer(`${token.slice(0, -2)}AA`),
      id_token_required: bearer(await gate.userPool.issueAccessToken("ada")),
      token_expired: bearer(await gate.userPool.issueIdToken("ada", { expiresInSeconds: -1 })),
    };
    for (const [code, headers] of Object.entries(refused)) {
      const response = await get(FILE, headers);
      expect(response.status, code).toBe(401);
      expect(await response.json()).toMatchObject({ code });
    }
    expect(atS3).toEqual([]);
  });

  test("refuses the token with any one of its bytes changed", async () => {
    await get(FILE, bearer(token));
    for (let at = 0; at < token.length; at += 7) {
      const changed = `${token.slice(0, at)}${token[at] === "x" ? "y" : "x"}${token.slice(at + 1)}`;
      expect((await get(FILE, bearer(changed))).status, `byte ${at}`).toBe(401);
    }
  });

  test("answers HEAD, ranges and conditions", async () => {
    const whole = await get(FILE, bearer(token));
    const head = await get(FILE, bearer(token), "HEAD");
    expect([head.status, head.headers.get("content-length")]).toEqual([
      200,
      String(Buffer.byteLength(BYTES)),
    ]);
    const range = await get(FILE, { ...bearer(token), range: "bytes=4-12" });
    expect([range.status, await range.text()]).toEqual([206, Buffer.from(BYTES).subarray(4, 13).toString()]);
    const same = await get(FILE, { ...bearer(token), "if-none-match": whole.headers.get("etag") ?? "" });
    expect(same.status).toBe(304);
  });

  test.each([
    ["documents/none.txt", "GET", 404],
    ["a%2Fb", "GET", 400],
    [FILE, "POST", 403],
  ])("%s by %s is %i", async (path, method, status) => {
    const response = await get(path, bearer(token), method);
    expect(response.status).toBe(status);
    expect(await response.text()).not.toMatch(/<Error>|<\?xml/);
  });

  test("gives each fault of Cognito its answer, and serves a known user meanwhile", async () => {
    await get(FILE, bearer(token));
    const stranger = await gate.userPool.issueIdToken("bob");
    const faults = [
      ["throttle", "exchange_throttled"],
      ["InternalError", "exchange_unavailable"],
      ["garbage", "exchange_unavailable"],
      ["cut", "exchange_unavailable"],
      ["hang", "exchange_timeout"],
    ] as const;
    for (const [fault, code] of faults) {
      gate.identityPoolServer.setFault(fault);
      const response = await get(FILE, bearer(stranger));
      expect([response.status, await codeOf(response)]).toEqual([503, code]);
      expect(response.headers.get("retry-after"), fault).toMatch(/^\d+$/);
      expect((await get("index.html", bearer(token))).status, fault).toBe(200);
    }
    gate.identityPoolServer.setFault();
    expect((await get(FILE, bearer(stranger))).status).toBe(200);
  });

  test("ends the access of a user who is disabled at the next exchange", async () => {
    gate.userPool.users.add({ username: "eve", password: "eve" });
    const evesToken = await gate.userPool.issueIdToken("eve");
    gate.userPool.users.setEnabled("eve", false);
    const response = await get(FILE, bearer(evesToken));
    expect([response.status, await codeOf(response)]).toEqual([401, "session_ended"]);
  });
});

async function codeOf(response: Response): Promise<unknown> {
  const problem: { code?: unknown } = Object(await response.json());
  return problem.code;
}

test("stops what was started when a part cannot start", async () => {
  const first = await startGate({ port: 0, assets: ASSETS });
  const port = Number(new URL(first.url).port);
  await expect(startGate({ port, assets: ASSETS })).rejects.toMatchObject({ code: "EADDRINUSE", port });
  await first.close();
});
