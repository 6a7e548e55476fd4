// The pass of the split placement: made for every verified session, and fetched by browsers that have none.
import { createHmac, hash } from "node:crypto";
import { answer, isNavigation } from "../answer/respond.ts";
import { hasRole } from "../areas.ts";
import { basePathOf } from "../config/aws-names.ts";
import type { Config } from "../config/config.ts";
import { functionKeys } from "../config/function-keys.ts";
import { gateIdOf } from "../config/gate-id.ts";
import { GateError } from "../errors.ts";
import type { ResponseResult, ViewerRequest } from "../request/cloudfront.ts";
import { ID_HASH_CHARACTERS, type PassClaims, passStart } from "../request/pass.ts";
import { canonicalPath } from "../request/path.ts";
import type { SignInParts } from "../sign-in.ts";
import { tokenPlaces } from "../token/candidates.ts";
import type { VerifiedToken } from "../token/token.ts";
import { markedUrl } from "./marker.ts";
import { returnTo } from "./place.ts";
import { setCookie } from "./set-cookie.ts";

/** The name of the endpoint that gives a pass. */
const PASS = "pass";

/** The line that keeps a session's pass for as long as its token lasts; none in the other placement. */
export function passCookies(token: VerifiedToken, config: Config): readonly string[] {
  if (config.placement !== "split") return [];
  const seconds = Math.max(1, Math.ceil(token.expiresAt - token.issuedAt));
  return [setCookie(PASS, passOf(token, config), seconds, config)];
}

/** A JWT (RFC 7519) under HMAC-SHA-256, which the CloudFront Function can check, and that only it and we can write. */
export function passOf(token: VerifiedToken, config: Config): string {
  const claims: PassClaims = {
    iss: gateIdOf(config),
    sub: token.sub,
    iat: token.issuedAt,
    exp: token.expiresAt,
    groups: groupsOf(token, config),
    id_hash: hash("sha256", token.raw, "base64url").slice(0, ID_HASH_CHARACTERS),
  };
  const signed = passStart(token.raw) + Buffer.from(JSON.stringify(claims)).toString("base64url");
  const { pass } = functionKeys(config.auth?.keys ?? { current: "", previous: "" });
  if (pass === "") throw new Error("no sealing key");
  return `${signed}.${createHmac("sha256", pass).update(signed).digest("base64url")}`;
}

/** Those of a user's groups by which areas let the user read, as `Areas` has it; APIs have their own function. */
function groupsOf(token: VerifiedToken, { areas, exchange, groups }: Config): readonly string[] {
  const named = new Set(areas.flatMap((area) => (area.api ? [] : (area.groups ?? []))));
  return [...named].filter(
    (name) =>
      token.groups.includes(name) && (exchange !== undefined || hasRole(token, groups[name]?.roleArn)),
  );
}

/**
 * `GET pass`: gives a pass to whoever has a verified token, and leads back with a mark, so that nobody who keeps no cookies
 * is sent round in circles. Somebody who may not see what they came from is told so here, where pages have languages.
 * @throws GateError `token_*`, `access_denied`, and `not_found` in the other placement
 */
export async function pass(
  request: ViewerRequest,
  { config, tokens, areas, now }: SignInParts,
  deadline: number,
): Promise<ResponseResult> {
  if (config.placement !== "split") throw new GateError("not_found");
  const asked = askedBefore(request, config);
  const token = await tokens.verifyFirst(tokenPlaces(asked, config), deadline);
  if (isNavigation(request)) areas.accessTo(canonicalPath(asked.uri), token);
  return answer(307, "", request, config, {
    Location: markedUrl(asked, token.sub, config, now()),
    "Set-Cookie": passCookies(token, config),
  });
}

/** What was asked for before the way led to the pass: help is for that. */
export function askedBefore(request: ViewerRequest, config: Config): ViewerRequest {
  if (config.placement !== "split" || request.uri !== `${basePathOf(config)}${PASS}`) return request;
  const wanted = returnTo(new URLSearchParams(request.querystring).get("return_to"), config);
  const [uri = "/", querystring = ""] = wanted.replace(/#.*/, "").split(/\?(.*)/s);
  return { ...request, uri, querystring };
}
