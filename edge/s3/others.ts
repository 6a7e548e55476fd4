// Further keys that a site's request may be answered from: signed beside it with the same credentials, read on a miss.
import type { Config } from "../config/config.ts";
import { header, type ViewerRequest } from "../request/cloudfront.ts";
import { CACHE_SCOPE_HEADER } from "../request/passed-headers.ts";
import { uriEncode, uriEncodePath } from "../request/path.ts";
import type { Other } from "../request/site.ts";
import type { Credentials } from "./credentials.ts";
import { type Sign, type SignInput, signInput } from "./sign.ts";

/** S3 ignores parameters that start with `x-`; it holds signatures, and is as secret as the rest of the query. */
const PARAMETER = "x-gatehouse-else";

/** A key that may be asked for, with the query that lets this request's user do so. */
export interface SignedOther extends Other {
  readonly method: "GET" | "HEAD";
  readonly query: string;
}

/** The signed query of a target, which carries the signatures of its others. It is secret material: never log it. */
export async function signedQuery(
  target: Pick<SignInput, "method" | "path" | "query"> & { readonly others: readonly Other[] },
  requestId: string,
  credentials: Credentials,
  deps: { readonly config: Config; readonly sign: Sign; readonly now: () => number },
): Promise<string> {
  const input = signInput(target, requestId, credentials, deps);
  if (target.others.length === 0) return await deps.sign(input);
  const others: string[] = [];
  for (const other of target.others)
    others.push(`${other.status}${await signatureOf(other, input, deps)}${other.path}`);
  return await deps.sign({ ...input, query: [...input.query, [PARAMETER, others.join(" ")]] });
}

/** Only the signatures differ: the rest of the query is the one that carries them. */
async function signatureOf(
  { status, path }: Other,
  { cfId, ...input }: SignInput,
  { config, sign }: { readonly config: Config; readonly sign: Sign },
): Promise<string> {
  const key = { method: methodFor(status), path: prefixed(path, config), query: [] };
  return (await sign({ ...input, ...key })).slice(-SIGNATURE_LENGTH);
}

const SIGNATURE_LENGTH = 64;
const OTHER = /^(200|308|404)([0-9a-f]{64})(\/[^ ]*)$/;
/** The signature's own, and what it covers besides the request id, which is CloudFront's. */
const UNSHARED = /^X-Amz-Sign(ature|edHeaders)=/;

/** The others of a request that was signed so, in their order. */
export function othersOf(querystring: string): readonly SignedOther[] {
  const value = new URLSearchParams(querystring).get(PARAMETER);
  if (!value) return [];
  const shared = querystring
    .split("&")
    .filter((pair) => pair.startsWith("X-Amz-") && !UNSHARED.test(pair))
    .join("&");
  return value.split(" ").flatMap((entry) => {
    const [, status, signature, path = ""] = OTHER.exec(entry) ?? [];
    const known = STATUSES.find((other) => String(other) === status);
    const query = `${shared}&X-Amz-SignedHeaders=host&X-Amz-Signature=${signature}`;
    return known ? [{ status: known, path, method: methodFor(known), query }] : [];
  });
}

const STATUSES = [200, 308, 404] as const;

/** Of what only has to be there nothing is read. */
function methodFor(status: Other["status"]): "GET" | "HEAD" {
  return status === 308 ? "HEAD" : "GET";
}

/**
 * The scope of an answer that may lead elsewhere with the query that was asked for: one viewer's query is not another's,
 * so that those who share the answer have the same. One that is too long for a header is left behind.
 */
export function scopeWithQuery(scope: string, querystring: string, others: readonly Other[]): string {
  if (!others.some(({ status }) => status === 308)) return scope;
  const query = uriEncode(querystring.toWellFormed());
  return query !== "" && query.length <= MAX_QUERY_LENGTH ? `${scope}?${query}` : scope;
}

/** S3 refuses 8,192 bytes of headers. */
const MAX_QUERY_LENGTH = 1_024;

/** The query that was carried; whom the scope is for comes behind it. */
export function askedQuery(request: ViewerRequest): string {
  const [, query = ""] = /\?([^;]*)/.exec(header(request, CACHE_SCOPE_HEADER)) ?? [];
  return decodeURIComponent(query);
}

/** The path of a key at S3. */
export function prefixed(path: string, { origin }: Pick<Config, "origin">): string {
  return (origin.path && uriEncodePath(origin.path)) + path;
}
