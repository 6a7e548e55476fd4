// An AWS API that speaks JSON 1.1 over HTTP: the action in `X-Amz-Target`, everything else in the body.
// https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html

import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import type { JsonObject } from "../cloudformation/json.ts";
import type { SignedMessage } from "../iam/request-signature.ts";
import { ApiError } from "./error.ts";
import { Faults, play } from "./fault.ts";
import { parseInput } from "./input.ts";

export { ApiError, invalidParameter } from "./error.ts";
export type { Fault } from "./fault.ts";
export { parseInput, requiredText } from "./input.ts";

/** One action: its input, and the message that carried it for those that are signed. */
export type Action = (input: JsonObject, message: SignedMessage) => Promise<unknown>;

/** An API that is not yet behind a server. */
export interface JsonApi extends Pick<Faults, "calls" | "failNext"> {
  /** Answers a POST to `/`. */
  readonly handle: (request: IncomingMessage, response: ServerResponse) => Promise<void>;
}

/** Makes an API of its actions; `prefix` is what stands before their names in `X-Amz-Target`, the dot included. */
export function createJsonApi(prefix: string, actions: Readonly<Record<string, Action>>): JsonApi {
  const faults = new Faults();
  return {
    calls: (action) => faults.calls(action),
    failNext: (action, ...more) => faults.failNext(action, ...more),
    handle: async (request, response) => {
      const name = actionOf(request, prefix);
      const fault = faults.take(name);
      if (fault === "hang") return;
      if (fault === "cut") {
        request.socket.destroy();
        return;
      }
      await answer(response, async () => {
        const body = await text(request);
        await play(fault);
        if (fault === "garbage") return "<html>not JSON</html>";
        const action = actions[name];
        if (!action) throw new ApiError("UnknownOperationException", "");
        return JSON.stringify(await action(parseInput(body), { headers: request.headers, body }));
      });
    },
  };
}

async function answer(response: ServerResponse, body: () => Promise<string>): Promise<void> {
  try {
    answerWith(response, 200, await body(), {});
  } catch (cause) {
    if (!(cause instanceof ApiError)) console.error("local AWS API:", cause);
    const error =
      cause instanceof ApiError ? cause : new ApiError("InternalErrorException", "Internal error", 500);
    answerWith(response, error.status, JSON.stringify({ __type: error.code, message: error.message }), {
      "x-amzn-ErrorType": `${error.code}:`,
      "x-amzn-ErrorMessage": error.message.replace(/[^ -~]/g, "?"),
    });
  }
}

/** Another path, method or media type leads to no action. */
function actionOf({ headers, method, url }: IncomingMessage, prefix: string): string {
  const target = headers["x-amz-target"];
  const isJson = /^application\/x-amz-json-1\.1(?:;|$)/.test(headers["content-type"] ?? "");
  const isCall = isJson && method === "POST" && url === "/";
  return isCall && typeof target === "string" && target.startsWith(prefix) ? target.slice(prefix.length) : "";
}

function answerWith(
  response: ServerResponse,
  status: number,
  body: string,
  headers: Readonly<Record<string, string>>,
): void {
  response.writeHead(status, {
    "Content-Type": "application/x-amz-json-1.1",
    "Content-Length": Buffer.byteLength(body),
    "x-amzn-RequestId": randomUUID(),
    ...headers,
  });
  response.end(body);
}
