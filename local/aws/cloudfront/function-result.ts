// What a function may answer: every rule that CloudFront validates, and what its error says.

import { isDeepStrictEqual } from "node:util";
import { CloudFrontError } from "./errors.ts";
import type { EventRequest, EventResponse } from "./events.ts";
import {
  isDisallowed,
  NOT_IN_VIEWER_REQUEST,
  READ_ONLY_ORIGIN_REQUEST,
  READ_ONLY_ORIGIN_RESPONSE,
  READ_ONLY_VIEWER_REQUEST,
} from "./header-rules.ts";
import { type Header, type Headers, headerBytes } from "./headers.ts";
import { type JsonObject, objectOf } from "./json.ts";
import { MAX_URL_BYTES } from "./viewer.ts";

/** A response that a function made. `body` is undefined where it left the body alone. */
export interface FunctionResponse {
  readonly status: number;
  readonly statusDescription: string | undefined;
  readonly headers: Map<string, readonly Header[]>;
  readonly body: Buffer | undefined;
}

/** What a viewer-request function wants. */
export type ViewerRequestResult =
  | { readonly kind: "response"; readonly response: FunctionResponse }
  | {
      readonly kind: "request";
      readonly uri: string;
      readonly querystring: string;
      readonly headers: Map<string, readonly Header[]>;
      /** Only when the function replaced it. */
      readonly body: Buffer | undefined;
    };

// "Quotas on Lambda@Edge": size of a response that a function generates, including headers and body.
export const MAX_VIEWER_RESPONSE_BYTES = 40 * 1024;
export const MAX_ORIGIN_RESPONSE_BYTES = 1024 * 1024;
// "Restrictions on the request body": what a viewer-request function may put in the body's place.
export const MAX_REPLACED_TEXT_BYTES = 40 * 1024;
export const MAX_REPLACED_BASE64_BYTES = Math.floor(53.2 * 1024);
// "If the status value isn't between 200 and 599, CloudFront returns an error to the viewer."
const MIN_STATUS = 200;
const MAX_STATUS = 599;

function invalid(reason: string): CloudFrontError {
  return new CloudFrontError(502, `function result failed validation: ${reason}`, {
    resultType: "LambdaValidationError",
    page: `The Lambda function result failed validation: ${reason}.`,
  });
}

/** Validates a viewer-request function's result against the request it was given. */
export function parseViewerRequestResult(result: unknown, given: EventRequest): ViewerRequestResult {
  const object = requireResult(result);
  if (object["status"] !== undefined) {
    const response = parseResponse(object, MAX_VIEWER_RESPONSE_BYTES);
    requireUntouched(READ_ONLY_VIEWER_REQUEST, {}, response.headers);
    if (response.status === 204 && response.body !== undefined && response.body.length > 0) {
      throw invalid("a 204 response has a body");
    }
    return { kind: "response", response };
  }
  const headers = parseHeaders(object["headers"]);
  if (headers.has(NOT_IN_VIEWER_REQUEST) && !(NOT_IN_VIEWER_REQUEST in given.headers)) {
    throw invalid(`the function added a disallowed header: ${NOT_IN_VIEWER_REQUEST}`);
  }
  requireUntouched(READ_ONLY_VIEWER_REQUEST, given.headers, headers);
  requireSame(object, given);
  return { kind: "request", ...parseUrl(object), headers, body: parseReplacedBody(object["body"]) };
}

/** What an origin-request function wants. */
export type OriginRequestResult =
  | { readonly kind: "response"; readonly response: FunctionResponse }
  | {
      readonly kind: "request";
      readonly uri: string;
      readonly querystring: string;
      readonly headers: Map<string, readonly Header[]>;
    };

/**
 * Validates an origin-request function's result against the request it was given. The origin has to come back; that it
 * may be another one is not played.
 */
export function parseOriginRequestResult(
  result: unknown,
  given: EventRequest & { readonly origin: unknown },
): OriginRequestResult {
  const object = requireResult(result);
  if (object["status"] !== undefined)
    return { kind: "response", response: parseResponse(object, MAX_ORIGIN_RESPONSE_BYTES) };
  const headers = parseHeaders(object["headers"]);
  requireUntouched(READ_ONLY_ORIGIN_REQUEST, given.headers, headers);
  requireSame(object, given);
  if (!isDeepStrictEqual(object["origin"], JSON.parse(JSON.stringify(given.origin))))
    throw invalid("the origin is missing, or another one");
  return { kind: "request", ...parseUrl(object), headers };
}

/** Validates an origin-response function's result against the response it was given. */
export function parseOriginResponseResult(result: unknown, given: EventResponse): FunctionResponse {
  const response = parseResponse(requireResult(result), MAX_ORIGIN_RESPONSE_BYTES);
  requireUntouched(READ_ONLY_ORIGIN_RESPONSE, given.headers, response.headers);
  return response;
}

function requireResult(result: unknown): JsonObject {
  const object = objectOf(result);
  if (object === undefined) throw invalid("the json output must be an object type");
  return object;
}

function requireSame(object: JsonObject, given: EventRequest): void {
  for (const name of ["method", "clientIp"] as const) {
    if (object[name] !== given[name]) throw invalid(`the function changed a read-only field: ${name}`);
  }
}

function parseUrl(object: JsonObject): { uri: string; querystring: string } {
  const { uri, querystring } = object;
  if (typeof uri !== "string" || !uri.startsWith("/")) throw invalid("the uri must start with /");
  if (typeof querystring !== "string") throw invalid("the querystring must be a string");
  if (/[\s\p{Cc}#]/u.test(querystring)) {
    throw invalid("the querystring holds spaces, control characters or the fragment identifier");
  }
  if (/[\p{Cc}]/u.test(uri)) throw invalid("the uri holds control characters");
  if (Buffer.byteLength(uri) + Buffer.byteLength(querystring) >= MAX_URL_BYTES) {
    throw invalid(`uri and querystring must be less than ${MAX_URL_BYTES} characters`);
  }
  return { uri, querystring };
}

// RFC 9110: a field name is a token; a value holds no line breaks or NUL.
const FIELD_NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const BAD_FIELD_VALUE = /[\r\n\0]/;

function parseHeaders(value: unknown): Map<string, readonly Header[]> {
  const object = objectOf(value ?? {});
  if (object === undefined) throw invalid("headers must be an object");
  const headers = new Map<string, readonly Header[]>();
  for (const [name, lines] of Object.entries(object)) {
    if (!FIELD_NAME.test(name) || name !== name.toLowerCase())
      throw invalid(`header name ${JSON.stringify(name)}: must be a lower-case token`);
    if (isDisallowed(name)) throw invalid(`the function added a disallowed header: ${name}`);
    if (!Array.isArray(lines)) throw invalid(`header ${name}: must be a list`);
    if (lines.length > 0)
      headers.set(
        name,
        lines.map((line) => parseHeader(name, line)),
      );
  }
  return headers;
}

function parseHeader(name: string, line: unknown): Header {
  const { key, value } = objectOf(line) ?? {};
  if (typeof value !== "string" || BAD_FIELD_VALUE.test(value))
    throw invalid(`header ${name}: the value must be one line of text`);
  if (key === undefined) return { key: name, value };
  if (typeof key !== "string" || key.toLowerCase() !== name)
    throw invalid(`header ${name}: key must be the same name`);
  return { key, value };
}

function requireUntouched(
  names: readonly string[],
  given: Readonly<Record<string, readonly Header[]>>,
  returned: Headers,
): void {
  for (const name of names) {
    const values = (lines: readonly Header[] | undefined) => JSON.stringify(lines?.map(({ value }) => value));
    if (values(given[name]) !== values(returned.get(name))) {
      throw invalid(`the function tried to add, delete, or change a read-only header: ${name}`);
    }
  }
}

function parseResponse(object: JsonObject, maxBytes: number): FunctionResponse {
  const { status, statusDescription, body, bodyEncoding } = object;
  if (typeof status !== "string" || !/^\d{3}$/.test(status))
    throw invalid("status must be a string of three digits");
  if (Number(status) < MIN_STATUS || Number(status) > MAX_STATUS)
    throw invalid("status must be between 200 and 599");
  if (statusDescription !== undefined && typeof statusDescription !== "string")
    throw invalid("statusDescription must be a string");
  const headers = parseHeaders(object["headers"]);
  const bytes = headerBytes(headers) + (typeof body === "string" ? Buffer.byteLength(body) : 0);
  if (bytes > maxBytes) throw invalid(`the response is ${bytes} bytes, more than ${maxBytes}`);
  return { status: Number(status), statusDescription, headers, body: parseBody(body, bodyEncoding) };
}

function parseBody(body: unknown, encoding: unknown): Buffer | undefined {
  if (body === undefined || body === null) return undefined;
  if (typeof body !== "string") throw invalid("the body is not a string");
  if (encoding === undefined || encoding === "text") return Buffer.from(body);
  if (encoding !== "base64" || !isBase64(body))
    throw invalid("bodyEncoding must be text or base64, and the body must be encoded so");
  return Buffer.from(body, "base64");
}

function isBase64(text: string): boolean {
  return /^[A-Za-z0-9+/]*={0,2}$/.test(text) && text.length % 4 === 0;
}

function parseReplacedBody(value: unknown): Buffer | undefined {
  const body = objectOf(value);
  if (body === undefined || body["action"] !== "replace") return undefined;
  const { data, encoding } = body;
  if (typeof data !== "string") throw invalid("body.data must be a string");
  const limit = encoding === "base64" ? MAX_REPLACED_BASE64_BYTES : MAX_REPLACED_TEXT_BYTES;
  if (Buffer.byteLength(data) > limit) throw invalid(`body.data is more than ${limit} bytes`);
  return parseBody(data, encoding);
}
