// What `npm start` runs, and what a person does first: signs in.
import { join } from "node:path";
import type { BrowserContext, Page } from "playwright-core";
import { expect } from "vitest";
import { type Gate, type GateOptions, startGate } from "../../local/gate/gate.ts";
import { DEMO_CONTEXT, putPrivatePages } from "../../local/start/demo.ts";

export const ASSETS = join(import.meta.dirname, "../../local/assets");

/** The cookie of an app that signs people in by itself. */
export const COOKIE_NAME = "app-token";

/** What is running. */
export interface Stage {
  readonly gate: Gate;
  readonly close: () => Promise<void>;
}

/** Starts the gate of the demo, or another one. */
export async function startStage(context = DEMO_CONTEXT, options: Partial<GateOptions> = {}): Promise<Stage> {
  const gate = await startGate({
    port: 0,
    assets: ASSETS,
    context: { ...context, cookieNames: COOKIE_NAME },
    ...options,
  });
  try {
    await putPrivatePages(gate);
  } catch (error) {
    await gate.close();
    throw error;
  }
  return { gate, close: gate.close };
}

/** Opens the start page, signs in on the way as a person does, and ends there. */
export async function signIn(
  page: Page,
  { gate }: { readonly gate: Pick<Gate, "url"> },
  username: string,
): Promise<void> {
  await page.goto(`${gate.url}/`);
  await page.getByLabel("User name").fill(username);
  await page.getByLabel("Password").fill(username);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("heading", { name: "Behind the gate" }).waitFor();
}

/** Signs out on the start page, and ends on the gate's page that says so. */
export async function signOut(page: Page, { gate }: Stage): Promise<void> {
  await page.goto(`${gate.url}/`);
  await page.getByRole("button", { name: "Sign out" }).click();
  await expect
    .poll(() => page.getByRole("heading").textContent(), { timeout: 10_000 })
    .toBe("You are signed out.");
}

/** Gives a browser profile a token, as if the app had set it. */
export async function setToken(context: BrowserContext, { gate }: Stage, value: string): Promise<void> {
  await context.addCookies([{ name: COOKIE_NAME, value, url: gate.url }]);
}
