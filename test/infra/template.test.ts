// `npm run template` as a person meets it, in an empty folder: one file that CloudFormation takes without CDK.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { schemaProblems } from "./resource-schemas.ts";
import { json, templateWith } from "./synth.ts";

const FOLDER = mkdtempSync(join(tmpdir(), "gatehouse-template-"));
const SCRIPT = join(import.meta.dirname, "../../infra/app/template.ts");
const USAGE = "usage: npm run template -- [--config <context.json>] [--out <gatehouse.template.json>]\n";
afterAll(() => rmSync(FOLDER, { recursive: true }));

function template(context: unknown, ...args: string[]) {
  writeFileSync(join(FOLDER, "context.json"), JSON.stringify(context));
  return spawnSync(process.execPath, [SCRIPT, ...args], { cwd: FOLDER, encoding: "utf8" });
}

/** A process of its own that synthesizes, on a busy machine. */
const SLOW = 120_000;

test("it is the stack of the app without CDK's own parts, over a file that is there, and says what comes next", {
  timeout: SLOW,
}, () => {
  writeFileSync(join(FOLDER, "gatehouse.template.json"), "{");
  const { stdout, stderr } = template({ deploymentId: "fixed" }, "--config", "context.json");
  expect(stderr).toBe("");
  const text = readFileSync(join(FOLDER, "gatehouse.template.json"), "utf8");
  expect(stdout).toBe(
    `gatehouse.template.json: ${Buffer.byteLength(text)} bytes of the 1,000,000 that CloudFormation takes by way of a bucket (51,200 without).\n` +
      "Next:\naws cloudformation deploy --region us-east-1 --stack-name Gatehouse --template-file gatehouse.template.json \\\n" +
      "  --capabilities CAPABILITY_IAM \\\n  --s3-bucket <a bucket of yours in us-east-1>\n",
  );
  const made = JSON.parse(text);
  expect(Object.keys(made)).toEqual(["Description", "Resources", "Outputs"]);
  expect(deployedAs("Gatehouse", made.Resources)).toEqual(json(templateWith()).Resources);
  expect(schemaProblems(made)).toEqual([]);
  // A name of a role would need CAPABILITY_NAMED_IAM.
  expect(/cdk-hnb659fds|"(Role|ManagedPolicy)Name":"/.exec(text)?.[0]).toBeUndefined();
});

/** The resources with the names that CloudFormation makes of a stack's. */
function deployedAs(stackName: string, resources: unknown): unknown {
  return JSON.parse(JSON.stringify(resources), (_key, value) => {
    const text: unknown = Object(value)["Fn::Sub"];
    return typeof text === "string" ? text.replace(/\$\{AWS::StackName\}/, stackName) : value;
  });
}

/** Every kind of thing that CloudFront has once an account. */
const EVERYTHING = {
  placement: "split",
  revocation: true,
  listing: true,
  corsOrigins: ["https://app.example.com"],
  areas: [
    { path: "/open/*", public: true },
    { path: "/site/*", public: true, trusted: true },
    { path: "/api/*", api: "https://api.example.com" },
    { path: "/films/*", links: { maxSeconds: 60 }, browserMaxAge: 60 },
    { path: "/*" },
  ],
};

test("under two names in one account nothing has the name of another", { timeout: SLOW }, () => {
  expect(template(EVERYTHING, "--config", "context.json").stderr).toBe("");
  const { Resources } = JSON.parse(readFileSync(join(FOLDER, "gatehouse.template.json"), "utf8"));
  const namesIn = (resources: unknown) => [...JSON.stringify(resources).matchAll(/"Name":"([^"]+)"/g)];
  const [dev, prod] = ["files-dev", "files-prod"].map((name) =>
    namesIn(deployedAs(name, cloudFrontOf(Resources))).map(([, name]) => name),
  );
  expect(dev?.filter((name) => prod?.includes(name))).toEqual([]);
  expect(dev).toHaveLength(13);
  expect(new Set(dev).size).toBe(13);
});

function cloudFrontOf(resources: Readonly<Record<string, { readonly Type: string }>>): object {
  return Object.fromEntries(
    Object.entries(resources).filter(([, { Type }]) => Type.startsWith("AWS::CloudFront::")),
  );
}

test.each([
  [
    "an unknown key",
    { aeras: [] },
    "Invalid Gatehouse configuration:\n  aeras: unknown setting; did you mean areas?\n",
  ],
  [
    "files to upload",
    { assets: "." },
    "Invalid Gatehouse configuration:\n  assets: a template holds no files; leave it out and upload with aws s3 cp\n",
  ],
  ["a list", [], "--config: context.json holds no JSON object\n"],
])("a context with %s is refused, and nothing is written", { timeout: SLOW }, (_name, context, message) => {
  const { stderr, status } = template(context, "--config", "context.json", "--out", "refused.json");
  expect({ stderr, status }).toEqual({ stderr: message, status: 1 });
  expect(readdirSync(FOLDER)).not.toContain("refused.json");
});

test.each([
  [["--ot", "x"], `Unknown option '--ot'\n${USAGE}`],
  [["--config", "none.json"], "--config: ENOENT: no such file or directory, open 'none.json'\n"],
  [["--out", "none/x.json"], "--out: there is no folder none\n"],
])("%j is a mistake that is said", { timeout: SLOW }, (args, message) => {
  const { stderr, status } = template({}, ...args);
  expect({ stderr, status }).toEqual({ stderr: message, status: 1 });
});
