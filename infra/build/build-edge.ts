// `npm run build` writes every bundle into dist/; `npm run build:edge` writes one deployable file with its configuration,
// and the policies that belong to it.
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Config } from "../../edge/config/config.ts";
import { ConfigError, parseConfig } from "../../edge/config/document.ts";
import { gateIdOf } from "../../edge/config/gate-id.ts";
import { accessProblems } from "../access/index.ts";
import { functionBundles } from "./build-function.ts";
import { bundle, INFRA_BUNDLES } from "./bundle.ts";
import { readCommandLine } from "./command-line.ts";
import { EDGE_BUNDLES, edgeBundleName } from "./edge-bundles.ts";
import { functionBuild, functionCode, functionLiteral } from "./function-code.ts";
import { functionSecret } from "./function-secret.ts";
import { sizeProblems } from "./function-size.ts";
import { keyProblems } from "./known-keys.ts";
import { policyDocuments } from "./policy-documents.ts";

const DIST = join(import.meta.dirname, "../../dist");
const USAGE =
  "usage: npm run build:edge -- --config <file.json> --out <file.js> [--sdk] [--policies <file.json>] [--function <file.js>]";

const OPTIONS = {
  all: { type: "boolean", default: false },
  config: { type: "string" },
  out: { type: "string" },
  policies: { type: "string" },
  function: { type: "string" },
  sdk: { type: "boolean", default: false },
} as const;

try {
  const values = readCommandLine(OPTIONS, USAGE);
  if (values.all) await buildAll();
  else if (values.config && values.out) await buildOne(values.config, values.out, values);
  else throw new Error(USAGE);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

async function buildAll(): Promise<void> {
  for (const name of EDGE_BUNDLES) await write(join(DIST, `edge/${name}.js`), await bundle(name));
  await write(join(DIST, "edge/gatehouse-function.json"), await functionBundles());
  for (const name of INFRA_BUNDLES) await write(join(DIST, `infra/${name}.js`), await bundle(name));
}

/** The configuration is checked here, so that a mistake shows before a deployment and not behind it. */
async function buildOne(
  configFile: string,
  out: string,
  { sdk, policies, function: functionOut }: { sdk: boolean; policies?: string; function?: string },
): Promise<void> {
  const document: unknown = JSON.parse(await readFile(configFile, "utf8"));
  const config = parseConfig(document);
  const problems = [...keyProblems(config), ...accessProblems(config)];
  if (problems.length > 0) throw new ConfigError(problems);
  const code = await bundle(edgeBundleName({ sts: !!config.exchange, sdk, auth: !!config.auth }));
  // It holds the sealing keys: nobody else reads it, and a file of before would keep its mode.
  await rm(out, { force: true });
  await write(out, `const GATEHOUSE_CONFIG=${JSON.stringify(config)};\n${code}`, 0o600);
  if (functionOut) {
    await rm(functionOut, { force: true });
    await write(functionOut, viewerFunctionCode(config), 0o600);
  }
  if (policies) await write(policies, `${JSON.stringify(policyDocuments(config), null, 2)}\n`);
}

/** What goes into a CloudFront Function; it holds keys that are derived from the sealing keys. */
function viewerFunctionCode(config: Config): string {
  if (config.placement !== "split" || !config.auth) throw new Error("--function: needs placement split");
  const literal = JSON.stringify({ ...functionLiteral(config), gateId: gateIdOf(config) });
  const code = functionCode(functionBuild(config), literal, JSON.stringify(functionSecret(config.auth.keys)));
  const [problem] = sizeProblems(code, config);
  if (problem !== undefined) throw new ConfigError([problem]);
  return code;
}

async function write(file: string, text: string, mode?: number): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, text, { mode });
}
