// Trips to the origin: requests that wait for the same answer share one, and a failing origin becomes an answer too.

import type { Behavior } from "./distribution.ts";
import type { Edge } from "./edge.ts";
import { CloudFrontError, errorPage } from "./errors.ts";
import { CONDITIONAL_HEADERS, type EdgeRequest } from "./forward.ts";
import { headerValue } from "./headers.ts";
import type { OriginAnswer } from "./origin-answer.ts";
import { fetchFromOrigin, forwardsCookies } from "./origin-fetch.ts";

/**
 * "Simultaneous requests for the same object (request collapsing)": requests of one cache key share one trip, unless
 * cookies are forwarded or caching is disabled. Conditions and ranges must be the same too: nobody gets another's 304.
 */
export async function share(
  key: string,
  request: EdgeRequest,
  behavior: Behavior,
  edge: Edge,
): Promise<{ answer: OriginAnswer; isFirst: boolean }> {
  if (forwardsCookies(behavior) || behavior.cachePolicy.maxTtl === 0) {
    return { answer: await trip(request, behavior, edge), isFirst: true };
  }
  const conditions = [...CONDITIONAL_HEADERS, "range"].map(
    (name) => headerValue(request.headers, name) ?? null,
  );
  const name = JSON.stringify([request.method, ...conditions, key]);
  const first = edge.underway.get(name);
  if (first !== undefined) {
    const answer = await first;
    if (isShareable(answer, edge)) return { answer, isFirst: false };
    return { answer: await trip(request, behavior, edge), isFirst: true };
  }
  const answer = trip(request, behavior, edge);
  edge.underway.set(name, answer);
  try {
    return { answer: await answer, isFirst: true };
  } finally {
    edge.underway.delete(name);
  }
}

function isShareable(answer: OriginAnswer, edge: Edge): boolean {
  if (!Buffer.isBuffer(answer.body)) return false;
  return edge.readings.collapseUncacheable || (answer.ttl ?? 0) > 0;
}

// No answer from the origin counts as its 502 or 504: it is cached, and a stale object is served instead.
async function trip(request: EdgeRequest, behavior: Behavior, edge: Edge): Promise<OriginAnswer> {
  try {
    return await fetchFromOrigin(request, behavior, edge);
  } catch (error) {
    if (!(error instanceof CloudFrontError) || error.resultType !== "Error") throw error;
    const { requestId } = request.viewer;
    edge.log({
      type: "error",
      requestId,
      status: error.status,
      resultType: "Error",
      reason: error.message,
      cause: error.cause,
    });
    return { status: error.status, statusDescription: "", ...errorPage(error, requestId), ttl: undefined };
  }
}
