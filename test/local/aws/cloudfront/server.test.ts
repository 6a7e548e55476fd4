// The listeners: TLS with HTTP/2 and HTTP/1.1, ports, closing.

import { connect as http2Connect } from "node:http2";
import { get } from "node:https";
import { expect, onTestFinished, test } from "vitest";
import { createCloudFront } from "../../../../local/aws/cloudfront/index.ts";
import { throwAwayCertificate } from "./certificate.ts";
import { cloudFrontOptions, Stage, type StageOptions, stage, type ViewerRequestEvent } from "./stage.ts";

async function secure(options: StageOptions = {}) {
  const events: ViewerRequestEvent[] = [];
  const result = new Stage();
  const viewerRequest = (event: ViewerRequestEvent) => {
    events.push(structuredClone(event));
    return { status: "200", headers: { "set-cookie": [{ value: "a=1" }, { value: "b=2" }] }, body: "hello" };
  };
  const made = cloudFrontOptions({ viewerRequest, ...options }, 1, result);
  const cloudFront = createCloudFront({ ...made, tls: throwAwayCertificate(), plainHttpIs: "http" });
  onTestFinished(() => cloudFront.close());
  return { port: (await cloudFront.listen(0)).port, events };
}

test("HTTP/1.1 over TLS counts as https", async () => {
  const { port, events } = await secure();
  const status = await new Promise((resolve, reject) => {
    get({ host: "127.0.0.1", port, path: "/a", rejectUnauthorized: false, agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode);
    }).on("error", reject);
  });
  expect(status).toBe(200);
  expect(events[0]?.Records[0]?.cf.request.headers["host"]?.[0]?.key).toBe("Host");
});

test("HTTP/2: lower-case names, Host from :authority, cookie crumbs joined, no connection fields", async () => {
  const { port, events } = await secure();
  const client = http2Connect(`https://127.0.0.1:${port}`, { rejectUnauthorized: false });
  onTestFinished(() => client.destroy());
  const stream = client.request([
    ":method",
    "GET",
    ":path",
    "/a?b",
    ":scheme",
    "https",
    ":authority",
    "assets.example.test",
    "cookie",
    "a=1",
    "cookie",
    "b=2",
    "x-one",
    "1",
  ]);
  let body = "";
  stream.on("data", (chunk: Buffer) => {
    body += chunk.toString();
  });
  const headers = await new Promise<Record<string, unknown>>((resolve, reject) => {
    stream.on("response", resolve);
    stream.on("error", reject);
  });
  await new Promise((resolve) => stream.on("end", resolve));
  expect([headers[":status"], body, headers["set-cookie"], headers["connection"]]).toEqual([
    200,
    "hello",
    ["a=1", "b=2"],
    undefined,
  ]);
  const request = events[0]?.Records[0]?.cf.request;
  expect([request?.uri, request?.querystring]).toEqual(["/a", "b"]);
  expect(request?.headers).toEqual({
    host: [{ key: "Host", value: "assets.example.test" }],
    cookie: [{ key: "cookie", value: "a=1; b=2" }],
    "x-one": [{ key: "x-one", value: "1" }],
  });
});

test("a taken port is an error", async () => {
  const edge = await stage();
  const other = createCloudFront(cloudFrontOptions({}, 1, new Stage()));
  await expect(other.listen(edge.port)).rejects.toMatchObject({ code: "EADDRINUSE" });
  await other.close();
});
