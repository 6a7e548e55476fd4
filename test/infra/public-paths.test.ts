// Whatever path is asked for, and however CloudFront compares patterns: CloudFront itself reads public keys only.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Areas } from "../../edge/areas.ts";
import type { AreaDocument, Config } from "../../edge/config/config.ts";
import { parseConfig } from "../../edge/config/document.ts";
import { GateError } from "../../edge/errors.ts";
import { canonicalPath } from "../../edge/request/path.ts";
import { publicResources } from "../../infra/access/index.ts";
import { matches, normalizedPath } from "../../local/aws/cloudfront/behaviors.ts";
import { decide } from "../../local/aws/iam/decide.ts";
import { parsePolicy } from "../../local/aws/iam/parse.ts";
import type { Policy } from "../../local/aws/iam/policy.ts";
import { BUCKET } from "./policy.ts";

/** Beside private ones, and inside them. */
const LISTS: Record<string, readonly AreaDocument[]> = {
  beside: [
    { path: "/public/*", public: true },
    { path: "/favicon.ico", public: true },
    { path: "/internal/*" },
    { path: "/me/*", owner: "users/{identityId}/" },
  ],
  inside: [
    { path: "/internal/public/*", public: true },
    { path: "/internal/*", groups: ["staff"] },
    { path: "/public/app/*", public: true, trusted: true },
    { path: "/public/*", public: true },
    { path: "/favicon.ico", public: true, trusted: true },
    { path: "/me/*", owner: "users/{identityId}/" },
    { path: "/*", trusted: true },
  ],
};

function configOf(areas: readonly AreaDocument[]): Config {
  return parseConfig({
    userPool: { id: "us-east-1_AbCdEfGhI", clientIds: ["client"] },
    identityPool: { id: "us-east-1:00000000-0000-4000-8000-000000000000" },
    origin: { bucket: "assets", region: "us-east-1" },
    groups: { staff: { roleArn: "arn:aws:iam::123456789012:role/staff" } },
    areas,
  });
}

function bucketPolicyOf(config: Config): Policy {
  return parsePolicy(
    {
      Version: "2012-10-17",
      Statement: {
        Effect: "Allow",
        Action: "s3:GetObject",
        Principal: { Service: "cloudfront.amazonaws.com" },
        Resource: publicResources(config).map((suffix) => BUCKET + suffix),
      },
    },
    "resource",
  );
}

function cloudFrontReads(key: string, resource: Policy): boolean {
  const principal = { kind: "service", name: "cloudfront.amazonaws.com" } as const;
  const request = { principal, action: "s3:GetObject", resource: `${BUCKET}/${key}`, context: {} };
  return decide(request, { resource }) === "allow";
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
function isGated(rawPath: string, areas: Areas): boolean {
  try {
    return areas.of(canonicalPath(rawPath)) !== undefined;
  } catch (error) {
    if (error instanceof GateError) return false;
    throw error;
  }
}

/** The area of a key in the plainest way: no code of the edge. */
function areaOfKey(key: string, areas: readonly AreaDocument[]): AreaDocument | undefined {
  if (key.startsWith("users/")) return undefined;
  const owns = (path: string) =>
    path.endsWith("*") ? key.startsWith(path.slice(1, -1)) : key === path.slice(1);
  return areas.find(({ path }) => owns(path));
}

const piece = fc.constantFrom(
  ...[
    "public",
    "app",
    "%61pp",
    "%70ublic",
    "PUBLIC",
    "publi%63",
    "public%2F",
    "public%2f..",
    "favicon.ico",
    "favicon.ico",
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

describe.each(Object.entries(LISTS))("public areas %s private ones", (_, list) => {
  const config = configOf(list);
  const areas = new Areas(config);
  const policy = bucketPolicyOf(config);

  test.each(["decoded", "raw"] as const)(
    "50,000 paths, patterns compared with the %s path",
    { timeout: 120_000 },
    (reading) => {
      const outcomes = { publicRead: 0, publicRefused: 0, gated: 0, trusted: 0 };
      fc.assert(
        fc.property(rawPath, (path) => {
          const seen = normalizedPath(path, reading);
          const behavior = list.find((area) => area.public && matches(area.path, seen));
          const key = keyAtS3(path);
          if (behavior && key !== undefined && cloudFrontReads(key, policy)) {
            const owner = areaOfKey(key, list);
            outcomes.publicRead += 1;
            expect(owner?.public, `${path} reads ${key}`).toBe(true);
            expect(isGated(path, areas), `${path} is gated as well`).toBe(false);
            // Without the sandbox of the behaviour it has the function's, unless the key itself is trusted.
            if (behavior.trusted && areas.lets("trusted", path)) {
              outcomes.trusted += 1;
              expect(owner?.trusted, `${path} runs scripts of ${key}`).toBe(true);
            }
          } else if (behavior) outcomes.publicRefused += 1;
          else if (isGated(path, areas)) {
            outcomes.gated += 1;
            expect(areaOfKey(decodeURIComponent(canonicalPath(path).slice(1)), list)?.public ?? false).toBe(
              false,
            );
          }
        }),
        { numRuns: 50_000 },
      );
      const { trusted, ...others } = outcomes;
      for (const count of Object.values(others)) expect(count).toBeGreaterThan(100);
      expect(trusted > 100).toBe(list.some((area) => area.public && area.trusted));
    },
  );
});
