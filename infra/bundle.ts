// Turns the function's sources into the one CommonJS file that Lambda runs.
import { join } from "node:path";
import { build } from "esbuild";

const ROOT = join(import.meta.dirname, "..");

/** Which function to bundle. */
export type BundleName = "gatehouse" | "gatehouse-sdk" | "deployment";

const ENTRIES: Record<BundleName, string> = {
  gatehouse: "edge/index.ts",
  "gatehouse-sdk": "edge/index-sdk.ts",
  deployment: "infra/deployment/handler.ts",
};

/**
 * Bundles one function: minified, ASCII, for Lambda's Node.js 24. In the default build `https` and `stream` are behind
 * lazy stand-ins, so that no TLS module loads before a call is made.
 */
export async function bundle(name: BundleName): Promise<string> {
  const result = await build({
    entryPoints: [join(ROOT, ENTRIES[name])],
    bundle: true,
    write: false,
    minify: true,
    platform: "node",
    target: "node24",
    format: "cjs",
    supported: { "dynamic-import": false },
    charset: "ascii",
    legalComments: "none",
    mainFields: ["module", "main"],
    alias:
      name === "gatehouse" ? { https: join(ROOT, "edge/lazy.ts"), stream: join(ROOT, "edge/lazy.ts") } : {},
  });
  const [file] = result.outputFiles ?? [];
  if (!file) throw new Error(`esbuild made no output for ${name}`);
  return file.text;
}
