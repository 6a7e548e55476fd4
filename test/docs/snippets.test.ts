// Every snippet on the pages is what it says: JSON parses, TypeScript compiles, scripts and diagrams are well formed.
import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { transform } from "esbuild";
import { afterAll, describe, expect, test } from "vitest";
import { parseConfig } from "../../edge/config/document.ts";
import { canonicalPath } from "../../edge/request/path.ts";
import { readContext } from "../../infra/app/context.ts";
import { queryProblems } from "./logs-insights.ts";
import { diagramProblems } from "./mermaid.ts";
import { blocksOf, PAGES, ROOT } from "./pages.ts";

/** Languages of blocks, each with who looks at it. */
const CHECKED: Readonly<Record<string, string>> = {
  html: "here",
  js: "here",
  json: "here",
  logs: "here",
  mermaid: "here",
  ts: "here",
  sh: "shell.test.ts",
  sql: "tasks.test.ts",
  yaml: "the tests of docs/without-cdk.md and docs/tasks/existing-distribution.md",
  hcl: "the tests of docs/without-cdk.md and docs/tasks/existing-distribution.md",
  "": "nothing to check: a picture in characters",
};

test("every block of code is looked at by some test", () => {
  const languages = [...PAGES.values()].flatMap(({ blocks }) => blocks.map(({ language }) => language));
  expect(languages.filter((language) => !Object.hasOwn(CHECKED, language))).toEqual([]);
});

describe("JSON", () => {
  test.each(blocksOf("json").map((block) => [block.place, block] as const))("%s", (_, { text, kind }) => {
    const value: unknown = JSON.parse(text);
    if (kind === "configuration") parseConfig(value);
    if (kind === "context") readContext(Object(value));
    expect(["", "configuration", "context", "sts-event", "identity-pool-event"]).toContain(kind);
  });
});

/** Names of the reader's own app, and packages that only such an app has. */
const PRELUDE = `
import type * as cdk from "aws-cdk-lib";
import type * as gatehouse from "gatehouse";
declare global {
  const stack: cdk.Stack;
  const SignedInAssets: typeof gatehouse.SignedInAssets;
  const SignedInBehaviors: typeof gatehouse.SignedInBehaviors;
  const amplifyStorageAreas: typeof gatehouse.amplifyStorageAreas;
  const Distribution: typeof cdk.aws_cloudfront.Distribution;
  const PriceClass: typeof cdk.aws_cloudfront.PriceClass;
  const UserPoolIdentityProviderGoogle: typeof cdk.aws_cognito.UserPoolIdentityProviderGoogle;
  const SecretValue: typeof cdk.SecretValue;
  const HttpOrigin: typeof cdk.aws_cloudfront_origins.HttpOrigin;
  const certificate: cdk.aws_certificatemanager.ICertificate;
  const webAclId: string;
  const topic: cdk.aws_sns.ITopic;
  const userPool: cdk.aws_cognito.IUserPool;
  const userPoolClients: cdk.aws_cognito.IUserPoolClient[];
  const identityPool: cdk.aws_cognito_identitypool.IIdentityPool;
  const authenticatedRole: cdk.aws_iam.IRole;
  const bucket: cdk.aws_s3.IBucket;
  const idToken: string;
  const refreshToken: string;
  function signInUrl(comeBackTo: string): string;
  function openGate(): Promise<void>;
  class Hls {
    constructor(options: { xhrSetup: (request: XMLHttpRequest) => void });
    loadSource(url: string): void;
  }
}
`;
const AMPLIFY = `
declare module "aws-amplify/auth" {
  export function fetchAuthSession(): Promise<{ tokens?: { idToken?: { toString(): string; payload: { sub?: string } } } }>;
}
declare module "aws-amplify/utils" {
  export const Hub: { listen(channel: "auth", listener: (capsule: { payload: { event: string } }) => void): () => void };
}
`;
const TSCONFIG = {
  extends: "../../tsconfig.json",
  compilerOptions: {
    lib: ["es2024", "dom"],
    noUnusedLocals: false,
    paths: { gatehouse: [join(ROOT, "infra/index.ts")] },
  },
  include: ["."],
};

describe("TypeScript", () => {
  mkdirSync(join(ROOT, ".local"), { recursive: true });
  const folder = mkdtempSync(join(ROOT, ".local/snippets-"));
  afterAll(() => rmSync(folder, { recursive: true }));

  test("all snippets compile, in one run", { timeout: 60_000 }, async () => {
    const write = (name: string, text: string) => writeFileSync(join(folder, name), text);
    const places = new Map<string, string>();
    for (const [index, { place, text }] of blocksOf("ts").entries()) {
      places.set(`snippet-${index}.ts`, place);
      write(`snippet-${index}.ts`, `${text}\nexport {};\n`);
    }
    write("prelude.d.ts", PRELUDE);
    write("amplify.d.ts", AMPLIFY);
    write("tsconfig.json", JSON.stringify(TSCONFIG));
    const tsc = join(ROOT, "node_modules/typescript/bin/tsc");
    const { stdout } = await promisify(execFile)(process.execPath, [tsc, "-p", folder], {
      cwd: folder,
    }).catch((error: { stdout: string }) => error);
    expect(stdout.replace(/snippet-\d+\.ts/g, (name) => places.get(name) ?? name)).toBe("");
    expect(places.size).toBeGreaterThan(5);
  });
});

test.each(blocksOf("js").map(({ place, text }) => [place, text]))("JavaScript %s", async (_, text) => {
  await expect(transform(text, { loader: "js" })).resolves.toBeDefined();
});

test.each(blocksOf("html").map(({ place, text }) => [place, text]))("HTML %s", (_, text) => {
  const paths = [...text.matchAll(/(?:src|href)="https:\/\/assets\.example\.com([^"?]*)/g)].map(
    ([, path]) => path,
  );
  expect(paths.length).toBeGreaterThan(0);
  expect(paths.map((path) => canonicalPath(path ?? ""))).toEqual(paths);
});

test.each(blocksOf("mermaid").map(({ place, text }) => [place, text]))("Mermaid %s", (_, text) => {
  expect(diagramProblems(text)).toEqual([]);
});

test.each(blocksOf("logs").map(({ place, text }) => [place, text]))("Logs Insights %s", (_, text) => {
  expect(queryProblems(text)).toEqual([]);
});

describe("a mistake is seen", () => {
  test.each([
    ["sequenceDiagram\n  A->>B: hello", ["A is no participant", "B is no participant"]],
    ["sequenceDiagram\n  participant A\n  opt now\n  A->>A: hello", ["1 block that does not end"]],
    ["flowchart LR\n  A[one -> B", ['not understood: "A[one -> B"']],
    ["pie\n", ["pie is no kind of diagram that we use"]],
  ])("in the diagram %j", (text, problems) => {
    expect(diagramProblems(text)).toEqual(problems);
  });

  test.each([
    ["filter kode = 1", ["kode is no field"]],
    ["stats count(*) as n by code | sort n", []],
    ["fields @timestamp | grep x", ["grep is no command"]],
  ])("in the query %j", (text, problems) => {
    expect(queryProblems(text)).toEqual(problems);
  });
});
