// What a bucket's CORS configuration says to browsers: to a preflight, and beside every answer.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/cors.html
import { type JsonObject, requireArray, requireObject } from "../cloudformation/json.ts";
import type { S3Request } from "./request.ts";

/** One rule, as `AWS::S3::Bucket` has it. */
export interface CorsRule {
  readonly origins: readonly string[];
  readonly methods: readonly string[];
  readonly headers: readonly string[];
  readonly exposed: readonly string[];
  readonly maxAge: number;
}

/** The rules of a bucket's `CorsConfiguration`; none without one. */
export function corsRulesOf(configuration: unknown): readonly CorsRule[] {
  if (configuration === undefined) return [];
  const rules = requireArray(requireObject(configuration, "CorsConfiguration")["CorsRules"], "CorsRules");
  return rules.map((item) => {
    const rule = requireObject(item, "CorsRule");
    return {
      origins: texts(rule, "AllowedOrigins"),
      methods: texts(rule, "AllowedMethods"),
      headers: texts(rule, "AllowedHeaders").map((name) => name.toLowerCase()),
      exposed: texts(rule, "ExposedHeaders"),
      maxAge: Number(rule["MaxAge"] ?? 0),
    };
  });
}

/** The headers for the page that asks; for none where no rule is for it. Origins with wildcards inside are not played. */
export function corsHeaders(
  { method, headers }: Pick<S3Request, "method" | "headers">,
  rules: readonly CorsRule[],
): Readonly<Record<string, string>> {
  const origin = headers.get("origin");
  const wanted = headers.get("access-control-request-method") ?? method;
  const sent = (headers.get("access-control-request-headers") ?? "").split(/ *, */).filter(Boolean);
  const rule = rules.find(
    ({ origins, methods, headers: allowed }) =>
      origin !== undefined &&
      (origins.includes("*") || origins.includes(origin)) &&
      methods.includes(wanted) &&
      sent.every((name) => allowed.includes(name.toLowerCase())),
  );
  if (!rule || origin === undefined) return {};
  return {
    "Access-Control-Allow-Origin": rule.origins.includes("*") ? "*" : origin,
    "Access-Control-Allow-Methods": rule.methods.join(", "),
    "Access-Control-Expose-Headers": rule.exposed.join(", "),
    "Access-Control-Max-Age": String(rule.maxAge),
    ...(sent.length > 0 && { "Access-Control-Allow-Headers": sent.join(", ") }),
    Vary: "Origin, Access-Control-Request-Headers, Access-Control-Request-Method",
  };
}

function texts(rule: JsonObject, name: string): readonly string[] {
  return rule[name] === undefined ? [] : requireArray(rule[name], name).map(String);
}
