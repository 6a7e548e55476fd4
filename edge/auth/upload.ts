// `POST upload`: a URL by which one file of one type and length can be stored, under one key and in the user's own name.
// https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
import { createHmac, hash } from "node:crypto";
import { jsonAnswer } from "../answer/respond.ts";
import { bucketHost } from "../config/aws-names.ts";
import type { Config } from "../config/config.ts";
import { GateError } from "../errors.ts";
import type { ResponseResult, ViewerRequest } from "../request/cloudfront.ts";
import { uriEncode } from "../request/path.ts";
import type { Credentials } from "../s3/credentials.ts";
import { amzDateOf, SIGNATURE_SECONDS, signingKey } from "../s3/sign.ts";
import type { SignInParts } from "../sign-in.ts";
import { asked, keyOf, sessionFor } from "./asked.ts";
import { isText } from "./json-body.ts";

const TYPE = /^[a-z]+\/[a-z0-9.+-]{1,100}(; ?charset=[a-z0-9-]{1,40})?$/i;
/** What browsers run scripts in, and scripts. */
const ACTIVE = /html|xml|xsl|multipart|script/i;
const SIGNED_HEADERS = "cache-control;content-length;content-type;host";
/** A file that takes the place of another is seen at once: whoever keeps it asks whether it is still the same. */
const CACHE_CONTROL = "no-cache";

/**
 * Answers with a PUT to S3, to be started within five minutes. The body is
 * `{"path": "/me/photo.png", "type": "image/png", "size": 12345}`. S3 refuses any other key, type or length, for all three
 * are signed, and asks IAM whether the user's role may write there.
 * @throws GateError `access_denied` where the area has no uploads; `upload_too_large`, `type_not_allowed`,
 * `invalid_request`, `invalid_path`
 */
export async function upload(
  request: ViewerRequest,
  parts: SignInParts,
  deadline: number,
): Promise<ResponseResult> {
  const { config, now } = parts;
  const wanted = await asked(request, parts, deadline);
  const { path, type, size } = wanted.body;
  const { uploads } = wanted.access.area;
  if (!uploads) throw new GateError("access_denied");
  if (!isText(type, TYPE) || typeof size !== "number" || !Number.isSafeInteger(size) || size < 0)
    throw new GateError("invalid_request");
  if (isText(path, /\/$/)) throw new GateError("invalid_path");
  if (size > uploads.maxBytes) throw new GateError("upload_too_large");
  if (!isAllowed(type, uploads.types)) throw new GateError("type_not_allowed");
  const session = await sessionFor(wanted, request, parts, deadline);
  const file = { path: keyOf(wanted, session, parts), type, size };
  const url = presignedPut(file, session.credentials, config, now());
  const headers = { "Cache-Control": CACHE_CONTROL, "Content-Type": type };
  const expires = Math.floor(now() / 1000) + SIGNATURE_SECONDS;
  return jsonAnswer(200, { method: "PUT", url, headers, expires }, request, config);
}

/** A family of types has none in it that browsers run scripts in: `image/*` is without SVG. */
function isAllowed(given: string, types: readonly string[]): boolean {
  const type = given.toLowerCase().replace(/;.*/, "");
  if (types.includes(type)) return true;
  return !ACTIVE.test(type) && (types.length === 0 || types.includes(type.replace(/\/.*/, "/*")));
}

/** The file that is to be stored; `path` is that of its key. */
interface File {
  readonly path: string;
  readonly type: string;
  readonly size: number;
}

/** In the bucket's own host name; where another endpoint is configured, behind the bucket's name. */
function presignedPut(
  file: File,
  credentials: Credentials,
  { origin, endpoints }: Config,
  now: number,
): string {
  const base = endpoints.s3 ?? `https://${bucketHost(origin)}`;
  const path = (endpoints.s3 ? `/${origin.bucket}` : "") + file.path;
  const date = amzDateOf(now);
  const credentialScope = `${date.slice(0, 8)}/${origin.region}/s3/aws4_request`;
  const credential = uriEncode(`${credentials.accessKeyId}/${credentialScope}`);
  const token = uriEncode(credentials.sessionToken);
  const query = `X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=${credential}&X-Amz-Date=${date}&X-Amz-Expires=${SIGNATURE_SECONDS}&X-Amz-Security-Token=${token}&X-Amz-SignedHeaders=${uriEncode(SIGNED_HEADERS)}`;
  const headers = `cache-control:${CACHE_CONTROL}\ncontent-length:${file.size}\ncontent-type:${file.type}\nhost:${new URL(base).host}\n`;
  const canonicalRequest = `PUT\n${path}\n${query}\n${headers}\n${SIGNED_HEADERS}\nUNSIGNED-PAYLOAD`;
  const stringToSign = `AWS4-HMAC-SHA256\n${date}\n${credentialScope}\n${hash("sha256", canonicalRequest, "hex")}`;
  const key = signingKey(credentials.secretAccessKey, date.slice(0, 8), origin.region, "s3");
  const signature = createHmac("sha256", key).update(stringToSign).digest("hex");
  return `${base}${path}?${query}&X-Amz-Signature=${signature}`;
}
