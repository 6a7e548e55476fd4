// `npm run package` puts the package together that `npm pack` or `npm publish` takes: `dist/package/`.
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { cp, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { build } from "esbuild";
import { type BuiltFile, readBuiltFile } from "./built-file.ts";
import { INFRA_BUNDLES } from "./bundle.ts";
import { readCommandLine, runCommand, UsageError } from "./command-line.ts";
import { reachableDeclarations } from "./declarations.ts";
import { EDGE_BUNDLES } from "./edge-bundles.ts";
import { manifest } from "./manifest.ts";
import { notices } from "./notices.ts";

const ROOT = join(import.meta.dirname, "../..");
const USAGE = "usage: npm run package -- [--out <folder>]";
/** What every package has, and nobody's own folder. */
const NOTICES = "THIRD-PARTY-NOTICES.txt";

await runCommand(async () => {
  const { out } = readCommandLine({ out: { type: "string", default: join(ROOT, "dist/package") } }, USAGE);
  await empty(out);
  await writePackage(out);
  console.log(await summary(out, pack(out)));
});

/** A package of before goes; a folder with anything else in it is not ours to remove. */
async function empty(out: string): Promise<void> {
  const isTaken = existsSync(out) && !existsSync(join(out, NOTICES));
  if (out === "" || (isTaken && (await readdir(out)).length > 0))
    throw new UsageError(`--out: "${out}" is no folder that is new, empty or a package of before\n${USAGE}`);
  await rm(out, { recursive: true, force: true });
}

async function writePackage(out: string): Promise<void> {
  await writeLibrary(join(out, "lib/index.js"));
  await writeDeclarations(join(out, "types"));
  const files: readonly BuiltFile[] = [
    ...EDGE_BUNDLES.map((name) => `edge/${name}.js` as const),
    "edge/gatehouse-function.json",
    ...INFRA_BUNDLES.map((name) => `infra/${name}.js` as const),
  ];
  for (const file of files) await write(join(out, "dist", file), readBuiltFile(file));
  await write(join(out, "package.json"), `${JSON.stringify(await readManifest(), null, 2)}\n`);
  await write(join(out, NOTICES), await notices([...EDGE_BUNDLES, ...INFRA_BUNDLES]));
  await cp(join(ROOT, "infra/README.md"), join(out, "README.md"));
  await cp(join(ROOT, "LICENSE"), join(out, "LICENSE"));
}

/** The one file that apps install: a folder would be linked, and its aws-cdk-lib would be another one than the app's. */
function pack(out: string): string {
  const folder = dirname(resolve(out));
  const args = ["pack", "--silent", "--ignore-scripts", "--pack-destination", folder, resolve(out)];
  return join(folder, execFileSync("npm", args, { encoding: "utf8" }).trim());
}

/** What was written, and what takes it. */
async function summary(out: string, tarball: string): Promise<string> {
  const { name, version }: { name: string; version: string } = JSON.parse(
    await readFile(join(out, "package.json"), "utf8"),
  );
  const entries = await readdir(out, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  const { size } = await stat(tarball);
  return [
    `${name} ${version}: ${files.length} files, ${Math.round(size / 1000)} KB, in ${tarball}`,
    `Next, in the folder of your CDK app: npm install ${tarball}`,
  ].join("\n");
}

/**
 * One CommonJS file, as CDK's own library is: apps of both module kinds can load it, and no app gets two of it. It
 * finds the built functions where the sources do: two folders above `infra/build`, in `dist`.
 */
async function writeLibrary(outfile: string): Promise<void> {
  await build({
    entryPoints: [join(ROOT, "infra/index.ts")],
    outfile,
    bundle: true,
    platform: "node",
    target: "node20",
    format: "cjs",
    external: ["aws-cdk-lib", "constructs"],
    define: { "import.meta.dirname": "SOURCE_FOLDER" },
    banner: { js: 'const SOURCE_FOLDER = require("node:path").join(__dirname, "build");' },
    charset: "utf8",
    legalComments: "none",
  });
}

/** Declarations of what is exported, and of nothing else. */
async function writeDeclarations(out: string): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "gatehouse-types-"));
  try {
    emitDeclarations(folder);
    for (const { file, text } of reachableDeclarations(folder, "infra/index.d.ts"))
      await write(join(out, file), text);
  } finally {
    await rm(folder, { recursive: true });
  }
}

function emitDeclarations(outDir: string): void {
  const options = [
    ["--declaration", "--emitDeclarationOnly"],
    ["--noEmit", "false", "--rootDir", ROOT, "--outDir", outDir],
    ["--strict", "--skipLibCheck", "--target", "es2024", "--module", "nodenext", "--types", "node"],
    ["--allowImportingTsExtensions", "--resolveJsonModule"],
  ].flat();
  const tsc = join(ROOT, "node_modules/typescript/bin/tsc");
  const args = ["--ignoreConfig", ...options, "infra/index.ts"];
  execFileSync(process.execPath, [tsc, ...args], { cwd: ROOT, stdio: ["ignore", "inherit", "inherit"] });
}

async function readManifest(): Promise<object> {
  return manifest(JSON.parse(await readFile(join(ROOT, "package.json"), "utf8")));
}

async function write(file: string, text: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, text);
}
