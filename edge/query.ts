// The query that goes to S3: rebuilt from what an area allows; no viewer parameter passes by itself.
import type { Area } from "./config.ts";
import { GateError } from "./errors.ts";
import { uriEncode } from "./path.ts";

/** Query parameters for S3, decoded. */
export type Query = readonly (readonly [name: string, value: string])[];

const VERSION_ID = /^[\w.-]{1,1024}$/;
/** What a file name may not hold: control characters, and what paths are made of. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused here
const FILE_NAME = /^[^\u0000-\u001f\u007f/\\]{0,200}$/;
const MAX_KEYS = /^([1-9]\d{0,2}|1000)$/;
const CONTINUATION_TOKEN = /^[\w+/=.-]{1,1024}$/;

/**
 * The parameters of an object's request: its version and the name to save it under, where the area allows them.
 * @throws GateError `invalid_query` for a value that S3 would not understand
 */
export function objectQuery(querystring: string, area: Area): Query {
  if (!querystring || !(area.versions || area.downloads)) return [];
  const given = new URLSearchParams(querystring);
  const version = area.versions ? checked(given, "versionId", VERSION_ID) : undefined;
  const download = area.downloads ? checked(given, "download", FILE_NAME) : undefined;
  return [
    ...(download === undefined ? [] : ([["response-content-disposition", attachment(download)]] as const)),
    ...(version === undefined ? [] : ([["versionId", version]] as const)),
  ];
}

/**
 * The parameters of a listing (ListObjectsV2) below a key prefix.
 * @throws GateError `invalid_query`
 */
export function listQuery(querystring: string, prefix: string): Query {
  const given = new URLSearchParams(querystring);
  const token = checked(given, "continuation-token", CONTINUATION_TOKEN);
  const delimiter = checked(given, "delimiter", /^\/$/);
  const maxKeys = checked(given, "max-keys", MAX_KEYS);
  return [
    ...(token === undefined ? [] : ([["continuation-token", token]] as const)),
    ...(delimiter === undefined ? [] : ([["delimiter", delimiter]] as const)),
    ["list-type", "2"],
    ...(maxKeys === undefined ? [] : ([["max-keys", maxKeys]] as const)),
    ["prefix", prefix],
  ];
}

function checked(given: URLSearchParams, name: string, rule: RegExp): string | undefined {
  const [value, ...others] = given.getAll(name);
  if (value === undefined) return undefined;
  if (others.length > 0 || !rule.test(value)) throw new GateError("invalid_query");
  return value;
}

/** RFC 6266: the name in ASCII for old clients, and as it is. */
function attachment(name: string): string {
  if (name === "") return "attachment";
  return `attachment; filename="${name.replace(/[^\w. ()-]/g, "_")}"; filename*=UTF-8''${uriEncode(name)}`;
}
