// Talks to the origin: connection attempts, the response timeout, and bodies that are kept or passed on.

import { Agent as HttpAgent, request as httpRequest, type IncomingMessage, STATUS_CODES } from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import { Readable } from "node:stream";
import { CloudFrontError } from "./errors.ts";
import type { OriginRequest } from "./forward.ts";
import { type Header, headersFromRaw, outgoingHeaders } from "./headers.ts";
import type { Origin } from "./origin-config.ts";

/** Where an origin domain name is served on this machine. */
export interface OriginTarget {
  readonly protocol: "http" | "https";
  readonly host: string;
  readonly port: number;
  /** PEM; for https targets with a certificate of their own. */
  readonly ca?: string;
}

export type Connect = (originDomainName: string) => OriginTarget;

/** The connection pools of one CloudFront. */
export interface OriginAgents {
  readonly http: HttpAgent;
  readonly https: HttpsAgent;
}

/** An origin's answer. A body beyond `MAX_KEPT_BYTES` is a stream that can be read once. */
export interface OriginResponse {
  readonly status: number;
  readonly statusDescription: string;
  readonly headers: Map<string, readonly Header[]>;
  readonly body: Buffer | Readable;
}

/** Bodies up to this size are kept in memory, and cached; larger ones pass through. */
export const MAX_KEPT_BYTES = 32 * 1024 * 1024;

export function createAgents(): OriginAgents {
  return { http: new HttpAgent({ keepAlive: true }), https: new HttpsAgent({ keepAlive: true }) };
}

class OriginTimeout extends Error {
  override readonly name = "OriginTimeout";
}

/**
 * Sends a request; "Origin connection timeout and attempts" and "Origin response timeout" say how often it is tried:
 * GET and HEAD again after a timeout, other methods only when no connection came about. Throws 502 or 504.
 */
export async function sendToOrigin(
  request: OriginRequest,
  body: Buffer | undefined,
  origin: Origin,
  target: OriginTarget,
  agents: OriginAgents,
  timeoutMs: number,
): Promise<OriginResponse> {
  let failure: unknown;
  for (let attempt = 0; attempt < origin.connectionAttempts; attempt += 1) {
    try {
      return await attemptOnce(request, body, target, agents, timeoutMs);
    } catch (error) {
      failure = error;
      if (!mayRetry(request.method, error)) break;
    }
  }
  throw originError(origin, failure);
}

function mayRetry(method: string, error: unknown): boolean {
  if (method === "GET" || method === "HEAD") return true;
  return error instanceof Error && Reflect.get(error, "code") === "ECONNREFUSED";
}

function originError(origin: Origin, failure: unknown): CloudFrontError {
  const isTimeout = failure instanceof OriginTimeout;
  const reason = failure instanceof Error ? failure.message : String(failure);
  return new CloudFrontError(isTimeout ? 504 : 502, `origin ${origin.domainName}: ${reason}`, {
    page: isTimeout
      ? "We can't connect to the server for this app or website at this time. There might be too much traffic or a configuration error."
      : "CloudFront wasn't able to connect to the origin.",
    cause: failure,
  });
}

function attemptOnce(
  request: OriginRequest,
  body: Buffer | undefined,
  target: OriginTarget,
  agents: OriginAgents,
  timeoutMs: number,
): Promise<OriginResponse> {
  const options = {
    host: target.host,
    port: target.port,
    method: request.method,
    path: request.path,
    headers: {
      ...outgoingHeaders(request.headers),
      ...(body === undefined ? {} : { "Content-Length": body.length }),
    },
    setHost: false,
    timeout: timeoutMs,
  };
  return new Promise((resolve, reject) => {
    const outgoing =
      target.protocol === "https"
        ? httpsRequest({
            ...options,
            agent: agents.https,
            ...(target.ca === undefined ? {} : { ca: target.ca }),
          })
        : httpRequest({ ...options, agent: agents.http });
    outgoing.on("response", (message) => resolve(received(message, request.method)));
    outgoing.on("timeout", () => outgoing.destroy(new OriginTimeout(`no packet for ${timeoutMs} ms`)));
    outgoing.on("error", reject);
    outgoing.end(body);
  });
}

async function received(message: IncomingMessage, method: string): Promise<OriginResponse> {
  const status = message.statusCode ?? 502;
  return {
    status,
    statusDescription: message.statusMessage || (STATUS_CODES[status] ?? ""),
    headers: headersFromRaw(message.rawHeaders),
    body: await keptBody(message, method),
  };
}

async function keptBody(message: IncomingMessage, method: string): Promise<Buffer | Readable> {
  if (method !== "HEAD" && Number(message.headers["content-length"] ?? 0) > MAX_KEPT_BYTES) return message;
  const chunks: Buffer[] = [];
  let bytes = 0;
  const iterator: AsyncIterator<unknown> = message[Symbol.asyncIterator]();
  for (;;) {
    const next = await iterator.next();
    if (next.done === true) return Buffer.concat(chunks);
    const chunk = Buffer.isBuffer(next.value) ? next.value : Buffer.from(String(next.value));
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes > MAX_KEPT_BYTES) return Readable.from(resumed(chunks, iterator), { objectMode: false });
  }
}

async function* resumed(
  chunks: readonly Buffer[],
  iterator: AsyncIterator<unknown>,
): AsyncGenerator<unknown> {
  yield* chunks;
  for (let next = await iterator.next(); next.done !== true; next = await iterator.next()) yield next.value;
}
