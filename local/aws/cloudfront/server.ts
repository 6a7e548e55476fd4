// The listeners: HTTP/1.1, or HTTP/2 and HTTP/1.1 over TLS.

import { randomBytes } from "node:crypto";
import { createServer, type OutgoingHttpHeaders, STATUS_CODES } from "node:http";
import { createSecureServer } from "node:http2";
import type { Server, Socket } from "node:net";
import { Readable, type Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { TLSSocket } from "node:tls";
import type { Edge } from "./edge.ts";
import { CloudFrontError } from "./errors.ts";
import { outgoingHeaders } from "./headers.ts";
import type { Reply } from "./reply.ts";
import { serve } from "./serve.ts";
import { parseViewerRequest, type ViewerRequest } from "./viewer.ts";

/** PEM texts. */
export interface TlsOptions {
  readonly key: string;
  readonly cert: string;
}

// What HTTP/1.1's and HTTP/2's request and response objects of Node have in common.
interface Request extends Readable {
  readonly method?: string | undefined;
  readonly url?: string | undefined;
  readonly rawHeaders: readonly string[];
  readonly httpVersion: string;
  readonly socket: Socket | TLSSocket;
}

interface Response extends Writable {
  sendDate: boolean;
  statusMessage: string;
  writeHead(status: number, headers: OutgoingHttpHeaders): unknown;
}

// Node's own limit on header sections must lie above CloudFront's, so that CloudFront's answer is seen.
const NODE_MAX_HEADER_BYTES = 256 * 1024;
// "Quotas": 50 GB for POST and PUT; this machine keeps them in memory.
const MAX_BODY_BYTES = 64 * 1024 * 1024;

/** A server, not yet listening; `tls` makes it https with HTTP/2. */
export function createListener(edge: Edge, tls: TlsOptions | undefined): Server {
  const listener = (request: Request, response: Response) => void handle(request, response, edge);
  if (tls === undefined)
    return createServer({ maxHeaderSize: NODE_MAX_HEADER_BYTES, requireHostHeader: false }, listener);
  return createSecureServer({ ...tls, allowHTTP1: true }, listener);
}

async function handle(request: Request, response: Response, edge: Edge): Promise<void> {
  // 40 bytes are 56 characters that end in "==", as CloudFront's request ids do.
  const requestId = `${randomBytes(40).toString("base64url")}==`;
  let viewer: ViewerRequest;
  try {
    viewer = arrived(request, requestId);
  } catch (error) {
    edge.log({
      type: "error",
      requestId,
      status: 400,
      resultType: "Error",
      reason: String(error),
      cause: error,
    });
    response.writeHead(400, { Server: "CloudFront", "X-Cache": "Error from cloudfront" });
    response.end();
    return;
  }
  const reply = await serve(viewer, edge);
  await send(reply, viewer, request, response);
}

function arrived(request: Request, requestId: string): ViewerRequest {
  let body: Promise<Buffer> | undefined;
  return parseViewerRequest({
    method: request.method ?? "GET",
    target: request.url ?? "/",
    rawHeaders: request.rawHeaders,
    remoteAddress: request.socket.remoteAddress ?? "",
    httpVersion: request.httpVersion,
    isHttps: request.socket instanceof TLSSocket,
    requestId,
    body: () => {
      body ??= readBody(request);
      return body;
    },
  });
}

async function readBody(request: Request): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    const buffer = Buffer.from(chunk);
    chunks.push(buffer);
    bytes += buffer.length;
    if (bytes > MAX_BODY_BYTES) throw new CloudFrontError(413, "request body", { closes: true });
  }
  return Buffer.concat(chunks);
}

async function send(
  reply: Reply,
  viewer: ViewerRequest,
  request: Request,
  response: Response,
): Promise<void> {
  const isHttp2 = viewer.httpVersion.startsWith("2");
  const headers = outgoingHeaders(reply.headers);
  if (!isHttp2) headers["Connection"] = reply.closes ? "close" : "keep-alive";
  response.sendDate = false;
  if (!isHttp2) response.statusMessage = reply.statusDescription || (STATUS_CODES[reply.status] ?? "");
  response.writeHead(reply.status, headers);
  if (viewer.method === "HEAD" || reply.status === 304 || reply.status === 204) {
    if (reply.body instanceof Readable) reply.body.destroy();
    response.end();
  } else if (Buffer.isBuffer(reply.body)) {
    response.end(reply.body);
  } else {
    await pipeline(reply.body, response).catch(() => response.destroy());
  }
  if (reply.closes) request.socket.end();
}
