// The parameter that says "just renewed". Also part of the CloudFront Function.

/** What is in the query of a request that has just been renewed, with what proves it (`edge/auth/marker.ts`). */
export const RENEWED = "gatehouse-renewed=";

/** Longer than any redirect takes, in milliseconds; afterwards the same URL can be renewed again. */
export const MARKED_MS = 30_000;

/** Whether a request says that it has just been renewed; anybody can say so. */
export function isRenewed(querystring: string): boolean {
  return querystring.startsWith(RENEWED) || querystring.includes(`&${RENEWED}`);
}

/** The query without what says so; no other parameter is touched. */
export function withoutMarkers(querystring: string): string {
  return querystring
    .split("&")
    .filter((pair) => !pair.startsWith(RENEWED))
    .join("&");
}

/** Whether it says so of a moment ago. `now` is in milliseconds. */
export function isJustRenewed(querystring: string, now: number): boolean {
  return querystring.split("&").some((pair) => {
    const until = pair.startsWith(RENEWED) ? Number.parseInt(pair.slice(RENEWED.length), 36) : 0;
    return until > now && until <= now + MARKED_MS;
  });
}
