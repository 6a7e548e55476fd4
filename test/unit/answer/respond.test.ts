import { describe, expect, test } from "vitest";
import { plainPage, refusal } from "../../../edge/answer/respond.ts";
import { parseConfig } from "../../../edge/config/document.ts";
import { ANSWERS, type ErrorCode } from "../../../edge/errors.ts";
import { readEvent } from "../../../edge/request/cloudfront.ts";
import { refusalOf } from "../fixtures/bundle.ts";
import { configDocument } from "../fixtures/config.ts";
import { type EventOptions, REQUEST_ID, viewerEvent } from "../fixtures/events.ts";

const CONFIG = parseConfig(configDocument({ cors: { origins: ["https://app.example.com"] } }));
const CODES = Object.keys(ANSWERS).filter((code): code is ErrorCode => code in ANSWERS);

const answer = (code: ErrorCode, options: EventOptions = {}) =>
  refusalOf(refusal(code, readEvent(viewerEvent(options)), { config: CONFIG, errorPage: plainPage }));

describe.each(CODES)("%s", (code) => {
  test("is JSON with a stable code for programs", () => {
    const { status, headers, body } = answer(code, { headers: { Accept: "image/*" } });
    expect(status).toBe(ANSWERS[code].status);
    expect(JSON.parse(body)).toEqual({ code, message: ANSWERS[code].message, requestId: REQUEST_ID });
    expect(headers).toMatchObject({
      "cache-control": "no-store",
      "content-security-policy": "default-src 'none'; frame-ancestors 'self'",
      "content-type": "application/json",
      "cross-origin-resource-policy": "same-site",
      "referrer-policy": "no-referrer",
      "strict-transport-security": "max-age=63072000",
      "x-content-type-options": "nosniff",
      "x-request-id": REQUEST_ID,
    });
    expect("www-authenticate" in headers).toBe(status === 401 || code === "insufficient_scope");
    expect("retry-after" in headers).toBe(status === 503);
    expect(headers["allow"]).toBe(status === 405 ? "GET, HEAD, OPTIONS" : undefined);
    expect("access-control-allow-origin" in headers).toBe(false);
  });

  test("is a page for people", () => {
    const { headers, body } = answer(code, { headers: { "Sec-Fetch-Mode": "navigate" } });
    expect(headers["content-type"]).toBe("text/html; charset=utf-8");
    expect(body).toContain(`<h1>${ANSWERS[code].message}</h1>`);
    expect(body).toContain('<html lang="en">');
    const [reference = ""] = /<p>Status \d+, request .*/.exec(body) ?? [];
    expect(reference.replaceAll("<wbr>", "")).toBe(
      `<p>Status ${ANSWERS[code].status}, request ${REQUEST_ID}</p>`,
    );
    // A narrow screen has room for so much.
    for (const part of reference.replace(/^.*request |<\/p>$/g, "").split("<wbr>"))
      expect(part.length).toBeLessThanOrEqual(14);
    expect(body.length).toBeLessThan(40_000);
  });
});

const audiences: Record<string, [Record<string, string>, string]> = {
  "a fetch that accepts HTML": [{ "Sec-Fetch-Mode": "cors", Accept: "text/html" }, "application/json"],
  "an image": [{ "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image" }, "application/json"],
  "an old browser": [{ Accept: "text/html,*/*" }, "text/html; charset=utf-8"],
  curl: [{ Accept: "*/*" }, "application/json"],
};
test.each(Object.entries(audiences))("%s gets what it can read", (_, [headers, type]) => {
  expect(answer("token_missing", { headers }).headers["content-type"]).toBe(type);
});

test("HEAD gets no body", () => {
  expect(answer("token_missing", { method: "HEAD" })).toMatchObject({ status: 401, body: "" });
});

test("a 401 names the scheme, and the error only when a token was sent (RFC 6750 §3.1)", () => {
  expect(answer("token_missing").headers["www-authenticate"]).toBe('Bearer realm="gatehouse"');
  expect(answer("token_expired").headers["www-authenticate"]).toBe(
    'Bearer realm="gatehouse", error="invalid_token", error_description="The session has expired."',
  );
});

test("a 403 says which scopes would do (RFC 6750 §3.1)", () => {
  const request = readEvent(viewerEvent());
  const parts = { config: CONFIG, errorPage: plainPage };
  const scopes = ["assets/read", "assets/admin"];
  const { headers } = refusalOf(refusal("insufficient_scope", request, parts, undefined, scopes));
  expect(headers["www-authenticate"]).toBe(
    'Bearer realm="gatehouse", error="insufficient_scope", error_description="The scopes granted do not allow this.", scope="assets/read assets/admin"',
  );
});

test("a configured origin may read the answer, any other may not", () => {
  const cors = (origin: string) => answer("token_missing", { headers: { Origin: origin } }).headers;
  expect(cors("https://app.example.com")).toMatchObject({
    "access-control-allow-origin": "https://app.example.com",
    "access-control-allow-credentials": "true",
    "access-control-expose-headers":
      "accept-ranges, content-disposition, content-length, content-range, etag, last-modified, x-request-id",
    vary: "Origin",
  });
  expect(cors("https://app.example.com.evil.example")).not.toHaveProperty("access-control-allow-origin");
  expect(cors("null")).not.toHaveProperty("access-control-allow-origin");
  // A browser that keeps it must not take it for what another origin would get.
  expect(cors("null")).toMatchObject({ vary: "Origin" });
});

test("a request's id on a page is text", () => {
  const request = { ...readEvent(viewerEvent()), requestId: '<b>"1"&' };
  const { html } = plainPage("not_found", request);
  expect(html).toContain("<p>Status 404, request b1</p>");
});
