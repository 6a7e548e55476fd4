// S3 does not answer: AWS runs no origin-response function then, so that the page is CloudFront's; nobody keeps it.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Gate, startGate } from "../../local/gate/gate.ts";
import { shown } from "./answers.ts";
import { READINGS } from "./readings.ts";
import { ASSETS } from "./stage.ts";

const CACHED = "documents/opening-hours.txt";
const COLD = "documents/visitors.csv";
const CONCERNED = [
  "the default readings",
  "HEAD asked as GET",
  "response headers policy on generated answers",
];

describe.each(READINGS.filter(([name]) => CONCERNED.includes(name)))("%s", (_, options) => {
  let gate: Gate;
  let headers: Record<string, string>;
  let eventTypes: string[];

  beforeAll(async () => {
    eventTypes = [];
    gate = await startGate({
      port: 0,
      assets: ASSETS,
      timeouts: { originResponseMs: 400 },
      onEvent: (event) => eventTypes.push(JSON.stringify(event).match(/"eventType":"([^"]+)"/)?.[1] ?? ""),
      ...options,
    });
    headers = { authorization: `Bearer ${await gate.userPool.issueIdToken("ada")}`, accept: "text/html" };
  });
  afterAll(() => gate?.close());

  const get = (path: string, method = "GET") => fetch(`${gate.url}/${path}`, { headers, method });

  test("504 while it hangs, what is cached all the same, and all of it afterwards", async () => {
    await (await get(CACHED)).arrayBuffer();
    gate.s3.setFault("hang");
    eventTypes.length = 0;
    expect(await shown(await get(COLD))).toEqual({ status: 504, page: "CloudFront's" });
    expect(await shown(await get(COLD, "HEAD"))).toEqual({ status: 504, page: "" });
    expect((await get(CACHED)).headers.get("x-cache")).toBe("Hit from cloudfront");
    expect(eventTypes).toEqual(["viewer-request", "viewer-request", "viewer-request"]);
    gate.s3.setFault();
    const response = await get(COLD);
    expect([response.status, response.headers.get("x-cache")]).toEqual([200, "Miss from cloudfront"]);
  });
});
