// `npm run build` writes every bundle into dist/; `npm run build:edge` writes one deployable file with its configuration.
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { parseConfig } from "../edge/config.ts";
import { bundle, INFRA_BUNDLES } from "./bundle.ts";
import { EDGE_BUNDLES, edgeBundleName } from "./edge-bundles.ts";

const DIST = join(import.meta.dirname, "../dist");
const USAGE = "usage: npm run build:edge -- --config <file.json> --out <file.js> [--sdk]";

const { values } = parseArgs({
  options: {
    all: { type: "boolean", default: false },
    config: { type: "string" },
    out: { type: "string" },
    sdk: { type: "boolean", default: false },
  },
});

try {
  if (values.all) await buildAll();
  else if (values.config && values.out) await buildOne(values.config, values.out, values.sdk);
  else throw new Error(USAGE);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

async function buildAll(): Promise<void> {
  for (const name of EDGE_BUNDLES) await write(join(DIST, `edge/${name}.js`), await bundle(name));
  for (const name of INFRA_BUNDLES) await write(join(DIST, `infra/${name}.js`), await bundle(name));
}

/** The configuration is checked here, so that a mistake shows before a deployment and not behind it. */
async function buildOne(configFile: string, out: string, sdk: boolean): Promise<void> {
  const document: unknown = JSON.parse(await readFile(configFile, "utf8"));
  const config = parseConfig(document);
  const code = await bundle(edgeBundleName({ sts: !!config.exchange, sdk, auth: !!config.auth }));
  await write(out, `const GATEHOUSE_CONFIG=${JSON.stringify(config)};\n${code}`);
}

async function write(file: string, text: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, text);
}
