// The identity pool over HTTP: AWS JSON 1.1 with Cognito's shapes, and failures on demand.

import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { loopback, type ReservedPort } from "../iam/loopback.ts";
import { IdentityError } from "./identity-errors.ts";
import type { IdentityPool } from "./identity-pool.ts";

/** A failure to play on every call. */
export type IdentityFault = "throttle" | "InternalError" | "garbage" | "hang" | "cut";

/** The operations that are implemented. */
export type IdentityOperation = "GetId" | "GetCredentialsForIdentity";

/** A running server. */
export interface IdentityPoolServer {
  /** `http://127.0.0.1:<port>`. */
  readonly endpoint: string;
  /** Makes calls fail until it is called without a fault. */
  setFault(fault?: IdentityFault): void;
  /** How often an operation has been called, failures included. */
  calls(operation: IdentityOperation): number;
  close(): Promise<void>;
}

const TARGET = "AWSCognitoIdentityService.";
const MAX_BODY_BYTES = 200_000;

/** Starts the server on 127.0.0.1; port 0, the default, takes a free one. */
export async function startIdentityPoolServer(
  pool: IdentityPool,
  options: { readonly port?: number | ReservedPort } = {},
): Promise<IdentityPoolServer> {
  const state: { fault: IdentityFault | undefined } = { fault: undefined };
  const counts = new Map<string, number>();
  const server = createServer((message, response) => {
    const operation = operationOf(message);
    counts.set(operation, (counts.get(operation) ?? 0) + 1);
    if (state.fault === "hang") return;
    if (state.fault === "cut") message.socket.destroy();
    else void respond(message, response, operation, pool, state.fault);
  });
  const { port, close } = await loopback(server, options.port);
  return {
    endpoint: `http://127.0.0.1:${port}`,
    setFault: (fault) => {
      state.fault = fault;
    },
    calls: (operation) => counts.get(operation) ?? 0,
    close,
  };
}

async function respond(
  message: IncomingMessage,
  response: ServerResponse,
  operation: string,
  pool: IdentityPool,
  fault: IdentityFault | undefined,
): Promise<void> {
  try {
    const body = await readBody(message);
    if (fault === "throttle") throw new IdentityError("TooManyRequestsException", "Rate exceeded");
    if (fault === "InternalError") throw new IdentityError("InternalErrorException", "Internal error");
    const answer =
      fault === "garbage" ? "<html>not Cognito</html>" : JSON.stringify(await call(operation, body, pool));
    answerWith(response, 200, answer, {});
  } catch (cause) {
    if (!(cause instanceof IdentityError)) console.error("local identity pool:", cause);
    const error =
      cause instanceof IdentityError ? cause : new IdentityError("InternalErrorException", "Internal error");
    answerWith(response, error.status, JSON.stringify({ __type: error.code, message: error.message }), {
      "x-amzn-ErrorType": `${error.code}:`,
      "x-amzn-ErrorMessage": error.message.replace(/[^ -~]/g, "?"),
    });
  }
}

async function call(operation: string, text: string, pool: IdentityPool): Promise<unknown> {
  const input = parseInput(text);
  if (operation === "GetId")
    return { IdentityId: await pool.getId(required(input, "IdentityPoolId", POOL_ID), loginsOf(input)) };
  if (operation !== "GetCredentialsForIdentity") throw new IdentityError("UnknownOperationException", "");
  const identityId = required(input, "IdentityId", POOL_ID);
  const customRoleArn =
    input["CustomRoleArn"] === undefined ? undefined : required(input, "CustomRoleArn", ROLE_ARN);
  const credentials = await pool.getCredentials(identityId, loginsOf(input), customRoleArn);
  return {
    Credentials: {
      AccessKeyId: credentials.accessKeyId,
      Expiration: credentials.expiresAt,
      SecretKey: credentials.secretAccessKey,
      SessionToken: credentials.sessionToken,
    },
    IdentityId: identityId,
  };
}

const POOL_ID = /^[\w-]{1,16}:[0-9a-f-]{1,38}$/;
const ROLE_ARN = /^.{20,2048}$/;

function parseInput(text: string): Readonly<Record<string, unknown>> {
  try {
    const input: unknown = JSON.parse(text);
    if (typeof input === "object" && input !== null && !Array.isArray(input)) return { ...input };
  } catch {
    // Answered below, like JSON of another shape.
  }
  throw new IdentityError("SerializationException", "");
}

function required(input: Readonly<Record<string, unknown>>, name: string, form: RegExp): string {
  const value = input[name];
  if (typeof value === "string" && form.test(value)) return value;
  const field = `${name.charAt(0).toLowerCase()}${name.slice(1)}`;
  const shown = value === undefined ? "null" : String(value);
  const rule =
    value === undefined ? "Member must not be null" : "Member must satisfy regular expression pattern";
  throw new IdentityError(
    "InvalidParameterException",
    `1 validation error detected: Value '${shown}' at '${field}' failed to satisfy constraint: ${rule}`,
  );
}

function loginsOf(input: Readonly<Record<string, unknown>>): Readonly<Record<string, string>> | undefined {
  const logins = input["Logins"];
  if (logins === undefined || logins === null) return undefined;
  const entries = typeof logins === "object" ? Object.entries(logins) : [];
  const valid = entries.filter(
    (entry): entry is [string, string] => typeof entry[1] === "string" && entry[1] !== "",
  );
  if (entries.length > 0 && valid.length === entries.length) return Object.fromEntries(valid);
  throw new IdentityError("InvalidParameterException", "Please provide a valid public provider");
}

function operationOf(message: IncomingMessage): string {
  const target = message.headers["x-amz-target"];
  return typeof target === "string" && target.startsWith(TARGET) ? target.slice(TARGET.length) : "";
}

async function readBody(message: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of message) {
    const buffer = Buffer.from(chunk);
    bytes += buffer.length;
    if (bytes > MAX_BODY_BYTES) throw new IdentityError("InvalidParameterException", "Request is too large");
    chunks.push(buffer);
  }
  return Buffer.concat(chunks).toString();
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
