// A way back that cannot be gone to its end: from another browser, too late, or a second time. Nobody is lost there.

import { causeNames } from "../answer/log.ts";
import { answer, isNavigation } from "../answer/respond.ts";
import { basePathOf } from "../config/aws-names.ts";
import { answerTo, GateError } from "../errors.ts";
import { header, type ResponseResult, type ViewerRequest } from "../request/cloudfront.ts";
import { hasCookies } from "../request/cookies.ts";
import { errorNamed } from "../session/exchange.ts";
import type { SignInParts } from "../sign-in.ts";
import { tokenPlaces } from "../token/candidates.ts";
import { isRecent } from "./attempt.ts";
import { failurePage } from "./error-page.ts";
import { wayTo } from "./place.ts";
import { type Way, wayOf } from "./way.ts";

/** Started again by itself no more often: whatever went wrong then goes wrong again. */
const MAX_RESTARTS = 1;

/** A way that ended before its end. */
export interface Broken {
  readonly way: Way;
  /** Whether another try may go better; a person who has declined is not asked again. */
  readonly startsAgain: boolean;
  readonly cookies: readonly string[];
  readonly error: GateError;
}

/**
 * Where somebody goes on whose way back has ended early: with a session, where they wanted to go; without one, to sign in
 * again, once. Undefined when neither helps. The code that came is not used in either case.
 */
export async function onward(
  { way, startsAgain, cookies, error }: Broken,
  request: ViewerRequest,
  parts: SignInParts,
  deadline: number,
): Promise<ResponseResult | undefined> {
  if (!isNavigation(request)) return undefined;
  const { config, log } = parts;
  if (await hasSession(request, parts, deadline))
    return answer(303, "", request, config, { Location: way.returnTo, "Set-Cookie": cookies });
  const isTab = ["", "document"].includes(header(request, "sec-fetch-dest"));
  if (!isTab || !startsAgain || way.restarts >= MAX_RESTARTS) return undefined;
  const { requestId, method } = request;
  log({ level: "info", code: error.code, status: 302, requestId, method, cause: causeNames(error.cause) });
  const login = `${basePathOf(config)}login?${wayTo({ ...way, restarts: way.restarts + 1 })}`;
  return answer(302, "", request, config, { Location: login, "Set-Cookie": cookies });
}

async function hasSession(
  request: ViewerRequest,
  { config, tokens }: SignInParts,
  deadline: number,
): Promise<boolean> {
  try {
    await tokens.verifyFirst(tokenPlaces(request, config), deadline);
    return true;
  } catch (error) {
    if (error instanceof GateError && answerTo(error.code).status === 401) return false;
    throw error;
  }
}

/**
 * The answer to a `state` that names no attempt of this browser.
 * @throws GateError `sign_in_failed`, or `cookies_blocked` when the browser seems to keep no cookies
 */
export async function stray(
  state: string,
  isRefusal: boolean,
  request: ViewerRequest,
  parts: SignInParts,
  deadline: number,
): Promise<ResponseResult> {
  const { config, now } = parts;
  const blocked = isRecent(state, now()) && !hasCookies(request, config);
  const error = new GateError(
    blocked ? "cookies_blocked" : "sign_in_failed",
    errorNamed("UnknownState", 400),
  );
  const way = wayOf(state, config, now()) ?? { returnTo: "/", restarts: 0 };
  const broken = { way, startsAgain: !isRefusal, cookies: [], error };
  const answered = await onward(broken, request, parts, deadline);
  if (answered) return answered;
  if (!isNavigation(request)) throw error;
  return failurePage(error.code, request, parts, { ...way, cookies: [], cause: error.cause });
}
