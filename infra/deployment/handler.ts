// Runs in every deployment: reads what the template cannot hold, and hashes all that the edge function will be made of.
import { createHash } from "node:crypto";
import { parseConfig } from "../../edge/config/document.ts";
import type { Limits } from "./attempt.ts";
import type { Environment } from "./aws.ts";
import { parseJson } from "./json.ts";
import { fetchKeySet } from "./key-set.ts";
import { run } from "./run.ts";
import { currentVersionOf } from "./secret.ts";

/** Twice two tries end before the function's own timeout, so that CloudFormation always gets an answer. */
const LIMITS: Limits = { timeoutMs: 5_000, pauseMs: 1_000 };

/**
 * The custom resource: property `Config` (JSON text) in, attributes `Jwks` (JSON text) and `Hash` out; with the property
 * `SecretArn` also the attribute `SecretVersionId`.
 */
export async function handler(event: unknown): Promise<void> {
  await deploy(event, LIMITS, process.env);
}

/** The handler with its time limits and its environment as arguments. */
export async function deploy(event: unknown, limits: Limits, environment: Environment = {}): Promise<void> {
  await run(event, limits, (properties) => inputs(properties, environment, limits));
}

/**
 * The configuration is parsed again, now that every value is known: what was a token at synth goes into code too.
 * The hash changes exactly when the function's code does, as far as it is not part of the template.
 */
async function inputs(
  { Config: configText, SecretArn: secretArn }: Readonly<Record<string, unknown>>,
  environment: Environment,
  limits: Limits,
): Promise<Record<string, string>> {
  if (typeof configText !== "string") throw new Error("The property Config is missing.");
  const config = parseConfig(parseJson(configText, "The property Config is not JSON."));
  const [keySet, versionId] = await Promise.all([
    fetchKeySet(config, limits),
    secretArn === undefined ? undefined : currentVersionOf(String(secretArn), environment, limits),
  ]);
  const jwks = JSON.stringify(keySet);
  const parts = [configText, jwks, ...(versionId === undefined ? [] : [versionId])];
  return {
    Jwks: jwks,
    Hash: createHash("sha256").update(parts.join("\n")).digest("hex"),
    ...(versionId !== undefined && { SecretVersionId: versionId }),
  };
}
