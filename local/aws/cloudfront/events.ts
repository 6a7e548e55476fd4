// The events that functions receive: "Lambda@Edge event structure",
// docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/lambda-event-structure.html

import type { Distribution } from "./distribution.ts";
import { isDisallowed } from "./header-rules.ts";
import type { Header, Headers } from "./headers.ts";
import type { Origin } from "./origin-config.ts";
import { textOf, type ViewerRequest } from "./viewer.ts";

type EventHeaders = Record<string, readonly Header[]>;

/** The request of an event: what a function reads and, at viewer-request, returns. */
export interface EventRequest {
  readonly clientIp: string;
  readonly headers: EventHeaders;
  readonly method: string;
  readonly querystring: string;
  readonly uri: string;
  readonly body?: {
    readonly inputTruncated: boolean;
    readonly action: "read-only";
    readonly encoding: "base64";
    readonly data: string;
  };
}

/** The response of an origin-response event: never the body. */
export interface EventResponse {
  readonly status: string;
  readonly statusDescription: string;
  readonly headers: EventHeaders;
}

// "Restrictions on the request body with the include body option": viewer requests are truncated at 40 KB.
export const MAX_EXPOSED_BODY_BYTES = 40 * 1024;

/** The request that a viewer-request function sees; `body` only with IncludeBody. */
export function viewerEventRequest(viewer: ViewerRequest, body: Buffer | undefined): EventRequest {
  const request = {
    clientIp: viewer.clientIp,
    headers: exposed(viewer.headers),
    method: viewer.method,
    querystring: textOf(viewer.rawQuery),
    uri: textOf(viewer.rawPath),
  };
  if (body === undefined) return request;
  return {
    ...request,
    body: {
      inputTruncated: body.length > MAX_EXPOSED_BODY_BYTES,
      action: "read-only",
      encoding: "base64",
      data: body.subarray(0, MAX_EXPOSED_BODY_BYTES).toString("base64"),
    },
  };
}

/** The event around a request (and a response). */
export function cloudFrontEvent(
  distribution: Distribution,
  eventType: "viewer-request" | "origin-request" | "origin-response",
  requestId: string,
  payload: { readonly request: unknown; readonly response?: EventResponse },
): unknown {
  const config = {
    distributionDomainName: distribution.domainName,
    distributionId: distribution.id,
    eventType,
    requestId,
  };
  return { Records: [{ cf: { config, ...payload } }] };
}

/** The origin of a request in origin-facing events. */
export function eventOrigin(origin: Origin, port: number): unknown {
  const common = {
    customHeaders: Object.fromEntries(origin.customHeaders),
    domainName: origin.domainName,
    path: origin.path,
  };
  if (origin.isS3) return { s3: { ...common, authMethod: "none", region: regionOf(origin.domainName) } };
  return {
    custom: {
      ...common,
      keepaliveTimeout: 5,
      port,
      protocol: "https",
      readTimeout: origin.responseTimeoutMs / 1000,
      sslProtocols: ["TLSv1.2"],
    },
  };
}

// bucket.s3.<region>.amazonaws.com; the global name of a bucket carries no region.
function regionOf(domainName: string): string {
  return /\.s3[.-]([a-z0-9-]+)\.amazonaws\.com$/.exec(domainName)?.[1] ?? "us-east-1";
}

/** The fields of a message that functions see. */
export function exposed(headers: Headers): EventHeaders {
  return Object.fromEntries([...headers].filter(([name]) => !isDisallowed(name)));
}
