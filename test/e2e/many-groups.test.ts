// Over TLS, in real Chromium: somebody in many groups, whose token takes several cookies, signs in, looks round and out.
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { chromiumMissing, launchChromium } from "../../local/browser/chromium.ts";
import { DEMO_CONTEXT } from "../../local/start/demo.ts";
import { throwAwayCertificate } from "../local/aws/cloudfront/certificate.ts";
import { fillForm } from "./people.ts";
import { describeWith } from "./requirements.ts";
import { type Stage, startStage } from "./stage.ts";

const URL_OF_GATE = "https://assets.example.test";
const PAGE = `<!doctype html><title>Private</title><h1>Reports</h1><img src="/pictures/night.png">`;
const GROUPS = Array.from({ length: 22 }, (_, index) => {
  const name = `project-${String(index).padStart(3, "0")}`;
  return {
    name,
    roleArn: `arn:aws:iam::123456789012:role/${"Site-Assets-".repeat(4)}${name}`.padEnd(88, "x"),
  };
});

describeWith("Many groups with Chromium", [chromiumMissing()], () => {
  vi.setConfig({ testTimeout: 120_000 });
  let stage: Stage;
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    stage = await startStage(
      { ...DEMO_CONTEXT, areas: [{ path: "/*", trusted: true }], groups: undefined },
      { tls: throwAwayCertificate(), publicUrl: URL_OF_GATE },
    );
    stage.gate.userPool.setGroups(GROUPS);
    stage.gate.userPool.users.setGroups(
      "ada",
      GROUPS.map(({ name }) => name),
    );
    await stage.gate.store.put("reports/index.html", Buffer.from(PAGE));
    browser = await launchChromium({ hosts: { "assets.example.test": stage.gate.port } });
    page = await browser.newPage({ ignoreHTTPSErrors: true });
  });
  afterAll(async () => {
    await browser?.close();
    await stage?.close();
  });

  const tokenCookies = async () =>
    (await page.context().cookies(URL_OF_GATE))
      .filter(({ name }) => /^__Host-gatehouse-(id|refresh)/.test(name))
      .map(({ name }) => name.replace("__Host-gatehouse-", ""))
      .sort();
  const pictureWidth = () => page.evaluate<number>("document.images[0].naturalWidth");

  test("a token in two cookies opens the deep link and what its page shows, and signing out removes both", async () => {
    const url = `${URL_OF_GATE}/reports/index.html?year=2026#q3`;
    await page.goto(url);
    await fillForm(page, "ada");
    await page.waitForURL(url);
    expect(await page.getByRole("heading").textContent()).toBe("Reports");
    expect(await pictureWidth()).toBeGreaterThan(0);
    expect(await tokenCookies()).toEqual(["id", "id-1", "refresh"]);

    const fetched = await page.evaluate<number>(
      `fetch("/pictures/night.png", { cache: "no-store" }).then(({ status }) => status)`,
    );
    expect(fetched).toBe(200);

    await page.goto(`${URL_OF_GATE}/.gatehouse/logout`);
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.getByRole("heading", { name: "You are signed out." }).waitFor();
    expect(await tokenCookies()).toEqual([]);
    await page.goto(url);
    await page.getByLabel("User name").waitFor();
  });

  test("one of the two alone is no session", async () => {
    await page.goto(`${URL_OF_GATE}/reports/index.html`);
    await fillForm(page, "ada");
    await page.waitForURL(`${URL_OF_GATE}/reports/index.html`);
    await page.context().clearCookies({ name: "__Host-gatehouse-id-1" });
    const status = await page.evaluate<number>(
      `fetch("/pictures/night.png", { cache: "no-store" }).then(({ status }) => status)`,
    );
    expect(status).toBe(401);
  });
});
