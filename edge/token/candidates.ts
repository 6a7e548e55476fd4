// Where a token may be: the Authorization header, the gate's own session, and other cookies where they are configured.

import type { Config } from "../config/config.ts";
import { headerValues, type ViewerRequest } from "../request/cloudfront.ts";
import { type AmplifyCookie, amplifyCookies, configuredValues, ownValues } from "../request/cookies.ts";
import { isRenewed } from "../request/marks.ts";
import { isLongEnough } from "./claims.ts";
import type { Place } from "./place.ts";

/**
 * The places of a request where an ID token may be, most trusted first. Other hosts of a domain can write into the last
 * one: while a refresh token says that there is a session of ours, it is not read before that has been renewed, and
 * then for the same user alone.
 */
export function tokenPlaces(request: ViewerRequest, config: Config): readonly Place[] {
  const isHeld = config.auth !== undefined && ownValues(request, "refresh", config).length > 0;
  const own = { candidates: sessionTokens(request, config), isHeld, isOfSignIn: true };
  // Once each: a cookie that two settings name, or that was planted again and again, takes one place among the candidates.
  const others = () => [
    ...new Set([
      ...config.cookies.names.flatMap((name) => configuredValues(request, name, config)),
      ...amplifyTokens(request, config),
    ]),
  ];
  const places = [{ candidates: bearerTokens(request), isHeader: true }, own];
  if (isHeld && !isRenewed(request.querystring)) return places;
  return [...places, new LaterPlace(others)];
}

/** A place that is gone through when no other one has what is looked for; its state is what has been found there. */
class LaterPlace implements Place {
  readonly #find: () => readonly string[];
  #found: readonly string[] | undefined;

  constructor(find: () => readonly string[]) {
    this.#find = find;
  }

  get candidates(): readonly string[] {
    this.#found ??= this.#find();
    return this.#found;
  }
}

/** The tokens of the `Authorization` header, with or without `Bearer`. */
export function bearerTokens(request: ViewerRequest): readonly string[] {
  return headerValues(request, "authorization").map((value) => value.replace(/^Bearer /i, "").trim());
}

/** The tokens of a session that the gate itself set up. */
export function sessionTokens(request: ViewerRequest, config: Config): readonly string[] {
  return ownValues(request, "id", config);
}

const ID_TOKEN = ".idToken";
/** Of so many users Amplify's last one is looked for at most; all tokens are tried in any case. */
const MAX_USERS = 16;

/**
 * The ID tokens that Amplify keeps in cookies, client by client, that of the last signed-in user first. Amplify writes
 * user names into cookie names with varying escapes, so they are compared decoded.
 */
function amplifyTokens(request: ViewerRequest, config: Config): readonly string[] {
  const cookies = amplifyCookies(request, config);
  const pools = [config.userPool, ...config.userPools];
  return pools
    .flatMap(({ clientIds }) => clientIds)
    .flatMap((clientId) => {
      const own = cookies.filter((cookie) => cookie.clientId === clientId);
      const [last = ""] = own.find(({ rest }) => rest === "LastAuthUser")?.values ?? [];
      return lastFirst(own, decoded(last)).flatMap(({ values }) => values);
    });
}

/** Only what can be a token is worth decoding a name for: hundreds of names made of escapes would take their time. */
function lastFirst(cookies: readonly AmplifyCookie[], last: string): readonly AmplifyCookie[] {
  const tokens = cookies.filter(({ rest }) => rest.endsWith(ID_TOKEN));
  const users =
    last === "" ? [] : tokens.filter(({ values }) => values.some(isLongEnough)).slice(0, MAX_USERS);
  const ofLast = users.filter(({ rest }) => decoded(rest.slice(0, -ID_TOKEN.length)) === last);
  return ofLast.length === 0 ? tokens : [...ofLast, ...tokens.filter((token) => !ofLast.includes(token))];
}

/** As often as Amplify encodes and once more; without an end, a name made of escapes would take seconds. */
function decoded(value: string, times = 3): string {
  try {
    return times === 0 ? value : decoded(decodeURIComponent(value), times - 1);
  } catch {
    return value;
  }
}
