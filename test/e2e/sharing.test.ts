// The demo's link and upload in Chromium: a film for a browser without cookies, for a time; a file, with its progress.
import { mkdtempSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Listening, loopback } from "../../local/aws/iam/loopback.ts";
import { chromiumMissing, launchChromium } from "../../local/browser/chromium.ts";
import { describeWith } from "./requirements.ts";
import { type Stage, signIn, startStage } from "./stage.ts";

const PLAYLIST = "#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nparts/1.ts\n#EXT-X-ENDLIST\n";

describeWith("a link, in Chromium", [chromiumMissing()], () => {
  let stage: Stage;
  let browser: Browser;
  let page: Page;
  let elsewhere: Listening;
  const lines: string[] = [];

  beforeAll(async () => {
    elsewhere = await loopback(
      createServer((_request, response) =>
        response.writeHead(200, { "Content-Type": "text/html" }).end("<!doctype html><video></video>"),
      ),
      0,
    );
    stage = await startStage(undefined, { functionLog: (line) => lines.push(line) });
    await stage.gate.store.put("media/show/list.m3u8", Buffer.from(PLAYLIST));
    await stage.gate.store.put("media/show/parts/1.ts", Buffer.from("a part"));
    browser = await launchChromium();
    page = await (await browser.newContext()).newPage();
    await signIn(page, stage, "ada");
    await page.goto(`${stage.gate.url}/share.html`);
  });
  afterAll(async () => {
    await browser?.close();
    await stage?.close();
    await elsewhere?.close();
  });

  /** A link as a page of the gate's asks for it. */
  async function linkTo(body: object): Promise<string> {
    const script = `fetch("/.gatehouse/link", { method: "POST", body: ${JSON.stringify(JSON.stringify(body))} }).then((answer) => answer.json())`;
    const answer = Object(await page.evaluate<object>(script));
    expect(answer).toEqual({ url: expect.any(String), expires: expect.any(Number) });
    return String(answer.url);
  }

  /** A profile of its own in which no cookie is kept, and a page of another site in it. */
  async function device(): Promise<Page> {
    const context = await browser.newContext();
    const other = await context.newPage();
    await other.goto(`http://127.0.0.1:${elsewhere.port}/`);
    return other;
  }

  test("the film of the demo's button plays on a page of another site, and can be jumped in", async () => {
    await page.getByRole("button", { name: "Make a link" }).click();
    const url = (await page.locator("#link a").getAttribute("href")) ?? "";
    const tv = await device();
    const play = `(async () => {
      const video = document.querySelector("video");
      Object.assign(video, { muted: true, src: ${JSON.stringify(url)} });
      await video.play();
      video.currentTime = 9;
      await new Promise((resolve) => video.addEventListener("seeked", resolve, { once: true }));
      return [Math.round(video.currentTime), video.error];
    })()`;
    expect(await tv.evaluate(play)).toEqual([9, null]);
    expect(await tv.context().cookies()).toEqual([]);
    await tv.context().close();
  });

  test("a playlist leads to its parts, which scripts of any origin may read", async () => {
    const url = await linkTo({ path: "/media/show/list.m3u8", seconds: 60, prefix: "/media/show/" });
    const tv = await device();
    const read = (from: string) =>
      tv.evaluate(
        `fetch(${JSON.stringify(from)}).then(async (answer) => [answer.status, await answer.text()])`,
      );
    expect(await read(url)).toEqual([200, PLAYLIST]);
    expect(await read(new URL("parts/1.ts", url).href)).toEqual([200, "a part"]);
    const range = await tv.request.get(new URL("parts/1.ts", url).href, { headers: { range: "bytes=2-5" } });
    expect([range.status(), await range.text()]).toEqual([206, "part"]);
    const headers = range.headers();
    expect([
      headers["referrer-policy"],
      headers["cache-control"],
      headers["access-control-allow-origin"],
    ]).toEqual(["no-referrer", "private, no-cache", undefined]);
    await tv.context().close();
  });

  test("it stops when it ends, though what it opened is in the cache", async () => {
    const url = await linkTo({ path: "/media/bells.mp3", seconds: 3 });
    const tv = await device();
    const get = async () => (await tv.request.get(url)).status();
    expect(await get()).toBe(200);
    expect((await tv.request.get(url)).headers()["x-cache"]).toBe("Hit from cloudfront");
    await expect.poll(get, { timeout: 10_000 }).toBe(410);
    await tv.goto(url);
    expect(await tv.getByRole("heading").textContent()).toBe("This link has ended.");
    const sealed = /link\/([\w-]{20})/.exec(url)?.[1] ?? "none";
    expect(await tv.content()).not.toContain(sealed);
    expect(lines.join()).not.toContain(sealed);
    expect(lines.join()).toContain("link_ended");
    await tv.context().close();
  });

  test("a file is stored in one's own room, and the bar says how far it is", async () => {
    const path = join(mkdtempSync(join(tmpdir(), "upload-")), "ein Brief.txt");
    writeFileSync(path, "x".repeat(3_000_000));
    await page.getByLabel("File", { exact: true }).setInputFiles(path);
    await page.getByRole("link", { name: "Stored" }).waitFor();
    expect(await page.evaluate("document.getElementById('progress').value")).toBe(1);
    const answer = await page.request.get(`${stage.gate.url}/me/ein%20Brief.txt`);
    expect([answer.status(), (await answer.body()).length]).toEqual([200, 3_000_000]);
  });
});
