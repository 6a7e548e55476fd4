// Every command of package.json says in a line what it was not meant to be told, and does nothing else.
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { readCommandLine, UsageError } from "../../infra/build/command-line.ts";

const ROOT = join(import.meta.dirname, "../..");
const FOLDER = mkdtempSync(join(tmpdir(), "gatehouse-commands-"));
afterAll(() => rmSync(FOLDER, { recursive: true }));
/** A process that loads much before it looks at its arguments, on a busy machine. */
const SLOW = 60_000;

const BUILD_EDGE =
  "usage: npm run build:edge -- --config <file.json> --out <file.js> [--sdk] [--policies <file.json>] [--function <file.js>]";
const PACKAGE = "usage: npm run package -- [--out <folder>]";
const GUARDS = "usage: npm run guards -- [--row <text>]";
const SOAK = "usage: npm run soak -- [--only deployments|requests] [--tries <number>] [--seed <number>]";
const BENCH = "npm run bench -- --help says more";
const START =
  "usage: npm start -- [--port <port>] [--config <context.json>] [--assets <folder>] [--site] [--placement <placement>] [--s3 <endpoint>]\n" +
  "npm start -- --help says more";
const TEMPLATE = "usage: npm run template -- [--config <context.json>] [--out <gatehouse.template.json>]";
const POSITIONAL = "Unexpected argument 'x'. This command does not take positional arguments";

/** A script of package.json, what it is told, and what it answers. */
const MISTAKES: readonly (readonly [
  script: string,
  file: string,
  args: string,
  says: string,
  code: number,
])[] = [
  ["package", "infra/build/package.ts", "--wrong", `Unknown option '--wrong'\n${PACKAGE}`, 1],
  ["package", "infra/build/package.ts", "x", `${POSITIONAL}\n${PACKAGE}`, 1],
  ["package", "infra/build/package.ts", "--out", `Option '--out <value>' argument missing\n${PACKAGE}`, 1],
  ["build:edge", "infra/build/build-edge.ts", "--wrong", `Unknown option '--wrong'\n${BUILD_EDGE}`, 1],
  ["build:edge", "infra/build/build-edge.ts", "x", `${POSITIONAL}\n${BUILD_EDGE}`, 1],
  ["build:edge", "infra/build/build-edge.ts", "", BUILD_EDGE, 1],
  ["template", "infra/app/template.ts", "--wrong", `Unknown option '--wrong'\n${TEMPLATE}`, 1],
  ["start", "local/start/main.ts", "--wrong", `Unknown option '--wrong'\n${START}`, 1],
  ["rgw", "local/rgw/main.ts", "--wrong", "Unexpected argument '--wrong'\nusage: npm run rgw", 1],
  ["record", "local/record/main.ts", "x", "Unexpected argument 'x'\nusage: npm run record", 1],
  ["bench", "bench/main.ts", "--wrong", `Unknown option '--wrong'\n${BENCH}`, 1],
  ["bench", "bench/main.ts", "--users many", `--users: many is no number\n${BENCH}`, 1],
  [
    "verify",
    "test/verify/main.ts",
    "--wrong",
    "Unknown option '--wrong'\nnpm run verify -- --help says more",
    2,
  ],
  ["soak", "test/soak/main.ts", "--wrong", `Unknown option '--wrong'\n${SOAK}`, 1],
  ["soak", "test/soak/main.ts", "--tries none", SOAK, 1],
  ["soak", "test/soak/main.ts", "--only pages", SOAK, 1],
  ["guards", "test/guards/main.ts", "--wrong", `Unknown option '--wrong'\n${GUARDS}`, 1],
  ["guards", "test/guards/main.ts", "--row qqq", `--row: no row holds the text "qqq"\n${GUARDS}`, 1],
  ["coverage", "test/coverage/main.ts", "--wrong", "Unknown option '--wrong'\nusage: npm run coverage", 1],
];

describe("a mistake is a line and the usage", () => {
  test.each(MISTAKES)("npm run %s: %s %s", { timeout: SLOW }, (_script, file, args, says, code) => {
    const given = args === "" ? [] : args.split(" ");
    const { stdout, stderr, status } = spawnSync(process.execPath, [join(ROOT, file), ...given], {
      cwd: FOLDER,
      encoding: "utf8",
    });
    expect({ stdout, stderr, status }).toEqual({ stdout: "", stderr: `${says}\n`, status: code });
  });

  test("each of those is the file of its script", () => {
    const { scripts } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
    expect(MISTAKES.filter(([script, file]) => !String(scripts[script]).endsWith(`node ${file}`))).toEqual(
      [],
    );
  });

  test("every script with a file of ours is among them, but for those that pass on what they are told", () => {
    const { scripts } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
    const ours = Object.keys(scripts).filter((name) => /node \S+\.ts$/.test(scripts[name]));
    const listed = new Set(MISTAKES.map(([script]) => script));
    expect(ours.filter((name) => !listed.has(name))).toEqual(["app", "mutation"]);
  });
});

test("a package takes the place of a package alone, and of nobody's own folder", { timeout: SLOW }, () => {
  const out = join(FOLDER, "mine");
  mkdirSync(out);
  writeFileSync(join(out, "letter.txt"), "dear");
  const { stderr, status } = spawnSync(
    process.execPath,
    [join(ROOT, "infra/build/package.ts"), "--out", out],
    { encoding: "utf8" },
  );
  expect({ stderr, status }).toEqual({
    stderr: `--out: "${out}" is no folder that is new, empty or a package of before\n${PACKAGE}\n`,
    status: 1,
  });
  expect(readdirSync(out)).toEqual(["letter.txt"]);
});

describe("readCommandLine", () => {
  const options = { name: { type: "string" } } as const;

  test("gives what was said", () => {
    expect({ ...readCommandLine(options, "usage", ["--name", "x"]) }).toEqual({ name: "x" });
  });

  test("says the first line of what Node.js says", () => {
    const read = () => readCommandLine(options, "usage: this", ["--name", "--name"]);
    expect(read).toThrow(UsageError);
    expect(read).toThrow(/^Option '--name' argument is ambiguous\.\nusage: this$/);
  });
});
