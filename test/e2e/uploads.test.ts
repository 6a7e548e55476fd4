// What somebody else has uploaded, opened by a reader who is signed in: it gets nothing of the reader's session.
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { chromiumMissing, launchChromium } from "../../local/browser/chromium.ts";
import { cookie, fillForm } from "./people.ts";
import { describeWith } from "./requirements.ts";
import { type Stage, startStage } from "./stage.ts";

const SCRIPT = `
  document.title = "it ran";
  fetch("/.gatehouse/me").then((response) => response.text()).then((text) => { document.title = text; });
  fetch("/.gatehouse/logout", { method: "POST" });
  fetch("/team/notes.txt").then((response) => response.text()).then((text) => { document.title = text; });`;

const UPLOADS: Record<string, [type: string, content: string]> = {
  "script.html": ["text/html", `<!doctype html><title>inert</title><script>${SCRIPT}</script>`],
  "script.svg": [
    "image/svg+xml",
    `<svg xmlns="http://www.w3.org/2000/svg"><title>inert</title><script>${SCRIPT}</script></svg>`,
  ],
  "script.xhtml": [
    "application/xhtml+xml",
    `<html xmlns="http://www.w3.org/1999/xhtml"><head><title>inert</title><script>${SCRIPT}</script></head></html>`,
  ],
  "form.html": [
    "text/html",
    `<!doctype html><title>inert</title><body onload="document.forms[0].submit()">
     <form method="post" action="/.gatehouse/logout"><button>Go on</button></form>`,
  ],
  "image.html": [
    "text/html",
    '<!doctype html><title>inert</title><img src="/.gatehouse/logout"><iframe src="/.gatehouse/logout"></iframe>',
  ],
  "refresh.html": [
    "text/html",
    '<!doctype html><title>inert</title><meta http-equiv="refresh" content="0;url=/.gatehouse/logout">',
  ],
};

describeWith("Uploads in Chromium", [chromiumMissing()], () => {
  let stage: Stage;
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    stage = await startStage();
    for (const [name, [type, content]] of Object.entries(UPLOADS))
      stage.gate.s3.bucket.put(`documents/${name}`, Buffer.from(content), { "content-type": type });
    browser = await launchChromium();
    page = await (await browser.newContext()).newPage();
    await page.goto(`${stage.gate.url}/`);
    await fillForm(page, "ada");
    await page.getByRole("heading", { name: "Behind the gate" }).waitFor();
  });
  afterAll(async () => {
    await browser?.close();
    await stage?.close();
  });

  test.each(Object.keys(UPLOADS))("%s neither reads nor ends the session", async (name) => {
    const session = await cookie(page, "id");
    const said: string[] = [];
    page.on("response", (response) => {
      if (response.url().includes("/.gatehouse/") && response.request().method() === "POST")
        said.push(response.url());
    });
    const response = await page.goto(`${stage.gate.url}/documents/${name}`);
    expect(response?.headers()["content-security-policy"]).toBe("sandbox");
    await page.waitForTimeout(500);
    expect(await page.title()).toMatch(/^(inert|Sign out\?.*)$/);
    expect(said).toEqual([]);
    expect(await cookie(page, "id")).toBe(session);
    await page.goto(`${stage.gate.url}/account.html`);
    expect(new URL(page.url()).pathname).toBe("/account.html");
  });

  test("the same script in an area that is trusted does run: the sandbox is what stops it", async () => {
    await stage.gate.store.put("trusted.html", Buffer.from(UPLOADS["script.html"]?.[1] ?? ""));
    await page.goto(`${stage.gate.url}/trusted.html`);
    await expect.poll(() => page.title()).not.toBe("inert");
  });
});
