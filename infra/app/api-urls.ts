// Where the APIs of areas are, as the context says it: an `https://` URL in the place of `true`.
import { isRecord } from "../../edge/config/json.ts";

/** The areas as the configuration has them. */
export function withoutApis(areas: unknown): unknown {
  if (!Array.isArray(areas)) return areas;
  return areas.map((area: unknown) => (isRecord(area) && urlOf(area) ? { ...area, api: true } : area));
}

/** The URLs by the paths of their areas. */
export function apisIn(areas: unknown): ReadonlyMap<string, URL> {
  const urls = new Map<string, URL>();
  for (const area of Array.isArray(areas) ? areas : []) {
    const url = isRecord(area) ? urlOf(area) : undefined;
    if (isRecord(area) && url) urls.set(String(area["path"]), url);
  }
  return urls;
}

/** What is neither left out nor a URL. */
export function apiProblems(areas: unknown): readonly string[] {
  if (!Array.isArray(areas)) return [];
  return areas.flatMap((area: unknown, index) => {
    const isMissing = isRecord(area) && area["api"] !== undefined && area["api"] !== false && !urlOf(area);
    return isMissing
      ? [`areas[${index}].api: expected a URL such as https://api.example.com or its stage's`]
      : [];
  });
}

/** Host and path, which come before the path that is asked for; CloudFront asks for nothing else. */
function urlOf({ api }: Record<string, unknown>): URL | undefined {
  if (typeof api !== "string" || !URL.canParse(api)) return undefined;
  const url = new URL(api);
  const isPlain = url.protocol === "https:" && url.username + url.password + url.search + url.hash === "";
  return isPlain ? url : undefined;
}
