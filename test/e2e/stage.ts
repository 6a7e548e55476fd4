// The gate with everything around it that a person meets: the managed login, and a customer's app that signs in there.
import { join } from "node:path";
import type { BrowserContext, Page } from "playwright-core";
import { type DemoApp, startDemoApp } from "../../local/cognito/demo-app.ts";
import { startManagedLogin } from "../../local/cognito/managed-login.ts";
import { type Gate, type GateOptions, startGate } from "../../local/gate.ts";

export const ASSETS = join(import.meta.dirname, "../../local/assets");
export const COOKIE = "demo-id-token";

/** What is running. */
export interface Stage {
  readonly gate: Gate;
  readonly app: DemoApp;
  readonly close: () => Promise<void>;
}

/** Starts it; the app's client knows its callback. */
export async function startStage(options: Partial<GateOptions> = {}): Promise<Stage> {
  const context = { cookieNames: COOKIE, ...options.context };
  const gate = await startGate({ port: 0, assets: ASSETS, ...options, context });
  const login = await startManagedLogin(gate.userPool);
  const clientId = gate.userPool.clients[0]?.clientId ?? "";
  const assetsUrl = `${gate.url}/index.html`;
  const app = await startDemoApp({ login: login.endpoint, clientId, cookieName: COOKIE, assetsUrl });
  gate.userPool.updateClient({ clientId, callbackUrls: [app.callbackUrl], logoutUrls: [app.logoutUrl] });
  const close = async () => {
    for (const part of [app, login, gate]) await part.close();
  };
  return { gate, app, close };
}

/** Signs in as a person does, and ends on the page that the app sends people to. */
export async function signIn(page: Page, { app }: Stage, username = "ada"): Promise<void> {
  await page.goto(app.url);
  await page.getByRole("link", { name: "Sign in" }).click();
  await page.getByLabel("User name").fill(username);
  await page.getByLabel("Password").fill(username);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("heading", { name: "Behind the gate" }).waitFor();
}

/** Gives a browser profile a token, as if the app had set it. */
export async function setToken(context: BrowserContext, { gate }: Stage, value: string): Promise<void> {
  await context.addCookies([{ name: COOKIE, value, url: gate.url }]);
}
