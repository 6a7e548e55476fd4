import { hash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { type Page, renderPage } from "../../../edge/auth/page.ts";
import { textOf } from "../../../edge/auth/texts.ts";
import { ANSWERS, type ErrorCode } from "../../../edge/errors.ts";

const LOOK = { title: "Private files", logo: undefined };
const PLAIN: Page = { heading: "A heading", text: "A text" };
const CODES = Object.keys(ANSWERS).filter((code): code is ErrorCode => code in ANSWERS);

const styleOf = (html: string) => /<style>(.*?)<\/style>/s.exec(html)?.[1] ?? "";

describe("everything that is shown is text", () => {
  const hostile = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onfocus='alert(1)' autofocus='",
    "</title></style></main><h2>A letter from your bank",
    "<!-- --!> <![CDATA[ <svg/onload=alert(1)>",
    "&lt;b&gt;&amp;#60;",
    "$& $1 $` $'",
  ];
  const fields: Record<string, (text: string) => Parameters<typeof renderPage>> = {
    heading: (heading) => [{ ...PLAIN, heading }, LOOK],
    text: (text) => [{ ...PLAIN, text }, LOOK],
    note: (note) => [{ ...PLAIN, note }, LOOK],
    "way on without script": (href) => [
      { ...PLAIN, fragment: "leave", links: [{ href, label: "Go" }] },
      LOOK,
    ],
    detail: (detail) => [{ ...PLAIN, detail }, LOOK],
    "link's address": (href) => [{ ...PLAIN, links: [{ href, label: "Go" }] }, LOOK],
    "link's label": (label) => [{ ...PLAIN, links: [{ href: "/", label, newWindow: true }] }, LOOK],
    "form's action": (action) => [{ ...PLAIN, form: { action, label: "Go", formAction: [] } }, LOOK],
    "form's label": (label) => [{ ...PLAIN, form: { action: "/", label, formAction: [] } }, LOOK],
    reference: (reference) => [{ ...PLAIN, reference }, LOOK],
    title: (title) => [PLAIN, { ...LOOK, title }],
    logo: (logo) => [PLAIN, { ...LOOK, logo }],
  };
  const table = Object.entries(fields).flatMap(([field, page]) =>
    hostile.map((text) => [text, field, page] as const),
  );

  test.each(table)("%s as the %s", (text, _, page) => {
    const { html, policy } = renderPage(...page(text));
    expect(html).not.toContain(text.replace(/^[^&<>"']+|[^&<>"']+$/g, ""));
    expect(tagsOf(html)).toEqual(tagsOf(renderPage(...page("harmless")).html));
    expect(unescaped(html)).toContain(text);
    expect(policy).toBe(renderPage(...page("harmless")).policy);
  });

  /** The page without its texts: tags and names of attributes. */
  function tagsOf(html: string): readonly string[] {
    const tags = html.replace(styleOf(html), "").match(/<[^>]*>/g) ?? [];
    return tags.map((tag) => tag.replace(/"[^"]*"/g, '""'));
  }

  function unescaped(html: string): string {
    return html.replace(/&#(\d+);/g, (_, code) => String.fromCharCode(Number(code)));
  }
});

describe("the policy", () => {
  const STYLE_SOURCE = `'sha256-${hash("sha256", styleOf(renderPage(PLAIN, LOOK).html), "base64")}'`;
  const start = `default-src 'none'; base-uri 'none'; frame-ancestors 'self'; style-src ${STYLE_SOURCE}`;
  const form = (...formAction: string[]): Page => ({
    ...PLAIN,
    form: { action: "/", label: "", formAction },
  });

  test.each<[string, Page, string | undefined, string]>([
    ["a plain page", PLAIN, undefined, "form-action 'none'"],
    [
      "a page with a logo",
      PLAIN,
      "https://Logos.example:8443/a.svg?b",
      "img-src https://Logos.example:8443; form-action 'none'",
    ],
    ["a page with a logo inside", PLAIN, "data:image/png;base64,AAAA", "img-src data:; form-action 'none'"],
    ["a logo of another kind", PLAIN, "javascript:alert(1)", "form-action 'none'"],
    [
      "a form",
      form("'self'", "https://login.example.com"),
      undefined,
      "form-action 'self' https://login.example.com",
    ],
    [
      "a page that takes the fragment along",
      { ...PLAIN, fragment: "leave", links: [{ href: "/", label: "Go" }] },
      undefined,
      `script-src 'sha256-${scriptHash("leave")}'; form-action 'none'`,
    ],
    ["a form that leads nowhere", form(), undefined, "form-action 'none'"],
    [
      "a directive in the place of a source",
      form("'self'; script-src *", "a, b", "https://ü.example", "\n"),
      undefined,
      "form-action 'none'",
    ],
  ])("of %s allows just what it shows", (_, page, logo, end) => {
    expect(renderPage(page, { ...LOOK, logo }).policy).toBe(`${start}; ${end}`);
  });
});

function scriptHash(fragment: "leave" | "keep"): string {
  const { html } = renderPage({ ...PLAIN, fragment, links: [{ href: "/", label: "Go" }] }, LOOK);
  return hash("sha256", /<script>(.*)<\/script>/s.exec(html)?.[1] ?? "", "base64");
}

test("the way on without script is for those without script alone, and leads where the link does", () => {
  const links = [{ href: "/login?a=1&return_to=%2F%23", label: "Sign in" }];
  const { html } = renderPage({ ...PLAIN, fragment: "leave", links }, LOOK);
  const refresh = '<meta http-equiv="refresh" content="0;url=/login?a=1&#38;return_to=%2F%23">';
  expect(html).toContain(`<noscript>${refresh}</noscript>`);
  expect(html.indexOf("<noscript>")).toBeLessThan(html.indexOf("<header>"));
  expect(html.indexOf("<script>")).toBeGreaterThan(html.indexOf("<a "));
  expect(renderPage({ ...PLAIN, links }, LOOK).html).not.toMatch(/<noscript|<script/);
});

describe("what another party says", () => {
  const shownOf = (detail: string) =>
    /<blockquote>(.*)<\/blockquote>/su.exec(renderPage({ ...PLAIN, detail }, LOOK).html)?.[1];

  test.each([
    ["200 characters as they are", "x".repeat(200), "x".repeat(200)],
    ["199 of more", "x".repeat(201), `${"x".repeat(199)}…`],
    ["whole characters", "🏰".repeat(300), `${"🏰".repeat(199)}…`],
    ["lines", `${"\n".repeat(199)}ab`, `${"\n".repeat(199)}…`],
    ["100,000 characters", "y".repeat(100_000), `${"y".repeat(199)}…`],
    ["cut before it is escaped", "&".repeat(201), `${"&#38;".repeat(199)}…`],
  ])("is shown: %s", (_, detail, shown) => {
    expect(shownOf(detail)).toBe(shown);
  });

  test("has no place when there is nothing", () => {
    expect(renderPage({ ...PLAIN, detail: "" }, LOOK).html).not.toContain("<blockquote");
  });
});

test("a link to a new window, a form, the reference: each in its place", () => {
  const { html } = renderPage(
    {
      ...PLAIN,
      links: [{ href: "/login?a=1&b=2", label: "Sign in", newWindow: true }],
      form: { action: "/logout", label: "Sign out", formAction: ["'self'"] },
      reference: "Status 403, request abc",
    },
    { title: "Files", logo: "https://logo.example/a.png" },
  );
  expect(html).toContain('<a href="/login?a=1&#38;b=2" target="_blank">Sign in</a>');
  expect(html).toContain('<form method="post" action="/logout"><button>Sign out</button></form>');
  expect(html).toContain('<img src="https://logo.example/a.png" alt="">');
  expect(html).toMatch(/<footer>.*Status 403, request abc.*<\/footer>/);
  expect(html).toContain('<html lang="en" dir="ltr">');
  expect(html).not.toContain("<script");
});

describe("texts", () => {
  test.each(CODES)("%s has a heading, and a text where people meet it", (code) => {
    const { heading, text } = textOf(code);
    expect(heading).toMatch(/^[A-Z].*\.$/);
    expect(text).toMatch(/^$|^[A-Z].*\.$/);
    expect(`${heading} ${text}`).not.toMatch(/token|exchange|cookie_|cognito|aws/i);
  });

  test("a code without a text of its own shows its message", () => {
    expect(textOf("method_not_allowed")).toEqual({ heading: ANSWERS.method_not_allowed.message, text: "" });
    expect(textOf("not_found").heading).toBe(ANSWERS.not_found.message);
  });
});

test("every page says what to do, but for codes that people do not meet", () => {
  const without = CODES.filter((code) => textOf(code).text === "");
  expect(without.sort()).toEqual([
    "body_too_large",
    "insufficient_scope",
    "method_not_allowed",
    "precondition_failed",
    "range_not_satisfiable",
    "type_not_allowed",
    "upload_too_large",
    "user_pool_not_allowed",
  ]);
  for (const { heading, text } of CODES.map((code) => textOf(code))) {
    expect(heading).toMatch(/^[A-Z].*[.?]$/);
    expect(text).toMatch(/^$|^[A-Z].*[.]$/);
  }
});
