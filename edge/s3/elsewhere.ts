// What a site shows for a key that is not there: the folder's or page's own address, the app, or its own 404 page.

import { moved } from "../answer/moved.ts";
import type { Areas } from "../areas.ts";
import { bucketHost } from "../config/aws-names.ts";
import type { Config } from "../config/config.ts";
import type { Http, HttpResponse } from "../https.ts";
import type { OriginResponse, ResponseResult, ViewerRequest } from "../request/cloudfront.ts";
import { addressOf } from "../request/site.ts";
import { askedQuery, othersOf, prefixed, type SignedOther } from "./others.ts";

/** Lambda ends the function after 5 s; what would come later is left out. In milliseconds. */
const TIME_BOX_MS = 3_500;
/** CloudFront takes 1 MB of a generated response, in base64. */
const MAX_BYTES = 700_000;
/** What a browser has to know of an object to show it. */
const PASSED = ["content-encoding", "content-language", "content-type"] as const;

/** What reading elsewhere takes. */
export interface Elsewhere {
  readonly config: Config;
  readonly areas: Areas;
  readonly http: Http;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** Another place to go, or another object with the canonical path of its key. */
export type Found = ResponseResult | { readonly path: string; readonly object: OriginResponse };

/**
 * The first other key of this request that is there; undefined without one. Each is read with the signature that the
 * viewer-request function made for this viewer, so that S3 decides again, and no cache keeps what comes of it.
 */
export async function findElsewhere(
  key: string,
  request: ViewerRequest,
  parts: Elsewhere,
): Promise<Found | undefined> {
  const { config, areas, now } = parts;
  const deadline = now() + TIME_BOX_MS;
  for (const other of othersOf(request.querystring)) {
    const response = await read(other, parts, deadline);
    if (response?.status !== 200) continue;
    if (other.status !== 308) return { path: other.path, object: shown(other, response, request) };
    const site = areas.of(key)?.site;
    return moved(site ? addressOf(other.path, site) : other.path, askedQuery(request), request, config);
  }
  return undefined;
}

/** No answer is none: the next may have one, and in the end there is a page of ours. */
async function read(
  { path, method, query }: SignedOther,
  { config, http, now }: Elsewhere,
  deadline: number,
): Promise<HttpResponse | undefined> {
  const host = bucketHost(config.origin);
  const at = config.endpoints.s3 ?? `https://${host}`;
  try {
    return await http({
      method,
      url: `${at}${prefixed(path, config)}?${query}`,
      headers: { host },
      timeoutMs: deadline - now(),
      maxBytes: MAX_BYTES,
      encoding: "base64",
    });
  } catch {
    return undefined;
  }
}

function shown(
  { status }: SignedOther,
  { headers: given = {}, body }: HttpResponse,
  request: ViewerRequest,
): OriginResponse {
  const values = PASSED.map((name) => [name, given[name]] as const);
  const passed = values.flatMap(([name, value]) => (value ? [[name, [{ key: name, value }]] as const] : []));
  const headers = {
    ...Object.fromEntries(passed),
    "cache-control": [{ key: "Cache-Control", value: "no-store" }],
  };
  const content = request.method === "HEAD" ? {} : { body, bodyEncoding: "base64" };
  return { status, headers, raw: { status: String(status), headers, ...content } };
}
