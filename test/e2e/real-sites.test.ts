// Two sites as their generators made them, behind the gate in a browser: every link, reload, deep link, 404 and way back.
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { chromiumMissing, launchChromium } from "../../local/browser/chromium.ts";
import { type Gate, startGate } from "../../local/gate/gate.ts";
import { describeWith } from "./requirements.ts";

const SITES = join(import.meta.dirname, "../sites");
const MISSING = existsSync(join(SITES, "node_modules/vitepress"))
  ? undefined
  : "the generators are not installed; run npm --prefix test/sites ci --ignore-scripts";

/** For a page to be ready on a machine that has other things to do. */
const PATIENT = { timeout: 20_000 };

/** Every page of the documentation, by its address and heading. */
const PAGES: Record<string, string> = {
  "/docs/": "Handbook",
  "/docs/about": "About",
  "/docs/guide/": "Guide",
  "/docs/guide/first-steps": "First steps",
  "/docs/guide/with%20spaces": "With spaces",
};

describeWith("Real sites with Chromium", [chromiumMissing(), MISSING], () => {
  const assets = mkdtempSync(join(tmpdir(), "gatehouse-sites-"));
  let gate: Gate;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  /** What the pages asked for in vain. */
  const broken: string[] = [];

  beforeAll(async () => {
    execFileSync("npm", ["--prefix", SITES, "run", "--silent", "build"], { stdio: "ignore" });
    cpSync(join(SITES, "dist"), assets, { recursive: true });
    gate = await startGate({
      port: 0,
      assets,
      context: {
        auth: {},
        areas: [
          { path: "/app/*", site: { fallback: "/app/index.html" }, trusted: true },
          { path: "/docs/*", site: true, trusted: true },
        ],
      },
    });
    browser = await launchChromium();
    context = await browser.newContext();
    page = await context.newPage();
    page.on("response", (response) => {
      if (response.status() >= 400) broken.push(`${response.status()} ${response.url()}`);
    });
  }, 180_000);
  afterAll(async () => {
    await browser?.close();
    await gate?.close();
    rmSync(assets, { recursive: true, force: true });
  });

  const heading = async (of = page) =>
    (await of.locator("h1").first().innerText()).replace(/\u200b/g, "").trim();
  const place = (of = page) => of.url().slice(gate.url.length);
  const signIn = async (of: Page) => {
    await of.getByLabel("User name").fill("ada");
    await of.getByLabel("Password").fill("ada");
    await of.getByRole("button", { name: "Sign in" }).click();
    await of.waitForURL(`${gate.url}/**`);
  };

  test.each([
    ["/docs/guide/first-steps?from=mail", "/docs/guide/first-steps?from=mail", "First steps"],
    ["/docs/guide?from=mail", "/docs/guide/?from=mail", "Guide"],
    ["/docs/about.html", "/docs/about", "About"],
    ["/app/people/jo.doe?tab=1", "/app/people/jo.doe?tab=1", "Person jo.doe?tab=1"],
    ["/app", "/app/", "All orders"],
  ])("%s comes back to %s through the sign-in", async (asked, shown, title) => {
    const visitor = await browser.newContext();
    try {
      const tab = await visitor.newPage();
      await tab.goto(gate.url + asked);
      await signIn(tab);
      await expect.poll(() => heading(tab), PATIENT).toBe(title);
      expect(place(tab)).toBe(shown);
    } finally {
      await visitor.close();
    }
  });

  test("nothing of it is there for a stranger", async () => {
    for (const path of [...Object.keys(PAGES), "/docs/none", "/docs/guide", "/app/orders/42", "/app/"]) {
      expect((await fetch(gate.url + path, { redirect: "manual" })).status).toBe(401);
    }
  });

  test("every link of the documentation leads somewhere, and every page survives a reload", async () => {
    await page.goto(`${gate.url}/docs/`);
    await signIn(page);
    broken.length = 0;
    const seen = new Map<string, string>();
    const waiting = ["/docs/"];
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      if (seen.has(next)) continue;
      const response = await page.goto(gate.url + next);
      expect([next, response?.status()]).toEqual([next, 200]);
      await page.reload();
      seen.set(next, await heading());
      const links = await page.evaluate(`[...document.links].map((link) => link.getAttribute("href"))`);
      for (const link of [links].flat().map(String)) {
        const url = new URL(link, page.url());
        if (url.origin === gate.url) waiting.push(url.pathname);
      }
    }
    expect(Object.fromEntries(seen)).toMatchObject(PAGES);
    // A name with a dot keeps its ending.
    expect([...seen.keys()].filter((path) => path.includes("v1.2")).length).toBeGreaterThan(0);
    expect(broken).toEqual([]);
  });

  test("its router goes through the pages and back, without asking for a document", async () => {
    await page.goto(`${gate.url}/docs/guide/`);
    await page.waitForFunction("document.querySelector('#app').__vue_app__ !== undefined");
    await page.locator(".vp-doc").getByRole("link", { name: "First steps" }).click();
    await expect.poll(() => heading(), PATIENT).toBe("First steps");
    expect(place()).toBe("/docs/guide/first-steps");
    await page.goBack();
    await expect.poll(() => heading(), PATIENT).toBe("Guide");
    await page.goForward();
    await expect.poll(() => heading(), PATIENT).toBe("First steps");
  });

  test("a page that is not there is the site's own, with status 404", async () => {
    const response = await page.goto(`${gate.url}/docs/none`);
    expect(response?.status()).toBe(404);
    await expect.poll(() => page.locator(".NotFound .title").innerText(), PATIENT).toMatch(/page not found/i);
    expect(place()).toBe("/docs/none");
  });

  test("the app keeps its routes over clicks, reloads and the way back", async () => {
    broken.length = 0;
    await page.goto(`${gate.url}/app/`);
    await expect.poll(() => heading(), PATIENT).toBe("All orders");
    await page.getByRole("link", { name: "Order 42" }).click();
    await page.getByRole("link", { name: "Jo" }).click();
    await expect.poll(() => heading(), PATIENT).toBe("Person jo.doe?tab=1");
    await page.reload();
    await expect.poll(() => heading(), PATIENT).toBe("Person jo.doe?tab=1");
    await page.goBack();
    await page.reload();
    await expect.poll(() => heading(), PATIENT).toBe("Order 42");
    expect(broken).toEqual([]);
  });

  test("a script of an older build is 404, and no page", async () => {
    const script = `fetch("/app/assets/titles-old.js").then((answer) => answer.status)`;
    expect(await page.evaluate(script)).toBe(404);
  });
});
