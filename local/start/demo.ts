// The demo behind the gate: one area of each kind, and a private folder for each user.
import { DEMO_USERS } from "../gate/accounts.ts";
import type { AnyGate } from "../gate/gate.ts";
import { privatePage } from "./demo-page.ts";

// Pages of the site itself: what they embed comes with their reader's cookie, which a sandboxed page would not send.
const TEAM = { path: "/team/*", groups: ["editors"], trusted: true };
const OWN = { path: "/me/*", owner: "users/{identityId}/" };
const DOCUMENTS = { path: "/documents/*", downloads: true };
const REST = { path: "/*", trusted: true };

/** The demo's areas for a gate at which nobody signs in, so that it makes no links and takes no uploads. */
export const LOCK_AREAS = [TEAM, OWN, DOCUMENTS, REST];

/** The gate of `npm start`; people sign in at it, as at every gate with a user pool of its own. */
export const DEMO_CONTEXT: Readonly<Record<string, unknown>> = {
  areas: [
    TEAM,
    { ...OWN, links: { maxSeconds: 3_600 }, uploads: { maxBytes: 100 * 1024 ** 2 } },
    DOCUMENTS,
    { path: "/media/*", links: { maxSeconds: 3_600 } },
    REST,
  ],
  groups: ["editors"],
  listing: true,
  auth: { title: "The Gatehouse" },
};

/** The gate of `npm start -- --site`: all of it is one site, for everybody who is signed in. */
export const SITE_CONTEXT: Readonly<Record<string, unknown>> = {
  areas: [{ path: "/*", site: true, trusted: true }],
  auth: { title: "The Gatehouse" },
};

/** Puts a page into each user's own folder. */
export async function putPrivatePages({ store, identityIdOf }: AnyGate): Promise<void> {
  for (const { username } of DEMO_USERS)
    await store.put(`users/${identityIdOf(username)}/index.html`, Buffer.from(privatePage(username)));
}
