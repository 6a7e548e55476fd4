import { describe, expect, test } from "vitest";
import type { LogRecord } from "../../../edge/answer/log.ts";
import { createErrorPage, failurePage, forbiddenPage } from "../../../edge/auth/error-page.ts";
import { parseConfig } from "../../../edge/config/document.ts";
import type { ErrorCode } from "../../../edge/errors.ts";
import { readEvent } from "../../../edge/request/cloudfront.ts";
import type { SignInParts } from "../../../edge/sign-in.ts";
import type { VerifiedToken } from "../../../edge/token/token.ts";
import { refusalOf } from "../fixtures/bundle.ts";
import { configDocument } from "../fixtures/config.ts";
import { type EventOptions, REQUEST_ID, viewerEvent } from "../fixtures/events.ts";

const CONFIG = parseConfig(
  configDocument({
    auth: { keys: { current: "1".repeat(64) }, title: "The archive", logo: "https://example.com/logo.svg" },
    endpoints: { oauth: "https://login.example.com" },
  }),
);
const requestOf = (options: EventOptions = {}) => readEvent(viewerEvent(options));
const linksIn = (html: string) => [...html.matchAll(/<a href="([^"]*)"/g)].map(([, href = ""]) => href);
const textIn = (html: string) =>
  html.replaceAll("<wbr>", "").replace(/&#(\d+);/g, (_, code) => String.fromCharCode(code));

function fail(code: ErrorCode, failure: { readonly detail?: string; readonly cause?: unknown } = {}) {
  const logged: LogRecord[] = [];
  const parts = { config: CONFIG, log: (record: LogRecord) => logged.push(record) };
  const answer = failurePage(code, requestOf(), parts as unknown as SignInParts, {
    returnTo: "/a.txt",
    cookies: ["a=b"],
    ...failure,
  });
  return { ...refusalOf(answer), logged };
}

describe("a sign-in that failed", () => {
  test.each<[ErrorCode, number, string, string | undefined]>([
    ["sign_in_failed", 400, "warn", undefined],
    ["cookies_blocked", 400, "warn", undefined],
    ["internal_error", 500, "error", undefined],
    ["sign_in_unavailable", 503, "error", "5"],
  ])("%s is %i in page and log, and offers another try", (code, status, level, retryAfter) => {
    const { headers, body, logged, ...answer } = fail(code);
    expect(answer.status).toBe(status);
    expect(headers["retry-after"]).toBe(retryAfter);
    expect(headers["set-cookie"]).toBe("a=b");
    expect(linksIn(body).map(textIn)).toEqual(["/.gatehouse/login?return_to=%2Fa.txt"]);
    expect(textIn(body)).toContain(`Status ${status}, request ${REQUEST_ID}`);
    expect(textIn(body)).toContain("The archive");
    expect(textIn(body)).toContain("https://example.com/logo.svg");
    expect(logged).toEqual([{ level, code, status, requestId: REQUEST_ID, method: "GET" }]);
  });

  test("says what the managed login says, and logs the name of the cause alone", () => {
    const { body, logged } = fail("sign_in_failed", {
      detail: "The door is shut.",
      cause: new RangeError("secret"),
    });
    expect(textIn(body)).toContain("The door is shut.");
    expect(logged).toMatchObject([{ cause: "RangeError" }]);
    expect(fail("sign_in_failed").body).not.toContain("undefined");
  });
});

describe("the way on", () => {
  const page = createErrorPage(CONFIG);
  const login = (path: string) => [`/.gatehouse/login?return_to=${encodeURIComponent(path)}`];
  const cases: Record<string, [ErrorCode, EventOptions, readonly string[]]> = {
    "without a session: back to the same place": [
      "token_missing",
      { uri: "/b.txt", querystring: "download=c" },
      login("/b.txt?download=c"),
    ],
    "after a failed sign-in: to where the query says": [
      "sign_in_failed",
      { uri: "/.gatehouse/finish", querystring: "return_to=/d.txt" },
      login("/d.txt"),
    ],
    "with blocked cookies: to where the query says": [
      "cookies_blocked",
      { uri: "/.gatehouse/finish", querystring: "return_to=/d.txt" },
      login("/d.txt"),
    ],
    "after one of nowhere: to the start": ["cookies_blocked", { uri: "/.gatehouse/finish" }, login("/")],
    "what is for others: another account and back to the same place, out, or the start": [
      "access_denied",
      { uri: "/team/a.txt", querystring: "x=1" },
      ["/.gatehouse/login?prompt=login&return_to=%2Fteam%2Fa.txt%3Fx%3D1", "/.gatehouse/logout", "/"],
    ],
    "a start page that is for others: another account, or out": [
      "access_denied",
      { uri: "/" },
      ["/.gatehouse/login?prompt=login&return_to=%2F", "/.gatehouse/logout"],
    ],
    "what is not there: the start": ["not_found", { querystring: "return_to=/d.txt" }, ["/"]],
    "a start page that is not there: out": ["not_found", { uri: "/index.html" }, ["/.gatehouse/logout"]],
    "an address that does not work: the start": ["invalid_path", { uri: "/a%2Fb" }, ["/"]],
    "a fault: once more, or the start": ["internal_error", { querystring: "return_to=/d.txt" }, ["", "/"]],
    "a fault of the start page: once more": ["exchange_timeout", { uri: "/" }, [""]],
    "another site's doing: the start": ["origin_not_allowed", { uri: "/.gatehouse/logout" }, ["/"]],
  };
  test.each(Object.entries(cases))("%s", (_, [code, options, links]) => {
    expect(linksIn(page(code, requestOf(options)).html).map(textIn)).toEqual(links);
  });
});

test.each<[ErrorCode, boolean]>([
  ["token_missing", true],
  ["session_ended", true],
  ["access_denied", true],
  ["origin_error", true],
  ["not_found", false],
  ["invalid_path", false],
])("whether %s keeps the address's fragment for the first way on: %s", (code, keeps) => {
  const request = requestOf();
  const { html, policy } =
    code === "access_denied" ? forbidden(request, {}) : createErrorPage(CONFIG)(code, request);
  expect(html.includes("a.hash=location.hash")).toBe(keeps);
  expect(policy.includes("script-src 'sha256-")).toBe(keeps);
});

describe("who may not see it is told as whom", () => {
  test.each([
    [{ email: "ada@example.com", "cognito:username": "ada" }, "Signed in as ada@example.com."],
    [{ "cognito:username": "<b>ada" }, "Signed in as <b>ada."],
    [{}, "Signed in as 0000-sub."],
  ])("%j", (claims, note) => {
    const { html, status } = forbidden(requestOf(), claims);
    expect(status).toBe("403");
    expect(textIn(html)).toContain(`<p>${note}</p>`);
    expect(html).not.toContain("<b>ada");
  });

  test("in their language", () => {
    const { html } = forbidden(requestOf({ headers: { "Accept-Language": "de-AT,en;q=0.8" } }), {
      email: "ada@example.com",
    });
    expect(html).toContain('<html lang="de" dir="ltr">');
    expect(html).toContain("<p>Angemeldet als ada@example.com.</p>");
  });
});

function forbidden(request: ReturnType<typeof requestOf>, claims: object) {
  const raw = `e30.${Buffer.from(JSON.stringify(claims)).toString("base64url")}.x`;
  const token = { raw, sub: "0000-sub", groups: [] } as unknown as VerifiedToken;
  const answer = forbiddenPage(request, { config: CONFIG } as unknown as SignInParts, token);
  const policy = answer.headers["content-security-policy"]?.[0]?.value ?? "";
  return { html: answer.body ?? "", status: answer.status, policy };
}
