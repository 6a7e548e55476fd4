// What holds for every answer to every request, checked without a line of the edge's code.
import { AwsV4Signer } from "aws4fetch";
import type { AreaDocument, ConfigDocument } from "../../../edge/config/config.ts";
import type { RequestResult, ResponseResult } from "../../../edge/request/cloudfront.ts";
import type { Event } from "./requests.ts";
import { CANARY, type Grant, grantOf, PEOPLE, type Person, REFRESH, SECRETS, type World } from "./world.ts";

type Result = RequestResult | ResponseResult;

/** Something that must never be; the message says what, and quotes nothing. */
export class Leak extends Error {
  override readonly name = "Leak";
}

function must(holds: boolean, what: string): asserts holds {
  if (!holds) throw new Leak(what);
}

/** Checks what both builds answered; returns the outcome's name. */
export async function judge(world: World, event: Event, results: readonly Result[]): Promise<string> {
  const [own, sdk] = results;
  must(own !== undefined && sdk !== undefined, "two answers");
  must(world.shown.length === 0, "Cognito sees good tokens only");
  for (const line of world.logged) checkLogLine(line, world);
  must(isSigned(own) === isSigned(sdk), "both builds decide the same");
  if (isSigned(own)) {
    must(JSON.stringify(own) === JSON.stringify(sdk), "both builds sign the same request");
    return await checkSigned(world, event, own);
  }
  must(!isSigned(sdk), "both builds decide the same");
  must(own.status === sdk.status, "both builds answer with the same status");
  must(own.body === sdk.body, "both builds answer with the same body");
  must(
    String(Object.keys(own.headers)) === String(Object.keys(sdk.headers)),
    "both builds send the same headers",
  );
  for (const response of [own, sdk]) checkResponse(world, event, response);
  return outcomeOf(own);
}

function isSigned(result: Result): result is RequestResult {
  return !("status" in result);
}

function outcomeOf({ status, headers, body = "" }: ResponseResult): string {
  const type = headers["content-type"]?.[0]?.value ?? "";
  if (type === "application/json" && body) return `${status} ${JSON.parse(body).code ?? "profile"}`;
  return `${status} ${body ? "page" : "without a body"}`;
}

// The request that goes on.

const ALLOWED_HEADERS = [
  "host",
  "content-length",
  "transfer-encoding",
  "via",
  "accept-encoding",
  "if-match",
  "if-modified-since",
  "if-none-match",
  "if-range",
  "if-unmodified-since",
  "origin",
  "range",
  "user-agent",
  "x-gatehouse-cache-scope",
];
const SIGNED_PARAMETERS = [
  "X-Amz-Algorithm",
  "X-Amz-Credential",
  "X-Amz-Date",
  "X-Amz-Expires",
  "X-Amz-Security-Token",
  "X-Amz-SignedHeaders",
  "X-Amz-Signature",
];
const LIST_PARAMETERS = ["list-type", "prefix", "delimiter", "max-keys", "continuation-token"];

async function checkSigned(world: World, event: Event, result: RequestResult): Promise<string> {
  const { document } = world;
  const query = new URLSearchParams(result.querystring);
  const grant = grantOf((query.get("X-Amz-Credential") ?? "").split("/")[0] ?? "");
  must(grant !== undefined, "the credentials are somebody's");
  must(isPresent(event, grant.person), "a good token of the credentials' user is in the request");
  const isList = query.has("list-type");
  const key = isList ? (query.get("prefix") ?? "") : keyAtS3(result.uri);
  must(!isList || result.uri === "/", "a list is one of the bucket");
  const { area, scope, roleArn } = authorised(document, key, isList, grant.person);
  must(grant.roleArn === roleArn, "the role is the area's");
  checkQuery(query, isList, area);
  checkForwarded(event, result, area, isList ? "list:[0-9a-f]{64}" : scope, document);
  must(!result.querystring.includes(CANARY), "nothing of the viewer's query");
  must(!hasSecret(result.uri + JSON.stringify(result.headers)), "no secret beside the query");
  must(!hasSecret(withoutSessionToken(result.querystring, grant)), "no other secret in the query");
  await checkSignature(document, event, result, grant);
  return `signed ${isList ? "list" : (scope.split(":")[0] ?? "")}`;
}

/** How S3 reads a path: decoded once, a plus is a space, nothing normalised. */
function keyAtS3(path: string): string {
  must(path.startsWith("/"), "the path starts with a slash");
  return decodeURIComponent(path.slice(1).replaceAll("+", " "));
}

/** The area that a key belongs to, decided from the key that S3 reads. */
function authorised(
  { areas = [{ path: "/*" }], groups = {}, origin }: ConfigDocument,
  key: string,
  isList: boolean,
  { groups: own, roles, identityId }: Person,
): { readonly area: AreaDocument; readonly scope: string; readonly roleArn: string | undefined } {
  const prefix = (origin.path ?? "").replace(/^\//, "").replace(/$/, origin.path ? "/" : "");
  must(key.startsWith(prefix), "the key is below the origin's prefix");
  const name = key.slice(prefix.length);
  must(!name.split("/").some((part) => part === "." || part === ".."), "no dot segments");
  const owners = areas.filter(({ owner }) => owner);
  for (const area of owners) {
    const folders = (area.owner ?? "").replace("{identityId}/", "");
    if (!name.startsWith(folders)) continue;
    must(name.startsWith(`${folders}${identityId}/`), "one's own folder only");
    return { area, scope: `owner:${encodeURIComponent(identityId)}`, roleArn: undefined };
  }
  const area = areas.find(({ path, owner }) => !owner && covers(path, `/${name}`));
  must(area !== undefined && !area.public, "the key is of an area that is not public");
  must(
    !isList || areas.every((other) => other === area || !other.path.startsWith(`/${name}`)),
    "no other area's names",
  );
  must(!isList || owners.every(({ owner = "" }) => !owner.startsWith(name)), "no names of users' folders");
  if (!area.groups) return { area, scope: "signed-in", roleArn: undefined };
  const group = area.groups.find((each) => own.includes(each) && roles.includes(groups[each]?.roleArn ?? ""));
  must(group !== undefined, "a member of one of the area's groups, with its role");
  return { area, scope: `group:${encodeURIComponent(group)}`, roleArn: groups[group]?.roleArn };
}

function covers(pattern: string, path: string): boolean {
  return pattern.endsWith("/*") ? path.startsWith(pattern.slice(0, -1)) : path === pattern;
}

function checkQuery(query: URLSearchParams, isList: boolean, area: AreaDocument): void {
  const allowed = [
    ...SIGNED_PARAMETERS,
    ...(isList ? LIST_PARAMETERS : []),
    ...(area.versions && !isList ? ["versionId"] : []),
    ...(area.downloads && !isList ? ["response-content-disposition"] : []),
  ];
  const names = [...query.keys()];
  must(new Set(names).size === names.length, "each parameter once");
  must(
    names.every((name) => allowed.includes(name)),
    "allowed parameters only",
  );
  must(
    /^attachment/.test(query.get("response-content-disposition") ?? "attachment"),
    "downloads are attachments",
  );
  must(query.get("X-Amz-Expires") === "300", "good for five minutes");
}

/** A scope is the gate's and says what the area lets pass; `sharing` is a pattern of whom it is shared by. */
function checkForwarded(
  event: Event,
  result: RequestResult,
  area: AreaDocument,
  sharing: string,
  document: ConfigDocument,
): void {
  const { method, uri, querystring, headers } = result;
  const given = requestOf(event);
  must(String(Object.keys(result).sort()) === "clientIp,headers,method,querystring,uri", "these fields only");
  must((method === "GET" || method === "HEAD") && method === given["method"], "the viewer's method");
  must(`${uri}?${querystring}`.length <= 7_600, "short enough");
  must(/^\/[\w.~/%-]*$/.test(uri), "a canonical path");
  must(/^[!-~]*$/.test(querystring), "a query without spaces");
  must(
    Object.keys(headers).every((name) => ALLOWED_HEADERS.includes(name)),
    "allowed headers only",
  );
  const arrived = given["headers"];
  const { "x-gatehouse-cache-scope": [own, ...copies] = [], ...passed } = headers;
  for (const [name, entries] of Object.entries(passed)) {
    const original = isFields(arrived) && Object.hasOwn(arrived, name) ? arrived[name] : undefined;
    must(JSON.stringify(entries) === JSON.stringify(original), "a header as it arrived");
  }
  must(copies.length === 0 && own !== undefined, "one cache scope");
  const [shared = "", page, ...more] = own.value.split(";");
  const settings = [area.trusted && ":trusted", area.versions && ":versions"].filter(Boolean).join("");
  must(RegExp(`^[0-9a-f]{16}${settings}:${sharing}$`).test(shared), "the area's cache scope");
  must(
    more.length === 0 && (page !== undefined) === isNavigation(given),
    "a scope for people, or for programs",
  );
  const languages = document.auth ? /^page=(de|en|es|fr|ja|pt)$/ : /^page=$/;
  must(page === undefined || languages.test(page), "a language of the gate's");
  must(!JSON.stringify(headers).includes(CANARY), "nothing of the viewer's in the headers");
}

/** Read a second time, from the event itself (W3C Fetch Metadata; older clients by what they accept). */
function isNavigation({ headers }: Readonly<Record<string, unknown>>): boolean {
  const first = (name: string): string => {
    const entries = isFields(headers) && Object.hasOwn(headers, name) ? headers[name] : undefined;
    const values = (Array.isArray(entries) ? entries : []).map((entry: unknown) => Object(entry)["value"]);
    return values.find((value) => typeof value === "string") ?? "";
  };
  const mode = first("sec-fetch-mode");
  return mode === "" ? first("accept").includes("text/html") : mode === "navigate";
}

/** The same request, signed by somebody else. */
async function checkSignature(
  { origin, signing }: ConfigDocument,
  event: Event,
  result: RequestResult,
  grant: Grant,
): Promise<void> {
  const query = new URLSearchParams(result.querystring);
  const unsigned = result.querystring.replace(/&X-Amz-Signature=.*$/, "");
  const requestId = requestIdOf(event);
  const signer = new AwsV4Signer({
    method: result.method,
    url: `https://${origin.bucket}.s3.${origin.region}.amazonaws.com${result.uri}?${unsigned.replace(/&X-Amz-Signature=[^&]*/, "")}`,
    ...grant,
    service: "s3",
    region: origin.region,
    datetime: query.get("X-Amz-Date") ?? "",
    headers: signing?.cfId === "signed" && requestId ? { "x-amz-cf-id": requestId } : {},
    signQuery: true,
  });
  const { url } = await signer.sign();
  const expected = new URL(url).searchParams.get("X-Amz-Signature");
  must(expected !== null && expected === query.get("X-Amz-Signature"), "aws4fetch signs the same");
}

function withoutSessionToken(querystring: string, { sessionToken }: Grant): string {
  return querystring.replace(encodeURIComponent(sessionToken), "");
}

/** Whether a good token of this person is anywhere in the headers that tokens come in. */
function isPresent(event: Event, { tokens }: Person): boolean {
  const { headers } = requestOf(event);
  const text = isFields(headers) ? JSON.stringify([headers["authorization"], headers["cookie"]]) : "";
  return tokens.some((each) => text.includes(each));
}

/** Whether a token of this person is there, over or not. */
function isKnown(event: Event, person: Person): boolean {
  return isPresent(event, { ...person, tokens: [...person.tokens, person.expired] });
}

// The answers that are given instead.

const FORBIDDEN_HEADERS =
  /^(connection|expect|keep-alive|proxy-.*|trailer|upgrade|x-accel-.*|x-amz-cf-.*|x-amzn-.*|x-cache|x-edge-.*|x-forwarded-proto|x-real-ip|content-length|host|transfer-encoding|via)$/;
const MAX_RESPONSE_BYTES = 40_960;

function checkResponse(world: World, event: Event, response: ResponseResult): void {
  const { status, headers, body = "" } = response;
  must(/^[2-5]\d\d$/.test(status), "a status");
  let size = body.length;
  for (const [name, entries] of Object.entries(headers)) {
    must(/^[a-z0-9-]+$/.test(name) && !FORBIDDEN_HEADERS.test(name), "a header that a function may send");
    must(entries.length > 0, "a header with a value");
    for (const { key, value } of entries) {
      must((key ?? name).toLowerCase() === name, "a header under its name");
      must(typeof value === "string" && /^[ -~]*$/.test(value), "a value without control characters");
      size += name.length + value.length;
    }
  }
  must(size <= MAX_RESPONSE_BYTES, "40 KB");
  must(valuesOf(headers, "cache-control") === "no-store", "stored nowhere");
  must(valuesOf(headers, "x-content-type-options") === "nosniff", "sniffed by nobody");
  const isUnread = outcomeOf(response) === "500 internal_error";
  must(requestOf(event)["method"] !== "HEAD" || body === "" || isUnread, "no body for HEAD");
  checkLocation(world, valuesOf(headers, "location"), status);
  checkCookies(event, response);
  const { "set-cookie": _, ...others } = headers;
  const shown = JSON.stringify(others) + body;
  must(!hasSecret(shown), "no secret in an answer");
  must(
    !world.sealed.some((pair) => shown.includes(pair.slice(pair.indexOf("=") + 1).slice(0, 40))),
    "no sealed value in an answer",
  );
}

function checkLocation({ managedLogin }: World, location: string, status: string): void {
  must(status.startsWith("3") === (location !== ""), "redirects, and nothing else, lead somewhere");
  const isLocal = /^\/(?![/\\])/.test(location);
  must(location === "" || isLocal || location.startsWith(`${managedLogin}/`), "leads nowhere else");
  must(
    isLocal === false || new URL(location, "https://here.example").origin === "https://here.example",
    "stays here",
  );
}

function checkCookies(event: Event, { status, headers }: ResponseResult): void {
  const lines = headers["set-cookie"] ?? [];
  const uri = String(requestOf(event)["uri"]);
  must(
    lines.length === 0 || isEndpoint(uri) || status === "307" || status === "401",
    "cookies from endpoints and renewals",
  );
  for (const { value } of lines) {
    must(
      /^__(Host|Secure)-gatehouse-[\w-]+=[\w.-]*; Max-Age=\d+; Path=\/; Secure; HttpOnly; SameSite=/.test(
        value,
      ),
      "a cookie of ours",
    );
    must(!value.includes(CANARY), "nothing of the viewer's in a cookie");
    const [, given] = /-gatehouse-id=([^;]+)/.exec(value) ?? [];
    const owner = PEOPLE.find(({ tokens }) => given !== undefined && tokens.includes(given));
    must(given === undefined || (owner !== undefined && isKnown(event, owner)), "a session of the same user");
  }
}

function isEndpoint(uri: string): boolean {
  try {
    return decodeURIComponent(uri).startsWith("/.gatehouse/");
  } catch {
    return false;
  }
}

function valuesOf(headers: ResponseResult["headers"], name: string): string {
  return (headers[name] ?? []).map(({ value }) => value).join(", ");
}

// The log.

function checkLogLine(line: string, world: World): void {
  const record: unknown = JSON.parse(line);
  must(isFields(record) && typeof record["code"] === "string", "a log line with a code");
  must(!hasSecret(line) && !line.includes(CANARY), "no secret in the log");
  must(!world.sealed.some((pair) => line.includes(pair.slice(-40))), "no sealed value in the log");
  must(!PEOPLE.some(({ sub }) => line.includes(sub)), "no user's name in the log");
}

function hasSecret(text: string): boolean {
  return text.includes(REFRESH) || SECRETS.some((secret) => text.includes(secret));
}

// Reading an event that may be anything.

function requestOf(event: Event): Readonly<Record<string, unknown>> {
  return fieldsAt(cfOf(event), "request");
}

function requestIdOf(event: Event): string {
  const id = fieldsAt(cfOf(event), "config")["requestId"];
  return typeof id === "string" ? id : "";
}

function cfOf(event: Event): Readonly<Record<string, unknown>> {
  const records = event["Records"];
  return isFields(records) ? fieldsAt(fieldsAt(records, "0"), "cf") : {};
}

function fieldsAt(value: Readonly<Record<string, unknown>>, name: string): Readonly<Record<string, unknown>> {
  const inner = value[name];
  return isFields(inner) ? inner : {};
}

function isFields(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}
