// An origin of the distribution: where it is, how often it is tried, how its requests are signed.

import { type Header, setHeader } from "./headers.ts";
import {
  type JsonObject,
  numberAt,
  objectAt,
  objectOf,
  objectsAt,
  requiredStringAt,
  stringAt,
} from "./json.ts";

/** Where objects come from. */
export interface Origin {
  readonly id: string;
  readonly domainName: string;
  readonly path: string;
  readonly customHeaders: ReadonlyMap<string, readonly Header[]>;
  readonly isS3: boolean;
  readonly connectionAttempts: number;
  readonly responseTimeoutMs: number;
  /** How origin access control signs; undefined without one. */
  readonly signing: "always" | "never" | "no-override" | undefined;
}

// "Origin settings": 3 connection attempts; the response timeout for S3 is 30 seconds and can't be changed.
const DEFAULT_CONNECTION_ATTEMPTS = 3;
const DEFAULT_RESPONSE_TIMEOUT_SECONDS = 30;

/** Reads one entry of Origins; `accessControls` are the resolved properties of origin access controls, by id. */
export function parseOrigin(origin: JsonObject, accessControls: Readonly<Record<string, unknown>>): Origin {
  const custom = objectAt(origin, "CustomOriginConfig");
  const customHeaders = new Map<string, Header[]>();
  for (const header of objectsAt(origin, "OriginCustomHeaders")) {
    setHeader(customHeaders, requiredStringAt(header, "HeaderName"), requiredStringAt(header, "HeaderValue"));
  }
  return {
    id: requiredStringAt(origin, "Id"),
    domainName: requiredStringAt(origin, "DomainName"),
    path: stringAt(origin, "OriginPath") ?? "",
    customHeaders,
    isS3: origin["S3OriginConfig"] !== undefined,
    connectionAttempts: numberAt(origin, "ConnectionAttempts", DEFAULT_CONNECTION_ATTEMPTS),
    responseTimeoutMs: numberAt(custom, "OriginReadTimeout", DEFAULT_RESPONSE_TIMEOUT_SECONDS) * 1000,
    signing: signingOf(stringAt(origin, "OriginAccessControlId"), accessControls),
  };
}

function signingOf(
  id: string | undefined,
  accessControls: Readonly<Record<string, unknown>>,
): Origin["signing"] {
  if (id === undefined || id === "") return undefined;
  const control = objectOf(accessControls[id]);
  if (control === undefined) throw new Error(`OriginAccessControlId: no origin access control ${id}`);
  const behavior = requiredStringAt(objectAt(control, "OriginAccessControlConfig"), "SigningBehavior");
  if (behavior === "always" || behavior === "never" || behavior === "no-override") return behavior;
  throw new Error(`SigningBehavior: ${behavior} is unknown`);
}
