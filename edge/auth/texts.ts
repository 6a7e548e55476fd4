// What a page says, in the reader's language: which words belong to a code, and which table they are taken from.
import type { Config } from "../config/config.ts";
import { FALLBACK, languagesOf } from "../config/languages.ts";
import type { TextName, Texts } from "../config/text-names.ts";
import { answerTo, type ErrorCode } from "../errors.ts";
import { preferred } from "../request/audience.ts";
import { header, type ViewerRequest } from "../request/cloudfront.ts";
import { translations } from "./translations.ts";

/** The words of one language, and how they are written (BCP 47, HTML's `dir`). */
export interface Language {
  readonly lang: string;
  readonly dir: "ltr" | "rtl";
  readonly texts: Texts;
}

/** What a page says of a code. */
export interface Words {
  readonly heading: string;
  readonly text: string;
}

/** Codes that are one and the same to people. */
const SAME = {
  invalid_request: "invalid_path",
  invalid_query: "invalid_path",
  uri_too_long: "invalid_path",
  token_invalid: "token_missing",
  id_token_required: "token_missing",
  exchange_misconfigured: "internal_error",
  exchange_throttled: "sign_in_unavailable",
  exchange_timeout: "sign_in_unavailable",
  exchange_unavailable: "sign_in_unavailable",
  keys_unavailable: "sign_in_unavailable",
} as const satisfies Readonly<Partial<Record<ErrorCode, TextName>>>;

/** Heading and text of the answer to a code; people who meet one that is for programs read its message alone. */
export function textOf(code: ErrorCode, texts: Texts = translations()[FALLBACK]): Words {
  const same: Readonly<Partial<Record<ErrorCode, string>>> = SAME;
  const words: Readonly<Record<string, string>> = texts;
  const name = same[code] ?? code;
  return { heading: words[name] ?? answerTo(code).message, text: words[`${name}_help`] ?? "" };
}

/** A text with its blanks filled in: `{user}`, `{status}`, `{request}`. */
export function filled(text: string, values: Readonly<Record<string, string>>): string {
  return text.replace(/\{(\w+)\}/g, (blank, name: string) => values[name] ?? blank);
}

const RIGHT_TO_LEFT = /^(ar|ckb|dv|fa|he|ps|sd|ug|ur|yi)$/;

/** The language of the gate's that the browser likes best. */
export function languageFor(request: ViewerRequest, config: Config): Language {
  const lang = languageOf(request, config);
  const tables: Readonly<Record<string, Texts>> = translations();
  const texts = { ...translations()[FALLBACK], ...tables[lang], ...config.auth?.texts[lang] };
  return { lang, dir: RIGHT_TO_LEFT.test(lang) ? "rtl" : "ltr", texts };
}

/** The name of that language alone. */
export function languageOf(request: ViewerRequest, config: Config): string {
  const offered = languagesOf(config);
  return preferred(header(request, "accept-language"), offered) ?? FALLBACK;
}
