// The split placement, the whole chain: a CloudFront Function before the cache, a Lambda on misses only.

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startGate } from "../../local/gate/gate.ts";
import type { Gate } from "../../local/gate/gate-types.ts";

let gate: Gate;
const s3Requests: string[] = [];

beforeAll(async () => {
  gate = await startGate({
    port: 0,
    assets: new URL("../../local/assets", import.meta.url).pathname,
    context: {
      placement: "split",
      revocation: true,
      areas: [
        { path: "/team/*", groups: ["editors"] },
        { path: "/me/*", owner: "users/{identityId}/" },
        { path: "/*" },
      ],
    },
    functionLog: (line) => process.env["SHOW"] && console.log(line),
    cloudFrontLog: (entry) => process.env["SHOW"] && console.log(entry),
    s3Log: (entry) => s3Requests.push(JSON.stringify(entry)),
  });
});
afterAll(async () => await gate?.close());

describe("programs", () => {
  test("a token opens an object; a hit runs no Lambda", async () => {
    const token = await gate.userPool.issueIdToken("ada");
    const get = () =>
      fetch(`${gate.url}/documents/opening-hours.txt`, { headers: { authorization: `Bearer ${token}` } });
    const first = await get();
    expect([first.status, first.headers.get("x-cache")]).toEqual([200, "Miss from cloudfront"]);
    gate.runs.reset();
    const second = await get();
    expect([second.status, second.headers.get("x-cache")]).toEqual([200, "Hit from cloudfront"]);
    expect([gate.runs.lambda, gate.runs.of("function")]).toEqual([0, 1]);
  });
});
