// The only file that knows the shape of CloudFront's events: what arrives is read here, what leaves is written here.
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/lambda-event-structure.html

import { isRecord } from "../config/json.ts";
import { GateError } from "../errors.ts";
import { Cookies } from "./cookies.ts";

/** CloudFront's header map: lower-case names, each with one or more values. */
export type CloudFrontHeaders = Record<string, { key?: string; value: string }[]>;

/** What the function reads of a viewer's request. Nothing in it is trusted. */
export interface ViewerRequest {
  readonly method: string;
  /** The raw path, as the viewer sent it. */
  readonly uri: string;
  /** The raw query string, without `?`. */
  readonly querystring: string;
  readonly clientIp: string;
  /** The header map as it arrived; read it with `headerValues`. */
  readonly headers: Readonly<Record<string, unknown>>;
  /** Read when somebody asks for one. */
  readonly cookies: Cookies;
  /** The body as CloudFront hands it over, where the behaviour includes it; read it with `bodyText`. */
  readonly body: unknown;
  /** CloudFront's id of this request: the `x-amz-cf-id` that the viewer and the origin see. */
  readonly requestId: string;
}

/** A request that CloudFront looks up in its cache and, on a miss, sends to the origin. */
export interface RequestResult {
  readonly clientIp: string;
  readonly method: string;
  readonly uri: string;
  readonly querystring: string;
  readonly headers: CloudFrontHeaders;
  /** At origin-request, where the request goes to: as it arrived. */
  readonly origin?: unknown;
}

/** A response that CloudFront returns instead. */
export interface ResponseResult {
  readonly status: string;
  readonly headers: CloudFrontHeaders;
  readonly body?: string;
}

/** What the origin answered, before CloudFront caches it. */
export interface OriginResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  /** The response as it arrived, to be returned or built on. */
  readonly raw: Readonly<Record<string, unknown>>;
}

/** What CloudFront caches and returns: the origin's response, changed or not, or one of ours. */
export type OriginResult = Readonly<Record<string, unknown>>;

/**
 * Reads a viewer-request event.
 * @throws GateError `internal_error` when the event is none.
 */
export function readEvent(event: unknown): ViewerRequest {
  const cf = record(record(list(record(event)["Records"])[0])["cf"]);
  const request = record(cf["request"]);
  const headers = record(request["headers"]);
  return {
    method: text(request["method"]),
    uri: text(request["uri"]),
    querystring: optionalText(request["querystring"]),
    clientIp: optionalText(request["clientIp"]),
    headers,
    cookies: new Cookies(headerValues({ headers }, "cookie")),
    body: request["body"],
    requestId: optionalText(record(cf["config"] ?? {})["requestId"]),
  };
}

/**
 * Reads the response of an origin-response event; its request is what `readEvent` reads.
 * @throws GateError `internal_error` when there is none
 */
export function readOriginResponse(event: unknown): OriginResponse {
  const cf = record(record(list(record(event)["Records"])[0])["cf"]);
  const raw = record(cf["response"]);
  return { status: Number(text(raw["status"])), headers: record(raw["headers"]), raw };
}

/** Where an origin-request event's request goes to, to be returned with it. */
export function readOrigin(event: unknown): Pick<RequestResult, "origin"> {
  const request = record(record(record(list(record(event)["Records"])[0])["cf"])["request"]);
  return request["origin"] === undefined ? {} : { origin: request["origin"] };
}

/** A header as it arrived, to be passed on as it is; undefined when it is not there, or not in CloudFront's shape. */
export function headerEntries(request: ViewerRequest, name: string): CloudFrontHeaders[string] | undefined {
  const entries = request.headers[name];
  return Array.isArray(entries) && entries.length > 0 && entries.every(isEntry) ? entries : undefined;
}

function isEntry(entry: unknown): entry is CloudFrontHeaders[string][number] {
  return isRecord(entry) && typeof entry["value"] === "string";
}

/** All values of a header, in the order they arrived; `name` in lower case. */
export function headerValues(request: Pick<ViewerRequest, "headers">, name: string): readonly string[] {
  const entries = request.headers[name];
  if (!Array.isArray(entries)) return NO_VALUES;
  const values: string[] = [];
  for (const entry of entries) {
    const value: unknown = isRecord(entry) ? entry["value"] : undefined;
    if (typeof value === "string") values.push(value);
  }
  return values;
}

const NO_VALUES: readonly string[] = [];

/** The first value of a header; empty when there is none. */
export function header(request: ViewerRequest, name: string): string {
  return headerValues(request, name)[0] ?? "";
}

/**
 * The body as text; empty when there is none.
 * @throws GateError `body_too_large` when CloudFront has cut it
 */
export function bodyText({ body }: ViewerRequest): string {
  const { data = "", encoding, inputTruncated } = isRecord(body) ? body : {};
  if (inputTruncated) throw new GateError("body_too_large");
  return encoding === "base64" ? Buffer.from(text(data), "base64").toString() : text(data);
}

/** Response headers; a list is one line for each value, as `Set-Cookie` needs it. */
export type ResponseHeaders = Readonly<Record<string, string | readonly string[]>>;

/** Writes a generated response in CloudFront's shape. */
export function responseResult(status: number, headers: ResponseHeaders, body: string): ResponseResult {
  const map: CloudFrontHeaders = {};
  for (const [key, values] of Object.entries(headers))
    if (values.length > 0) map[key.toLowerCase()] = [values].flat().map((value) => ({ key, value }));
  return { status: String(status), headers: map, ...(body && { body }) };
}

function record(value: unknown): Record<string, unknown> {
  return isRecord(value) ? value : malformed();
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : malformed();
}

function text(value: unknown): string {
  return typeof value === "string" ? value : malformed();
}

function malformed(): never {
  throw new GateError("internal_error", new TypeError());
}

function optionalText(value: unknown): string {
  return typeof value === "string" ? value : "";
}
