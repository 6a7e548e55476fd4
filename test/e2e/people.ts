// What people do at a gate with a browser, and what happens to their session meanwhile.
import type { Page } from "playwright-core";
import type { Stage } from "./stage.ts";

/** Fills the managed login's form in, if it is shown: who is signed in there already passes without it. */
export async function fillForm(page: Page, username: string): Promise<void> {
  const field = page.getByLabel("User name");
  if ((await field.count()) === 0) return;
  await field.fill(username);
  await page.getByLabel("Password").fill(username);
  await page.getByRole("button", { name: "Sign in" }).click();
}

/** The value of one of the gate's cookies; empty when there is none. */
export async function cookie(page: Page, name: string): Promise<string> {
  const cookies = await page.context().cookies();
  return cookies.find((found) => found.name === `__Host-gatehouse-${name}`)?.value ?? "";
}

/** Puts an expired token of the same user in the place of the session's, as an hour would; returns it. */
export async function expireToken(page: Page, { gate }: Stage, username: string): Promise<string> {
  const value = await gate.userPool.issueIdToken(username, { expiresInSeconds: -1 });
  const context = page.context();
  const found = (await context.cookies()).find(({ name }) => name === "__Host-gatehouse-id");
  if (!found) throw new Error("there is no session");
  await context.addCookies([{ ...found, value }]);
  return value;
}
