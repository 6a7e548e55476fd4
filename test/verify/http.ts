// Requests exactly as they are written: no path is normalised, no redirect followed, no header added, and none waits for ever.
import { request as httpRequest, type IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";
import type { Answer } from "./answer.ts";

/** How a request differs from a plain GET. */
export interface Asking {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** For a whole answer, in milliseconds; Lambda@Edge and three tries at S3 take less. */
const TIMEOUT_MS = 20_000;
const MAX_BODY_BYTES = 256 * 1024;

/** A request that got no answer. */
export class NoAnswer extends Error {
  override readonly name = "NoAnswer";
}

/**
 * Sends one request on a connection of its own; `target` is path and query as they go over the wire.
 * @throws NoAnswer when there is no connection or no answer in time
 */
export async function send(origin: URL, target: string, asking: Asking = {}): Promise<Answer> {
  const request = origin.protocol === "https:" ? httpsRequest : httpRequest;
  const { method = "GET", headers = {}, body } = asking;
  const length =
    method === "GET" || method === "HEAD" ? {} : { "content-length": Buffer.byteLength(body ?? "") };
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  try {
    return await new Promise((resolve, reject) => {
      const options = { method, path: target, headers: { ...headers, ...length }, agent: false, signal };
      const sent = request(origin, options, (message) => {
        read(message).then(resolve, reject);
      });
      sent.on("error", reject);
      sent.end(body);
    });
  } catch (cause) {
    throw new NoAnswer(signal.aborted ? `no answer in ${TIMEOUT_MS / 1000} s` : nameOf(cause), { cause });
  }
}

async function read(message: IncomingMessage): Promise<Answer> {
  const at = Date.now();
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of message) {
    parts.push(Buffer.from(part));
    bytes += parts.at(-1)?.length ?? 0;
    if (bytes >= MAX_BODY_BYTES) break;
  }
  return {
    status: message.statusCode ?? 0,
    headers: fields(message.rawHeaders),
    body: Buffer.concat(parts),
    at,
  };
}

function fields(raw: readonly string[]): Answer["headers"] {
  const pairs: [string, string][] = [];
  for (let i = 0; i + 1 < raw.length; i += 2) pairs.push([(raw[i] ?? "").toLowerCase(), raw[i + 1] ?? ""]);
  return pairs;
}

/** Node's code for it, such as `ECONNREFUSED`; its message would repeat the address. */
function nameOf(cause: unknown): string {
  if (cause instanceof AggregateError) return nameOf(cause.errors[0]);
  if (cause instanceof Error && "code" in cause) return String(cause.code);
  return cause instanceof Error ? cause.message : "no answer";
}
