// Runs a function at an event; what goes wrong while it runs becomes 503.

import { CloudFrontError } from "./errors.ts";
import { objectOf } from "./json.ts";

/** Runs the function version with an event; rejects with Lambda's `errorType` where it has one. */
export type Invoke = (functionArn: string, event: unknown) => Promise<unknown>;

// "Quotas on Lambda@Edge": 5 seconds for viewer events (newer pages say 30), 30 for origin events.
export const VIEWER_FUNCTION_TIMEOUT_MS = 5_000;
export const ORIGIN_FUNCTION_TIMEOUT_MS = 30_000;

// "HTTP 503 status code (Lambda limit exceeded)": throttled, or beyond the function's timeout.
const LIMIT_ERRORS: ReadonlySet<unknown> = new Set(["TooManyRequestsException", "Sandbox.Timedout"]);

/** The function's result; throws the 503 of "HTTP 503 status code (Lambda execution error / limit exceeded)". */
export async function runFunction(
  invoke: Invoke,
  functionArn: string,
  event: unknown,
  timeoutMs: number,
): Promise<unknown> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(
    () =>
      reject(Object.assign(new Error(`no answer within ${timeoutMs} ms`), { errorType: "Sandbox.Timedout" })),
    timeoutMs,
  );
  try {
    return await Promise.race([invoke(functionArn, event), late]);
  } catch (error) {
    throw executionError(error);
  } finally {
    clearTimeout(timer);
  }
}

function executionError(error: unknown): CloudFrontError {
  const errorType = error instanceof Error ? Reflect.get(error, "errorType") : objectOf(error)?.["errorType"];
  const isLimit = LIMIT_ERRORS.has(errorType);
  const message = error instanceof Error ? error.message : String(error);
  return new CloudFrontError(503, `function failed: ${message}`, {
    resultType: isLimit ? "LambdaLimitExceeded" : "LambdaExecutionError",
    page: isLimit
      ? "The Lambda function associated with the CloudFront distribution was throttled."
      : "The Lambda function associated with the CloudFront distribution is invalid or doesn't have the required permissions.",
    cause: error,
  });
}
