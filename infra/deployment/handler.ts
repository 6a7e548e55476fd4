// Runs in every deployment: reads what the template cannot hold, and hashes all that the edge function will be made of.
import { createHash } from "node:crypto";
import { parseConfig } from "../../edge/config.ts";
import { type Limits, reasonOf } from "./attempt.ts";
import { answer, type CloudFormationRequest, type Outcome, parseRequest } from "./cloudformation.ts";
import { parseJson } from "./json.ts";
import { fetchKeySet } from "./key-set.ts";

/** Twice two tries end before the function's own timeout, so that CloudFormation always gets an answer. */
const LIMITS: Limits = { timeoutMs: 5_000, pauseMs: 1_000 };

/** The custom resource: property `Config` (JSON text) in, attributes `Jwks` (JSON text) and `Hash` out. */
export async function handler(event: unknown): Promise<void> {
  await deploy(event, LIMITS);
}

/** The handler with its time limits as an argument. */
export async function deploy(event: unknown, limits: Limits): Promise<void> {
  const request = parseRequest(event);
  await answer(request, await outcomeOf(request, limits), limits);
}

async function outcomeOf(request: CloudFormationRequest, limits: Limits): Promise<Outcome> {
  if (request.type === "Delete") return { status: "SUCCESS" };
  try {
    return { status: "SUCCESS", data: await inputs(request.properties["Config"], limits) };
  } catch (error) {
    const reason = reasonOf(error);
    console.error(reason);
    return { status: "FAILED", reason };
  }
}

/**
 * The configuration is parsed again, now that every value is known: what was a token at synth goes into code too.
 * The hash changes exactly when the function's code does, as far as it is not part of the template.
 */
async function inputs(configText: unknown, limits: Limits): Promise<{ Jwks: string; Hash: string }> {
  if (typeof configText !== "string") throw new Error("The property Config is missing.");
  const config = parseConfig(parseJson(configText, "The property Config is not JSON."));
  const jwks = JSON.stringify(await fetchKeySet(config, limits));
  return { Jwks: jwks, Hash: createHash("sha256").update(`${configText}\n${jwks}`).digest("hex") };
}
