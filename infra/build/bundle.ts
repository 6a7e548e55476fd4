// Turns sources into the one CommonJS file that Lambda runs.
import { join } from "node:path";
import { build, type Plugin } from "esbuild";
import type { EdgeBundleName } from "./edge-bundles.ts";
import { packedTexts } from "./packed-texts.ts";

const ROOT = join(import.meta.dirname, "../..");

/** Which function to bundle. */
export type BundleName = EdgeBundleName | InfraBundleName;

/** The functions that run while deploying. */
export type InfraBundleName = keyof typeof INFRA_ENTRIES;

const INFRA_ENTRIES = {
  deployment: "infra/deployment/handler.ts",
  "client-urls": "infra/deployment/client-urls-handler.ts",
} as const;

/** The names of the functions that run while deploying. */
export const INFRA_BUNDLES: readonly InfraBundleName[] = ["deployment", "client-urls"];

/** aws-jwt-verify's own platform layer would load `https` with the function; keys come through edge/token/jwks.ts. */
const smallPlatform: Plugin = {
  name: "small-platform",
  setup({ onResolve }) {
    onResolve({ filter: /^#node-web-compat$/ }, () => ({ path: join(ROOT, "edge/token/jwt-platform.ts") }));
  },
};

/**
 * Bundles one function: minified, ASCII, for Lambda's Node.js 24. The default build loads no TLS module before it makes
 * a call. A build for sign-in has the same entry as the one without; the constant decides what stays in it.
 */
export async function bundle(name: BundleName): Promise<string> {
  const { outputFiles } = await run(name);
  const [file] = outputFiles;
  if (!file) throw new Error(`esbuild made no output for ${name}`);
  return file.text;
}

/** The folders of the packages that a function holds parts of. */
export async function packagesIn(name: BundleName): Promise<readonly string[]> {
  const { metafile } = await run(name);
  const folders = Object.entries(Object.values(metafile.outputs)[0]?.inputs ?? {})
    .filter(([, { bytesInOutput }]) => bytesInOutput > 0)
    .flatMap(([input]) => PACKAGE_FOLDER.exec(input)?.slice(0, 1) ?? []);
  return [...new Set(folders)].sort();
}

const PACKAGE_FOLDER = /^.*\bnode_modules\/(@[^/]+\/)?[^/]+/;

function run(name: BundleName) {
  return build({
    entryPoints: [join(ROOT, entryOf(name))],
    define: { GATEHOUSE_AUTH: String(name.endsWith("-auth")) },
    absWorkingDir: ROOT,
    bundle: true,
    metafile: true,
    write: false,
    minify: true,
    platform: "node",
    target: "node24",
    format: "cjs",
    supported: { "dynamic-import": false },
    charset: "ascii",
    legalComments: "none",
    mainFields: ["module", "main"],
    plugins: [packedTexts, ...(/-sdk(-auth)?$/.test(name) ? [] : [smallPlatform])],
  });
}

function entryOf(name: BundleName): string {
  if (name === "deployment" || name === "client-urls") return INFRA_ENTRIES[name];
  return `${name.replace("gatehouse", "edge/index").replace("-auth", "")}.ts`;
}
