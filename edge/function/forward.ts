// What goes on to the cache: the canonical path, the keyed scope, what may be in the query, and of the viewer's headers few.
import type { RuledArea } from "../request/area-rules.ts";
import {
  CACHE_SCOPE_HEADER,
  mayHold,
  PASSED_HEADERS,
  SESSION_HEADER,
  TOKEN_HEADER,
} from "../request/passed-headers.ts";
import {
  type FunctionForward,
  type FunctionRequest,
  type FunctionValue,
  type FunctionValues,
  valuesOf,
} from "./event.ts";
import { refuse } from "./gate-error.ts";
import { CONFIG } from "./settings.ts";

/** Whether areas let viewers choose parameters. */
declare const GATEHOUSE_QUERY: boolean;

/** Sealed credentials of three roles take about 4,200 bytes; what others plant beside them has its end. */
const MAX_SESSION = 8_192;

/** The request as the cache and, on a miss, the function behind it get it. */
export function forwarded(
  request: FunctionRequest,
  uri: string,
  area: RuledArea,
  scope: string,
  token: string,
): FunctionForward {
  const headers: Record<string, FunctionValue> = {};
  PASSED_HEADERS.forEach((name, index) => {
    const found = request.headers[name];
    if (found && mayHold(index, lengthOf(found))) headers[name] = found;
  });
  const sealed = sealedIn(request.cookies);
  headers[CACHE_SCOPE_HEADER] = { value: scope };
  headers[TOKEN_HEADER] = { value: token };
  if (sealed !== "") headers[SESSION_HEADER] = { value: sealed };
  const querystring = GATEHOUSE_QUERY ? allowed(request.rawQueryString(), area) : {};
  return { method: request.method, uri: uri, querystring: querystring, headers: headers, cookies: {} };
}

function lengthOf(found: FunctionValue): number {
  return found.multiValue ? found.multiValue.map((each) => each.value).join("").length : found.value.length;
}

/** The cookies with sealed credentials, as a `Cookie` header has them; one that is cut opens nothing. */
function sealedIn(cookies: FunctionValues): string {
  const pairs: string[] = [];
  Object.keys(cookies).forEach((name) => {
    if (name.startsWith(`${CONFIG.prefix}aws`))
      valuesOf(cookies, name).forEach((value) => {
        pairs.push(`${name}=${value}`);
      });
  });
  return pairs.join("; ").slice(0, MAX_SESSION);
}

/**
 * The parameters that the area lets its viewers choose, as they are spelt: what they mean is for the miss to say, and
 * every spelling has an entry of its own.
 * @throws a refusal for one that is there twice
 */
function allowed(query: string, area: RuledArea): FunctionValues {
  const parameters: Record<string, FunctionValue> = {};
  query.split("&").forEach((pair) => {
    const equals = `${pair}=`.indexOf("=");
    const name = decoded(pair.slice(0, equals));
    if (!((area.versions && name === "versionId") || (area.downloads && name === "download"))) return;
    if (parameters[name]) throw refuse(400, "invalid_query");
    parameters[name] = { value: pair.slice(equals + 1) };
  });
  return parameters;
}

/** What is no UTF-8 is no name of ours. */
function decoded(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch (_) {
    return "";
  }
}
