// What pages say in which language: the choice, the tables, and what a configuration puts in their place.
import { describe, expect, test } from "vitest";
import { filled, languageFor } from "../../../edge/auth/texts.ts";
import { translations } from "../../../edge/auth/translations.ts";
import { parseConfig } from "../../../edge/config/document.ts";
import { TEXT_NAMES, type Texts } from "../../../edge/config/text-names.ts";
import { readEvent } from "../../../edge/request/cloudfront.ts";
import { AUTH_BUNDLES } from "../fixtures/bundle.ts";
import { configDocument } from "../fixtures/config.ts";
import { viewerEvent } from "../fixtures/events.ts";
import { KEYS, useGate } from "../fixtures/gate.ts";

function language(acceptLanguage: string | undefined, texts: Record<string, Partial<Texts>> = {}) {
  const config = parseConfig(
    configDocument({ auth: { keys: KEYS, texts }, endpoints: { oauth: "https://login.example.com" } }),
  );
  const headers: Record<string, string> =
    acceptLanguage === undefined ? {} : { "Accept-Language": acceptLanguage };
  return languageFor(readEvent(viewerEvent({ headers })), config);
}

describe("the language", () => {
  const choices: Record<string, string> = {
    "": "en",
    de: "de",
    "DE-at": "de",
    "pt-BR,pt;q=0.9,en-US;q=0.8": "pt",
    "ja-JP": "ja",
    "zh-Hant-TW,ja;q=0.5": "ja",
    "it,nl": "en",
    "en;q=0.1, fr;q=0.2, es;q=0.15": "fr",
    "fr;q=0.5,de;q=0.5": "fr",
    "de;q=0,en;q=0.5": "en",
    "de;q=0": "en",
    "de ; q=0.3 , es": "es",
    "*": "en",
    "*,de;q=0.1": "de",
    "de;q=x": "en",
    "de;q=": "en",
    constructor: "en",
    __proto__: "en",
    "en-US,en;q=0.9,de;q=0.8": "en",
  };
  test.each(Object.entries(choices))("of a browser that says %j is %s", (acceptLanguage, lang) => {
    expect(language(acceptLanguage)).toMatchObject({ lang, dir: "ltr", texts: table(lang) });
  });

  test("without a word of the browser's is English", () => {
    expect(language(undefined)).toMatchObject({ lang: "en", dir: "ltr" });
  });

  test("behind 500 characters is not looked for", () => {
    expect(language(`${"x,".repeat(250)}de`).lang).toBe("en");
    expect(language(`${"x,".repeat(240)}de`).lang).toBe("de");
  });
});

function table(lang: string): Texts {
  const tables: Readonly<Record<string, Texts>> = translations();
  const found = tables[lang];
  if (!found) throw new Error(`no table for ${lang}`);
  return found;
}

describe("what is configured", () => {
  test("is laid over the table of its language, and over no other", () => {
    const texts = { de: { start_page: "Zur Bibliothek" } };
    expect(language("de", texts).texts).toEqual({ ...table("de"), start_page: "Zur Bibliothek" });
    expect(language("fr", texts).texts).toEqual(table("fr"));
  });

  test("can be another language; what it leaves out is English", () => {
    expect(language("it-CH,de;q=0.5", { it: { start_page: "Inizio" } })).toEqual({
      lang: "it",
      dir: "ltr",
      texts: { ...table("en"), start_page: "Inizio" },
    });
  });

  test.each(["ar", "fa", "he", "ur"])("%s is written from right to left", (lang) => {
    expect(language(lang, { [lang]: {} })).toMatchObject({ lang, dir: "rtl" });
  });
});

describe("every table", () => {
  test.each(Object.entries(translations()))("%s says everything, and leaves every blank", (_, texts) => {
    expect(Object.keys(texts)).toEqual(TEXT_NAMES);
    for (const name of TEXT_NAMES) {
      expect(texts[name].length, name).toBeGreaterThan(1);
      expect(texts[name].length, name).toBeLessThanOrEqual(300);
      expect(texts[name], name).not.toMatch(/[<>&]|^\s|\s$/);
      expect(texts[name].match(/\{\w+\}/g), name).toEqual(table("en")[name].match(/\{\w+\}/g));
    }
  });

  test("two languages share no text but a word", () => {
    for (const name of TEXT_NAMES.filter((each) => each.endsWith("_help")))
      expect(new Set(Object.values(translations()).map((texts) => texts[name])).size, name).toBe(6);
  });
});

test.each([
  ["{user} and {user}", { user: "ada" }, "ada and ada"],
  ["{other}", { user: "ada" }, "{other}"],
  ["{user}", { user: "{status}" }, "{status}"],
  ["{user}", { user: "$&" }, "$&"],
])("%s with %j reads %s", (text, values, read) => {
  expect(filled(text, values)).toBe(read);
});

describe.each(AUTH_BUNDLES)("%s", (bundle) => {
  const gate = useGate(bundle, { auth: { keys: KEYS, texts: { ar: { not_found: "لا شيء هنا." } } } });

  test.each(Object.entries(translations()))("speaks %s", async (lang, texts) => {
    const answer = await gate()
      .browser()
      .ask("/.gatehouse/nothing", { headers: { "Accept-Language": lang } });
    expect(answer).toMatchObject({ status: 404, heading: texts.not_found });
    expect(answer.body).toContain(`<html lang="${lang}" dir="ltr">`);
    expect(answer.body).toContain(`<p>${texts.not_found_help}</p>`);
    expect(answer.body).toContain(`<a href="/">${texts.start_page}</a>`);
  });

  test.each(["de", "ja", "ar"])("says in %s that S3 has nothing, where a person looks", async (lang) => {
    const browser = await gate().signedIn();
    const asset = await browser.ask("/a.txt", { headers: { "Accept-Language": `${lang};q=0.9,en;q=0.5` } });
    const scope = asset.forwarded?.headers["x-gatehouse-cache-scope"]?.[0]?.value ?? "";
    expect(scope).toMatch(RegExp(`^[0-9a-f]{16}:signed-in;page=${lang}$`));
    const [record] = viewerEvent({ headers: { "x-gatehouse-cache-scope": scope } }).Records;
    const response = { status: "404", statusDescription: "", headers: {} };
    const event = { Records: [{ cf: { ...record?.cf, response } }] };
    const { body } = Object(await gate().coldStart({}, "originResponse")(event));
    const missing = { ar: "لا شيء هنا.", de: table("de").not_found, ja: table("ja").not_found }[lang];
    expect(body).toContain(`<h1>${missing}</h1>`);
  });

  test("speaks what it was taught, from right to left", async () => {
    const answer = await gate()
      .browser()
      .ask("/.gatehouse/nothing", { headers: { "Accept-Language": "ar-EG" } });
    expect(answer).toMatchObject({ status: 404, heading: "لا شيء هنا." });
    expect(answer.body).toContain('<html lang="ar" dir="rtl">');
  });

  test("programs get the one message, whatever their language", async () => {
    const answer = await gate()
      .browser()
      .ask("/.gatehouse/nothing", { dest: "empty", headers: { "Accept-Language": "de" } });
    expect(JSON.parse(answer.body)).toMatchObject({ code: "not_found", message: "There is nothing here." });
  });
});
