// The package as somebody else meets it: packed, installed into an empty CDK app, compiled and synthesized there.
import { execFileSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { reachableDeclarations } from "../../infra/build/declarations.ts";
import { EDGE_BUNDLES } from "../../infra/build/edge-bundles.ts";
import { OLDEST_CDK } from "../../infra/build/manifest.ts";
import { describeWith } from "../e2e/requirements.ts";
import { gateIn, newOutdir } from "./synth.ts";

const ROOT = join(import.meta.dirname, "../..");
const FOLDER = mkdtempSync(join(tmpdir(), "gatehouse-package-"));
const PACKAGE = join(FOLDER, "package");
/** A compiler run over all of CDK's declarations, on a busy machine. */
const SLOW = 120_000;
const AREAS = [
  { path: "/team/*", groups: ["editors"] },
  { path: "/me/*", owner: "users/{identityId}/" },
  { path: "/*" },
];

afterAll(() => rmSync(FOLDER, { recursive: true }));

let said = "";

beforeAll(() => {
  said = run(process.execPath, ["infra/build/package.ts", "--out", PACKAGE], ROOT);
});

test("it holds the library, its declarations, every function ready built, README and licence", () => {
  expect(readdirSync(PACKAGE).sort()).toEqual([
    "LICENSE",
    "README.md",
    "THIRD-PARTY-NOTICES.txt",
    "dist",
    "lib",
    "package.json",
    "types",
  ]);
  expect(readdirSync(join(PACKAGE, "dist/edge")).sort()).toEqual(
    [...EDGE_BUNDLES.map((name) => `${name}.js`), "gatehouse-function.json"].sort(),
  );
  expect(readdirSync(join(PACKAGE, "dist/infra"))).toEqual(["client-urls.js", "deployment.js"]);
});

test("whoever makes it is told where it is, how large, and what comes next", () => {
  const [made, next] = said.split("\n");
  const files = readdirSync(PACKAGE, { recursive: true, withFileTypes: true }).filter((it) => it.isFile());
  const { version } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
  const tarball = join(FOLDER, `gatehouse-${version}.tgz`);
  expect(made).toMatch(
    new RegExp(`^gatehouse ${version}: ${files.length} files, \\d{3,} KB, in ${tarball}$`),
  );
  expect(next).toBe(`Next, in the folder of your CDK app: npm install ${tarball}`);
  expect(existsSync(tarball)).toBe(true);
});

test("it says whose work is in the functions", () => {
  const text = readFileSync(join(PACKAGE, "THIRD-PARTY-NOTICES.txt"), "utf8");
  const titles = [...text.matchAll(/^(\S+) \d+\.\d+\.\d+ \((.+)\)$/gm)];
  expect(titles.map(([, name]) => name)).toEqual(
    expect.arrayContaining(["aws-jwt-verify", "@smithy/signature-v4", "@aws-crypto/sha256-js", "tslib"]),
  );
  expect(new Set(titles.map(([title]) => title)).size).toBe(titles.length);
  expect(new Set(titles.map(([, , license]) => license))).toEqual(new Set(["Apache-2.0", "0BSD"]));
  expect(text).toContain("Apache License");
  const { files } = JSON.parse(readFileSync(join(PACKAGE, "package.json"), "utf8"));
  expect(files).toContain("THIRD-PARTY-NOTICES.txt");
});

test("its package.json is for consumers: nothing to install along, nothing to run, not private", () => {
  const manifest: Record<string, unknown> = JSON.parse(readFileSync(join(PACKAGE, "package.json"), "utf8"));
  const own: Record<string, unknown> = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
  for (const field of ["name", "version", "license", "engines"]) expect(manifest[field]).toEqual(own[field]);
  for (const field of ["private", "scripts", "dependencies", "optionalDependencies", "bin"])
    expect(manifest).not.toHaveProperty(field);
  expect(Object.keys(Object(manifest["peerDependencies"]))).toEqual(["aws-cdk-lib", "constructs"]);
});

test("its library loads CDK and Node.js alone, and nothing from where it was built", () => {
  const text = readFileSync(join(PACKAGE, "lib/index.js"), "utf8");
  const names = new Set([...text.matchAll(/\brequire\("([^"]+)"\)/g)].map(([, name = ""]) => name));
  expect([...names].filter((name) => !/^(node:|constructs$|aws-cdk-lib(\/|$))/.test(name))).toEqual([]);
  expect(text).not.toContain(ROOT);
});

test("its declarations import each other as .js, and none is missing or left over", () => {
  const types = join(PACKAGE, "types");
  const files = readdirSync(types, { recursive: true })
    .map(String)
    .filter((file) => file.endsWith(".d.ts"));
  for (const file of files)
    expect(readFileSync(join(types, file), "utf8"), file).not.toMatch(/from "\..*\.ts"/);
  const imported = new Set(
    files.flatMap((file) =>
      [...readFileSync(join(types, file), "utf8").matchAll(/(?:from |import\()"(\..*?)\.js"/g)].map(
        ([, path = ""]) => join(dirname(file), `${path}.d.ts`),
      ),
    ),
  );
  expect(files.filter((file) => file !== "infra/index.d.ts").sort()).toEqual([...imported].sort());
});

test("declarations that import each other in a circle are read once", () => {
  const folder = mkdtempSync(join(FOLDER, "circle-"));
  writeFileSync(join(folder, "a.d.ts"), 'import type { B } from "./b.ts";\n');
  writeFileSync(join(folder, "b.d.ts"), 'export type B = import("./a.ts").A;\n');
  expect(reachableDeclarations(folder, "a.d.ts")).toEqual([
    { file: "a.d.ts", text: 'import type { B } from "./b.js";\n' },
    { file: "b.d.ts", text: 'export type B = import("./a.js").A;\n' },
  ]);
});

test("every property of the props says what happens without it", () => {
  for (const file of ["props", "users/sign-in-props", "delivery/alarms"]) {
    const text = readFileSync(join(PACKAGE, `types/infra/${file}.d.ts`), "utf8");
    const optional = [...text.matchAll(/(\*\/)?\s*readonly (\w+)\?:/g)];
    expect(optional.length, file).toBeGreaterThan(0);
    for (const { index, 2: name } of optional) {
      const comment = text.slice(text.lastIndexOf("/**", index), index);
      expect(comment, `${file}: ${name}`).toContain("@default");
      expect(comment, `${file}: ${name}`).not.toMatch(/readonly/);
    }
  }
});

const NODENEXT = { module: "nodenext" };

describe.each([
  ["a CommonJS app", "commonjs", NODENEXT],
  ["an ESM app", "module", NODENEXT],
  ["a CommonJS app of older settings", "commonjs", { module: "commonjs", moduleResolution: "bundler" }],
])("in %s", (_name, type, compilerOptions) => {
  const app = mkdtempSync(join(FOLDER, "app-"));

  beforeAll(() => {
    install(app, type, join(ROOT, "node_modules"));
    link(app, join(ROOT, "node_modules"), "cdk-nag");
    writeFileSync(join(app, "app.ts"), appWithExample());
    compile(app, "app.ts", compilerOptions);
  });

  test("its types refuse what is not there", { timeout: SLOW }, () => {
    writeFileSync(
      join(app, "wrong.ts"),
      `${readmeExample()}\nnew SignedInAssets(stack, "More", { area: [] });\n`,
    );
    expect(() => compile(app, "wrong.ts", compilerOptions)).toThrow(
      /'area' does not exist in type 'SignedInAssetsProps'/,
    );
  });

  test("the README's example compiles, synthesizes what the sources do, and satisfies cdk-nag", {
    timeout: SLOW,
  }, () => {
    expect(withoutId(synthesized(app))).toEqual(withoutId(fromSource()));
  });
});

const OLDEST = join(ROOT, "test/oldest-cdk/node_modules");
const OLDEST_MISSING = existsSync(OLDEST)
  ? undefined
  : "the oldest CDK is not installed; run npm --prefix test/oldest-cdk ci --ignore-scripts";

describeWith(`with aws-cdk-lib ${OLDEST_CDK}, the oldest that it asks for`, [OLDEST_MISSING], () => {
  test("that one is installed", () => {
    const { version } = JSON.parse(readFileSync(join(OLDEST, "aws-cdk-lib/package.json"), "utf8"));
    expect(version).toBe(OLDEST_CDK);
  });

  test.each([
    ["a CommonJS app", "commonjs"],
    ["an ESM app", "module"],
  ])("%s compiles and synthesizes what the newest does", { timeout: SLOW }, (_name, type) => {
    const app = mkdtempSync(join(FOLDER, "oldest-"));
    install(app, type, OLDEST);
    writeFileSync(
      join(app, "app.ts"),
      `${readmeExample()}\n(stack.node.root as App).synth();\n${EVERYTHING}`,
    );
    compile(app, "app.ts", NODENEXT);
    expect(withoutMetadata(synthesized(app))).toEqual(withoutMetadata(fromSource()));
  });
});

/** Everything that the package exports, so that its declarations are read with the app's CDK. */
const EVERYTHING = `import * as everything from "gatehouse";
if (Object.values(everything).includes(undefined as never)) throw new Error("an export is missing");
`;

/** The tarball in an empty app; CDK is linked instead of fetched, so that this works without a network. */
function install(app: string, type: string, modules: string): void {
  const tarball = join(FOLDER, readdirSync(FOLDER).find((name) => name.endsWith(".tgz")) ?? "");
  writeFileSync(join(app, "package.json"), JSON.stringify({ name: "app", version: "1.0.0", type }));
  run("npm", ["install", "--offline", "--ignore-scripts", "--legacy-peer-deps", "--no-audit", tarball], app);
  for (const name of ["aws-cdk-lib", "constructs"]) link(app, modules, name);
  for (const name of ["@types/node", "undici-types"]) link(app, join(ROOT, "node_modules"), name);
}

/** What the app's own template has. */
function synthesized(app: string): object {
  const outdir = newOutdir();
  run(process.execPath, ["app.js"], app, {
    CDK_OUTDIR: outdir,
    CDK_CONTEXT_JSON: JSON.stringify({ "@aws-cdk/core:validateAgainstDefaultRules": true }),
  });
  const template: unknown = JSON.parse(readFileSync(join(outdir, "Site.template.json"), "utf8"));
  return Object(template)["Resources"];
}

function fromSource(): object {
  const { template } = gateIn("us-east-1", () => ({ areas: AREAS }));
  return Object(template().toJSON()["Resources"]);
}

const STRICT = {
  target: "es2022",
  strict: true,
  exactOptionalPropertyTypes: false,
  noUncheckedIndexedAccess: true,
  noUnusedLocals: true,
  skipLibCheck: false,
  // CDK's own declarations use Disposable.
  lib: ["es2022", "esnext.disposable"],
  types: ["node"],
};

/** The first example of the package's README. */
function readmeExample(): string {
  const [, code = ""] = /```ts\n(.*?)```/s.exec(readFileSync(join(PACKAGE, "README.md"), "utf8")) ?? [];
  expect(code.trim().split("\n").length).toBeLessThanOrEqual(11);
  return code;
}

function appWithExample(): string {
  return [
    'import { Validations } from "aws-cdk-lib";',
    'import { AwsSolutionsChecks } from "cdk-nag";',
    readmeExample(),
    "const root = stack.node.root as App;",
    "Validations.of(root).addPlugins(new AwsSolutionsChecks(root));",
    "root.synth();",
  ].join("\n");
}

function compile(app: string, file: string, options: object): void {
  const tsconfig = { compilerOptions: { ...STRICT, ...options }, files: [file] };
  writeFileSync(join(app, "tsconfig.json"), JSON.stringify(tsconfig));
  run(process.execPath, [join(ROOT, "node_modules/typescript/bin/tsc"), "-p", "."], app);
}

function link(app: string, modules: string, name: string): void {
  const path = join(app, "node_modules", name);
  mkdirSync(dirname(path), { recursive: true });
  symlinkSync(join(modules, name), path);
}

/** They differ by `deploymentId`, which is given to one of them. */
function withoutId(resources: unknown): string {
  return JSON.stringify(resources).replace(/"DeploymentId":"[^"]*"/g, '"DeploymentId":""');
}

/** Newer versions of CDK write what they tell themselves into a resource's metadata. */
function withoutMetadata(resources: object): unknown {
  return Object.fromEntries(
    Object.entries(resources).map(([id, { Metadata: _, ...resource }]) => [id, withoutId(resource)]),
  );
}

/**
 * What a command says.
 * @throws Error with what the command printed
 */
function run(
  command: string,
  args: readonly string[],
  cwd: string,
  env: Record<string, string> = {},
): string {
  try {
    return execFileSync(command, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: "pipe",
      encoding: "utf8",
    });
  } catch (error) {
    const { stdout, stderr } = Object(error);
    throw new Error(`${command} ${args.join(" ")}\n${stdout}${stderr}`);
  }
}
