// The parameter that says "just renewed", so that a browser that keeps no cookies is not sent round in circles.
import { hash, timingSafeEqual } from "node:crypto";
import type { Config } from "../config/config.ts";
import type { ViewerRequest } from "../request/cloudfront.ts";
import { MARKED_MS, RENEWED, withoutMarkers } from "../request/marks.ts";
import type { Hmac } from "../s3/hmac.ts";
import { sealingKeys } from "../session/seal.ts";
import { askedFor } from "./place.ts";

/** When it ends, in milliseconds since the epoch by digits and letters; and an HMAC-SHA-256. */
const MARKER = /^gatehouse-renewed=([0-9a-z]{8,9})\.([\w-]{43})$/;
/** The gate leaves one behind; whoever writes more into a link must not make each of them cost. */
const MAX_MARKERS = 2;

/** The URL that was asked for, marked for its user. `now` is in milliseconds. */
export function markedUrl(request: ViewerRequest, sub: string, config: Config, now: number): string {
  const until = (now + MARKED_MS).toString(36);
  const [key] = sealingKeys(config);
  if (!key) throw new Error("no sealing key");
  const query = withoutMarkers(request.querystring);
  const marker = `${RENEWED}${until}.${mac(sub, until, key)}`;
  return askedFor({ ...request, querystring: query ? `${query}&${marker}` : marker });
}

/** Whether a request of one of these users has just been renewed; a forged or old marker says nothing. */
export function isMarked(
  { querystring }: ViewerRequest,
  subs: readonly string[],
  config: Config,
  now: number,
): boolean {
  const markers = markersIn(querystring).filter(({ until }) => {
    const time = Number.parseInt(until, 36);
    return time > now && time <= now + MARKED_MS;
  });
  if (markers.length === 0) return false;
  const keys = sealingKeys(config);
  return markers.some(({ until, given }) =>
    subs.some((sub) => keys.some((key) => equal(mac(sub, until, key), given))),
  );
}

/** What is written as the gate writes it, and nothing else: the last ones, for the gate puts its own behind. */
function markersIn(querystring: string): readonly { readonly until: string; readonly given: string }[] {
  const markers = querystring.split("&").flatMap((pair) => {
    const [, until, given] = MARKER.exec(pair) ?? [];
    return until !== undefined && given !== undefined ? [{ until, given }] : [];
  });
  return markers.slice(-MAX_MARKERS);
}

/** The URL that was asked for, as it was before it was marked. */
export function unmarkedUrl(request: ViewerRequest): string {
  return askedFor({ ...request, querystring: withoutMarkers(request.querystring) });
}

function mac(sub: string, until: string, key: Hmac): string {
  return key(`renewed ${until} ${hash("sha256", sub, "hex")}`, "base64url");
}

function equal(a: string, b: string): boolean {
  const [expected, given] = [Buffer.from(a), Buffer.from(b)];
  return expected.length === given.length && timingSafeEqual(expected, given);
}
