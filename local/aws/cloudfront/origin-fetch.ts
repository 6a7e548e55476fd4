// One trip to the origin and back: forward, sign, send, origin-response function, compress.

import type { Readable } from "node:stream";
import { compress } from "./compression.ts";
import type { Behavior } from "./distribution.ts";
import type { Edge } from "./edge.ts";
import { runFunction } from "./edge-functions.ts";
import { cloudFrontEvent, type EventRequest, eventOrigin, exposed } from "./events.ts";
import { type EdgeRequest, isBodiless, type OriginRequest, originRequest } from "./forward.ts";
import { ttlSeconds } from "./freshness.ts";
import {
  type FunctionResponse,
  parseOriginRequestResult,
  parseOriginResponseResult,
} from "./function-result.ts";
import { isDisallowed } from "./header-rules.ts";
import { type Header, type Headers, setHeader } from "./headers.ts";
import { signForOrigin } from "./oac.ts";
import { type OriginResponse, sendToOrigin } from "./origin.ts";
import type { OriginAnswer } from "./origin-answer.ts";
import type { Origin } from "./origin-config.ts";
import { bytesOf, textOf } from "./viewer.ts";

// "HTTP response headers that CloudFront removes or replaces"
const REMOVED = ["connection", "keep-alive", "trailer", "upgrade", "proxy-connection"];

/** Asks the origin of the behaviour for the request, unless its origin-request function answers. */
export async function fetchFromOrigin(
  request: EdgeRequest,
  behavior: Behavior,
  edge: Edge,
): Promise<OriginAnswer> {
  const origin = originOf(behavior, edge);
  const built = originRequest(request, behavior, origin, edge.distribution, {
    headAs: edge.readings.headOnMiss,
    cfId: edge.readings.cfIdHeader === "sent",
  });
  const wanted = await beforeOrigin(built, origin, request, behavior, edge);
  if ("response" in wanted) return kept(wanted.response, request, behavior, edge);
  const { forwarded } = wanted;
  const signed = await signForOrigin(forwarded, origin, edge.oac);
  const body = isBodiless(request.method) ? undefined : await request.body();
  const timeoutMs = edge.timeouts.originResponseMs ?? origin.responseTimeoutMs;
  const response = await sendToOrigin(
    signed,
    body,
    origin,
    edge.connect(origin.domainName),
    edge.agents,
    timeoutMs,
  );
  const cleaned = { ...response, headers: cleanedHeaders(response.headers, behavior) };
  return kept(await afterFunction(cleaned, forwarded, request, behavior, edge), request, behavior, edge);
}

async function kept(
  answer: OriginResponse,
  request: EdgeRequest,
  behavior: Behavior,
  edge: Edge,
): Promise<OriginAnswer> {
  const ttl = ttlSeconds(answer.status, answer.headers, behavior.cachePolicy, edge.now());
  return { ...(await compressed(answer, request, behavior, ttl)), ttl };
}

/**
 * What the origin-request function makes of a miss. An answer of its own is cached as the origin's would be, and no
 * origin-response function sees it ("CloudFront events that can trigger a Lambda@Edge function").
 */
async function beforeOrigin(
  built: OriginRequest,
  origin: Origin,
  request: EdgeRequest,
  behavior: Behavior,
  edge: Edge,
): Promise<{ readonly forwarded: OriginRequest } | { readonly response: OriginResponse }> {
  const association = behavior.originRequest;
  if (association === undefined) return { forwarded: built };
  const given = { ...originEventRequest(built, request, behavior), origin: eventOrigin(origin, 443) };
  const event = cloudFrontEvent(edge.distribution, "origin-request", request.viewer.requestId, {
    request: given,
  });
  const invoked = await runFunction(
    edge.invoke,
    association.functionArn,
    event,
    edge.timeouts.originFunctionMs,
  );
  const result = parseOriginRequestResult(invoked, given);
  if (result.kind === "response") return { response: generated(result.response) };
  const hidden = [...built.headers].filter(([name]) => isDisallowed(name));
  const { querystring } = result;
  const uri = result.uri === given.uri ? built.uri : bytesOf(result.uri);
  const path = `${bytesOf(origin.path)}${uri}${querystring === "" ? "" : `?${bytesOf(querystring)}`}`;
  const headers = new Map<string, readonly Header[]>([...result.headers, ...hidden]);
  return { forwarded: { ...built, uri, querystring, path, headers } };
}

function generated({ status, statusDescription = "", headers, body }: FunctionResponse): OriginResponse {
  const content = body ?? Buffer.alloc(0);
  const sized = new Map(headers);
  setHeader(sized, "Content-Length", String(content.length));
  return { status, statusDescription, headers: sized, body: content };
}

function originOf(behavior: Behavior, edge: Edge): Origin {
  const origin = edge.distribution.origins.get(behavior.originId);
  if (origin === undefined) throw new Error(`no origin ${behavior.originId}`);
  return origin;
}

// Set-Cookie reaches viewers only where cookies are forwarded.
function cleanedHeaders(headers: Headers, behavior: Behavior): Map<string, readonly Header[]> {
  const cleaned = new Map<string, readonly Header[]>(headers);
  for (const name of REMOVED) cleaned.delete(name);
  if (!forwardsCookies(behavior)) cleaned.delete("set-cookie");
  return cleaned;
}

/** Whether either policy forwards cookies; this also switches request collapsing off. */
export function forwardsCookies({ cachePolicy, originRequestPolicy }: Behavior): boolean {
  return cachePolicy.cookies.kind !== "none" || (originRequestPolicy?.cookies.kind ?? "none") !== "none";
}

async function afterFunction(
  response: OriginResponse,
  forwarded: OriginRequest,
  request: EdgeRequest,
  behavior: Behavior,
  edge: Edge,
): Promise<OriginResponse> {
  const association = behavior.originResponse;
  if (association === undefined) return response;
  const given = {
    status: String(response.status),
    statusDescription: response.statusDescription,
    headers: exposed(response.headers),
  };
  const event = cloudFrontEvent(edge.distribution, "origin-response", request.viewer.requestId, {
    request: {
      ...originEventRequest(forwarded, request, behavior),
      origin: eventOrigin(originOf(behavior, edge), 443),
    },
    response: given,
  });
  const result = await runFunction(
    edge.invoke,
    association.functionArn,
    event,
    edge.timeouts.originFunctionMs,
  );
  const changed = parseOriginResponseResult(result, given);
  const hidden = [...response.headers].filter(([name]) => isDisallowed(name));
  const headers = new Map<string, readonly Header[]>([...changed.headers, ...hidden]);
  if (changed.body !== undefined) discard(response.body);
  return {
    status: changed.status,
    statusDescription: changed.statusDescription ?? response.statusDescription,
    headers: forwarded.method === "HEAD" ? headers : withLength(headers, changed.body, response),
    body: changed.body ?? response.body,
  };
}

// The length is CloudFront's to say, whatever the function wrote.
function withLength(
  headers: Map<string, readonly Header[]>,
  replaced: Buffer | undefined,
  response: OriginResponse,
): Map<string, readonly Header[]> {
  if (replaced !== undefined) {
    setHeader(headers, "Content-Length", String(replaced.length));
    return headers;
  }
  const original = response.headers.get("content-length");
  if (original === undefined) headers.delete("content-length");
  else headers.set("content-length", original);
  return headers;
}

function discard(body: Buffer | Readable): void {
  if (!Buffer.isBuffer(body)) body.destroy();
}

// Origin-facing functions see the query string only where a policy takes all of it ("Query strings" restrictions).
function originEventRequest(
  forwarded: OriginRequest,
  request: EdgeRequest,
  { cachePolicy, originRequestPolicy }: Behavior,
): EventRequest {
  const takesAll =
    cachePolicy.queryStrings.kind === "all" || originRequestPolicy?.queryStrings.kind === "all";
  return {
    clientIp: request.viewer.clientIp,
    headers: exposed(forwarded.headers),
    method: forwarded.method,
    querystring: takesAll ? forwarded.querystring : "",
    uri: textOf(forwarded.uri),
  };
}

// Objects that are not kept are not compressed: "set the TTL values in the cache policy to a value greater than zero".
async function compressed(
  answer: OriginResponse,
  request: EdgeRequest,
  behavior: Behavior,
  ttl: number | undefined,
): Promise<OriginResponse> {
  if (!Buffer.isBuffer(answer.body) || request.method !== "GET" || ttl === undefined || ttl === 0)
    return answer;
  const smaller = await compress(request.headers, behavior, answer.status, answer.headers, answer.body);
  return smaller === undefined ? answer : { ...answer, ...smaller };
}
