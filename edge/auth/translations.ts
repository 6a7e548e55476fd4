// The words of every language. The build packs what this file returns, see infra/build/packed-texts.ts.
import type { Texts } from "../config/text-names.ts";
import { de } from "./texts/de.ts";
import { en } from "./texts/en.ts";
import { es } from "./texts/es.ts";
import { fr } from "./texts/fr.ts";
import { ja } from "./texts/ja.ts";
import { pt } from "./texts/pt.ts";

/** A table for each language that the gate comes with. */
export type Translations = Readonly<Record<"de" | "en" | "es" | "fr" | "ja" | "pt", Texts>>;

const TRANSLATIONS: Translations = { de, en, es, fr, ja, pt };

/** The tables by language. */
export function translations(): Translations {
  return TRANSLATIONS;
}
