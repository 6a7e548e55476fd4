// `npm run build && node local/browser/screenshots.ts`: makes the pictures of the README again, from the demo as it is.
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { Closables } from "../gate/closables.ts";
import { startGate } from "../gate/gate.ts";
import { DEMO_CONTEXT, putPrivatePages } from "../start/demo.ts";
import { launchChromium } from "./chromium.ts";

const FOLDER = join(import.meta.dirname, "../../docs/images");
const ASSETS = join(import.meta.dirname, "../assets");

const running = new Closables();
try {
  await run();
} finally {
  await running.close();
}

async function run(): Promise<void> {
  const gate = running.add(await startGate({ port: 0, assets: ASSETS, context: DEMO_CONTEXT }));
  await putPrivatePages(gate);
  const browser = running.add(await launchChromium());
  const page = await browser.newPage({ viewport: { width: 1120, height: 780 }, colorScheme: "light" });
  await mkdir(FOLDER, { recursive: true });
  await page.goto(`${gate.url}/`);
  await shoot(page, "sign-in", 640);
  await signIn(page, "bob");
  await shoot(page, "gallery", 780);
  await page.goto(`${gate.url}/team/`);
  await shoot(page, "forbidden", 480);
}

/** Bob, because he is not let into every room. */
async function signIn(page: Page, username: string): Promise<void> {
  await page.getByLabel("User name").fill(username);
  await page.getByLabel("Password").fill(username);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByText(username, { exact: true }).waitFor();
}

async function shoot(page: Page, name: string, height: number): Promise<void> {
  await page.setViewportSize({ width: 1120, height });
  await page.waitForLoadState("networkidle");
  await page.screenshot({ path: join(FOLDER, `${name}.png`) });
}
