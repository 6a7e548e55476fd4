// Tells the app client the gate's URLs, once the distribution has a name.
import { regionOf } from "../../edge/config/aws-names.ts";
import type { Limits } from "./attempt.ts";
import { callAws, type Environment } from "./aws.ts";
import { isRecord, parseJson } from "./json.ts";
import { run } from "./run.ts";

const LIMITS: Limits = { timeoutMs: 5_000, pauseMs: 1_000 };

const USER_POOL_ID = /^[a-z-]+-\d_[A-Za-z0-9]+$/;

/** The custom resource: the property `Client` is the input of UpdateUserPoolClient as JSON text. */
export async function handler(event: unknown): Promise<void> {
  await updateClient(event, LIMITS, process.env);
}

/**
 * The handler with its time limits and its environment as arguments. What the input leaves out AWS resets, so it holds
 * everything; a deleted resource leaves the client as it is, since the client goes with it or is to stay in use.
 * https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_UpdateUserPoolClient.html
 */
export async function updateClient(event: unknown, limits: Limits, environment: Environment): Promise<void> {
  await run(event, limits, async ({ Client: text }) => {
    const input = parseInput(text);
    const region = regionOf(input.UserPoolId);
    const call = { service: "cognito-idp", region, operation: "UpdateUserPoolClient", input } as const;
    await callAws(call, environment, limits);
    return {};
  });
}

function parseInput(text: unknown): { readonly UserPoolId: string } {
  const input = parseJson(String(text), "The property Client is not JSON.");
  const userPoolId = isRecord(input) ? input["UserPoolId"] : undefined;
  if (typeof userPoolId !== "string" || !USER_POOL_ID.test(userPoolId))
    throw new Error("The property Client names no user pool.");
  return { ...Object(input), UserPoolId: userPoolId };
}
