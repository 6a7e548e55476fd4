// Where the APIs of areas are: what is given as an origin is `true` in the configuration, which the function reads.
import type { IOrigin } from "aws-cdk-lib/aws-cloudfront";
import { isRecord } from "../../edge/config/json.ts";

/** The areas as the configuration has them. */
export function areaDocuments(areas: unknown): unknown {
  if (!Array.isArray(areas)) return areas;
  return areas.map((area: unknown) =>
    isRecord(area) && isOrigin(area["api"]) ? { ...area, api: true } : area,
  );
}

/** The origins by the paths of their areas. */
export function apiOrigins(areas: unknown): ReadonlyMap<string, IOrigin> {
  const origins = new Map<string, IOrigin>();
  for (const area of Array.isArray(areas) ? areas : [])
    if (isRecord(area) && isOrigin(area["api"])) origins.set(String(area["path"]), area["api"]);
  return origins;
}

/** An API has to be somewhere. */
export function originProblems(areas: unknown): readonly string[] {
  if (!Array.isArray(areas)) return [];
  return areas.flatMap((area: unknown, index) =>
    isRecord(area) && area["api"] === true
      ? [`areas[${index}].api: expected its origin, such as new HttpOrigin("api.example.com")`]
      : [],
  );
}

function isOrigin(value: unknown): value is IOrigin {
  return isRecord(value) && typeof value["bind"] === "function";
}
