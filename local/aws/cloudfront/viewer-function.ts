// A CloudFront Function at viewer-request: the event that it gets, and every rule that its answer has to keep.
// "CloudFront Functions event structure",
// docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/functions-event-structure.html

import type { Distribution } from "./distribution.ts";
import { CloudFrontError } from "./errors.ts";
import type { FunctionResponse, ViewerRequestResult } from "./function-result.ts";
import type { FunctionRuntime } from "./function-runtime.ts";
import { isDisallowed, READ_ONLY_VIEWER_REQUEST } from "./header-rules.ts";
import { addHeader, type Header, headerBytes, headerValue } from "./headers.ts";
import { type JsonObject, objectOf } from "./json.ts";
import { MAX_URL_BYTES, textOf, type ViewerRequest } from "./viewer.ts";

/** A header, parameter or cookie; several of one name are in `multiValue`, the first is `value` as well. */
interface Value {
  readonly value: string;
  readonly multiValue?: readonly { readonly value: string }[];
}

// "Quotas on CloudFront Functions": size of a response that a function generates.
const MAX_RESPONSE_BYTES = 40 * 1024;

/** Runs the function; what it throws, and an answer that is none, are 503. */
export async function viewerFunction(
  run: FunctionRuntime,
  viewer: ViewerRequest,
  distribution: Distribution,
  maxRequestBytes: number,
): Promise<ViewerRequestResult> {
  const event = functionEvent(viewer, distribution);
  const result = await run(event, textOf(viewer.rawQuery)).catch((error: unknown) => {
    throw failed("FunctionExecutionError", `function failed: ${error}`, error);
  });
  const object = objectOf(result);
  if (object === undefined) throw invalid("it returned no object");
  return object["statusCode"] === undefined
    ? parseRequest(object, viewer, maxRequestBytes)
    : { kind: "response", response: parseResponse(object) };
}

/** The event of version 1.0, without `rawQueryString`, which no JSON has. */
export function functionEvent(viewer: ViewerRequest, distribution: Distribution): object {
  const visible = [...viewer.headers].filter(([name]) => name !== "cookie" && !isDisallowed(name));
  return {
    version: "1.0",
    context: {
      distributionDomainName: distribution.domainName,
      distributionId: distribution.id,
      eventType: "viewer-request",
      requestId: viewer.requestId,
    },
    viewer: { ip: viewer.clientIp },
    request: {
      method: viewer.method,
      uri: textOf(viewer.rawPath),
      querystring: valuesOf(pairsOf(textOf(viewer.rawQuery), "&")),
      headers: Object.fromEntries(
        visible.map(([name, lines]) => [name, functionValue(lines.map(({ value }) => value))]),
      ),
      cookies: valuesOf(pairsOf(headerValue(viewer.headers, "cookie") ?? "", ";")),
    },
  };
}

function pairsOf(text: string, separator: string): readonly (readonly [name: string, value: string])[] {
  return text
    .split(separator)
    .map((pair) => pair.trim())
    .filter((pair) => pair !== "")
    .map((pair) => {
      const equals = pair.indexOf("=");
      return equals === -1 ? [pair, ""] : [pair.slice(0, equals), pair.slice(equals + 1)];
    });
}

function valuesOf(pairs: readonly (readonly [string, string])[]): Record<string, Value> {
  const names = new Set(pairs.map(([name]) => name));
  return Object.fromEntries(
    [...names].map((name) => [
      name,
      functionValue(pairs.filter(([other]) => other === name).map(([, value]) => value)),
    ]),
  );
}

function functionValue(values: readonly string[]): Value {
  const [value = ""] = values;
  return values.length > 1 ? { value, multiValue: values.map((each) => ({ value: each })) } : { value };
}

function parseRequest(
  object: JsonObject,
  viewer: ViewerRequest,
  maxRequestBytes: number,
): ViewerRequestResult {
  const { method, uri } = object;
  if (method !== viewer.method) throw invalid("the method is read-only");
  if (typeof uri !== "string" || !uri.startsWith("/") || /[\p{Cc}\s]/u.test(uri))
    throw invalid("the uri is no path");
  const querystring = joined(object["querystring"], "querystring", "&");
  if (/[\s\p{Cc}#]/u.test(querystring)) throw invalid("the querystring holds spaces or control characters");
  if (Buffer.byteLength(uri) + Buffer.byteLength(querystring) >= MAX_URL_BYTES)
    throw invalid(`uri and querystring must be less than ${MAX_URL_BYTES} characters`);
  const headers = parseHeaders(object["headers"]);
  for (const name of READ_ONLY_VIEWER_REQUEST)
    if (headerValue(headers, name) !== headerValue(viewer.headers, name))
      throw invalid(`it added, changed or removed the read-only header ${name}`);
  const cookies = joined(object["cookies"], "cookies", "; ");
  if (cookies !== "") addHeader(headers, "Cookie", cookies);
  if (headerBytes(headers) > maxRequestBytes) throw invalid("the headers are too long");
  const hidden = [...viewer.headers].filter(([name]) => isDisallowed(name));
  return { kind: "request", uri, querystring, headers: new Map([...headers, ...hidden]), body: undefined };
}

function parseResponse(object: JsonObject): FunctionResponse {
  const { statusCode, statusDescription } = object;
  if (typeof statusCode !== "number" || !Number.isInteger(statusCode) || statusCode < 200 || statusCode > 599)
    throw invalid("statusCode must be a number from 200 to 599");
  if (statusDescription !== undefined && typeof statusDescription !== "string")
    throw invalid("statusDescription must be a string");
  const headers = parseHeaders(object["headers"]);
  for (const name of [...READ_ONLY_VIEWER_REQUEST])
    if (headers.has(name)) throw invalid(`it added the read-only header ${name}`);
  const body = parseBody(object["body"]);
  const bytes = headerBytes(headers) + (body?.length ?? 0);
  if (bytes > MAX_RESPONSE_BYTES)
    throw invalid(`the response is ${bytes} bytes, more than ${MAX_RESPONSE_BYTES}`);
  return { status: statusCode, statusDescription, headers: withCookies(headers, object["cookies"]), body };
}

function withCookies(
  headers: Map<string, readonly Header[]>,
  cookies: unknown,
): Map<string, readonly Header[]> {
  for (const [name, given] of Object.entries(objectOf(cookies ?? {}) ?? {})) {
    const attributes = objectOf(given)?.["attributes"];
    for (const value of textsOf(given, `cookies.${name}`))
      addHeader(headers, "Set-Cookie", `${name}=${value}${attributes ? `; ${attributes}` : ""}`);
  }
  return headers;
}

function parseBody(body: unknown): Buffer | undefined {
  if (body === undefined) return undefined;
  if (typeof body === "string") return Buffer.from(body);
  const { encoding, data } = objectOf(body) ?? {};
  if ((encoding === "text" || encoding === "base64") && typeof data === "string")
    return Buffer.from(data, encoding === "text" ? "utf8" : "base64");
  throw invalid("the body has neither text nor base64");
}

// RFC 9110: a field name is a token; a value holds no line breaks or NUL.
const FIELD_NAME = /^[!#$%&'*+\-.^_`|~0-9a-z]+$/;
const BAD_FIELD_VALUE = /[\r\n\0]/;

function parseHeaders(given: unknown): Map<string, readonly Header[]> {
  const object = objectOf(given ?? {});
  if (object === undefined) throw invalid("headers must be an object");
  const headers = new Map<string, readonly Header[]>();
  for (const [name, value] of Object.entries(object)) {
    if (!FIELD_NAME.test(name))
      throw invalid(`header name ${JSON.stringify(name)}: must be a lower-case token`);
    if (name === "cookie" || name === "set-cookie")
      throw invalid(`header ${name}: cookies have a field of their own`);
    if (isDisallowed(name)) throw disallowed(name);
    for (const text of textsOf(value, `headers.${name}`)) addHeader(headers, name, text);
  }
  return headers;
}

function joined(given: unknown, what: string, separator: string): string {
  const object = objectOf(given ?? {});
  if (object === undefined) throw invalid(`${what} must be an object`);
  return Object.entries(object)
    .flatMap(([name, value]) =>
      textsOf(value, `${what}.${name}`).map((text) =>
        text === "" && what === "querystring" ? name : `${name}=${text}`,
      ),
    )
    .join(separator);
}

function textsOf(given: unknown, what: string): readonly string[] {
  const { value, multiValue } = objectOf(given) ?? {};
  const texts = Array.isArray(multiValue) ? multiValue.map((item) => objectOf(item)?.["value"]) : [value];
  return texts.map((text) => {
    if (typeof text !== "string" || BAD_FIELD_VALUE.test(text))
      throw invalid(`${what}: the value must be one line of text`);
    return text;
  });
}

function invalid(reason: string): CloudFrontError {
  return failed("FunctionValidationError", `function result failed validation: ${reason}`);
}

// "Disallowed headers": the one case in which the page says 502.
function disallowed(name: string): CloudFrontError {
  return new CloudFrontError(
    502,
    `function result failed validation: it added the disallowed header ${name}`,
    {
      resultType: "FunctionValidationError",
    },
  );
}

function failed(
  resultType: "FunctionExecutionError" | "FunctionValidationError",
  message: string,
  cause?: unknown,
): CloudFrontError {
  return new CloudFrontError(503, message, {
    resultType,
    page: "The CloudFront function associated with the CloudFront distribution is invalid or could not run.",
    cause,
  });
}
