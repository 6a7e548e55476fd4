// Whatever path is asked for, and however CloudFront compares patterns: CloudFront itself reads public keys only.
import fc from "fast-check";
import { expect, test } from "vitest";
import { Areas } from "../../edge/areas.ts";
import type { AreaDocument } from "../../edge/config/config.ts";
import { parseConfig } from "../../edge/config/document.ts";
import { GateError } from "../../edge/errors.ts";
import { canonicalPath } from "../../edge/request/path.ts";
import { publicResources } from "../../infra/access/index.ts";
import { matches, normalizedPath } from "../../local/aws/cloudfront/behaviors.ts";
import { decide } from "../../local/aws/iam/decide.ts";
import { parsePolicy } from "../../local/aws/iam/parse.ts";
import { BUCKET } from "./policy.ts";

const AREAS: readonly AreaDocument[] = [
  { path: "/public/*", public: true },
  { path: "/favicon.ico", public: true },
  { path: "/internal/*" },
  { path: "/me/*", owner: "users/{identityId}/" },
];

const CONFIG = parseConfig({
  userPool: { id: "us-east-1_AbCdEfGhI", clientIds: ["client"] },
  identityPool: { id: "us-east-1:00000000-0000-4000-8000-000000000000" },
  origin: { bucket: "assets", region: "us-east-1" },
  areas: AREAS,
});

const BUCKET_POLICY = parsePolicy(
  {
    Version: "2012-10-17",
    Statement: {
      Effect: "Allow",
      Action: "s3:GetObject",
      Principal: { Service: "cloudfront.amazonaws.com" },
      Resource: publicResources(CONFIG).map((suffix) => BUCKET + suffix),
    },
  },
  "resource",
);

function cloudFrontReads(key: string): boolean {
  const principal = { kind: "service", name: "cloudfront.amazonaws.com" } as const;
  const request = { principal, action: "s3:GetObject", resource: `${BUCKET}/${key}`, context: {} };
  return decide(request, { resource: BUCKET_POLICY }) === "allow";
}

/** S3's reading of a path that CloudFront passes on as it came; undefined where S3 would answer 400. */
function keyAtS3(rawPath: string): string | undefined {
  try {
    return decodeURIComponent(rawPath.slice(1).replaceAll("+", " "));
  } catch {
    return undefined;
  }
}

/** Whether the function would serve the path to some signed-in user. */
function isGated(rawPath: string): boolean {
  try {
    return new Areas(CONFIG).of(canonicalPath(rawPath)) !== undefined;
  } catch (error) {
    if (error instanceof GateError) return false;
    throw error;
  }
}

const isPublic = (key: string) => key.startsWith("public/") || key === "favicon.ico";

const piece = fc.constantFrom(
  ...[
    "public",
    "%70ublic",
    "PUBLIC",
    "publi%63",
    "public%2F",
    "public%2f..",
    "favicon.ico",
    "favicon%2Eico",
    "internal",
  ],
  ...[
    "%69nternal",
    "users",
    "me",
    "..",
    ".",
    "%2e%2e",
    "%2E",
    ".%2e",
    "%2F",
    "%5C",
    "\\",
    "%00",
    ";",
    "*",
    "?",
    "#",
    "+",
  ],
  ...["%252e%252e", "%c0%ae", "x", "x.txt", "%20", "%", ""],
);
const rawPath = fc
  .array(fc.tuple(fc.constantFrom("/", "/", "/", "//", ""), piece), { minLength: 1, maxLength: 6 })
  .map((pieces) => `/${pieces.map(([slash, text]) => slash + text).join("")}`);

test.each(["decoded", "raw"] as const)("50,000 paths, patterns compared with the %s path", (reading) => {
  const outcomes = { publicRead: 0, publicRefused: 0, gated: 0 };
  fc.assert(
    fc.property(rawPath, (path) => {
      const seen = normalizedPath(path, reading);
      const behavior = AREAS.find((area) => area.public && matches(area.path, seen));
      const key = keyAtS3(path);
      if (behavior && key !== undefined && cloudFrontReads(key)) {
        outcomes.publicRead += 1;
        expect(isPublic(key), `${path} reads ${key}`).toBe(true);
        expect(isGated(path), `${path} is gated as well`).toBe(false);
      } else if (behavior) outcomes.publicRefused += 1;
      else if (isGated(path)) {
        outcomes.gated += 1;
        expect(isPublic(key ?? "")).toBe(false);
      }
    }),
    { numRuns: 50_000 },
  );
  for (const count of Object.values(outcomes)) expect(count).toBeGreaterThan(100);
});
