// The pages that people get: one template, everything escaped, and a policy that allows just this.
import { hash } from "node:crypto";
import type { Auth } from "../config/config.ts";
import type { Language } from "./texts.ts";

/** What a page says and offers; any of it may come from outside. */
export interface Page {
  readonly heading: string;
  readonly text: string;
  /** How it is written; English unless it is said. */
  readonly language?: Pick<Language, "lang" | "dir">;
  /** Who is signed in. */
  readonly note?: string;
  /** What another party says, such as an `error_description`; 200 characters of it are shown. */
  readonly detail?: string;
  readonly links?: readonly Link[];
  readonly form?: Form;
  /** What is done with the address's `#fragment`, which only the browser knows; nothing without script. */
  readonly fragment?: keyof typeof SCRIPTS;
  /** What to quote when asking for help: `Status 403, request abc`. */
  readonly reference?: string;
}

/** A way to go on. */
export interface Link {
  readonly href: string;
  readonly label: string;
  /** For pages inside a frame, where a sign-in cannot be shown. */
  readonly newWindow?: boolean;
}

/** A button that posts. */
export interface Form {
  readonly action: string;
  readonly label: string;
  /** Where the form may lead, redirects included, as sources of the policy: `'self'`, `https://login.example.com`. */
  readonly formAction: readonly string[];
}

/** A page and the `Content-Security-Policy` that it needs. */
export interface RenderedPage {
  readonly html: string;
  readonly policy: string;
}

/** Renders a page under the gate's title and logo. */
export function renderPage(page: Page, look: Pick<Auth, "title" | "logo">): RenderedPage {
  return { html: document(page, look), policy: policy(page, look.logo) };
}

/**
 * On the way to sign in is a form of another site, and no fragment survives that. `leave` goes to the first link, whose
 * query ends with the place to come back to, and takes the fragment along in it. `keep` lets the first link have it, or,
 * where that is to load the page again, does just this.
 */
const SCRIPTS = {
  leave: "location.replace(document.links[0].href+encodeURIComponent(location.hash.slice(1)))",
  keep: `const a=document.links[0];if(a.getAttribute("href"))a.hash=location.hash;else a.onclick=()=>{location.reload();return false}`,
} as const;

/** Contrast is 4.5:1 or better in both schemes; the first way to go on stands out. */
const STYLE = `:root{color-scheme:light dark;--b:light-dark(#faf8f4,#14151d);--f:light-dark(#26221c,#ece9e2);--a:light-dark(#8a3b1f,#ffb38a)}
body{max-width:32rem;margin:10vh auto;padding:1rem;background:var(--b);color:var(--f);font:1rem/1.6 system-ui;overflow-wrap:anywhere}
header,div{display:flex;flex-wrap:wrap;gap:1rem}
img{max-width:100%;height:2rem}
main{margin:1rem 0;border-top:4px solid var(--a)}
h1{line-height:1.2}
a,button{padding:.6rem 1.2rem;border:2px solid var(--a);border-radius:.5rem;color:var(--a);font:inherit;text-decoration:none}
button,a:first-child{background:var(--a);color:var(--b)}
:focus-visible{outline:3px solid var(--f);outline-offset:3px}`;

function document(
  { heading, text, language, note, detail, links = [], form, fragment, reference }: Page,
  { title, logo }: Look,
): string {
  const { lang, dir } = language ?? { lang: "en", dir: "ltr" };
  return `<!doctype html><html lang="${escaped(lang)}" dir="${dir}"><meta name="viewport" content="width=device-width">
<title>${escaped(heading)} ${escaped(title)}</title>
<style>${STYLE}</style>${fragment === "leave" ? refresh(links) : ""}
<header>${logo ? `<img src="${escaped(logo)}" alt="">` : ""}<b>${escaped(title)}</b></header>
<main><h1>${escaped(heading)}</h1>
<p>${escaped(text)}</p>
${note ? `<p>${escaped(shortened(note))}</p>` : ""}
${detail ? `<blockquote>${escaped(shortened(detail))}</blockquote>` : ""}
<div>${form ? button(form) : ""}${links.map(anchor).join("")}</div></main>
${reference ? `<footer><small>${escaped(reference)}</small></footer>` : ""}${fragment ? `<script>${SCRIPTS[fragment]}</script>` : ""}`;
}

/** The same way without script, and without the fragment. */
function refresh([first]: readonly Link[]): string {
  return first
    ? `<noscript><meta http-equiv="refresh" content="0;url=${escaped(first.href)}"></noscript>`
    : "";
}

type Look = Parameters<typeof renderPage>[1];

function button({ action, label }: Form): string {
  return `<form method="post" action="${escaped(action)}"><button>${escaped(label)}</button></form>`;
}

function anchor({ href, label, newWindow }: Link): string {
  return `<a href="${escaped(href)}"${newWindow ? ' target="_blank"' : ""}>${escaped(label)}</a>`;
}

/** Hashed per page: microseconds, and nothing to do at load. https://www.w3.org/TR/CSP3/#directives */
function policy({ form, fragment }: Page, logo: string | undefined): string {
  const images = logo && /^(data:|https:\/\/[\w.:-]+)/.exec(logo)?.[0];
  const formAction = form?.formAction.filter(isSource).join(" ") || "'none'";
  const script = fragment ? `; script-src ${sourceOf(SCRIPTS[fragment])}` : "";
  return `default-src 'none'; base-uri 'none'; frame-ancestors 'self'; style-src ${sourceOf(STYLE)}${script}${images ? `; img-src ${images}` : ""}; form-action ${formAction}`;
}

function sourceOf(text: string): string {
  return `'sha256-${hash("sha256", text, "base64")}'`;
}

/** Whether it is one source, and not the next one or another directive. */
function isSource(source: string): boolean {
  return /^[!-+\--:<-~]+$/.test(source);
}

/** Counted in characters, so that none is cut in two. */
function shortened(text: string): string {
  return text.replace(/^(.{199}).{2}.*/su, "$1…");
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
