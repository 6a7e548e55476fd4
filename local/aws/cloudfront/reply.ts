// The answer to the viewer: conditions and ranges, the response headers policy, and what CloudFront writes itself.

import type { Readable } from "node:stream";
import { allowsRange, failsPrecondition, isNotModified } from "./conditional.ts";
import type { Behavior } from "./distribution.ts";
import type { Edge } from "./edge.ts";
import { type CloudFrontError, errorPage, type ResultType } from "./errors.ts";
import type { EdgeRequest } from "./forward.ts";
import type { FunctionResponse } from "./function-result.ts";
import { type Header, type Headers, headerValue, setHeader } from "./headers.ts";
import { parseRanges, partial } from "./ranges.ts";
import { applyResponseHeadersPolicy } from "./response-headers.ts";
import type { Retrieved } from "./retrieve.ts";
import { viaName } from "./via.ts";
import type { ViewerRequest } from "./viewer.ts";

/** What goes to the viewer. */
export interface Reply {
  readonly status: number;
  readonly statusDescription: string;
  readonly headers: Map<string, readonly Header[]>;
  readonly body: Buffer | Readable;
  readonly resultType: ResultType;
  readonly closes: boolean;
}

type Content = Pick<Reply, "status" | "statusDescription" | "headers" | "body">;

/** The reply for an object. */
export function objectReply(found: Retrieved, request: EdgeRequest, behavior: Behavior, edge: Edge): Reply {
  const content = found.isWholeFromCache && found.status === 200 ? selected(found, request) : found;
  const headers = new Map(content.headers);
  applyPolicy(behavior, request, headers);
  if (found.age !== undefined) setHeader(headers, "Age", String(found.age));
  return finished({ ...content, headers }, found.resultType, request.viewer, edge);
}

/** The reply for a response that a function at viewer-request made: never cached. */
export function generatedReply(
  response: FunctionResponse,
  viewer: ViewerRequest,
  behavior: Behavior,
  edge: Edge,
  resultType: ResultType,
): Reply {
  const headers = new Map(response.headers);
  const body = response.body ?? Buffer.alloc(0);
  if (response.status !== 204 && response.status !== 304)
    setHeader(headers, "Content-Length", String(body.length));
  if (edge.readings.responseHeadersPolicyOnGenerated) applyPolicy(behavior, viewer, headers);
  const content = {
    status: response.status,
    statusDescription: response.statusDescription ?? "",
    headers,
    body,
  };
  return finished(content, resultType, viewer, edge);
}

/** The reply for an error of CloudFront's own. */
export function errorReply(error: CloudFrontError, viewer: ViewerRequest, edge: Edge): Reply {
  const content = { status: error.status, statusDescription: "", ...errorPage(error, viewer.requestId) };
  return { ...finished(content, error.resultType, viewer, edge), closes: error.closes };
}

/** "redirect-to-https": the viewer is sent to the same URL over https. */
export function redirectReply(viewer: ViewerRequest, edge: Edge): Reply {
  const query = viewer.rawQuery === "" ? "" : `?${viewer.rawQuery}`;
  const headers = new Map<string, readonly Header[]>();
  setHeader(headers, "Location", `https://${headerValue(viewer.headers, "host")}${viewer.rawPath}${query}`);
  setHeader(headers, "Content-Length", "0");
  return finished(
    { status: 301, statusDescription: "", headers, body: Buffer.alloc(0) },
    "Redirect",
    viewer,
    edge,
  );
}

function applyPolicy(
  behavior: Behavior,
  request: { readonly method: string; readonly headers: Headers },
  headers: Map<string, readonly Header[]>,
): void {
  const policy = behavior.responseHeadersPolicy;
  if (policy !== undefined) applyResponseHeadersPolicy(policy, request, headers);
}

// A whole object from the cache, cut to what the viewer asked for.
function selected(found: Retrieved, request: EdgeRequest): Content {
  if (failsPrecondition(request.headers, found.headers)) return withoutBody(412, found);
  if (isNotModified(request.headers, found.headers)) return withoutBody(304, found);
  const range = headerValue(request.headers, "range");
  if (request.method !== "GET" || range === undefined || !Buffer.isBuffer(found.body)) return found;
  if (!allowsRange(request.headers, found.headers)) return found;
  const ranges = parseRanges(range, found.body.length);
  return ranges === undefined
    ? found
    : { statusDescription: "", ...partial(ranges, found.headers, found.body) };
}

function withoutBody(status: 304 | 412, found: Retrieved): Content {
  const headers = new Map(found.headers);
  for (const name of ["content-length", "content-type", "content-encoding", "accept-ranges"])
    headers.delete(name);
  if (status === 412) setHeader(headers, "Content-Length", "0");
  return { status, statusDescription: "", headers, body: Buffer.alloc(0) };
}

function finished(content: Content, resultType: ResultType, viewer: ViewerRequest, edge: Edge): Reply {
  const { status, statusDescription, body } = content;
  const headers = new Map(content.headers);
  headers.delete("transfer-encoding");
  if (!headers.has("server")) setHeader(headers, "Server", "CloudFront");
  if (!headers.has("date")) setHeader(headers, "Date", new Date(edge.now()).toUTCString());
  setHeader(headers, "X-Cache", `${resultType} from cloudfront`);
  setHeader(headers, "Via", `1.1 ${viaName(edge.distribution)}`);
  setHeader(headers, "X-Amz-Cf-Pop", "LOC50-P1");
  setHeader(headers, "X-Amz-Cf-Id", viewer.requestId);
  return { status, statusDescription, headers, body, resultType, closes: false };
}
