// The page for each way a request ends, with the way on from there.

import { causeNames } from "../answer/log.ts";
import { type ErrorPage, pageAnswer } from "../answer/respond.ts";
import { basePathOf } from "../config/aws-names.ts";
import type { Config } from "../config/config.ts";
import type { Texts } from "../config/text-names.ts";
import { answerTo, type ErrorCode } from "../errors.ts";
import { header, type ResponseResult, type ViewerRequest } from "../request/cloudfront.ts";
import type { SignInParts } from "../sign-in.ts";
import type { VerifiedToken } from "../token/token.ts";
import { unmarkedUrl } from "./marker.ts";
import { type Link, type RenderedPage, renderPage } from "./page.ts";
import { returnTo } from "./place.ts";
import { profileOf } from "./profile.ts";
import { filled, languageFor, textOf } from "./texts.ts";

/** Pages with the configured look. */
export function createErrorPage(config: Config): ErrorPage {
  return (code, request) => {
    const { status } = answerTo(code);
    const wanted = status === 401 ? unmarkedUrl(request) : undefined;
    return page(code, request, config, { wanted, isHere: status === 401 || status >= 500 });
  };
}

/** The answer to somebody who is signed in and may not see it: says as whom, and lets that be changed. */
export function forbiddenPage(
  request: ViewerRequest,
  { config }: SignInParts,
  token: VerifiedToken,
): ResponseResult {
  const { username, email } = profileOf(token, false);
  const shown = page("access_denied", request, config, { user: email ?? username, isHere: true });
  return pageAnswer(403, shown, request, config);
}

/** The gate's name and picture. */
export function lookOf({ auth }: Config): Parameters<typeof renderPage>[1] {
  return { title: auth?.title ?? "", logo: auth?.logo };
}

/** How a sign-in has failed. */
interface Failure {
  readonly returnTo: string;
  readonly cookies: readonly string[];
  /** What the managed login says of it. */
  readonly detail?: string;
  readonly cause?: unknown;
}

/** The answer to a sign-in that failed on its way back: says so in page and log, and offers another try. */
export function failurePage(
  code: ErrorCode,
  request: ViewerRequest,
  { config, log }: SignInParts,
  failure: Failure,
): ResponseResult {
  const { status, retryAfter } = answerTo(code);
  const { requestId, method } = request;
  const level = status >= 500 ? "error" : "warn";
  log({
    level,
    code,
    status,
    requestId,
    method,
    ...(failure.cause !== undefined && { cause: causeNames(failure.cause) }),
  });
  const shown = page(code, request, config, {
    wanted: failure.returnTo,
    detail: failure.detail,
    isHere: false,
  });
  return pageAnswer(status, shown, request, config, {
    "Set-Cookie": failure.cookies,
    ...(retryAfter !== undefined && { "Retry-After": String(retryAfter) }),
  });
}

interface Shown {
  /** Where to sign in for. */
  readonly wanted?: string | undefined;
  readonly detail?: string | undefined;
  readonly user?: string;
  /** Whether the first way on leads back to this very address. */
  readonly isHere: boolean;
}

function page(code: ErrorCode, request: ViewerRequest, config: Config, shown: Shown): RenderedPage {
  const language = languageFor(request, config);
  const { texts } = language;
  const { status } = answerTo(code);
  return renderPage(
    {
      ...textOf(code, texts),
      language,
      links: linksFor(code, request, config, texts, shown.wanted),
      ...(shown.isHere && { fragment: "keep" }),
      reference: filled(texts.reference, { status: String(status), request: request.requestId }),
      ...(shown.detail !== undefined && { detail: shown.detail }),
      ...(shown.user !== undefined && { note: filled(texts.signed_in_as, { user: shown.user }) }),
    },
    lookOf(config),
  );
}

/** From every page there is a way on: to sign in, to another account, to the same page again, or to the start. */
function linksFor(
  code: ErrorCode,
  request: ViewerRequest,
  config: Config,
  texts: Texts,
  wanted: string | undefined,
): readonly Link[] {
  const base = basePathOf(config);
  const asked = wanted ?? new URLSearchParams(request.querystring).get("return_to");
  // The managed login refuses to be shown inside a frame.
  const newWindow = !["", "document"].includes(header(request, "sec-fetch-dest"));
  const login = (place: string | null, query = "") =>
    `${base}login?${query}return_to=${encodeURIComponent(returnTo(place, config))}`;
  // The managed login may still know the one who is signed in, and would send them back at once.
  const somebodyElse = (place: string) => ({
    href: login(place, "prompt=login&"),
    label: texts.sign_in_other,
    newWindow,
  });
  if (code === "account_disabled") return [somebodyElse(wanted ?? "/")];
  if (wanted !== undefined || code === "sign_in_failed" || code === "cookies_blocked")
    return [{ href: login(asked), label: newWindow ? texts.sign_in_elsewhere : texts.sign_in, newWindow }];
  const start = isStart(request, config) ? [] : [{ href: "/", label: texts.start_page }];
  const signOut = { href: `${base}logout`, label: texts.sign_out };
  if (code === "access_denied") {
    return [somebodyElse(unmarkedUrl(request)), signOut, ...start];
  }
  if (answerTo(code).status >= 500) return [{ href: "", label: texts.try_again }, ...start];
  return start.length > 0 ? start : [signOut];
}

/** Whether the start page itself is what there is trouble with; at the origin its key has a prefix. */
function isStart({ uri }: ViewerRequest, { origin }: Config): boolean {
  return ["/", "/index.html", `${origin.path}/index.html`].includes(uri);
}
