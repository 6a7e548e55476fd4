// Packs what the pages say, which few requests need: plain, it would be a quarter of the function.
import { join } from "node:path";
import { brotliCompressSync, constants } from "node:zlib";
import type { Plugin } from "esbuild";

const SOURCE = join(import.meta.dirname, "../../edge/auth/translations.ts");

/** Stands in for `edge/auth/translations.ts`: the same function, which unpacks the same tables when it is first asked. */
export const packedTexts: Plugin = {
  name: "packed-texts",
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]edge[\\/]auth[\\/]translations\.ts$/ }, async () => ({
      contents: unpacking(pack((await import(SOURCE)).translations())),
      loader: "js",
    }));
  },
};

/** The names once, then a list of values for each language. */
function pack(tables: Readonly<Record<string, Readonly<Record<string, string>>>>): string {
  const names = Object.keys(Object.values(tables)[0] ?? {});
  const lists = Object.entries(tables).map(([lang, table]) => [lang, names.map((name) => table[name])]);
  const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_MODE]: 1 };
  return brotliCompressSync(JSON.stringify([names, lists]), { params }).toString("base64");
}

function unpacking(text: string): string {
  return `let tables;
export function translations() {
  if (!tables) {
    const packed = process.getBuiltinModule("node:zlib").brotliDecompressSync(Buffer.from("${text}", "base64"));
    const [names, lists] = JSON.parse(packed.toString());
    const named = (values) => Object.fromEntries(names.map((name, index) => [name, values[index]]));
    tables = Object.fromEntries(lists.map(([lang, values]) => [lang, named(values)]));
  }
  return tables;
}`;
}
