// Chromium stores files with S3 itself, a RADOS Gateway: with progress, under the user's own key, and nothing else.
import { hash } from "node:crypto";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { chromiumMissing, launchChromium } from "../../local/browser/chromium.ts";
import { type AnyGate, startGateOn } from "../../local/gate/gate.ts";
import { type Rgw, startRgw } from "../../local/rgw/cluster.ts";
import { rgwMissing } from "../../local/rgw/installed.ts";
import { DEMO_CONTEXT, putPrivatePages } from "../../local/start/demo.ts";
import { describeWith } from "./requirements.ts";
import { ASSETS, signIn } from "./stage.ts";

const MIB = 1024 ** 2;
const FILM = 50 * MIB;

/** In the page: asks the gate, then sends, and reports what the browser said meanwhile. */
const STORE = `async ({ path, type, size, sent = {}, bytes = size }) => {
  const asked = await fetch("/.gatehouse/upload", { method: "POST", body: JSON.stringify({ path, type, size }) });
  const answer = await asked.json();
  if (!asked.ok) return { asked: answer.code };
  const request = new XMLHttpRequest();
  const seen = [];
  request.upload.onprogress = ({ loaded, total }) => seen.push(loaded / total);
  request.open(answer.method, sent.from ? answer.url.replace(sent.from, sent.to) : answer.url);
  for (const [name, value] of Object.entries({ ...answer.headers, ...sent.headers })) request.setRequestHeader(name, value);
  const status = await new Promise((resolve) => {
    request.onloadend = () => resolve(request.status);
    request.send(new Blob([new Uint8Array(bytes).fill(7)]));
  });
  return { status, steps: seen.length, last: seen.at(-1) };
}`;

describeWith("Chromium and RADOS Gateway", [rgwMissing(), chromiumMissing()], () => {
  let rgw: Rgw;
  let gate: AnyGate;
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    rgw = await startRgw({ region: "us-east-1" });
    gate = await startGateOn(rgw, { port: 0, assets: ASSETS, context: DEMO_CONTEXT });
    await putPrivatePages(gate);
    browser = await launchChromium();
    page = await (await browser.newContext()).newPage();
    await signIn(page, { gate }, "ada");
    await page.goto(`${gate.url}/share.html`);
  }, 240_000);
  afterAll(async () => {
    await browser?.close();
    await gate?.close();
    await rgw?.close();
  });

  const store = (input: object) => page.evaluate<object>(`(${STORE})(${JSON.stringify(input)})`);
  const read = async (path: string) => await page.request.get(`${gate.url}${path}`);

  test("50 MB, with progress, under the user's own key", { timeout: 120_000 }, async () => {
    const stored = await store({ path: "/me/film 1.mp4", type: "video/mp4", size: FILM });
    expect(stored).toMatchObject({ status: 200, last: 1 });
    expect(Number(Object(stored).steps)).toBeGreaterThan(3);
    const answer = await read("/me/film%201.mp4");
    const headers = answer.headers();
    expect([answer.status(), headers["content-type"], headers["content-length"]]).toEqual([
      200,
      "video/mp4",
      String(FILM),
    ]);
    expect(hash("sha256", await answer.body(), "hex")).toBe(hash("sha256", Buffer.alloc(FILM, 7), "hex"));
    expect((await read("/users/film%201.mp4")).status()).toBe(403);
    const other = await (await browser.newContext()).newPage();
    await signIn(other, { gate }, "bob");
    expect((await other.request.get(`${gate.url}/me/film%201.mp4`)).status()).toBe(404);
  });

  test("another file in its place is seen at once", async () => {
    for (const size of [3, 5]) {
      expect(await store({ path: "/me/a.bin", type: "application/octet-stream", size })).toMatchObject({
        status: 200,
      });
      expect((await (await read("/me/a.bin")).body()).length).toBe(size);
    }
  });

  test.each<[string, object]>([
    ["a byte more", { bytes: 11 }],
    ["a byte less", { bytes: 9 }],
    ["another type", { sent: { headers: { "Content-Type": "text/html" } } }],
    ["another key", { sent: { from: "b.png?", to: "c.png?" } }],
    ["another's folder", { sent: { from: "us-east-1%3A", to: "us-east-1%3A0" } }],
    ["another time to keep it", { sent: { headers: { "Cache-Control": "max-age=31536000" } } }],
  ])("%s is refused by S3", async (_, changes) => {
    expect(await store({ path: "/me/b.png", type: "image/png", size: 10, ...changes })).toMatchObject({
      status: 0,
    });
    expect([(await read("/me/b.png")).status(), (await read("/me/c.png")).status()]).toEqual([404, 404]);
  });

  test.each<[object, string]>([
    [{ path: "/me/a.html", type: "text/html", size: 1 }, "type_not_allowed"],
    [{ path: "/me/a.png", type: "image/png", size: 101 * MIB }, "upload_too_large"],
    [{ path: "/documents/a.png", type: "image/png", size: 1 }, "access_denied"],
  ])("%j is refused by the gate: %s", async (input, code) => {
    expect(await store(input)).toEqual({ asked: code });
  });
});
