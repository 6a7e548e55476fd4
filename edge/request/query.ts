// The query that goes to S3: rebuilt from what an area allows; no viewer parameter passes by itself.
import type { Area } from "../config/config.ts";
import { GateError } from "../errors.ts";
import { uriEncode } from "./path.ts";

/** Query parameters for S3, decoded. */
export type Query = readonly (readonly [name: string, value: string])[];

const VERSION_ID = /^[\w.-]{1,1024}$/;
/** What a file name may not hold: control characters, and what paths are made of. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused here
const FILE_NAME = /^[^\u0000-\u001f\u007f/\\]{0,200}$/;
/** https://www.unicode.org/reports/tr9/#Bidi_Character_Types, what directs the text around it. */
const BIDI_CONTROLS = /\p{Bidi_Control}/gu;
const EXTENSION = /\.([a-z\d]{1,12})$/i;
/** A name that is nothing but a dot and letters has none. */
const KEY_EXTENSION = /[^/]\.([a-z\d]{1,12})$/i;
/** Extensions with which people write the type of another. */
const SAME_TYPES: ReadonlyMap<string, string> = new Map([
  ["jpeg", "jpg"],
  ["html", "htm"],
  ["tiff", "tif"],
  ["mpeg", "mpg"],
  ["yaml", "yml"],
  ["tgz", "gz"],
]);
const MAX_KEYS = /^([1-9]\d{0,2}|1000)$/;
const CONTINUATION_TOKEN = /^[\w+/=.-]{1,1024}$/;

/**
 * The parameters of an object's request: its version and the name to save it under, where the area allows them. `path`
 * is the canonical one.
 * @throws GateError `invalid_query` for a value that S3 would not understand
 */
export function objectQuery(querystring: string, area: Area, path: string): Query {
  if (!querystring || !(area.versions || area.downloads)) return [];
  const given = new URLSearchParams(querystring);
  const versions = area.versions ? parameter(given, "versionId", VERSION_ID) : [];
  const downloads = area.downloads ? parameter(given, "download", FILE_NAME) : [];
  return [
    ...downloads.map(
      ([, name]) => ["response-content-disposition", attachment(savedAs(name, path))] as const,
    ),
    ...versions,
  ];
}

/**
 * The parameters of a listing (ListObjectsV2) below a key prefix.
 * @throws GateError `invalid_query`
 */
export function listQuery(querystring: string, prefix: string): Query {
  const given = new URLSearchParams(querystring);
  return [
    ...parameter(given, "continuation-token", CONTINUATION_TOKEN),
    ...parameter(given, "delimiter", /^\/$/),
    ["list-type", "2"],
    ...parameter(given, "max-keys", MAX_KEYS),
    ["prefix", prefix],
  ];
}

/** The parameter of this name, or none where there is none. */
function parameter(given: URLSearchParams, name: string, rule: RegExp): Query {
  const [value, ...others] = given.getAll(name);
  if (value === undefined) return [];
  if (others.length > 0 || !rule.test(value)) throw new GateError("invalid_query");
  return [[name, value]];
}

/**
 * The name under which an object is saved: one that says what it is. Nothing in it turns the reading direction round, and
 * it ends as the key does, unless it ends in another way to write the same type.
 */
function savedAs(given: string, path: string): string {
  const name = given.replace(BIDI_CONTROLS, "");
  const [, extension] = KEY_EXTENSION.exec(path) ?? [];
  if (name === "" || extension === undefined || typeOf(extension) === typeOf(EXTENSION.exec(name)?.[1]))
    return name;
  return `${name}.${extension}`;
}

function typeOf(extension = ""): string {
  const type = extension.toLowerCase();
  return SAME_TYPES.get(type) ?? type;
}

/** RFC 6266: the name in ASCII for old clients, and as it is. */
function attachment(name: string): string {
  if (name === "") return "attachment";
  return `attachment; filename="${name.replace(/[^\w. ()-]/g, "_")}"; filename*=UTF-8''${uriEncode(name)}`;
}
