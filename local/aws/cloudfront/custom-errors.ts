// Custom error pages: another object of the distribution, fetched without its viewer-request function.
// "Generate custom error responses", docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/GeneratingCustomErrorResponses.html

import { behaviorFor } from "./behaviors.ts";
import type { Edge } from "./edge.ts";
import type { EdgeRequest } from "./forward.ts";
import { headersOf } from "./headers.ts";
import { type Retrieved, retrieve } from "./retrieve.ts";
import type { ViewerRequest } from "./viewer.ts";

/** The page configured for the status, with its response code; the answer itself where there is none or it fails. */
export async function withCustomErrorPage(
  answer: Retrieved,
  viewer: ViewerRequest,
  edge: Edge,
): Promise<Retrieved> {
  const page = edge.distribution.customErrorResponses.get(answer.status)?.page;
  if (answer.status < 400 || page === undefined) return answer;
  const request: EdgeRequest = {
    method: "GET",
    rawPath: page.path,
    querystring: "",
    headers: headersOf({ Host: edge.distribution.domainName }),
    viewer,
    body: async () => Buffer.alloc(0),
  };
  const found = await retrieve(
    request,
    behaviorFor(edge.distribution, page.path, edge.readings.patternPath),
    edge,
  );
  if (found.status >= 400) return answer;
  return {
    ...found,
    status: page.status,
    statusDescription: "",
    resultType: "Error",
    isWholeFromCache: false,
  };
}
