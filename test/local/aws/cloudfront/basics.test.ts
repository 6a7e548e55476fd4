// The way of one request: function, cache, origin.

import { expect, test } from "vitest";
import { stage } from "./stage.ts";

test("a miss goes to the origin, the second request is a hit", async () => {
  const edge = await stage();
  const first = await edge.get("/a");
  edge.wait(7);
  const second = await edge.get("/a");
  expect([first.text, first.headers["x-cache"], first.headers["age"]]).toEqual([
    "hello",
    "Miss from cloudfront",
    undefined,
  ]);
  expect([second.text, second.headers["x-cache"], second.headers["age"]]).toEqual([
    "hello",
    "Hit from cloudfront",
    "7",
  ]);
  expect(edge.seen).toHaveLength(1);
});

test("what CloudFront writes on every answer", async () => {
  const edge = await stage();
  const { headers } = await edge.get("/a");
  expect(headers["via"]).toMatch(/^1\.1 [0-9a-f]{32}\.cloudfront\.net \(CloudFront\)$/);
  expect(headers["x-amz-cf-id"]).toMatch(/^[\w-]{54}==$/);
  expect(headers["x-amz-cf-pop"]).toBeDefined();
});

test("the viewer-request function runs on hits too", async () => {
  let runs = 0;
  const edge = await stage({
    viewerRequest: (event) => {
      runs += 1;
      return event.Records[0]?.cf.request;
    },
  });
  await edge.get("/a");
  expect(await edge.xCache("/a")).toBe("Hit from cloudfront");
  expect(runs).toBe(2);
});

test("the access log has one line per request", async () => {
  const edge = await stage();
  await edge.get("/a?x=1");
  expect(edge.log).toMatchObject([
    {
      type: "access",
      method: "GET",
      uri: "/a",
      query: "x=1",
      status: 200,
      resultType: "Miss",
      pathPattern: "*",
    },
  ]);
});
