// The policies that a behaviour refers to by id: cache, origin request, response headers.

import {
  booleanAt,
  type JsonObject,
  numberAt,
  objectAt,
  objectOf,
  requiredStringAt,
  stringsAt,
} from "./json.ts";
import { MANAGED_POLICIES } from "./managed-policies.ts";

/** Which of a request's cookies, parameters or headers a policy takes; names as written in the policy. */
export interface Selection {
  readonly kind: "none" | "all" | "only" | "except";
  readonly names: ReadonlySet<string>;
}

/** "Control the cache key with a policy": what makes two requests the same, and how long an answer lives (seconds). */
export interface CachePolicy {
  readonly minTtl: number;
  readonly maxTtl: number;
  readonly defaultTtl: number;
  readonly headers: Selection;
  readonly cookies: Selection;
  readonly queryStrings: Selection;
  readonly gzip: boolean;
  readonly brotli: boolean;
}

/** "Control origin requests with a policy": what the origin receives beyond the cache key. */
export interface OriginRequestPolicy {
  readonly headers: Selection;
  readonly cookies: Selection;
  readonly queryStrings: Selection;
}

/** The resolved properties of policies, by id. */
export interface PolicyBook {
  readonly cache: (id: string) => CachePolicy;
  readonly originRequest: (id: string) => OriginRequestPolicy;
  /** The ResponseHeadersPolicyConfig as written. */
  readonly responseHeaders: (id: string) => JsonObject;
}

/** Looks policies up by id: the template's own first, then AWS's managed ones. */
export function policyBook(own: Readonly<Record<string, unknown>>): PolicyBook {
  const config = (id: string, name: string): JsonObject => {
    const properties = objectOf(own[id] ?? MANAGED_POLICIES[id]);
    const found = objectOf(properties?.[name]);
    if (found === undefined)
      throw new Error(`no ${name} with the id ${id}: neither the template's nor managed by AWS`);
    return found;
  };
  return {
    cache: (id) => parseCachePolicy(config(id, "CachePolicyConfig")),
    originRequest: (id) =>
      parseOriginRequestPolicy(config(id, "OriginRequestPolicyConfig"), id in MANAGED_POLICIES),
    responseHeaders: (id) => config(id, "ResponseHeadersPolicyConfig"),
  };
}

function parseCachePolicy(config: JsonObject): CachePolicy {
  const parameters = objectAt(config, "ParametersInCacheKeyAndForwardedToOrigin");
  return {
    minTtl: numberAt(config, "MinTTL", 0),
    maxTtl: numberAt(config, "MaxTTL", 31_536_000),
    defaultTtl: numberAt(config, "DefaultTTL", 86_400),
    headers: lowerCase(selection(objectAt(parameters, "HeadersConfig"), "HeaderBehavior", "Headers")),
    cookies: selection(objectAt(parameters, "CookiesConfig"), "CookieBehavior", "Cookies"),
    queryStrings: selection(
      objectAt(parameters, "QueryStringsConfig"),
      "QueryStringBehavior",
      "QueryStrings",
    ),
    gzip: booleanAt(parameters, "EnableAcceptEncodingGzip"),
    brotli: booleanAt(parameters, "EnableAcceptEncodingBrotli"),
  };
}

function parseOriginRequestPolicy(config: JsonObject, isManaged: boolean): OriginRequestPolicy {
  const queryStrings = selection(
    objectAt(config, "QueryStringsConfig"),
    "QueryStringBehavior",
    "QueryStrings",
  );
  return {
    headers: lowerCase(selection(objectAt(config, "HeadersConfig"), "HeaderBehavior", "Headers")),
    cookies: selection(objectAt(config, "CookiesConfig"), "CookieBehavior", "Cookies"),
    queryStrings: isManaged ? withoutResponseOverrides(queryStrings) : queryStrings,
  };
}

// "Use managed origin request policies": towards S3, the managed policies drop these three parameters.
const RESPONSE_OVERRIDES = [
  "response-content-type",
  "response-content-disposition",
  "response-content-encoding",
];

function withoutResponseOverrides(queryStrings: Selection): Selection {
  return queryStrings.kind === "all" ? { kind: "except", names: new Set(RESPONSE_OVERRIDES) } : queryStrings;
}

const KINDS: Readonly<Record<string, Selection["kind"]>> = {
  none: "none",
  all: "all",
  allViewer: "all",
  whitelist: "only",
  allExcept: "except",
};

function selection(config: JsonObject, behavior: string, list: string): Selection {
  const written = Object.keys(config).length === 0 ? "none" : requiredStringAt(config, behavior);
  const kind = KINDS[written];
  if (kind === undefined) throw new Error(`${behavior} ${written} is not emulated`);
  return { kind, names: new Set(stringsAt(config, list)) };
}

// Header names in lower case; the fields that CloudFront itself would add (CloudFront-Viewer-Country, …) are not played.
function lowerCase(selected: Selection): Selection {
  const names = new Set([...selected.names].map((name) => name.toLowerCase()));
  const own = [...names].find((name) => name.startsWith("cloudfront-"));
  if (own !== undefined) throw new Error(`Headers: ${own} is not emulated by the local CloudFront`);
  return { kind: selected.kind, names };
}

/** Whether a selection takes the name. */
export function selects({ kind, names }: Selection, name: string): boolean {
  if (kind === "only") return names.has(name);
  if (kind === "except") return !names.has(name);
  return kind === "all";
}
