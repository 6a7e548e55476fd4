// What AWS leaves open: each switch plays one reading of its documentation; the defaults are the harsher ones.

import type { PatternPath } from "./behaviors.ts";

/** The readings that this CloudFront plays. */
export interface Readings {
  /** The method the origin sees when a viewer sends HEAD for an object that is not cached. */
  readonly headOnMiss: "HEAD" | "GET";
  /** Whether path patterns are compared with the decoded path or with the path as sent. */
  readonly patternPath: PatternPath;
  /** Whether a response headers policy also changes responses that a viewer-request function generates. */
  readonly responseHeadersPolicyOnGenerated: boolean;
  /** The query string that the access log shows: the viewer's, or the one the function made of it. */
  readonly accessLogQuery: "viewer" | "rebuilt";
  /** Whether `X-Amz-Cf-Id` goes to the origin. */
  readonly cfIdHeader: "sent" | "withheld";
  /** Whether waiting requests share an answer that may not be cached (documentation says no, AWS support says yes). */
  readonly collapseUncacheable: boolean;
  /** Bytes of request line and headers: 20,480 on one page of the documentation, 32,768 on a newer one. */
  readonly maxRequestBytes: 20_480 | 32_768;
}

export const DEFAULT_READINGS: Readings = {
  headOnMiss: "HEAD",
  patternPath: "decoded",
  responseHeadersPolicyOnGenerated: false,
  accessLogQuery: "rebuilt",
  cfIdHeader: "sent",
  collapseUncacheable: true,
  maxRequestBytes: 20_480,
};
