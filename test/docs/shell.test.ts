// Every shell snippet of the pages runs: with curl against a running gate, with a stand-in for what needs an account.
import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readContext } from "../../infra/app/context.ts";
import { type Gate, startGate } from "../../local/gate/gate.ts";
import { curlMissing } from "../../local/record/curl.ts";
import { readArguments } from "../../local/start/arguments.ts";
import { DEMO_CONTEXT, putPrivatePages } from "../../local/start/demo.ts";
import { describeWith } from "../e2e/requirements.ts";
import { readOptions } from "../verify/options.ts";
import { OLD_KEY, parseAwsCommand } from "./aws-commands.ts";
import { blocksOf, PAGES, type PlacedBlock, ROOT } from "./pages.ts";
import { ELSEWHERE, NOT_RUN, PLACEHOLDERS, REAL, REAL_SCRIPTS } from "./shell-plan.ts";
import { type Call, parseCalls, STAND_INS, writeStandIns } from "./stand-ins.ts";

const SNIPPETS = blocksOf("sh").filter(({ path }) => !ELSEWHERE.includes(path));

/** Scripts that a page has the reader save under a name. */
const SCRIPTS = blocksOf("js").filter(({ kind }) => kind !== "");

/** A snippet's exit code, what it printed, and which commands it gave to stand-ins. */
interface Outcome {
  readonly code: number;
  readonly output: string;
  readonly calls: readonly Call[];
}

describeWith("shell snippets", [curlMissing()], () => {
  let gate: Gate;
  let token: string;
  const folder = mkdtempSync(join(tmpdir(), "gatehouse-docs-"));

  beforeAll(async () => {
    gate = await startGate({ port: 0, assets: join(ROOT, "local/assets"), context: DEMO_CONTEXT });
    await putPrivatePages(gate);
    token = await gate.userPool.issueIdToken("ada");
    writeStandIns(join(folder, "bin"));
  });
  afterAll(async () => {
    await gate.close();
    rmSync(folder, { recursive: true });
  });

  async function run(text: string): Promise<Outcome> {
    const cwd = mkdtempSync(join(folder, "run-"));
    const log = join(cwd, "asked.log");
    writeFileSync(log, "");
    writeFileSync(join(cwd, "token.txt"), token);
    writeFileSync(join(cwd, "gatehouse.json"), configuration());
    for (const script of SCRIPTS) writeFileSync(join(cwd, script.kind), script.text);
    const environment = {
      ...process.env,
      PATH: `${join(folder, "bin")}:${process.env["PATH"]}`,
      STAND_IN_LOG: log,
      TOKEN: token,
      NODE_OPTIONS: "",
    };
    const given = ["--norc", "-euo", "pipefail", "-c", filledIn(text, gate.url)];
    const { code, output } = await promisify(execFile)("bash", given, { cwd, env: environment }).then(
      ({ stdout, stderr }) => ({ code: 0, output: stdout + stderr }),
      (error: { code: number; stdout: string; stderr: string }) => ({
        code: error.code,
        output: error.stdout + error.stderr,
      }),
    );
    return { code, output, calls: parseCalls(readFileSync(log, "utf8")) };
  }

  test.each(SNIPPETS.map((snippet) => [snippet.place, snippet] as const))("%s", async (_, { text }) => {
    const { code, output, calls } = await run(text);
    expect([code, code === 0 ? "" : output]).toEqual([0, ""]);
    for (const call of calls) check(call);
    expect(calls.filter((call) => !isExplained(call))).toEqual([]);
  });

  const fileOf = (calls: readonly Call[]) => calls.find(({ file }) => file !== undefined)?.file ?? "";
  const named = (calls: readonly Call[], operation: string) =>
    calls.filter(({ args }) => args[1] === operation);

  test("the new sealing key comes before the old one", async () => {
    const { calls } = await run(snippetWith("put-secret-value").text);
    const keys: unknown = JSON.parse(fileOf(calls));
    expect(keys).toEqual({ current: expect.stringMatching(/^[0-9a-f]{64}$/), previous: OLD_KEY });
  });

  test("the distribution is disabled, and nothing else about it changes", async () => {
    const { calls } = await run(snippetWith("update-distribution").text);
    expect(JSON.parse(fileOf(calls))).toEqual({ CallerReference: "x", Enabled: false });
    expect(named(calls, "update-distribution")[0]?.args).toContain("E2QWRUHEXAMPLE");
  });

  test("logs are kept as long in every region", async () => {
    const { calls } = await run(snippetWith("put-retention-policy").text);
    const policies = named(calls, "put-retention-policy").map(({ args }) => parseAwsCommand(args).options);
    expect(policies.map((options) => [options.get("region"), options.get("log-group-name")])).toEqual([
      ["eu-west-1", "/aws/lambda/us-east-1.Gatehouse-AssetsExample"],
      ["us-east-1", "/aws/lambda/us-east-1.Gatehouse-AssetsExample"],
    ]);
  });

  test("every user is signed out, and tokens count from now on", async () => {
    const before = Math.floor(Date.now() / 1000);
    const { calls } = await run(snippetWith("list-users").text);
    expect(named(calls, "admin-user-global-sign-out").map(({ args }) => args.at(-1))).toEqual(["ada", "bob"]);
    const [, notBefore] = /"notBefore":(\d+)/.exec(calls.at(-1)?.args.join(" ") ?? "") ?? [];
    expect(Number(notBefore)).toBeGreaterThanOrEqual(before);
  });

  test("curl gets what the pages say", async () => {
    const answers = SNIPPETS.filter(({ path }) => path === "docs/recipes.md" || path === "local/README.md")
      .flatMap(({ text }) => text.split("\n"))
      .filter((line) => /^curl -i /.test(line))
      .map(async (line) => {
        const { output } = await run(line.replace("curl -i", "curl -si"));
        return [/^HTTP\/1\.1 (\d+)/.exec(output)?.[1], line.includes("$TOKEN")];
      });
    for (const [status, hasToken] of await Promise.all(answers))
      expect(status).toBe(hasToken ? "200" : "401");
    expect(answers.length).toBeGreaterThan(3);
  });

  test("a bundle that was built as the page says exports all four functions", async () => {
    const { text } = snippetWith("npm run build:edge");
    const { output } = await run(`${text}\nprintf %s "$PWD"`);
    const bundle: object = createRequire(import.meta.url)(join(output, "dist/gatehouse.js"));
    expect(Object.keys(bundle).sort()).toEqual(["apiRequest", "handler", "originRequest", "originResponse"]);
  });
});

/** Whether a call was really made, or is in the list of those that are not. */
function isExplained({ program, args }: Call): boolean {
  const line = [program, ...args].join(" ");
  if (program === "node" && !args[0]?.endsWith(".ts")) return true;
  if (program === "npm" && args[0] === "run" && Object.hasOwn(REAL_SCRIPTS, args[1] ?? "")) return true;
  return NOT_RUN.some(([start]) => `${line} `.startsWith(start));
}

/** @throws Error when the program would not have understood the call */
function check({ program, args }: Call): void {
  const [first = "", second = "", ...rest] = args;
  if (program === "aws") parseAwsCommand(args);
  if (program === "npx" && first === "vitest") checkVitest(args);
  else if (program === "npx") checkCdk(args);
  if (program === "node" && first.endsWith(".ts"))
    expect([first, existsSync(join(ROOT, first))]).toEqual([first, true]);
  if (program !== "npm") return;
  if (first === "start") readArguments(rest, {});
  if (first === "run" && second === "verify") readOptions(rest.slice(1), {});
  if (first === "run" && rest.length > 0) expect(rest[0]).toBe("--");
}

/** Every file or folder that is named is there. */
function checkVitest(args: readonly string[]): void {
  const named = args.filter((arg) => arg.startsWith("test/"));
  expect(named.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
  expect(named).not.toEqual([]);
}

function checkCdk([cdk, command = "", ...rest]: readonly string[]): void {
  expect([cdk, ["bootstrap", "deploy", "destroy", "diff"].includes(command)]).toEqual(["cdk", true]);
  if (command === "bootstrap") return;
  const context = new Map<string, string>();
  for (let at = 0; at < rest.length; at += 2) {
    const [key = "", ...value] = (rest[at + 1] ?? "").split("=");
    expect(rest[at]).toBe("-c");
    context.set(key, value.join("="));
  }
  readContext(Object.fromEntries(context));
}

/** Placeholders become words, and the local gate's address the running one's. */
function filledIn(text: string, url: string): string {
  return text
    .replaceAll("http://localhost:8080", url)
    .replaceAll(/<Url>|https:\/\/…/g, url)
    .replace(/<([A-Za-z][A-Za-z ]*)>/g, (_, name: string) => PLACEHOLDERS[name] ?? name.replaceAll(" ", "-"));
}

function snippetWith(words: string): PlacedBlock {
  const found = SNIPPETS.find(({ text }) => text.includes(words));
  if (!found) throw new Error(`no snippet with ${words}`);
  return found;
}

/** The document of docs/configuration.md. */
function configuration(): string {
  const block = PAGES.get("docs/configuration.md")?.blocks.find(({ kind }) => kind === "configuration");
  return block?.text ?? "";
}

describe("the plan", () => {
  test("is about commands that the pages have", () => {
    const all = SNIPPETS.map(({ text }) => text).join("\n");
    expect(NOT_RUN.filter(([start]) => !all.includes(start.trim())).map(([start]) => start)).toEqual([]);
  });

  test("knows every program", () => {
    const programs = SNIPPETS.flatMap(({ text }) => programsIn(text));
    const known = [...REAL, ...STAND_INS];
    expect(programs.filter((program) => !known.includes(program))).toEqual([]);
  });

  test.each([
    ["cognito-idp admin-disable-user --user-pool-id x", "needs --username"],
    ["cognito-idp admin-disable-users", "not in test/docs/aws-commands.ts"],
    ["ec2 describe-regions --regions x", "no option --regions"],
    ["s3 rm", "0 operands"],
    ["s3 rm a --region", "--region needs a value"],
  ])("sees what is wrong with aws %s", (line, problem) => {
    expect(() => parseAwsCommand(line.split(" "))).toThrow(problem);
  });
});

const KEYWORDS = ["for", "do", "done", "while", "if", "then", "fi"];

/** The first word of each command, without assignments; what is in quotes is nobody's command. */
function programsIn(text: string): readonly string[] {
  const bare = text
    .replace(/\\\n/g, " ")
    .replace(/'[^']*'/g, "''")
    .replace(/#.*$/gm, "")
    .replace(/\$\(\(.*?\)\)/g, "0");
  const commands = bare.split(/\n|&&|\|\|?|;|\$\(|\bdo\b/).map((command) => command.trim());
  return commands
    .map(
      (command) =>
        command
          .replace(/^([A-Z_]+=("[^"]*"|\S*)\s*)+/, "")
          .replace(/^[")\]]+/, "")
          .split(/\s/)[0] ?? "",
    )
    .filter(
      (word) =>
        /^[a-z]/.test(word) && !KEYWORDS.includes(word) && !["read", "in", "region", "group"].includes(word),
    );
}

/** What the stack of README.md has no output of: one that is looked up, and one of the split placement. */
const IN_OTHER_STACKS = ["FunctionName", "RevocationStoreArn"];

test("cdk deploys what the README says, up to the account", { timeout: 60_000 }, async () => {
  const { text } = snippetWith("npx cdk deploy -c areas");
  const [, context = ""] = /cdk deploy -c (areas='.*?')/.exec(text) ?? [];
  const out = mkdtempSync(join(tmpdir(), "gatehouse-synth-"));
  // Without building: other tests read dist/ at this moment.
  const line = `cdk synth --quiet --app "node infra/app/app.ts" --output ${out} -c ${context}`;
  const path = `${join(ROOT, "node_modules/.bin")}:${dirname(process.execPath)}:${process.env["PATH"]}`;
  await promisify(execFile)("bash", ["-c", line], { cwd: ROOT, env: { ...process.env, PATH: path } });
  const template: { Outputs: Record<string, { Value: unknown }> } = JSON.parse(
    readFileSync(join(out, "Gatehouse.template.json"), "utf8"),
  );
  rmSync(out, { recursive: true });
  const placeholders = [...PAGES].flatMap(([path, { blocks }]) =>
    ELSEWHERE.includes(path)
      ? []
      : blocks.flatMap((block) => [...block.text.matchAll(/<([A-Z]\w+)>/g)].map(([, name]) => name)),
  );
  // What is in angle brackets and has a capital letter is an output of the stack.
  const outputs = new Set(placeholders.filter((name) => !IN_OTHER_STACKS.includes(String(name))));
  expect(
    [...outputs, "AfterDestroy", "NextCreateUser"].filter((name) => !template.Outputs[String(name)]),
  ).toEqual([]);
  expect(outputs.size).toBeGreaterThan(3);
});
