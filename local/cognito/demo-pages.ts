// The pages of the demo app.

import type { JWTPayload } from "jose";
import { escapeHtml, page } from "./login-pages.ts";

/** Before signing in. */
export function signedOutPage(assetsUrl: string): string {
  return page(
    "Demo app",
    `<h1>A customer's app</h1>
      <p>This page stands for an app of your own: it signs people in and gives their browser a token cookie. The private
      files are at <a href="${escapeHtml(assetsUrl)}">${escapeHtml(assetsUrl)}</a>; without the cookie they stay shut.</p>
      <a class="button" href="/sign-in">Sign in</a>`,
  );
}

/** After it: who that is, as far as the token says. */
export function signedInPage(
  claims: JWTPayload,
  { assetsUrl, cookieName }: { readonly assetsUrl: string; readonly cookieName: string },
): string {
  const groups = claims["cognito:groups"];
  const rows = {
    "Signed in as": String(claims["cognito:username"] ?? ""),
    Groups: Array.isArray(groups) ? groups.join(", ") : "none",
    "Token ends": new Date((claims.exp ?? 0) * 1000)
      .toISOString()
      .replace(/T|\.000Z/g, " ")
      .concat("UTC"),
    Cookie: cookieName,
  };
  const list = Object.entries(rows).map(([name, value]) => `<dt>${name}</dt><dd>${escapeHtml(value)}</dd>`);
  return page(
    "Demo app",
    `<h1>A customer's app</h1>
      <dl>${list.join("")}</dl>
      <p><a class="button" href="${escapeHtml(assetsUrl)}">Open the private files</a></p>
      <form method="post" action="/sign-out"><button type="submit" class="quiet">Sign out</button></form>`,
  );
}

/** When it did not work. */
export function trouble(message: string): string {
  return page(
    "Demo app",
    `<h1>That did not work</h1>
      <p>${escapeHtml(message)}</p>
      <a class="button" href="/">Back to the start</a>`,
  );
}
