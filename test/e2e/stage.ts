// What `npm start` runs, and what a person does first: signs in.
import { join } from "node:path";
import type { BrowserContext, Page } from "playwright-core";
import { COOKIE_NAME, DEMO_CONTEXT, putPrivatePages, startDemo } from "../../local/demo.ts";
import { type Gate, startGate } from "../../local/gate.ts";
import { Running } from "../../local/running.ts";

export const ASSETS = join(import.meta.dirname, "../../local/assets");

/** What is running. */
export interface Stage {
  readonly gate: Gate;
  /** The demo app. */
  readonly signInUrl: string;
  readonly close: () => Promise<void>;
}

/** Starts gate, managed login and demo app. */
export async function startStage(context = DEMO_CONTEXT): Promise<Stage> {
  const running = new Running();
  try {
    const gate = running.add(await startGate({ port: 0, assets: ASSETS, context }));
    await putPrivatePages(gate);
    const { signInUrl } = running.add(await startDemo(gate, context));
    return { gate, signInUrl, close: () => running.close() };
  } catch (error) {
    await running.close();
    throw error;
  }
}

/** Signs in as a person does, and ends on the page that the app sends people to. */
export async function signIn(page: Page, { signInUrl }: Stage, username: string): Promise<void> {
  await page.goto(signInUrl);
  await page.getByRole("link", { name: "Sign in" }).click();
  await page.getByLabel("User name").fill(username);
  await page.getByLabel("Password").fill(username);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("heading", { name: "Behind the gate" }).waitFor();
}

/** Gives a browser profile a token, as if the app had set it. */
export async function setToken(context: BrowserContext, { gate }: Stage, value: string): Promise<void> {
  await context.addCookies([{ name: COOKIE_NAME, value, url: gate.url }]);
}
