// Signing in and out, where the gate does it.
import { type Answer, codeOf, header, headerLines, jsonOf, summary, text } from "../answer.ts";
import { type Check, type Finding, judge, Skipped } from "../check.ts";
import { type Asking, send } from "../http.ts";
import { ask, askAsUser, endpoint, type Subject, tokenCookie } from "../subject.ts";

const STRANGER = "https://verify.invalid";
const MAX_REDIRECTS = 4;

async function startLogin(subject: Subject): Promise<Answer> {
  const answer = await ask(subject, endpoint(subject, "login?return_to=%2F"));
  if (codeOf(answer) === "not_found") throw new Skipped("sign-in is off");
  if (answer.status === 401 || answer.status === 403)
    throw new Skipped(`there is no sign-in: ${summary(answer)}`);
  return answer;
}

/** An endpoint with the user's session in cookies, as a browser has it. */
async function askOwn(subject: Subject, name: string, { headers, ...asking }: Asking = {}): Promise<Answer> {
  await startLogin(subject);
  return await ask(subject, endpoint(subject, name), {
    ...asking,
    headers: { cookie: tokenCookie(subject), ...headers },
  });
}

async function login(subject: Subject): Promise<Finding> {
  const answer = await startLogin(subject);
  const url = locationOf(answer);
  const parameter = (name: string) => url?.searchParams.get(name) ?? "";
  const cookies = headerLines(answer, "set-cookie").filter((line) =>
    line.startsWith("__Host-gatehouse-login-"),
  );
  return judge(`${answer.status} ${url?.host ?? ""}`, [
    ["302 to /oauth2/authorize", answer.status === 302 && url?.pathname === "/oauth2/authorize"],
    [
      "a code by PKCE S256",
      /^[\w-]{43}$/.test(parameter("code_challenge")) && parameter("code_challenge_method") === "S256",
    ],
    ["response_type=code", parameter("response_type") === "code"],
    ["state and nonce", parameter("state") !== "" && parameter("nonce") !== ""],
    ["one sealed cookie, Secure and HttpOnly", cookies.length === 1 && cookies.every(isGuarded)],
    ["Cache-Control: no-store", header(answer, "cache-control") === "no-store"],
  ]);
}

function isGuarded(line: string): boolean {
  return ["secure", "httponly", "path=/"].every((part) => line.toLowerCase().split(/; */).includes(part));
}

function locationOf(answer: Answer, base?: string): URL | undefined {
  const location = header(answer, "location");
  return URL.canParse(location, base) ? new URL(location, base) : undefined;
}

/** The managed login's page, as a browser that comes from the gate sees it. */
async function page(subject: Subject): Promise<Finding> {
  let url = locationOf(await startLogin(subject));
  if (!url) throw new Skipped("it leads nowhere, see sign-in.login");
  const cookies: string[] = [];
  for (let hops = 0; url && hops <= MAX_REDIRECTS; hops += 1) {
    const headers = { accept: "text/html", ...(cookies.length > 0 && { cookie: cookies.join("; ") }) };
    const answer = await send(url, url.pathname + url.search, { headers });
    const next: URL | undefined = locationOf(answer, url.href);
    if (answer.status < 300 || answer.status >= 400 || !next) return judgePage(answer, url);
    cookies.push(...headerLines(answer, "set-cookie").map((line) => line.split(";", 1)[0] ?? ""));
    url = next;
  }
  throw new Skipped("too many redirects at the managed login");
}

function judgePage(answer: Answer, url: URL): Finding {
  return judge(`${answer.status} at ${url.host}`, [
    ["a page with 200", answer.status === 200 && header(answer, "content-type").includes("text/html")],
    [
      "no page of errors",
      !url.pathname.endsWith("/error") && !/pages? (?:are )?unavailable/i.test(text(answer)),
    ],
  ]);
}

async function me(subject: Subject): Promise<Finding> {
  const answer = await askOwn(subject, "me");
  const strangers = await ask(subject, endpoint(subject, "me"));
  return judge(`${answer.status}; without a session ${summary(strangers)}`, [
    ["200 with the user", answer.status === 200 && typeof jsonOf(answer)["sub"] === "string"],
    ["Cache-Control: no-store", header(answer, "cache-control") === "no-store"],
    ["401 without a session", strangers.status === 401],
  ]);
}

/** Whether an answer ends a session. */
function endsSession(answer: Answer): boolean {
  return headerLines(answer, "set-cookie").length > 0 || header(answer, "clear-site-data") !== "";
}

async function link(subject: Subject): Promise<Finding> {
  const answer = await askOwn(subject, "logout");
  return judge(summary(answer), [
    ["200 with a form", answer.status === 200 && /<form/i.test(text(answer))],
    ["a session that goes on", !endsSession(answer)],
  ]);
}

async function foreignForm(subject: Subject): Promise<Finding> {
  const answer = await askOwn(subject, "logout", { method: "POST", headers: { origin: STRANGER } });
  return judge(summary(answer), [
    ["403", answer.status === 403],
    ["a session that goes on", !endsSession(answer)],
  ]);
}

/** Only the copy of the token in this request is signed out: no refresh token is sent, so that Cognito is told nothing. */
async function ownForm(subject: Subject): Promise<Finding> {
  const { origin } = subject.options.url;
  const answer = await askOwn(subject, "logout", { method: "POST", headers: { origin } });
  const lines = headerLines(answer, "set-cookie");
  return judge(`${answer.status}, ${lines.length} cookies removed`, [
    ["200", answer.status === 200],
    ["the cookie removed", lines.length > 0 && lines.every((line) => /max-age=0/i.test(line))],
    ["Clear-Site-Data", header(answer, "clear-site-data").includes('"cache"')],
  ]);
}

async function handOver(subject: Subject, origin: string, body?: string): Promise<Answer> {
  await startLogin(subject);
  const headers = { origin, "content-type": "application/json" };
  return await askAsUser(subject, endpoint(subject, "session"), {
    method: "POST",
    headers,
    ...(body && { body }),
  });
}

async function session(subject: Subject): Promise<Finding> {
  const foreign = await handOver(subject, STRANGER);
  const answer = await handOver(subject, subject.options.url.origin);
  return judge(`${answer.status}; from elsewhere ${summary(foreign)}`, [
    ["200 with guarded cookies", answer.status === 200 && hasGuardedSession(answer)],
    ["403 from elsewhere", foreign.status === 403 && !endsSession(foreign)],
  ]);
}

function hasGuardedSession(answer: Answer): boolean {
  const lines = headerLines(answer, "set-cookie");
  return lines.some((line) => /^__(Host|Secure)-gatehouse-id=/.test(line)) && lines.every(isGuarded);
}

async function renewal(subject: Subject): Promise<Finding> {
  const { refreshToken } = subject.user;
  if (refreshToken === undefined) throw new Skipped("needs a user to sign in, or GATEHOUSE_REFRESH_TOKEN");
  const answer = await handOver(subject, subject.options.url.origin, JSON.stringify({ refreshToken }));
  return judge(summary(answer), [
    ["200 with guarded cookies", answer.status === 200 && hasGuardedSession(answer)],
    ["a session that goes on", jsonOf(answer)["renewable"] === true],
  ]);
}

/** In the order in which they are made. */
export const SIGN_IN: readonly Check[] = [
  {
    id: "sign-in.login",
    does: "starts to sign in",
    means:
      "sign-in does not start: its keys were not resolved in the function's code, or its settings do not fit",
    set: "auth, userPool.domain; the secret's version in the function's configuration",
    settles: "Secrets Manager reference inside inline code",
    run: login,
  },
  {
    id: "sign-in.page",
    does: "follows it to the managed login",
    means:
      "the managed login has no page for this client: no OAuth, other callback URLs, or no branding style",
    set: "the client's OAuth settings and callback URLs; a branding style for it, or managed login version 1",
    settles: "managed login version 2, branding style, OAuth by UpdateUserPoolClient",
    run: page,
  },
  {
    id: "sign-in.me",
    does: "asks who is signed in",
    means: "the gate's endpoints do not know the session, or others may ask",
    set: "auth",
    run: me,
  },
  {
    id: "sign-in.session",
    does: "hands the token over, from here and from elsewhere",
    means: "apps cannot hand a session over, or any site can",
    set: "auth; cors.origins for apps of another origin",
    run: session,
  },
  {
    id: "sign-in.renewal",
    does: "hands a refresh token over, which is used once",
    means:
      "the user pool does not renew with GetTokensFromRefreshToken, so that sessions end with their ID token",
    set: "the client's refresh token settings, such as rotation",
    run: renewal,
  },
  {
    id: "sign-out.link",
    does: "opens the sign-out page",
    means: "a link or a picture can sign people out",
    set: "nothing: do not use this deployment",
    run: link,
  },
  {
    id: "sign-out.foreign",
    does: "signs out by a form of another site",
    means: "any site can sign people out",
    set: "nothing: do not use this deployment; cors.origins",
    run: foreignForm,
  },
  {
    id: "sign-out.form",
    does: "signs out by the gate's own form",
    means: "signing out leaves the session or the browser's copies behind",
    set: "auth",
    run: ownForm,
  },
];
