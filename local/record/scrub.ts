// Makes a recorded event publishable, and the same each time: tokens, addresses, names, ids and dates are replaced.

import { createHash } from "node:crypto";

/** What a run used, to be replaced by what documentation uses. */
export interface Surroundings {
  /** `http://localhost:<port>`, the gate; `host` and `[::1]` with its port follow from it. */
  readonly gateUrl: string;
  /** The port that listens on `::1`. */
  readonly ipv6Port: number;
  /** `http://127.0.0.1:<port>`, another site. */
  readonly otherSite: string;
}

/** Where a real distribution's token would be; no verifier takes it for one. */
export const TOKEN_PLACEHOLDER = "JWT_PLACEHOLDER";

/** AWS's documentation uses these. */
const DOMAIN = "d111111abcdef8.cloudfront.net";
const DISTRIBUTION_ID = "EDFDVBD6EXAMPLE";
const VIA = "2afae0d44e2540f472c0635ab62c232b.cloudfront.net";
/** RFC 5737 and RFC 3849 reserve these for documentation. */
const IPV4 = "203.0.113.178";
const IPV6 = "2001:db8::178";
const BROWSER = "150";

/** By header name: what differs between two runs, or between two machines. */
const FIXED_HEADERS: Readonly<Record<string, string>> = {
  date: "Thu, 01 Jan 2026 12:00:00 GMT",
  "last-modified": "Wed, 31 Dec 2025 12:00:00 GMT",
  "if-modified-since": "Wed, 31 Dec 2025 12:00:00 GMT",
  "sec-ch-ua": `"Not?A_Brand";v="8", "Chromium";v="${BROWSER}"`,
  "sec-ch-ua-platform": '"Linux"',
  "x-amz-id-2": "S3_HOST_ID_PLACEHOLDER",
  "x-amz-request-id": "S3REQUESTIDHERE0",
  "x-amz-version-id": "VERSION_ID_PLACEHOLDER",
};

/** @param name makes the request id, which is as long as CloudFront's and differs from event to event */
export function scrub(event: unknown, name: string, surroundings: Surroundings): unknown {
  const requestId = `${createHash("sha512").update(name).digest("base64url").slice(0, 54)}==`;
  const rules = [...RULES, ...ownRules(surroundings)];
  const text = (value: string) => rules.reduce((result, [from, to]) => result.replaceAll(from, to), value);
  const walk = (value: unknown, key: string): unknown => {
    if (typeof value === "string") return key === "requestId" ? requestId : text(value);
    if (Array.isArray(value)) return value.map((item: unknown) => headerLine(item, key) ?? walk(item, key));
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([field, inner]) => [field, walk(inner, field)]));
  };
  const headerLine = (line: unknown, header: string): unknown => {
    const fixed = header === "x-amz-cf-id" ? requestId : FIXED_HEADERS[header];
    return fixed === undefined || typeof line !== "object" ? undefined : { ...line, value: fixed };
  };
  return walk(event, "");
}

type Rule = readonly [from: RegExp | string, to: string];

const RULES: readonly Rule[] = [
  [/eyJ[\w-]+\.[\w-]+\.[\w-]+/g, TOKEN_PLACEHOLDER],
  [/(?<=X-Amz-Credential=)[^%&]+%2F\d{8}/g, "ASIAEXAMPLE%2F20260101"],
  [/(?<=X-Amz-Date=)\w+/g, "20260101T120000Z"],
  [/(?<=X-Amz-Security-Token=)[^&]+/g, "SESSION_TOKEN_PLACEHOLDER"],
  [/(?<=X-Amz-Signature=)[^&]+/g, "SIGNATURE_PLACEHOLDER"],
  [/(?<=:list:)[0-9a-f]{64}$/g, "CACHE_SCOPE_PLACEHOLDER"],
  [/(Headless)?Chrome\/\d+/g, `Chrome/${BROWSER}`],
  [/\((X11|Macintosh|Windows)[^)]*\)/g, "(X11; Linux x86_64)"],
  [/curl\/[\d.]+/g, "curl/8.0.0"],
  [/\b[a-z0-9-]+(?=\.s3\.[a-z0-9-]+\.amazonaws\.com$)/g, "assets-example"],
  [/[0-9a-f]{32}\.cloudfront\.net/g, VIA],
  [/\bd[0-9a-z]{13}\.cloudfront\.net/g, DOMAIN],
  [/^E[0-9A-Z]{13}$/g, DISTRIBUTION_ID],
];

function ownRules({ gateUrl, ipv6Port, otherSite }: Surroundings): readonly Rule[] {
  return [
    [gateUrl, `https://${DOMAIN}`],
    [new URL(gateUrl).host, DOMAIN],
    [`[::1]:${ipv6Port}`, DOMAIN],
    [otherSite, "https://app.example.com"],
    [/^127\.0\.0\.1$/g, IPV4],
    [/^::1$/g, IPV6],
  ];
}
