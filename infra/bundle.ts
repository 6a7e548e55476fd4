// Turns the function's sources into the one CommonJS file that Lambda runs.
import { join } from "node:path";
import { build, type Plugin } from "esbuild";

const ROOT = join(import.meta.dirname, "..");

/** Which function to bundle. */
export type BundleName = EdgeBundleName | "deployment";

/** The function's builds: on Node.js alone or on the SDK's packages, with an identity pool or with STS. */
export type EdgeBundleName = "gatehouse" | "gatehouse-sdk" | "gatehouse-sts" | "gatehouse-sts-sdk";

const ENTRIES: Record<BundleName, string> = {
  gatehouse: "edge/index.ts",
  "gatehouse-sdk": "edge/index-sdk.ts",
  "gatehouse-sts": "edge/index-sts.ts",
  "gatehouse-sts-sdk": "edge/index-sts-sdk.ts",
  deployment: "infra/deployment/handler.ts",
};

/** aws-jwt-verify's own fetch would load `https` with the function; keys come through edge/jwks.ts instead. */
const withoutFetch: Plugin = {
  name: "without-fetch",
  setup({ onResolve }) {
    onResolve({ filter: /^\.\/https-node\.js$/ }, () => ({ path: join(ROOT, "edge/no-fetch.ts") }));
  },
};

/**
 * Bundles one function: minified, ASCII, for Lambda's Node.js 24. The default build loads no TLS module before it makes
 * a call.
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
    plugins: name.endsWith("-sdk") ? [] : [withoutFetch],
  });
  const [file] = result.outputFiles ?? [];
  if (!file) throw new Error(`esbuild made no output for ${name}`);
  return file.text;
}
