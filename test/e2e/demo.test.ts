// The demo site in real Chromium, beyond what it shows: who is there, what lies where, and what is open to whom.
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { chromiumMissing, launchChromium } from "../../local/browser/chromium.ts";
import { fitsWidth } from "./page-state.ts";
import { describeWith } from "./requirements.ts";
import { type Stage, signIn, startStage } from "./stage.ts";

const PAGES = [
  "",
  "account.html",
  "share.html",
  "inventory.html",
  "inventory.html?shelf=odd%20names/",
  "team/",
  "me/",
];
const ODD_NAMES = 10;

describeWith("the demo, in Chromium", [chromiumMissing()], () => {
  let stage: Stage;
  let browser: Browser;
  let profile: BrowserContext;
  let page: Page;
  const complaints: string[] = [];

  beforeAll(async () => {
    stage = await startStage();
    browser = await launchChromium();
    profile = await browser.newContext();
    page = await profile.newPage();
    page.on("console", (message) => complaints.push(message.text()));
    page.on("pageerror", (error) => complaints.push(error.message));
    await signIn(page, stage, "ada");
  });
  afterAll(async () => {
    await browser?.close();
    await stage?.close();
  });

  const open = (path: string, on = page) =>
    on.goto(`${stage.gate.url}/${path}`, { waitUntil: "networkidle" });

  test.each(PAGES)("/%s shows without a complaint, and fits a phone", async (path) => {
    complaints.length = 0;
    await page.setViewportSize({ width: 360, height: 740 });
    expect((await open(path))?.status()).toBe(200);
    expect(await fitsWidth(page)).toBe(true);
    expect(complaints).toEqual([]);
  });

  test("says who is signed in, and counts down to the end of the token", async () => {
    await open("account.html");
    expect(await page.getByRole("heading").textContent()).toBe("Hello, ada");
    expect(await page.locator("#facts").textContent()).toContain("Groupseditors");
    const clock = page.locator("#clock");
    const start = await clock.textContent();
    expect(start).toMatch(/^(59|60):\d\d$/);
    await expect.poll(() => clock.textContent(), { timeout: 3000 }).not.toBe(start);
  });

  test("lists a shelf, and every name on it is a link that opens", async () => {
    await open("inventory.html?shelf=odd%20names/");
    const addresses = await page.evaluate<string[]>(
      "[...document.querySelectorAll('tbody a')].map(({ href }) => href)",
    );
    expect(addresses).toHaveLength(ODD_NAMES);
    for (const address of addresses) {
      const response = await page.request.get(address);
      expect(response.status(), address).toBe(200);
      expect(await response.text(), address).toContain("<svg");
    }
  });

  test("jumps to an hour of the film", async () => {
    await open("");
    await page.getByRole("button", { name: "18:00" }).click();
    await expect.poll(() => page.evaluate("Math.round(document.querySelector('video').currentTime)")).toBe(9);
  });

  test("saves a paper under another name", async () => {
    await open("");
    const download = page.waitForEvent("download");
    await page.getByRole("link", { name: "The same, to keep" }).click();
    expect((await download).suggestedFilename()).toBe("Guide to the house 🏰.pdf");
  });

  test("says what is not open to somebody else, and the gate holds it", async () => {
    const bobs = await (await browser.newContext()).newPage();
    await signIn(bobs, stage, "bob");
    await bobs.getByText("You are not in it.").waitFor();
    await open("inventory.html?shelf=team/", bobs);
    await bobs.getByText("This shelf is for others.").waitFor();
    expect((await open("team/", bobs))?.status()).toBe(403);
    await bobs.context().close();
  });

  test("says that a session is over, and signing in again comes back to the page", async () => {
    const path = "inventory.html?shelf=media/";
    await page.route("**/.gatehouse/me", (route) => route.fulfill({ status: 401, json: {} }));
    await open(path);
    await page.getByText("Signed out", { exact: true }).waitFor();
    await page.unroute("**/.gatehouse/me");
    await profile.clearCookies({ name: /^__Host-gatehouse-/ });
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByText("ada", { exact: true }).waitFor();
    expect(page.url()).toBe(`${stage.gate.url}/${path}`);
  });
});
