// The pool's managed login over HTTP: Cognito's paths, a real sign-in form, logout and user info.
// https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-userpools-server-contract-reference.html

import { createServer } from "node:http";
import type { KoaContextWithOIDC, Provider } from "oidc-provider";
import { loopback, type ReservedPort } from "../iam/loopback.ts";
import { readForm } from "./form.ts";
import { type Availability, unavailable } from "./login-availability.ts";
import { errorPage, loginPage } from "./login-pages.ts";
import { loginProvider } from "./login-provider.ts";
import { revoke } from "./login-revocation.ts";
import { LoginTokens } from "./login-tokens.ts";
import type { UserPool } from "./user-pool.ts";

/** A running managed login. */
export interface ManagedLogin {
  /**
   * `http://127.0.0.1:<port>`: another site than `localhost`, as a Cognito domain is another site than the app's,
   * so that SameSite cookies are tried for real.
   */
  readonly endpoint: string;
  close(): Promise<void>;
}

/** What the managed login can be told. */
export interface ManagedLoginOptions {
  /** 0, the default, takes a free one. */
  readonly port?: number | ReservedPort;
  /** A line under the sign-in form, such as the local users and their passwords. */
  readonly hint?: string;
  /** Clients that have a branding style; without the list every client's pages are there. */
  readonly branded?: readonly string[];
}

type Middleware = Parameters<Provider["use"]>[0];
type Context = Parameters<Middleware>[0];

/** Starts the managed login on 127.0.0.1; port 0, the default, takes a free one. */
export async function startManagedLogin(
  pool: UserPool,
  options: ManagedLoginOptions = {},
): Promise<ManagedLogin> {
  const tokens = new LoginTokens(pool);
  const provider = await loginProvider(pool, tokens);
  provider.use(async (ctx, next) => {
    ctx.set("Cache-Control", "no-store");
    ctx.set(
      "Content-Security-Policy",
      "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'",
    );
    ctx.set("Referrer-Policy", "no-referrer");
    ctx.set("X-Content-Type-Options", "nosniff");
    await next();
  });
  provider.use(askAgain);
  provider.use(ownPages(pool, provider, options));
  provider.use(async (ctx, next) => {
    await next();
    if (ctx.path === "/oauth2/token" && ctx.status === 200 && isOidc(ctx)) await tokens.replace(ctx);
  });
  provider.use(withoutIssuer);
  const handle = provider.callback();
  const { port, close } = await loopback(
    createServer((request, response) => void handle(request, response)),
    options.port,
  );
  return { endpoint: `http://127.0.0.1:${port}`, close };
}

/** With `prompt=login` nobody is signed in: oidc-provider would know the person, and refuse another one. */
const askAgain: Middleware = async (ctx, next) => {
  if (ctx.path !== "/oauth2/authorize" || new URLSearchParams(ctx.querystring).get("prompt") !== "login")
    return await next();
  const cookies = (ctx.req.headers.cookie ?? "").split("; ");
  ctx.req.headers.cookie = cookies.filter((pair) => !SESSION_COOKIE.test(pair)).join("; ");
  await next();
  const isSet = [ctx.response.get("Set-Cookie")].flat().some((line) => SESSION_COOKIE.test(line));
  if (!isSet)
    for (const name of ["cognito", "cognito.sig"]) ctx.append("Set-Cookie", `${name}=; Path=/; Max-Age=0`);
};

const SESSION_COOKIE = /^cognito(\.sig)?=/;

/** Cognito's redirects to the app carry no `iss` (RFC 9207); an app that came to rely on it would fail there. */
const withoutIssuer: Middleware = async (ctx, next) => {
  await next();
  const location = ctx.response.get("Location");
  if (!ctx.path.startsWith("/oauth2/authorize") || !URL.canParse(location)) return;
  const target = new URL(location);
  target.searchParams.delete("iss");
  ctx.set("Location", target.href);
};

/** Whether one of oidc-provider's own routes has handled the request; preflights of the token path do not count. */
function isOidc(ctx: Context): ctx is Context & KoaContextWithOIDC {
  return "oidc" in ctx && ctx.method === "POST";
}

function ownPages(pool: UserPool, provider: Provider, { hint, branded }: ManagedLoginOptions): Middleware {
  return async (ctx, next) => {
    if (["/login", "/oauth2/authorize"].includes(ctx.path) && isShut(ctx, { pool, branded })) return;
    if (ctx.path === "/login") return ctx.redirect(`/oauth2/authorize${ctx.search}`);
    if (ctx.path.startsWith("/login/")) return await login(ctx, pool, provider, hint);
    if (ctx.path === "/logout" && ctx.method === "GET") return await logout(ctx, pool, provider);
    if (ctx.path === "/oauth2/userInfo") return await userInfo(ctx, pool);
    if (ctx.path === "/oauth2/revoke" && ctx.method === "POST") return await revokeToken(ctx, pool);
    return await next();
  };
}

/** Whether this client's pages are not to be had; then there is an error page, and no redirect. */
function isShut(ctx: Context, availability: Availability): boolean {
  const clientId = new URLSearchParams(ctx.querystring).get("client_id");
  const reason = unavailable(clientId ?? "", availability);
  if (reason === undefined) return false;
  ctx.status = 400;
  ctx.type = "html";
  ctx.body = errorPage("unauthorized_client", reason);
  return true;
}

async function revokeToken(ctx: Context, pool: UserPool): Promise<void> {
  const origin = ctx.get("origin");
  if (origin !== "") ctx.set("Access-Control-Allow-Origin", origin);
  const refusal = revoke(await readForm(ctx.req), ctx.get("authorization"), pool);
  ctx.status = refusal?.status ?? 200;
  ctx.body = refusal ? { error: refusal.error } : "";
}

async function login(
  ctx: Context,
  pool: UserPool,
  provider: Provider,
  hint: string | undefined,
): Promise<void> {
  ctx.type = "html";
  const interaction = await provider.interactionDetails(ctx.req, ctx.res).catch(() => undefined);
  if (!interaction) {
    ctx.status = 400;
    ctx.body = errorPage(
      "invalid_request",
      "The sign-in has taken too long, or cookies are blocked. Please start again.",
    );
    return;
  }
  if (ctx.method !== "POST") {
    ctx.body = loginPage({ action: ctx.path, hint });
    return;
  }
  const form = await readForm(ctx.req);
  const username = form.get("username") ?? "";
  const user = pool.users.authenticate(username, form.get("password") ?? "");
  if (!user) {
    ctx.body = loginPage({ action: ctx.path, problem: "Incorrect username or password.", username, hint });
    return;
  }
  ctx.redirect(await provider.interactionResult(ctx.req, ctx.res, { login: { accountId: user.sub } }));
}

/** Ends the browser's session here; refresh tokens live on until they are revoked. */
async function logout(ctx: Context, pool: UserPool, provider: Provider): Promise<void> {
  const parameters = new URLSearchParams(ctx.querystring);
  const client = pool.client(parameters.get("client_id") ?? "");
  const logoutUri = parameters.get("logout_uri");
  const redirectUri = parameters.get("redirect_uri");
  const known = logoutUri !== null && client?.logoutUrls.includes(logoutUri);
  if (!known && !(redirectUri !== null && client?.callbackUrls.includes(redirectUri))) {
    ctx.status = 400;
    ctx.type = "html";
    ctx.body = errorPage("redirect_mismatch", "The client or its sign-out URL is not known.");
    return;
  }
  await (await provider.Session.get(ctx)).destroy();
  ctx.cookies.set("cognito", null);
  ctx.redirect(known ? logoutUri : `/login${ctx.search}`);
}

async function userInfo(ctx: Context, pool: UserPool): Promise<void> {
  const token = /^Bearer (.+)$/i.exec(ctx.get("authorization"))?.[1] ?? "";
  const claims = await pool.verify(token).catch(() => undefined);
  const user = claims && pool.isCurrent(claims) ? pool.users.findBySub(claims.sub ?? "") : undefined;
  if (!user || claims?.["token_use"] !== "access") {
    ctx.status = 401;
    ctx.set("WWW-Authenticate", 'Bearer error="invalid_token", error_description="Access token is invalid"');
    ctx.body = { error: "invalid_token", error_description: "Access token is invalid" };
    return;
  }
  const { sub, email, username, attributes } = user;
  ctx.body = { sub, email_verified: "true", ...attributes, email, username };
}
