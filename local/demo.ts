// The demo around a gate: managed login, a customer's app that signs in there, and a private folder for each user.
import { DEMO_USERS } from "./accounts.ts";
import { type DemoApp, startDemoApp } from "./cognito/demo-app.ts";
import { startManagedLogin } from "./cognito/managed-login.ts";
import type { AnyGate } from "./gate.ts";
import { privatePage } from "./demo-page.ts";
import { Running } from "./running.ts";

/** The cookie in which the demo app keeps the token. */
export const COOKIE_NAME = "demo-id-token";

/** The gate of `npm start`: one area of each kind that the sample set shows. */
export const DEMO_CONTEXT: Readonly<Record<string, unknown>> = {
  areas: [
    { path: "/team/*", groups: ["editors"] },
    { path: "/me/*", owner: "users/{identityId}/" },
    // The page's pictures come with its reader's cookie, which a sandboxed page would not send.
    { path: "/*", trusted: true },
  ],
  groups: ["editors"],
  listing: true,
  cookieNames: COOKIE_NAME,
};

/** A running demo. */
export interface Demo {
  /** Where people sign in. */
  readonly signInUrl: string;
  close(): Promise<void>;
}

/** Starts managed login and app, and tells the pool's client about them. */
export async function startDemo(gate: AnyGate, context: Readonly<Record<string, unknown>>): Promise<Demo> {
  const { userPool } = gate;
  const running = new Running();
  const hint = DEMO_USERS.map(({ username, password }) => `${username} with the password ${password}`).join(
    ", ",
  );
  const login = running.add(await startManagedLogin(userPool, { hint: `Users here: ${hint}.` }));
  const clientId = userPool.clients[0]?.clientId ?? "";
  const app: DemoApp = running.add(
    await startDemoApp({
      login: login.endpoint,
      clientId,
      cookieName: String(context["cookieNames"]).split(",")[0] ?? COOKIE_NAME,
      assetsUrl: `${gate.url}/index.html`,
    }),
  );
  userPool.updateClient({ clientId, callbackUrls: [app.callbackUrl], logoutUrls: [app.logoutUrl] });
  return { signInUrl: app.url, close: () => running.close() };
}

/** Puts a page into each user's own folder. */
export async function putPrivatePages({ store, identityIdOf }: AnyGate): Promise<void> {
  for (const { username } of DEMO_USERS)
    await store.put(`users/${identityIdOf(username)}/index.html`, Buffer.from(privatePage(username)));
}
