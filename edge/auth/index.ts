// Sign-in: the gate's own endpoints, and what viewers without a session get instead of a refusal.

import { causeNames } from "../answer/log.ts";
import { isFromKnownOrigin } from "../answer/own-origin.ts";
import { answer, isNavigation, pageAnswer, refusal } from "../answer/respond.ts";
import { basePathOf } from "../config/aws-names.ts";
import { answerTo, type ErrorCode, GateError } from "../errors.ts";
import { header, type ResponseResult, type ViewerRequest } from "../request/cloudfront.ts";
import type { EndpointRoute } from "../request/route.ts";
import { createUnseal } from "../session/sealed-session.ts";
import type { SignIn, SignInParts } from "../sign-in.ts";
import { sessionTokens, tokenPlaces } from "../token/candidates.ts";
import type { VerifiedToken } from "../token/token.ts";
import { callback } from "./callback.ts";
import { createErrorPage, forbiddenPage } from "./error-page.ts";
import { finish } from "./finish.ts";
import { handOver } from "./hand-over.ts";
import { createLinkOf, link } from "./link.ts";
import { createLockedScope } from "./locked-scope.ts";
import { login } from "./login.ts";
import { logout, logoutPage } from "./logout.ts";
import { unmarkedUrl } from "./marker.ts";
import { me } from "./me.ts";
import { askedBefore, pass } from "./pass.ts";
import { returnTo } from "./place.ts";
import { renew } from "./renew.ts";
import { clearCookies } from "./set-cookie.ts";
import { languageOf } from "./texts.ts";
import { upload } from "./upload.ts";

type Endpoint = (
  request: ViewerRequest,
  parts: SignInParts,
  deadline: number,
) => ResponseResult | Promise<ResponseResult>;

const ENDPOINTS: Readonly<Record<string, Readonly<Record<string, Endpoint>>>> = {
  login: { GET: login },
  callback: { GET: callback },
  finish: { GET: finish },
  session: { POST: handOver },
  link: { POST: link },
  upload: { POST: upload },
  me: { GET: me },
  pass: { GET: pass, HEAD: pass },
  logout: { GET: logoutPage, POST: logout },
};

/** Sign-in with its pages and sealed sessions, for the builds that have it. */
export const signIn = { createErrorPage, createUnseal, createSignIn };

function createSignIn(parts: SignInParts): SignIn {
  return {
    languageOf: (request) => languageOf(request, parts.config),
    answer: async (request, route, deadline) => await endpoint(route)(request, parts, deadline),
    linkOf: createLinkOf(parts),
    lockedScope: createLockedScope(parts.config),
    instead: async (code, arrived, deadline, token, isApi) => {
      const request = askedBefore(arrived, parts.config);
      try {
        if (code === "access_denied" && isNavigation(request)) {
          const user = token ?? (await onTheWay(arrived, request, parts, deadline));
          if (user) return forbiddenPage(request, parts, user);
        }
        return await instead(code, request, parts, deadline, token, isApi);
      } catch (error) {
        return failed(error, request, parts);
      }
    },
  };
}

/** Whoever was on the way to a pass, for something that may not be seen; nobody where something else was asked for. */
async function onTheWay(
  arrived: ViewerRequest,
  asked: ViewerRequest,
  { tokens, config }: SignInParts,
  deadline: number,
): Promise<VerifiedToken | undefined> {
  if (asked === arrived) return undefined;
  return await tokens.verifyFirst(tokenPlaces(asked, config), deadline);
}

function endpoint({ method, name }: EndpointRoute): Endpoint {
  const methods = Object.hasOwn(ENDPOINTS, name) ? ENDPOINTS[name] : undefined;
  if (!methods) throw new GateError("not_found");
  const found = Object.hasOwn(methods, method) ? methods[method] : undefined;
  if (!found) throw new GateError("method_not_allowed");
  return found;
}

/**
 * A session that can be renewed is, whatever asks; a person is led to sign in; a program is told. What would change
 * something is sent again with its body (307, RFC 9110 §15.4.8) if a page of ours has sent it.
 */
async function instead(
  code: ErrorCode,
  request: ViewerRequest,
  parts: SignInParts,
  deadline: number,
  token: VerifiedToken | undefined,
  isApi: boolean,
): Promise<ResponseResult | undefined> {
  const isRead = request.method === "GET" || request.method === "HEAD";
  const mayRepeat = isRead || (isApi && isFromKnownOrigin(request, parts.config));
  if (answerTo(code).status !== 401 || !mayRepeat) return undefined;
  if (code === "session_ended" || code === "account_disabled") {
    const isOwn = token !== undefined && sessionTokens(request, parts.config).includes(token.raw);
    return isNavigation(request) ? sessionEnded(code, isOwn, request, parts) : undefined;
  }
  const renewed = code === "token_expired" ? await renew(request, parts, deadline) : undefined;
  return renewed ?? (isRead && isPerson(request) ? toSignIn(request, parts) : undefined);
}

/**
 * Signing in again by itself would lead here again: the managed login may still know somebody the pool refuses. Only a
 * session of the gate's own is removed: what others have put beside it ends nothing.
 */
function sessionEnded(
  code: ErrorCode,
  isOwn: boolean,
  request: ViewerRequest,
  { config, errorPage }: SignInParts,
): ResponseResult {
  const page = errorPage(code, request);
  const cookies = isOwn ? clearCookies(request, config) : [];
  return pageAnswer(401, page, request, config, { "Set-Cookie": cookies });
}

function toSignIn(request: ViewerRequest, { config }: SignInParts): ResponseResult {
  const wanted = returnTo(unmarkedUrl(request), config);
  const location = `${basePathOf(config)}login?return_to=${encodeURIComponent(wanted)}`;
  return answer(302, "", request, config, { Location: location });
}

/** Whether somebody is looking at this tab; the managed login cannot be shown inside a frame. */
function isPerson(request: ViewerRequest): boolean {
  return isNavigation(request) && ["", "document"].includes(header(request, "sec-fetch-dest"));
}

/** Help has failed: what the pool says of itself or of its user is the viewer's answer, all else is what it would have been. */
function failed(error: unknown, request: ViewerRequest, parts: SignInParts): ResponseResult | undefined {
  const code = error instanceof GateError ? error.code : "internal_error";
  const { requestId, method } = request;
  parts.log({
    level: "warn",
    code,
    status: answerTo(code).status,
    requestId,
    method,
    cause: causeNames(error),
  });
  // It was the session's own refresh token that was refused.
  if (code === "account_disabled" && isNavigation(request)) return sessionEnded(code, true, request, parts);
  return code === "sign_in_unavailable" || code === "account_disabled"
    ? refusal(code, request, parts)
    : undefined;
}
