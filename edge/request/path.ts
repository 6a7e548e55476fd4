// The canonical path: each segment decoded once and encoded again, so that what is authorised is what is signed and sent.
import { GateError } from "../errors.ts";

/** S3's limit for an object key, in bytes of UTF-8. */
const MAX_KEY_BYTES = 1024;

/**
 * The one spelling of a viewer's path: RFC 3986 with upper-case escapes of everything S3 does not leave alone,
 * `+` as `%2B` (S3 reads a raw plus as a space), and `index.html` behind a trailing slash.
 * @throws GateError `invalid_path` for anything that two readers could take for two different keys;
 * `uri_too_long` for a key that S3 cannot hold.
 */
export function canonicalPath(uri: string): string {
  if (!uri.startsWith("/")) throw new GateError("invalid_path");
  const isPlain = PLAIN.test(uri);
  const decoded = isPlain ? uri : uri.slice(1).split("/").map(decodeSegment).reduce(join, "");
  if (decoded.includes("/.") && DOT_SEGMENT.test(decoded)) throw new GateError("invalid_path");
  const key = decoded.endsWith("/") ? `${decoded}index.html` : decoded;
  if ((isPlain ? key.length : Buffer.byteLength(key)) - 1 > MAX_KEY_BYTES)
    throw new GateError("uri_too_long");
  return isPlain ? key : uriEncodePath(key);
}

/** S3's URI encoding of a path: every byte but unreserved ones and `/` (Signature Version 4, "UriEncode"). */
export function uriEncodePath(path: string): string {
  return uriEncode(path).replace(/%2F/g, "/");
}

/** Signature Version 4's `UriEncode`: RFC 3986 unreserved characters stay, the rest becomes `%XX`. */
export function uriEncode(value: string): string {
  return encodeURIComponent(value).replace(
    /[!'()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

const PLAIN = /^[\w.~/-]*$/;
const DOT_SEGMENT = /(^|\/)\.\.?(\/|$)/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: control bytes are what is refused here
const FORBIDDEN = /[\u0000-\u001f\u007f/\\]/;

function join(path: string, segment: string): string {
  return `${path}/${segment}`;
}

function decodeSegment(segment: string): string {
  const decoded = decodeUtf8(segment);
  if (FORBIDDEN.test(decoded)) throw new GateError("invalid_path");
  return decoded;
}

function decodeUtf8(segment: string): string {
  try {
    const decoded = decodeURIComponent(segment);
    // Half of a character has no UTF-8.
    encodeURIComponent(decoded);
    return decoded;
  } catch (error) {
    throw new GateError("invalid_path", error);
  }
}
