// SigV4 into the query string (the presigned form), on node:crypto: the default build's `Sign`.
// https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
import { hash } from "node:crypto";
import { bucketHost } from "../config/aws-names.ts";
import type { Config } from "../config/config.ts";
import { GateError } from "../errors.ts";
import { uriEncode } from "../request/path.ts";
import type { Credentials } from "./credentials.ts";
import { createHmacSha256, type Hmac } from "./hmac.ts";

/** How long a signed query may be used, in seconds; credentials must outlive it. */
export const SIGNATURE_SECONDS = 300;

/** What S3 will verify. */
export interface SignInput {
  readonly method: "GET" | "HEAD";
  readonly host: string;
  readonly region: string;
  /** The canonical path, with the origin's prefix. */
  readonly path: string;
  /** Further query parameters, decoded; names in lower case sort behind `X-Amz-*`, as the signature needs. */
  readonly query: readonly (readonly [name: string, value: string])[];
  /** CloudFront's request id, when `x-amz-cf-id` is to be signed. */
  readonly cfId?: string;
  readonly credentials: Credentials;
  /** The time of the signature, in milliseconds since the epoch. */
  readonly now: number;
}

/** Returns the complete query string of the signed request, without `?`. It is secret material: never log it. */
export type Sign = (input: SignInput) => string | Promise<string>;

/**
 * What is to be signed: the request that CloudFront will send on a miss.
 * @throws GateError `internal_error` when `x-amz-cf-id` is to be signed and the event has none
 */
export function signInput(
  target: Pick<SignInput, "method" | "path" | "query">,
  requestId: string,
  credentials: Credentials,
  { config, now }: { readonly config: Config; readonly now: () => number },
): SignInput {
  const { origin, signing } = config;
  const cfId = signing.cfId === "signed";
  if (cfId && !requestId) throw new GateError("internal_error");
  return {
    method: signing.head === "GET" ? "GET" : target.method,
    host: bucketHost(origin),
    region: origin.region,
    path: target.path,
    query: target.query,
    ...(cfId && { cfId: requestId }),
    credentials,
    now: now(),
  };
}

/** What stays the same for one user's credentials during one UTC day. */
interface DayKey {
  readonly date: string;
  /** The keyed hash with the day's signing key. */
  readonly sign: Hmac;
  readonly credentialScope: string;
  /** The query up to the time of the signature, and from there to the names of the signed headers. */
  readonly beforeDate: string;
  readonly behindDate: string;
}

/** Makes the default signer; its state is each credential's signing key of the day, and the time as text. */
export function createSign(): Sign {
  const dayKeys = new WeakMap<Credentials, DayKey>();
  let second = -1;
  let amzDate = "";
  return (input) => {
    const now = Math.floor(input.now / 1000);
    if (second !== now) {
      second = now;
      amzDate = amzDateOf(input.now);
    }
    const date = amzDate.slice(0, 8);
    let key = dayKeys.get(input.credentials);
    if (key?.date !== date) {
      key = dayKey(input.credentials, date, input.region);
      dayKeys.set(input.credentials, key);
    }
    return presign(input, amzDate, key);
  };
}

function presign(input: SignInput, amzDate: string, key: DayKey): string {
  const query = canonicalQuery(input, amzDate, key);
  const canonicalRequestHash = hash("sha256", canonicalRequest(input, query), "hex");
  const stringToSign = `AWS4-HMAC-SHA256\n${amzDate}\n${key.credentialScope}\n${canonicalRequestHash}`;
  return `${query}&X-Amz-Signature=${key.sign(stringToSign)}`;
}

function canonicalQuery({ query, cfId }: SignInput, amzDate: string, key: DayKey): string {
  const signed = `${key.beforeDate}${amzDate}${key.behindDate}${cfId ? "host%3Bx-amz-cf-id" : "host"}`;
  if (query.length === 0) return signed;
  const rest = query.map(([name, value]) => `${uriEncode(name)}=${uriEncode(value)}`).sort();
  return `${signed}&${rest.join("&")}`;
}

function canonicalRequest({ method, path, host, cfId }: SignInput, query: string): string {
  const headers = cfId ? `host:${host}\nx-amz-cf-id:${cfId}\n\nhost;x-amz-cf-id` : `host:${host}\n\nhost`;
  return `${method}\n${path}\n${query}\n${headers}\nUNSIGNED-PAYLOAD`;
}

function dayKey(credentials: Credentials, date: string, region: string): DayKey {
  const credentialScope = `${date}/${region}/s3/aws4_request`;
  const credential = uriEncode(`${credentials.accessKeyId}/${credentialScope}`);
  const securityToken = uriEncode(credentials.sessionToken);
  return {
    date,
    sign: createHmacSha256(signingKey(credentials.secretAccessKey, date, region, "s3")),
    credentialScope,
    beforeDate: `X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=${credential}&X-Amz-Date=`,
    behindDate: `&X-Amz-Expires=${SIGNATURE_SECONDS}&X-Amz-Security-Token=${securityToken}&X-Amz-SignedHeaders=`,
  };
}

/** The key derived for one day, region and service (Signature Version 4, "Calculate the signing key"). */
export function signingKey(secretAccessKey: string, date: string, region: string, service: string): Buffer {
  return [date, region, service, "aws4_request"].reduce<Buffer>(
    (key, part) => Buffer.from(createHmacSha256(key)(part, "binary"), "binary"),
    Buffer.from(`AWS4${secretAccessKey}`),
  );
}

/** A time in the basic format of ISO 8601, such as `20260102T030405Z`. `now` is in milliseconds. */
export function amzDateOf(now: number): string {
  return new Date(now).toISOString().replace(/[-:]|\.\d+/g, "");
}
