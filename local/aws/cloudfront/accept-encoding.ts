// The normalised Accept-Encoding: "Cache compressed objects",
// docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cache-key-understand-cache-policy.html

import { type Headers, headerValue } from "./headers.ts";
import type { CachePolicy } from "./policies.ts";

/** The codings that viewer and policy both want, `br` before `gzip`. */
export function wantedEncodings(headers: Headers, policy: CachePolicy): readonly ("br" | "gzip")[] {
  const accepted = new Set(acceptedCodings(headerValue(headers, "accept-encoding") ?? ""));
  const wanted: ("br" | "gzip")[] = [];
  if (policy.brotli && accepted.has("br")) wanted.push("br");
  if (policy.gzip && accepted.has("gzip")) wanted.push("gzip");
  return wanted;
}

function acceptedCodings(value: string): string[] {
  return value.split(",").flatMap((item) => {
    const [coding, ...parameters] = item.split(";").map((part) => part.trim().toLowerCase());
    const isRefused = parameters.some((parameter) => /^q=0(\.0*)?$/.test(parameter));
    return coding === undefined || isRefused ? [] : [coding];
  });
}

/** The header towards the origin when the policy handles compression; undefined leaves it out. */
export function originAcceptEncoding(headers: Headers, policy: CachePolicy): string | undefined {
  if (!headers.has("accept-encoding")) return undefined;
  const wanted = wantedEncodings(headers, policy);
  return wanted.length === 0 ? "identity" : wanted.join(",");
}
