// What the tests do with each program that the pages' shell snippets run.

/** Snippets run in bash; these programs are themselves, and are really run. */
export const REAL: readonly string[] = [
  "curl",
  "cut",
  "date",
  "node",
  "openssl",
  "printf",
  "sed",
  "sha256sum",
];

/** npm scripts that are really run, with the file behind each. */
export const REAL_SCRIPTS: Readonly<Record<string, string>> = {
  "build:edge": "infra/build/build-edge.ts",
  verify: "test/verify/main.ts",
};

/** What is not run, by how it starts, and why. Its spelling is checked all the same where that can be. */
export const NOT_RUN: readonly (readonly [start: string, reason: string])[] = [
  ["aws ", "needs an AWS account; options are checked against aws-commands.ts"],
  ["git checkout ", "would change the files that are tested"],
  [
    "node local/browser/screenshots.ts",
    "writes docs/images; the pages that it shows are opened by test/e2e/demo.test.ts",
  ],
  ["node test/docs/reference.ts", "writes docs/configuration.md; reference.test.ts compares it"],
  ["npm ci", "would take the packages away from the tests that run"],
  ["npm run bench", "takes minutes"],
  ["npm run build", "writes dist/, which other tests read; npm test runs it first"],
  ["npm run check", "is what runs these tests"],
  ["npm run coverage", "takes minutes"],
  ["npm run guards", "takes minutes; test/unit/security.test.ts holds that there is a guard for each row"],
  ["npm run mutation", "takes an hour"],
  ["npm run package", "writes dist/; test/infra/package.test.ts makes a package elsewhere"],
  ["npm run record", "writes test/events; test/e2e/record.test.ts records and compares"],
  ["npm run rgw", "needs Ceph; test/e2e/rgw.test.ts runs it where that is"],
  ["npm run soak", "takes minutes; test/unit/hostile/requests.test.ts does it with fewer"],
  [
    "npm start",
    "takes port 8080; test/e2e/start.test.ts runs it at another, and the snippets here find a gate of their own",
  ],
  ["npm run template", "writes into the repository; test/infra/template.test.ts runs it in an empty folder"],
  ["npm run test:quick", "is a part of what runs these tests"],
  ["npm test", "is what runs these tests"],
  ["npx cdk bootstrap ", "needs an AWS account"],
  ["npx cdk deploy", "needs an AWS account; one is synthesized, of the others the context is read"],
  ["npx cdk destroy", "needs an AWS account"],
  ["npx cdk diff", "needs an AWS account"],
  ["npx vitest ", "is what runs these tests"],
  ["sam deploy ", "needs an AWS account; test/infra/existing-distribution.test.ts reads what is deployed"],
  ["sudo apt-get ", "installs programs; .ci/run does"],
];

/** Pages whose snippets another test runs. */
export const ELSEWHERE: readonly string[] = ["docs/without-cdk.md"];

/** Words for the outputs and names in angle brackets. */
export const PLACEHOLDERS: Readonly<Record<string, string>> = {
  account: "123456789012",
  path: "/documents/opening-hours.txt",
  tag: "v1.0.0",
  version: "1.0.0",
};
