// The parameter that says "just renewed", so that a browser that keeps no cookies is not sent round in circles.
import { hash, timingSafeEqual } from "node:crypto";
import type { Config } from "../config/config.ts";
import type { ViewerRequest } from "../request/cloudfront.ts";
import type { Hmac } from "../s3/hmac.ts";
import { sealingKeys } from "../session/sealed.ts";
import { askedFor } from "./place.ts";

const PARAMETER = "gatehouse-renewed";
/** Longer than any redirect takes, in milliseconds; afterwards the same URL can be renewed again. */
const MARKED_MS = 30_000;

/** The URL that was asked for, marked for its user. `now` is in milliseconds. */
export function markedUrl(request: ViewerRequest, sub: string, config: Config, now: number): string {
  const until = (now + MARKED_MS).toString(36);
  const [key] = sealingKeys(config);
  if (!key) throw new Error("no sealing key");
  const query = withoutMarkers(request.querystring);
  const marker = `${PARAMETER}=${until}.${mac(sub, until, key)}`;
  return askedFor({ ...request, querystring: query ? `${query}&${marker}` : marker });
}

/** Whether this user's request has just been renewed; a forged or old marker says nothing. */
export function isMarked({ querystring }: ViewerRequest, sub: string, config: Config, now: number): boolean {
  return markers(querystring).some((marker) => {
    const [until = "", given = ""] = marker.slice(PARAMETER.length + 1).split(".");
    const isNow = Number.parseInt(until, 36) > now && Number.parseInt(until, 36) <= now + MARKED_MS;
    return isNow && sealingKeys(config).some((key) => equal(mac(sub, until, key), given));
  });
}

function markers(querystring: string): readonly string[] {
  return querystring.split("&").filter((pair) => pair.startsWith(`${PARAMETER}=`));
}

/** The URL that was asked for, as it was before it was marked. */
export function unmarkedUrl(request: ViewerRequest): string {
  return askedFor({ ...request, querystring: withoutMarkers(request.querystring) });
}

/** No other parameter is touched. */
function withoutMarkers(querystring: string): string {
  return querystring
    .split("&")
    .filter((pair) => !pair.startsWith(`${PARAMETER}=`))
    .join("&");
}

function mac(sub: string, until: string, key: Hmac): string {
  return key(`renewed ${until} ${hash("sha256", sub, "hex")}`, "base64url");
}

function equal(a: string, b: string): boolean {
  const [expected, given] = [Buffer.from(a), Buffer.from(b)];
  return expected.length === given.length && timingSafeEqual(expected, given);
}
