// `npm run template`: the stack as one file, for whoever deploys CloudFormation templates without CDK.
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { parseArgs } from "node:util";
import cdkJson from "../../cdk.json" with { type: "json" };
import { ConfigError } from "../../edge/config/document.ts";
import { createApp } from "./app.ts";
import { namedAfterStack } from "./stack-names.ts";

const USAGE = "usage: npm run template -- [--config <context.json>] [--out <gatehouse.template.json>]";
const HELP = `${USAGE}

  --config  context keys as in cdk.json, see docs/configuration.md (the context of cdk.json)
  --out     the file that is written, over one that is there (gatehouse.template.json)`;

/** What the app calls its stack; the template may be deployed under another name. */
const STACK = "Gatehouse";

/** CloudFormation takes so much from the command line itself, and a million bytes from a bucket. */
const BYTES_WITHOUT_BUCKET = 51_200;

/** A mistake of the person at the keyboard: told without a stack trace. */
class UsageError extends Error {}

try {
  const { config, out, help } = readOptions();
  console.log(help ? HELP : write(out, config));
} catch (error) {
  if (!(error instanceof UsageError || error instanceof ConfigError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}

function readOptions() {
  const options = {
    config: { type: "string" },
    out: { type: "string", default: "gatehouse.template.json" },
    help: { type: "boolean", short: "h", default: false },
  } as const;
  try {
    return parseArgs({ options }).values;
  } catch (error) {
    throw new UsageError(`${messageOf(error)}\n${USAGE}`);
  }
}

function write(out: string, config: string | undefined): string {
  // Said before the work.
  if (!existsSync(dirname(out))) throw new UsageError(`--out: there is no folder ${dirname(out)}`);
  const text = templateOf(config === undefined ? cdkJson.context : readContext(config));
  try {
    writeFileSync(out, text);
  } catch (error) {
    throw new UsageError(`--out: ${messageOf(error)}`);
  }
  return summary(out, Buffer.byteLength(text));
}

function readContext(file: string): Readonly<Record<string, unknown>> {
  try {
    const context: unknown = JSON.parse(readFileSync(file, "utf8"));
    if (typeof context === "object" && context !== null && !Array.isArray(context)) return { ...context };
  } catch (error) {
    throw new UsageError(`--config: ${messageOf(error)}`);
  }
  throw new UsageError(`--config: ${file} holds no JSON object`);
}

/** Files to upload would be assets, which only CDK knows how to bring. */
function templateOf(context: Readonly<Record<string, unknown>>): string {
  if (context["assets"] !== undefined)
    throw new ConfigError(["assets: a template holds no files; leave it out and upload with aws s3 cp"]);
  const assembly = createApp({ context, standsAlone: true }).synth();
  const { template } = assembly.getStackByName(STACK);
  const text = JSON.stringify({ ...template, Resources: namedAfterStack(template.Resources, STACK) });
  rmSync(assembly.directory, { recursive: true, force: true });
  return `${text}\n`;
}

function summary(out: string, bytes: number): string {
  const bucket = bytes > BYTES_WITHOUT_BUCKET ? " \\\n  --s3-bucket <a bucket of yours in us-east-1>" : "";
  return [
    `${out}: ${bytes} bytes of the 1,000,000 that CloudFormation takes by way of a bucket (51,200 without).`,
    "Next:",
    `aws cloudformation deploy --region us-east-1 --stack-name Gatehouse --template-file ${out} \\`,
    `  --capabilities CAPABILITY_IAM${bucket}`,
  ].join("\n");
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
