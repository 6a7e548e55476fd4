// One event for one function: an instance of its own, which ends with it.

import type { JsonObject } from "../cloudformation/json.ts";
import { createLambda, type FunctionDefinition, type LogLine } from "./index.ts";

/** Runs the function; throws what it throws. */
export async function runOnce(
  definition: FunctionDefinition,
  event: JsonObject,
  log: (line: LogLine) => void,
): Promise<void> {
  const lambda = createLambda(definition, { log });
  try {
    await lambda.invoke(event);
  } finally {
    await lambda.close();
  }
}
