// Pages of other origins that read private, kept and public files in a browser that keeps what it was given.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { chromiumMissing, launchChromium } from "../../local/browser/chromium.ts";
import { type Gate, startGate } from "../../local/gate/gate.ts";
import { describeWith } from "./requirements.ts";
import { ASSETS } from "./stage.ts";

const COOKIE = "__Host-gatehouse-id";
const HTML = { "content-type": "text/html" };

describeWith("CORS with Chromium", [chromiumMissing()], () => {
  const app = createServer(
    (_, response) => void response.writeHead(200, HTML).end("<!doctype html><title>App</title>"),
  );
  let gate: Gate;
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    await new Promise<void>((resolve) => app.listen(0, "127.0.0.1", resolve));
    const origin = `http://localhost:${(app.address() as AddressInfo).port}`;
    gate = await startGate({
      port: 0,
      assets: ASSETS,
      context: {
        corsOrigins: [origin],
        corsAllowHeaders: ["x-app-version"],
        corsExposeHeaders: ["x-amz-meta-title"],
        frameAncestors: [origin],
        auth: {},
        areas: [
          { path: "/open/*", public: true },
          { path: "/login.html", public: true, trusted: true },
          { path: "/kept/*", browserMaxAge: 600 },
          { path: "/pictures/*", downloads: true, metadata: true },
          { path: "/*", trusted: true },
        ],
      },
    });
    const svg = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="8" height="8"/>');
    const picture = { "content-type": "image/svg+xml", "cache-control": "public, max-age=600" };
    await gate.store.put("open/a.svg", svg, picture);
    await gate.store.put("kept/a.svg", svg, { "content-type": "image/svg+xml" });
    await gate.store.put("pictures/a.svg", svg, { "content-type": "image/svg+xml", "x-amz-meta-title": "A" });
    const script = Buffer.from(
      "<!doctype html><title>before</title><script>document.title = 'after'</script>",
    );
    for (const key of ["login.html", "open/page.html"]) await gate.store.put(key, script, HTML);
    browser = await launchChromium();
    const context = await browser.newContext();
    const value = await gate.userPool.issueIdToken("ada");
    await context.addCookies([
      { name: COOKIE, value, domain: "localhost", path: "/", secure: true, httpOnly: true, sameSite: "Lax" },
    ]);
    page = await context.newPage();
    await page.goto(origin);
  });
  afterAll(async () => {
    await browser?.close();
    app.closeAllConnections();
    app.close();
    await gate?.close();
  });

  test.each(["pictures", "kept", "open"])(
    "a picture of /%s/ that was shown can be read afterwards",
    async (area) => {
      const url = `${gate.url}/${area}/a.svg`;
      expect(await run(page, SHOW, url)).toBe("shown");
      expect(await run(page, READ, url)).toMatchObject({ status: 200 });
    },
  );

  test.each(["pictures", "kept", "open"])(
    "/%s/ is read with headers that a preflight asks for",
    async (area) => {
      const headers = { "X-App-Version": "1", Traceparent: "00-0-0-00" };
      expect(await run(page, READ, `${gate.url}/${area}/a.svg?again`, headers)).toMatchObject({
        status: 200,
      });
      expect(await run(page, READ, `${gate.url}/${area}/a.svg`, { "X-Other": "1" })).toBe("TypeError");
    },
  );

  test("what is exposed can be read: the name of a download, and what was configured", async () => {
    const url = `${gate.url}/pictures/a.svg?download=b.svg`;
    expect(await run(page, READ, url)).toEqual({
      status: 200,
      disposition: "attachment; filename=\"b.svg\"; filename*=UTF-8''b.svg",
      title: "A",
    });
  });

  test("the app's own page may frame an object, another may not", async () => {
    const url = `${gate.url}/pictures/morning.jpg`;
    expect(await run(page, FRAME, url)).toBe("loaded");
    expect(page.frames().some((frame) => frame.url() === url)).toBe(true);
    const stranger = await page.context().newPage();
    await stranger.goto(page.url().replace("localhost", "127.0.0.1"));
    await run(stranger, FRAME, url);
    expect(stranger.frames().some((frame) => frame.url() === url)).toBe(false);
    await stranger.close();
  });

  test("a public page that is trusted runs its scripts, another public page does not", async () => {
    const visitor = await (await browser.newContext()).newPage();
    await visitor.goto(`${gate.url}/login.html`);
    expect(await visitor.title()).toBe("after");
    await visitor.goto(`${gate.url}/open/page.html`);
    expect(await visitor.title()).toBe("before");
    await visitor.context().close();
  });
});

/** Runs a function, as text, in the page: this program knows no DOM. */
function run(page: Page, code: string, ...given: readonly unknown[]): Promise<unknown> {
  return page.evaluate(`(${code})(${given.map((value) => JSON.stringify(value)).join()})`);
}

const SHOW = `(src) => new Promise((resolve) => {
  const image = new Image();
  image.onload = () => resolve("shown");
  image.onerror = () => resolve("error");
  image.src = src;
})`;

const READ = `async (url, headers = {}) => {
  try {
    const response = await fetch(url, { credentials: "include", headers });
    const [disposition, title] = ["content-disposition", "x-amz-meta-title"].map((name) => response.headers.get(name));
    return { status: response.status, disposition, title };
  } catch (error) {
    return error.name;
  }
}`;

const FRAME = `(src) => new Promise((resolve) => {
  const frame = document.createElement("iframe");
  frame.onload = () => resolve("loaded");
  frame.src = src;
  document.body.append(frame);
})`;
