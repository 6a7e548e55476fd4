// Tells the app client the gate's URLs, once the distribution has a name.
import { regionOf } from "../../edge/config/aws-names.ts";
import { type Limits, PATIENCE } from "./attempt.ts";
import { callAws, type Environment } from "./aws.ts";
import { isRecord, parseJson } from "./json.ts";
import { run } from "./run.ts";

const USER_POOL_ID = /^[a-z-]+-\d_[A-Za-z0-9]+$/;

/**
 * The custom resource: the property `Client` is the input of UpdateUserPoolClient as JSON text. After a roll-back a rule
 * sends that input by itself.
 */
export async function handler(event: unknown): Promise<void> {
  await updateClient(event, PATIENCE, process.env);
}

/**
 * The handler with its time limits and its environment as arguments. What the input leaves out AWS resets, so it holds
 * everything; a deleted resource leaves the client as it is, since the client goes with it or is to stay in use.
 * https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_UpdateUserPoolClient.html
 */
export async function updateClient(event: unknown, limits: Limits, environment: Environment): Promise<void> {
  if (isRuleEvent(event)) return tell(event.Client, limits, environment);
  await run(event, limits, async ({ properties }) => {
    await tell(
      parseJson(String(properties["Client"]), "The property Client is not JSON."),
      limits,
      environment,
    );
    return {};
  });
}

async function tell(client: unknown, limits: Limits, environment: Environment): Promise<void> {
  const input = parseInput(client);
  const region = regionOf(input.UserPoolId);
  await callAws(
    { service: "cognito-idp", region, operation: "UpdateUserPoolClient", input },
    environment,
    limits,
  );
}

/** Nobody waits for an answer to these: should it fail, Lambda runs the function again. */
function isRuleEvent(event: unknown): event is { readonly Client: unknown } {
  return isRecord(event) && "Client" in event && !("RequestType" in event);
}

function parseInput(client: unknown): { readonly UserPoolId: string } {
  const userPoolId = isRecord(client) ? client["UserPoolId"] : undefined;
  if (typeof userPoolId !== "string" || !USER_POOL_ID.test(userPoolId))
    throw new Error("The property Client names no user pool.");
  return { ...Object(client), UserPoolId: userPoolId };
}
