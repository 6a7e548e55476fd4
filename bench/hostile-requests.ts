// Requests as large as CloudFront delivers them, each made to cost as much as it can: what the budget is measured with.
import { CLIENT_ID, USER_POOL_ID, type User, type Users } from "./users.ts";

/** What a request's headers may hold (CloudFront's quotas), but for those that are not cookies. */
const MAX_CHARACTERS = 32_768 - 300;
/** Room for a session behind what was planted. */
const SESSION_CHARACTERS = 4_000;

/** A configured cookie's name: the shorter, the more of them fit. */
export const CONFIGURED_NAME = "t";

/** One request. */
export interface HostileRequest {
  readonly name: string;
  /** The event as text: a function gets fresh strings each time. */
  readonly text: string;
  /** Whether it is for builds with sign-in alone. */
  readonly needsSignIn: boolean;
  /** The ordinary request to compare a first one with. */
  readonly ordinary: string;
}

const STRANGER = "nothing but an ordinary cookie";
const ONE_TOKEN = "one forged token";
const SESSION = "sealed: an ordinary session";
/** What reaches a signature, as an ordinary session does: a first request has to load the key and the check. */
const SIGNED = /shortest forged|some of all/;

/** The table. */
export function hostileRequests(users: Users, user: User): readonly HostileRequest[] {
  const cookies = Object.entries(hostileCookies(users, user));
  const assets = cookies.map(([name, cookie]) => ({
    name,
    text: eventText(cookie, "GET", "/a.txt"),
    needsSignIn: name.startsWith("sealed"),
    ordinary: ordinaryOf(name),
  }));
  const endpoints = cookies.flatMap(([name, cookie]) =>
    ENDPOINTS.map(({ method, uri, querystring }) => ({
      name: `${name}, at ${uri.replace("/.gatehouse/", "")}`,
      text: eventText(cookie, method, uri, querystring),
      needsSignIn: true,
      ordinary: "",
    })),
  );
  return [...assets, ...endpoints];
}

function ordinaryOf(name: string): string {
  if (name.startsWith("sealed")) return SESSION;
  return SIGNED.test(name) ? ONE_TOKEN : STRANGER;
}

/** Those that call nobody, whatever is in the cookies. */
const ENDPOINTS: readonly { readonly method: string; readonly uri: string; readonly querystring?: string }[] =
  [
    { method: "GET", uri: "/.gatehouse/me" },
    { method: "GET", uri: "/.gatehouse/login" },
    { method: "POST", uri: "/.gatehouse/logout" },
    {
      method: "GET",
      uri: "/.gatehouse/callback",
      querystring: "code=a&state=000000001-AAAAAAAAAAAAAAAAAAAAAA",
    },
  ];

function hostileCookies(users: Users, user: User): Readonly<Record<string, string>> {
  const tokens = forgedTokens(users);
  const id = `${own("id")}=${user.token}; `;
  const sealed = users.sealed(user, "live");
  const session = `${own("aws")}=${sealed}`;
  const beforeSession = MAX_CHARACTERS - SESSION_CHARACTERS;
  const ofUser = (name: string) => `${AMPLIFY}.${CLIENT_ID}.${name}.idToken`;
  return {
    [STRANGER]: "consent=v2",
    [ONE_TOKEN]: `${CONFIGURED_NAME}=${tokens.id(0)}`,
    [SESSION]: id + session,
    "a configured name, again and again": filled("", () => `${CONFIGURED_NAME}=x;`),
    "a configured name without values": filled("", () => `${CONFIGURED_NAME}=;`),
    separators: filled("a=", () => ";"),
    spaces: filled("a=;", () => " "),
    "our name without values": filled("", () => `${own("id")}=;`),
    "Amplify's users": filled("", (index) => `${ofUser(`u${index}`)}=x;`),
    "Amplify's prefix": filled("", (index) => `${AMPLIFY}.${index}=;`),
    "Amplify's users in nested escapes": filled(
      `${AMPLIFY}.${CLIENT_ID}.LastAuthUser=%${"25".repeat(2_000)};`,
      (index) => `${ofUser(`%252525${index}%`)}=${"a".repeat(404)};`,
    ),
    "the shortest forged tokens, configured": filled(
      "",
      (index) => `${CONFIGURED_NAME}=${tokens.id(index)};`,
    ),
    "the shortest forged tokens, ours": filled("", (index) => `${own("id")}=${tokens.id(index)};`),
    "the shortest forged access tokens": filled("", (index) => `${CONFIGURED_NAME}=${tokens.access(index)};`),
    "tokens that are no JSON": filled("", (index) => `${CONFIGURED_NAME}=${tokens.malformed(index)};`),
    "sealed values before the real one":
      filled(id, (index) => `${own("aws")}=${index};`, beforeSession) + session,
    "sealed values that begin as the real one":
      filled(id, (index) => `${own("aws")}=${sealed.slice(0, index < 3 ? 90 : 11)}${index};`, beforeSession) +
      session,
    "roles that nobody has": filled("", (index) => `${own(`aws-${String(index).padStart(8, "0")}`)}=x;`),
    "attempts to sign in": filled(
      "",
      (index) => `${own(`login-${String(index).padStart(9, "0")}-${"A".repeat(22)}`)}=x;`,
    ),
    "refresh tokens": filled("", (index) => `${own("refresh")}=${index};`),
    "some of all": mixed(tokens),
  };
}

const AMPLIFY = "CognitoIdentityServiceProvider";

function own(name: string): string {
  return `__Host-gatehouse-${name}`;
}

function mixed({ id }: ForgedTokens): string {
  let text = filled("", (index) => `${CONFIGURED_NAME}=${id(index)};`, 16_000);
  text = filled(text, (index) => `${own("aws")}=${index};`, 20_000);
  text = filled(text, (index) => `${AMPLIFY}.${CLIENT_ID}.%25${index}.idToken=;`, 26_000);
  return filled(text, () => `${CONFIGURED_NAME}=x;`);
}

function filled(start: string, piece: (index: number) => string, max = MAX_CHARACTERS): string {
  let text = start;
  for (let index = 0; text.length + piece(index).length <= max; index += 1) text += piece(index);
  return text;
}

/** Makes the shortest candidates that are looked into: each says what a token of ours says, under no signature. */
interface ForgedTokens {
  readonly id: (index: number) => string;
  readonly access: (index: number) => string;
  readonly malformed: (index: number) => string;
}

function forgedTokens({ kid }: Users): ForgedTokens {
  const iss = `https://cognito-idp.us-east-1.amazonaws.com/${USER_POOL_ID}`;
  const header = JSON.stringify({ kid, alg: "RS256" });
  const compact = (payload: string) => `${base64url(header)}.${base64url(payload)}.${"A".repeat(342)}`;
  return {
    id: (index) =>
      compact(JSON.stringify({ iss, aud: CLIENT_ID, token_use: "id", sub: String(index), exp: 9e9, iat: 1 })),
    access: (index) => compact(JSON.stringify({ iss, token_use: "access", sub: String(index) })),
    malformed: (index) => compact(`{"iss":"${iss}","a":${index}`),
  };
}

function base64url(text: string): string {
  return Buffer.from(text).toString("base64url");
}

function eventText(cookie: string, method: string, uri: string, querystring = ""): string {
  const headers = {
    host: [{ key: "Host", value: "d111111abcdef8.cloudfront.net" }],
    origin: [{ key: "Origin", value: "https://d111111abcdef8.cloudfront.net" }],
    cookie: [{ key: "Cookie", value: cookie }],
  };
  const request = { clientIp: "203.0.113.178", method, uri, querystring, headers };
  return JSON.stringify({ Records: [{ cf: { config: { requestId: "hostile" }, request } }] });
}
