// One request, from the viewer and back: behaviour, function, cache, origin, reply.

import { behaviorFor } from "./behaviors.ts";
import { withCustomErrorPage } from "./custom-errors.ts";
import type { Association, Behavior } from "./distribution.ts";
import type { Edge } from "./edge.ts";
import { runFunction } from "./edge-functions.ts";
import { CloudFrontError } from "./errors.ts";
import { cloudFrontEvent, viewerEventRequest } from "./events.ts";
import { type EdgeRequest, isBodiless } from "./forward.ts";
import { parseViewerRequestResult, type ViewerRequestResult } from "./function-result.ts";
import { headerValue } from "./headers.ts";
import { errorReply, generatedReply, objectReply, type Reply, redirectReply } from "./reply.ts";
import { retrieve } from "./retrieve.ts";
import { bytesOf, requireLimits, textOf, type ViewerRequest } from "./viewer.ts";
import { viewerFunction } from "./viewer-function.ts";

/** Answers a viewer's request; every failure becomes CloudFront's error page, with its reason in the log. */
export async function serve(viewer: ViewerRequest, edge: Edge): Promise<Reply> {
  const seen = { behavior: undefined as Behavior | undefined, query: viewer.rawQuery };
  const reply = await answer(viewer, edge, seen).catch((error: unknown) => failed(error, viewer, edge));
  edge.log({
    type: "access",
    time: edge.now(),
    requestId: viewer.requestId,
    clientIp: viewer.clientIp,
    method: viewer.method,
    host: headerValue(viewer.headers, "host") ?? "",
    uri: viewer.rawPath,
    query: edge.readings.accessLogQuery === "viewer" ? viewer.rawQuery : seen.query,
    status: reply.status,
    resultType: reply.resultType,
    pathPattern: seen.behavior?.pathPattern ?? "",
    httpVersion: viewer.httpVersion,
  });
  return reply;
}

async function answer(
  viewer: ViewerRequest,
  edge: Edge,
  seen: { behavior: Behavior | undefined; query: string },
): Promise<Reply> {
  requireLimits(viewer, edge.readings.maxRequestBytes);
  const behavior = behaviorFor(edge.distribution, viewer.rawPath, edge.readings.patternPath);
  seen.behavior = behavior;
  const isHttps = viewer.isHttps || edge.plainHttpIsHttps;
  if (!isHttps && behavior.viewerProtocolPolicy === "redirect-to-https") return redirectReply(viewer, edge);
  await requireAllowed(viewer, behavior, isHttps);
  const result = await viewerRequest(viewer, behavior, edge);
  if (result.kind === "response") {
    const resultType =
      behavior.viewerFunctionArn === undefined ? "LambdaGeneratedResponse" : "FunctionGeneratedResponse";
    return generatedReply(result.response, viewer, behavior, edge, resultType);
  }
  const request = edgeRequest(viewer, result);
  seen.query = request.querystring;
  const found = await retrieve(request, behavior, edge);
  return objectReply(await withCustomErrorPage(found, viewer, edge), request, behavior, edge);
}

function failed(error: unknown, viewer: ViewerRequest, edge: Edge): Reply {
  const known =
    error instanceof CloudFrontError ? error : new CloudFrontError(500, String(error), { cause: error });
  const { requestId } = viewer;
  const { status, resultType, message: reason, cause } = known;
  edge.log({ type: "error", requestId, status, resultType, reason, cause });
  return errorReply(known, viewer, edge);
}

async function requireAllowed(viewer: ViewerRequest, behavior: Behavior, isHttps: boolean): Promise<void> {
  if (!isHttps && behavior.viewerProtocolPolicy === "https-only") {
    throw new CloudFrontError(403, "https only", { page: "Bad request." });
  }
  if (!behavior.allowedMethods.has(viewer.method)) {
    throw new CloudFrontError(403, `method ${viewer.method} is not allowed by ${behavior.pathPattern}`, {
      page: "This distribution is not configured to allow the HTTP request method that was used for this request.",
    });
  }
  if (viewer.method === "GET" && (await viewer.body()).length > 0) {
    throw new CloudFrontError(403, "GET with a body");
  }
}

async function viewerRequest(
  viewer: ViewerRequest,
  behavior: Behavior,
  edge: Edge,
): Promise<ViewerRequestResult> {
  const run = edge.functions.get(behavior.viewerFunctionArn ?? "");
  if (run && !edge.skipsFunctions)
    return viewerFunction(run, viewer, edge.distribution, edge.readings.maxRequestBytes);
  if (behavior.viewerRequest === undefined) return unchanged(viewer);
  const given = viewerEventRequest(viewer, await exposedBody(viewer, behavior.viewerRequest));
  const event = cloudFrontEvent(edge.distribution, "viewer-request", viewer.requestId, { request: given });
  const result = await runFunction(
    edge.invoke,
    behavior.viewerRequest.functionArn,
    event,
    edge.timeouts.viewerFunctionMs,
  );
  return parseViewerRequestResult(result, given);
}

async function exposedBody(viewer: ViewerRequest, { includeBody }: Association): Promise<Buffer | undefined> {
  return includeBody && !isBodiless(viewer.method) ? viewer.body() : undefined;
}

function unchanged(viewer: ViewerRequest): ViewerRequestResult {
  return {
    kind: "request",
    uri: textOf(viewer.rawPath),
    querystring: textOf(viewer.rawQuery),
    headers: new Map(viewer.headers),
    body: undefined,
  };
}

// What a function leaves alone is forwarded as it arrived, what it changes as UTF-8.
function edgeRequest(
  viewer: ViewerRequest,
  result: Extract<ViewerRequestResult, { kind: "request" }>,
): EdgeRequest {
  const { uri, querystring, headers, body } = result;
  return {
    method: viewer.method,
    rawPath: uri === textOf(viewer.rawPath) ? viewer.rawPath : bytesOf(uri),
    querystring,
    headers,
    viewer,
    body: body === undefined ? viewer.body : async () => body,
  };
}
