// Which behaviour serves a path: the first pattern that matches the normalised path, else the default.

import type { Behavior, Distribution } from "./distribution.ts";

/** AWS leaves open whether patterns see the path percent-decoded or as sent. */
export type PatternPath = "decoded" | "raw";

/** The behaviour of a raw path. */
export function behaviorFor(distribution: Distribution, rawPath: string, patternPath: PatternPath): Behavior {
  const path = normalizedPath(rawPath, patternPath);
  const found = distribution.behaviors.find(({ pathPattern }) => matches(pathPattern, path));
  if (found === undefined) throw new Error("a distribution has a default behaviour");
  return found;
}

/**
 * "CloudFront normalizes URI paths consistent with RFC 3986 and then matches the path with the correct cache behavior":
 * unreserved characters decoded, several slashes made one, dot segments removed; decoded further in the other reading.
 */
export function normalizedPath(rawPath: string, patternPath: PatternPath): string {
  const decoded = patternPath === "decoded" ? percentDecoded(rawPath) : unreservedDecoded(rawPath);
  return withoutDotSegments(decoded.replace(/\/{2,}/g, "/"));
}

const UNRESERVED = /^[A-Za-z0-9\-._~]$/;

function unreservedDecoded(path: string): string {
  return path.replace(/%([0-9A-Fa-f]{2})/g, (triplet, hex: string) => {
    const character = String.fromCharCode(Number.parseInt(hex, 16));
    return UNRESERVED.test(character) ? character : triplet.toUpperCase();
  });
}

function percentDecoded(path: string): string {
  const bytes = path.replace(/%([0-9A-Fa-f]{2})/g, (_escape, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return Buffer.from(bytes, "latin1").toString("utf8");
}

// RFC 3986 §5.2.4
function withoutDotSegments(path: string): string {
  const segments = path.split("/").slice(1);
  const kept: string[] = [];
  for (const [i, segment] of segments.entries()) {
    if (segment === "..") kept.pop();
    else if (segment !== ".") kept.push(segment);
    if ((segment === "." || segment === "..") && i === segments.length - 1) kept.push("");
  }
  return `/${kept.join("/")}`;
}

/** Path patterns: `*` for any characters, `?` for one; case-sensitive; the leading slash is optional. */
export function matches(pathPattern: string, path: string): boolean {
  const pattern =
    pathPattern.startsWith("/") || pathPattern.startsWith("*") ? pathPattern : `/${pathPattern}`;
  const source = [...pattern].map((c) =>
    c === "*" ? ".*" : c === "?" ? "." : c.replace(/[.+$^|()[\]{}\\]/g, "\\$&"),
  );
  return new RegExp(`^${source.join("")}$`, "su").test(path);
}
