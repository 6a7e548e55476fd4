// Outgoing calls: one keep-alive connection, boxed in time and size, loaded only when a call is made.
import type { Agent, ClientRequest, IncomingHttpHeaders, IncomingMessage, RequestOptions } from "node:http";

/** One outgoing call. Redirects are never followed. */
export interface HttpRequest {
  readonly method: "GET" | "HEAD" | "POST";
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Time for connection, request and the whole response, in milliseconds. */
  readonly timeoutMs: number;
  /** Opens a new connection: a kept one may have died while the function was frozen. */
  readonly fresh?: boolean;
  /** How much of a body is taken; by default more than any answer of Cognito or STS. */
  readonly maxBytes?: number;
  /** How the body comes; text by default. */
  readonly encoding?: "base64";
}

export interface HttpResponse {
  readonly status: number;
  /** Where the body may be anything. */
  readonly headers?: IncomingHttpHeaders;
  readonly body: string;
}

/** Sends a request; rejects with an `HttpError`. */
export type Http = (request: HttpRequest) => Promise<HttpResponse>;

/** Why there is no response. */
export class HttpError extends Error {
  override readonly name = "HttpError";
  readonly kind: "timeout" | "network" | "too_large";

  constructor(kind: HttpError["kind"], cause?: unknown) {
    super(kind, { cause });
    this.kind = kind;
  }
}

/** More than any answer of Cognito or STS. */
export const MAX_RESPONSE_BYTES = 65_536;

/** Makes the client; its state is one keep-alive agent for each protocol. `http://` is for loopback endpoints. */
export function createHttp(): Http {
  const agents = new Map<string, Agent>();
  return (request) => {
    const protocol = request.url.startsWith("http:") ? "node:http" : "node:https";
    const client = process.getBuiltinModule(protocol);
    const agent = agents.get(protocol) ?? new client.Agent({ keepAlive: true });
    agents.set(protocol, agent);
    return send(client, request, request.fresh ? { agent: false } : { agent });
  };
}

interface Client {
  request(url: string, options: RequestOptions): ClientRequest;
}

function send(client: Client, request: HttpRequest, agent: RequestOptions): Promise<HttpResponse> {
  return new Promise((resolve, reject) => {
    const call = client.request(request.url, {
      ...agent,
      method: request.method,
      headers: { ...request.headers, "content-length": Buffer.byteLength(request.body ?? "") },
    });
    const fail = (kind: HttpError["kind"], cause?: unknown) => {
      clearTimeout(timer);
      call.destroy();
      reject(new HttpError(kind, cause));
    };
    const timer = setTimeout(fail, Math.max(request.timeoutMs, 0), "timeout");
    call.on("error", (cause) => fail("network", cause));
    call.on("response", (response) => {
      collect(response, request, fail, (body) => {
        clearTimeout(timer);
        const headers = request.encoding && { headers: response.headers };
        resolve({ status: Number(response.statusCode), ...headers, body });
      });
    });
    call.end(request.body);
  });
}

function collect(
  response: IncomingMessage,
  { maxBytes = MAX_RESPONSE_BYTES, encoding }: HttpRequest,
  fail: (kind: HttpError["kind"], cause?: unknown) => void,
  done: (body: string) => void,
): void {
  const chunks: Buffer[] = [];
  let size = 0;
  response.on("data", (chunk: Buffer) => {
    size += chunk.length;
    if (size > maxBytes) return fail("too_large");
    chunks.push(chunk);
  });
  response.on("error", (cause) => fail("network", cause));
  response.on("end", () => done(Buffer.concat(chunks).toString(encoding)));
}
