// The response headers policy: removed fields first, then CORS, security and custom fields.
// "Understand response headers policies",
// docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/understanding-response-headers-policies.html

import { addHeader, type Header, type Headers, headerValue, setHeader } from "./headers.ts";
import {
  booleanAt,
  type JsonObject,
  numberAt,
  objectAt,
  objectsAt,
  requiredStringAt,
  stringAt,
  stringsAt,
} from "./json.ts";

type Fields = Map<string, readonly Header[]>;

/** Changes the fields of an answer to a viewer as the policy says. */
export function applyResponseHeadersPolicy(
  config: JsonObject,
  request: { readonly method: string; readonly headers: Headers },
  fields: Fields,
): void {
  for (const { Header: name } of objectsAt(objectAt(config, "RemoveHeadersConfig"), "Items")) {
    fields.delete(String(name).toLowerCase());
  }
  if (config["CorsConfig"] !== undefined) applyCors(objectAt(config, "CorsConfig"), request, fields);
  applySecurity(objectAt(config, "SecurityHeadersConfig"), fields);
  for (const item of objectsAt(objectAt(config, "CustomHeadersConfig"), "Items")) {
    put(fields, requiredStringAt(item, "Header"), stringAt(item, "Value") ?? "", booleanAt(item, "Override"));
  }
}

function put(fields: Fields, key: string, value: string, override: boolean): void {
  if (override || !fields.has(key.toLowerCase())) setHeader(fields, key, value);
}

function applyCors(
  cors: JsonObject,
  request: { readonly method: string; readonly headers: Headers },
  fields: Fields,
): void {
  const origin = headerValue(request.headers, "origin");
  const allowed = origin === undefined ? undefined : allowedOrigin(cors, origin);
  if (allowed === undefined) return;
  const override = booleanAt(cors, "OriginOverride");
  const list = (name: string) => stringsAt(objectAt(cors, name), "Items").join(", ");
  const add = (key: string, value: string) => {
    if (value !== "") put(fields, key, value, override);
  };
  add("Access-Control-Allow-Origin", allowed);
  if (allowed !== "*") addHeader(fields, "Vary", "Origin");
  if (booleanAt(cors, "AccessControlAllowCredentials")) add("Access-Control-Allow-Credentials", "true");
  const isPreflight = request.method === "OPTIONS" && request.headers.has("access-control-request-method");
  if (!isPreflight) {
    add("Access-Control-Expose-Headers", list("AccessControlExposeHeaders"));
    return;
  }
  add("Access-Control-Allow-Methods", methods(cors));
  add("Access-Control-Allow-Headers", list("AccessControlAllowHeaders"));
  const maxAge = numberAt(cors, "AccessControlMaxAgeSec", 0);
  if (maxAge > 0) add("Access-Control-Max-Age", String(maxAge));
}

function methods(cors: JsonObject): string {
  const listed = stringsAt(objectAt(cors, "AccessControlAllowMethods"), "Items");
  return listed.includes("ALL") ? "GET, HEAD, PUT, POST, PATCH, DELETE, OPTIONS" : listed.join(", ");
}

function allowedOrigin(cors: JsonObject, origin: string): string | undefined {
  for (const allowed of stringsAt(objectAt(cors, "AccessControlAllowOrigins"), "Items")) {
    if (allowed === "*") return "*";
    if (matchesOrigin(allowed, origin)) return origin;
  }
  return undefined;
}

// `*` may stand as the leftmost part of the domain: `https://*.example.org`.
function matchesOrigin(allowed: string, origin: string): boolean {
  if (!allowed.includes("*.")) return allowed === origin;
  const [before = "", after = ""] = allowed.split("*", 2);
  return origin.startsWith(before) && origin.endsWith(after) && origin.length > before.length + after.length;
}

function applySecurity(security: JsonObject, fields: Fields): void {
  for (const [name, write] of Object.entries(SECURITY)) {
    if (security[name] === undefined) continue;
    const item = objectAt(security, name);
    put(fields, write.key, write.value(item), booleanAt(item, "Override"));
  }
}

const SECURITY: Readonly<
  Record<string, { readonly key: string; readonly value: (item: JsonObject) => string }>
> = {
  ContentSecurityPolicy: {
    key: "Content-Security-Policy",
    value: (item) => requiredStringAt(item, "ContentSecurityPolicy"),
  },
  ContentTypeOptions: { key: "X-Content-Type-Options", value: () => "nosniff" },
  FrameOptions: { key: "X-Frame-Options", value: (item) => requiredStringAt(item, "FrameOption") },
  ReferrerPolicy: { key: "Referrer-Policy", value: (item) => requiredStringAt(item, "ReferrerPolicy") },
  StrictTransportSecurity: {
    key: "Strict-Transport-Security",
    value: (item) =>
      [
        `max-age=${numberAt(item, "AccessControlMaxAgeSec", 0)}`,
        ...(booleanAt(item, "IncludeSubdomains") ? ["includeSubDomains"] : []),
        ...(booleanAt(item, "Preload") ? ["preload"] : []),
      ].join("; "),
  },
  XSSProtection: {
    key: "X-XSS-Protection",
    value: (item) =>
      [
        booleanAt(item, "Protection") ? "1" : "0",
        ...(booleanAt(item, "ModeBlock") ? ["mode=block"] : []),
        ...(item["ReportUri"] === undefined ? [] : [`report=${requiredStringAt(item, "ReportUri")}`]),
      ].join("; "),
  },
};
