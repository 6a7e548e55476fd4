// A customer's app in small: signs in at the managed login with code and PKCE, and sets the token cookie itself.

import { createHash, randomBytes } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { decodeJwt } from "jose";
import { loopback } from "../iam/loopback.ts";
import { signedInPage, signedOutPage, trouble } from "./demo-pages.ts";

/** What the app is told. */
export interface DemoAppOptions {
  /** 0, the default, takes a free one. */
  readonly port?: number;
  /** Base URL of the managed login, as the server reaches it and the browser too. */
  readonly login: string;
  readonly clientId: string;
  /** The cookie that the gate reads, one of `cookies.names`. */
  readonly cookieName: string;
  /** Where the assets are, on `localhost` too: cookies do not care about ports. */
  readonly assetsUrl: string;
}

/** A running app; its URLs have to be put into the app client's settings. */
export interface DemoApp {
  readonly url: string;
  readonly callbackUrl: string;
  readonly logoutUrl: string;
  close(): Promise<void>;
}

/** A sign-in under way. */
interface Attempt {
  readonly verifier: string;
  readonly nonce: string;
  readonly returnTo: string;
}

interface App extends DemoAppOptions {
  readonly url: string;
  /** By `state`; bounded, because anybody may start one. */
  readonly attempts: Map<string, Attempt>;
}

const MAX_ATTEMPTS = 100;
const STATE_COOKIE = "demo-state";

/** Starts the app on 127.0.0.1, to be opened as `localhost`. */
export async function startDemoApp(options: DemoAppOptions): Promise<DemoApp> {
  const state: { app?: App } = {};
  const server = createServer((request, response) => {
    if (state.app) void answer(state.app, request, response);
  });
  const { port, close } = await loopback(server, options.port);
  const url = `http://localhost:${port}`;
  state.app = { ...options, url, attempts: new Map() };
  return { url, callbackUrl: `${url}/callback`, logoutUrl: `${url}/`, close };
}

async function answer(app: App, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? "/", app.url);
  const route = `${request.method} ${url.pathname}`;
  try {
    if (route === "GET /") home(app, request, response);
    else if (route === "GET /sign-in") signIn(app, url, response);
    else if (route === "GET /callback") await callback(app, url, request, response);
    else if (route === "POST /sign-out") signOut(app, response);
    else html(response, 404, trouble("There is no such page."));
  } catch (error) {
    html(response, 502, trouble(error instanceof Error ? error.message : "Something went wrong."));
  }
}

function home(app: App, request: IncomingMessage, response: ServerResponse): void {
  const token = cookiesOf(request).get(app.cookieName);
  html(
    response,
    200,
    token === undefined ? signedOutPage(app.assetsUrl) : signedInPage(decodeJwt(token), app),
  );
}

function signIn(app: App, url: URL, response: ServerResponse): void {
  const [state, verifier, nonce] = [random(), random(), random()];
  app.attempts.set(state, { verifier, nonce, returnTo: returnTo(app, url.searchParams.get("return_to")) });
  const oldest = app.attempts.keys().next().value;
  if (app.attempts.size > MAX_ATTEMPTS && oldest !== undefined) app.attempts.delete(oldest);
  const query = new URLSearchParams({
    client_id: app.clientId,
    response_type: "code",
    scope: "openid email",
    redirect_uri: `${app.url}/callback`,
    state,
    nonce,
    code_challenge: createHash("sha256").update(verifier).digest("base64url"),
    code_challenge_method: "S256",
  });
  redirect(response, `${app.login}/oauth2/authorize?${query}`, [
    `${STATE_COOKIE}=${state}; Path=/callback; HttpOnly; SameSite=Lax; Max-Age=3600`,
  ]);
}

/** Back from the managed login: the state has to be this browser's, and is good once. */
async function callback(
  app: App,
  url: URL,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const state = url.searchParams.get("state") ?? "";
  const attempt = app.attempts.get(state);
  app.attempts.delete(state);
  if (!attempt || cookiesOf(request).get(STATE_COOKIE) !== state) {
    html(response, 400, trouble("This sign-in was not started here, or has been used already."));
    return;
  }
  const idToken = await exchange(app, url.searchParams.get("code") ?? "", attempt);
  redirect(response, attempt.returnTo, [
    `${app.cookieName}=${idToken}; Path=/; HttpOnly; SameSite=Lax; Max-Age=3600`,
    `${STATE_COOKIE}=; Path=/callback; Max-Age=0`,
  ]);
}

async function exchange(app: App, code: string, { verifier, nonce }: Attempt): Promise<string> {
  const answered = await fetch(`${app.login}/oauth2/token`, {
    method: "POST",
    body: new URLSearchParams({
      grant_type: "authorization_code",
      client_id: app.clientId,
      redirect_uri: `${app.url}/callback`,
      code,
      code_verifier: verifier,
    }),
    redirect: "error",
    signal: AbortSignal.timeout(5000),
  });
  const tokens: unknown = await answered.json();
  const idToken =
    typeof tokens === "object" && tokens !== null && "id_token" in tokens ? tokens.id_token : undefined;
  if (!answered.ok || typeof idToken !== "string")
    throw new Error("The sign-in was not accepted. Please try again.");
  if (decodeJwt(idToken)["nonce"] !== nonce) throw new Error("The sign-in belongs to another attempt.");
  return idToken;
}

function signOut(app: App, response: ServerResponse): void {
  const query = new URLSearchParams({ client_id: app.clientId, logout_uri: `${app.url}/` });
  redirect(response, `${app.login}/logout?${query}`, [`${app.cookieName}=; Path=/; Max-Age=0`]);
}

/** Only this app and the assets: never somewhere else. */
function returnTo(app: App, wanted: string | null): string {
  const allowed = [new URL(app.url).origin, new URL(app.assetsUrl).origin];
  const target = wanted !== null && URL.canParse(wanted) ? new URL(wanted) : undefined;
  return target && allowed.includes(target.origin) ? target.href : app.assetsUrl;
}

function cookiesOf(request: IncomingMessage): ReadonlyMap<string, string> {
  const pairs = (request.headers.cookie ?? "").split(";").map((pair) => pair.trim().split("="));
  return new Map(pairs.map(([name = "", ...value]) => [name, value.join("=")]));
}

function random(): string {
  return randomBytes(32).toString("base64url");
}

function redirect(response: ServerResponse, location: string, cookies: readonly string[]): void {
  response
    .writeHead(303, { Location: location, "Set-Cookie": [...cookies], "Cache-Control": "no-store" })
    .end();
}

function html(response: ServerResponse, status: number, body: string): void {
  response
    .writeHead(status, { "Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-store" })
    .end(body);
}
