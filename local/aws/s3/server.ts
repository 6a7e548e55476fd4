// The embedded S3: an HTTP server on loopback that verifies, asks IAM and serves, or fails on demand.

import { randomBytes } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { pipeline } from "node:stream/promises";
import { loopback } from "../iam/loopback.ts";
import { Bucket } from "./bucket.ts";
import { corsHeaders } from "./cors.ts";
import { errorXml, S3Error } from "./errors.ts";
import type { S3Response } from "./get-object.ts";
import { handler } from "./handler.ts";
import type { S3Options } from "./options.ts";

/** A failure to play: no answer ever, an error of S3's own, or a body that ends half-way. */
export type S3Fault = "hang" | "InternalError" | "SlowDown" | "cut";

/** A running server. */
export interface S3Server {
  /** `http://127.0.0.1:<port>`; the Host header says which bucket. */
  readonly endpoint: string;
  readonly port: number;
  readonly bucket: Bucket;
  /** Makes requests fail until it is called without a fault. */
  setFault(fault?: S3Fault): void;
  close(): Promise<void>;
}

/** Starts the server on 127.0.0.1; rejects when the port is taken. */
export async function startS3(options: S3Options): Promise<S3Server> {
  const bucket = new Bucket({ ...options.bucket, ...(options.now && { now: options.now }) });
  const state: { fault: S3Fault | undefined } = { fault: undefined };
  const answer = answerer(options, bucket, () => state.fault);
  const server = createServer(
    { maxHeaderSize: 128 * 1024 },
    (message, response) => void answer(message, response),
  );
  const { port, close } = await loopback(server, options.port);
  return {
    endpoint: `http://127.0.0.1:${port}`,
    port,
    bucket,
    setFault: (fault) => {
      state.fault = fault;
    },
    close,
  };
}

function answerer(options: S3Options, bucket: Bucket, fault: () => S3Fault | undefined) {
  const handle = handler(options, bucket);
  return async (message: IncomingMessage, response: ServerResponse): Promise<void> => {
    const playing = fault();
    if (playing === "hang") return;
    const ids = {
      requestId: randomBytes(8).toString("hex").toUpperCase(),
      hostId: randomBytes(56).toString("base64"),
    };
    // Beside refusals, too: a page is to learn why its file was not taken.
    for (const [name, value] of Object.entries(corsOf(message, options))) response.setHeader(name, value);
    const log = { method: message.method ?? "", path: message.url?.split("?")[0] ?? "" };
    try {
      if (playing === "InternalError" || playing === "SlowDown") throw new S3Error(playing);
      const answer = await handle(message);
      options.onAnswer?.({ ...log, status: answer.status });
      await send(message, response, answer, ids, playing === "cut");
    } catch (cause) {
      const error = cause instanceof S3Error ? cause : new S3Error("InternalError");
      options.onAnswer?.({ ...log, status: error.status, code: error.code });
      if (response.headersSent) response.destroy();
      else sendError(message, response, error, ids);
      if (!(cause instanceof S3Error) && !hasGone(cause)) console.error("local S3:", cause);
    }
  };
}

function corsOf({ method = "", headersDistinct }: IncomingMessage, { bucket }: S3Options) {
  const headers = new Map(Object.entries(headersDistinct).map(([name, values]) => [name, values?.[0] ?? ""]));
  return corsHeaders({ method, headers }, bucket.cors ?? []);
}

interface Ids {
  readonly requestId: string;
  readonly hostId: string;
}

async function send(
  message: IncomingMessage,
  response: ServerResponse,
  answer: S3Response,
  ids: Ids,
  cut: boolean,
): Promise<void> {
  response.writeHead(answer.status, { ...commonHeaders(ids), ...answer.headers });
  if (message.method === "HEAD" || answer.status === 304) {
    response.end();
    return;
  }
  if (cut) await sendHalf(answer, response);
  else await pipeline(answer.body(), response);
}

async function sendHalf(answer: S3Response, response: ServerResponse): Promise<void> {
  const [first] = await answer.body().take(1).toArray();
  const half = Buffer.from(first ?? []);
  response.write(half.subarray(0, half.length / 2), () => response.destroy());
}

function sendError(message: IncomingMessage, response: ServerResponse, error: S3Error, ids: Ids): void {
  const body = message.method === "HEAD" ? "" : errorXml(error, ids.requestId, ids.hostId);
  response.writeHead(error.status, {
    ...commonHeaders(ids),
    "Content-Type": "application/xml",
    ...error.headers,
    ...(error.status === 405 && { Allow: "GET, HEAD" }),
  });
  response.end(body);
}

function commonHeaders(ids: Ids): Record<string, string> {
  return { "x-amz-id-2": ids.hostId, "x-amz-request-id": ids.requestId, Server: "AmazonS3" };
}

/** Whether the reader has closed the connection before the end, as players do. */
function hasGone(cause: unknown): boolean {
  return cause instanceof Error && "code" in cause && cause.code === "ERR_STREAM_PREMATURE_CLOSE";
}
