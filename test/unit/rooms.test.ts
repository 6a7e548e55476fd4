// The order of the rooms: the lint rule is red for each import of a room above, and for a circle.
import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, relative, resolve } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";

const ROOT = join(import.meta.dirname, "../..");
const RESTRICTED = "lint/style/noRestrictedImports";

/** What lies above each room, as one import of it. */
const ABOVE: Readonly<Record<string, readonly string[]>> = {
  "edge/config": ["../errors.ts", "../request/path.ts", "../../infra/props.ts"],
  "edge/request": ["../answer/log.ts", "../token/token.ts", "../areas.ts", "../session/sealed.ts"],
  "edge/answer": ["../token/token.ts", "../s3/sign.ts", "../handler.ts"],
  "edge/token": ["../areas.ts", "../s3/hmac.ts", "../session/sessions.ts", "../sign-in.ts"],
  "edge/s3": ["../session/sessions.ts", "../sdk/sign.ts", "../authorize.ts", "@aws-sdk/signature-v4"],
  "edge/session": ["../sdk/exchange.ts", "../sign-in.ts", "../auth/login.ts", "@aws-crypto/sha256-js"],
  "edge/sdk": ["../auth/login.ts", "../handler.ts"],
  "edge/function": ["../token/token.ts", "../answer/respond.ts", "../site.ts", "node:crypto"],
  "edge/auth": ["../sdk/sign.ts", "../authorize.ts", "../index.ts", "@aws-sdk/client-cognito-identity"],
  edge: ["./auth/index.ts", "./sdk/sign.ts", "../infra/props.ts"],
  "infra/cdk": ["../access/index.ts", "../../edge/config/config.ts"],
  "infra/access": ["../users/roles.ts", "../props.ts", "../../edge/errors.ts"],
  "infra/build": ["../deployment/deployment.ts", "../delivery/policies.ts"],
  "infra/deployment": ["../users/client-urls.ts", "../bucket/rights.ts"],
  "infra/bucket": ["../users/roles.ts", "../delivery/behaviors.ts"],
  "infra/users": ["../delivery/edge-function.ts", "../props.ts", "../../edge/request/path.ts"],
  "infra/delivery": ["../props.ts", "../configuration.ts", "../app/stack.ts"],
  infra: ["./app/stack.ts", "../edge/areas.ts", "../local/gate/gate.ts"],
  "infra/app": ["../../edge/handler.ts", "../../local/gate/gate.ts"],
  "local/aws/cognito": ["../../gate/gate.ts", "../../../edge/config/config.ts", "../../../infra/props.ts"],
  "local/aws/cloudfront": ["../iam/policy.ts", "../../gate/gate.ts"],
  "local/rgw": ["../gate/gate.ts", "../../infra/app/app.ts"],
  "local/gate": ["../start/main.ts", "../record/event.ts", "../../edge/config/config.ts"],
  "local/start": ["../record/event.ts", "../browser/chromium.ts", "../../edge/handler.ts"],
  "local/record": ["../../edge/handler.ts", "../../infra/app/app.ts"],
};

const CASES = Object.entries(ABOVE).flatMap(([room, specifiers]) =>
  specifiers.map((specifier, index) => [room, specifier, `${room}/${fileName(room, index)}`] as const),
);

let folder = "";
let found: readonly string[] = [];

/** At the top of a folder only named files have their place. */
function fileName(room: string, index: number): string {
  if (room === "edge") return ["handler.ts", "authorize.ts", "sign-in.ts"][index] ?? "handler.ts";
  return `probe-${index}.ts`;
}

beforeAll(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), "gatehouse-rooms-")));
  await cp(join(ROOT, "biome.json"), join(folder, "biome.json"));
  for (const [, specifier, file] of CASES)
    await write(file, `import { probe } from "${specifier}";\nexport const other = probe;\n`);
  await write("edge/s3/one.ts", 'import { two } from "./two.ts";\nexport const one = () => two;\n');
  await write("edge/s3/two.ts", 'import { one } from "./one.ts";\nexport const two = () => one;\n');
  await write(
    "edge/s3/below.ts",
    'import { probe } from "../token/token.ts";\nexport const other = probe;\n',
  );
  found = await lint();
});

afterAll(() => rm(folder, { recursive: true }));

test.each(CASES)("%s may not import %s", (_room, _specifier, file) => {
  expect(found).toContain(`${file} ${RESTRICTED}`);
});

test("a room may import one below it", () => {
  expect(found.filter((line) => line.startsWith("edge/s3/below.ts "))).toEqual([]);
});

test("no file is part of a circle", () => {
  expect(found.filter((line) => line.endsWith("noImportCycles"))).toEqual([
    "edge/s3/one.ts lint/suspicious/noImportCycles",
    "edge/s3/two.ts lint/suspicious/noImportCycles",
  ]);
});

async function write(file: string, text: string): Promise<void> {
  await mkdir(dirname(join(folder, file)), { recursive: true });
  await writeFile(join(folder, file), text);
}

/** Every finding as `<file> <rule>`, sorted. */
async function lint(): Promise<readonly string[]> {
  const biome = join(ROOT, "node_modules/@biomejs/biome/bin/biome");
  const options = ["lint", "--vcs-enabled=false", "--reporter=github", "--max-diagnostics=none", "."];
  const run = promisify(execFile)(process.execPath, [biome, ...options], { cwd: folder });
  const output = await run.then(
    ({ stdout }) => stdout,
    (error: unknown) =>
      typeof error === "object" && error !== null && "stdout" in error ? String(error.stdout) : "",
  );
  const lines = output.matchAll(/^::\w+ title=(?<rule>[\w/]+),file=(?<file>[^,]+),/gm);
  return [...lines]
    .map(({ groups }) => `${relative(folder, resolve(folder, groups?.["file"] ?? ""))} ${groups?.["rule"]}`)
    .sort();
}
