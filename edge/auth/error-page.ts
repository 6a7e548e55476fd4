// The page for each way a request ends, with the way on from there.

import { causeNames } from "../answer/log.ts";
import { type ErrorPage, pageAnswer } from "../answer/respond.ts";
import { basePathOf } from "../config/aws-names.ts";
import type { Config } from "../config/config.ts";
import { answerTo, type ErrorCode } from "../errors.ts";
import { header, type ResponseResult, type ViewerRequest } from "../request/cloudfront.ts";
import type { SignInParts } from "../sign-in.ts";
import { unmarkedUrl } from "./marker.ts";
import { type Link, renderPage } from "./page.ts";
import { returnTo } from "./place.ts";
import { LABELS, textOf } from "./texts.ts";

/** Pages with the configured look. */
export function createErrorPage(config: Config): ErrorPage {
  return (code, request) => {
    const { status } = answerTo(code);
    return page(code, request, config, status === 401 ? unmarkedUrl(request) : undefined);
  };
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
  return pageAnswer(status, page(code, request, config, failure.returnTo, failure.detail), request, config, {
    "Set-Cookie": failure.cookies,
    ...(retryAfter !== undefined && { "Retry-After": String(retryAfter) }),
  });
}

function page(
  code: ErrorCode,
  request: ViewerRequest,
  config: Config,
  wanted: string | undefined,
  detail?: string,
): ReturnType<typeof renderPage> {
  const look = { title: config.auth?.title ?? "", logo: config.auth?.logo };
  const reference = `Status ${answerTo(code).status}, request ${request.requestId}`;
  const links = linksFor(code, request, config, wanted);
  return renderPage({ ...textOf(code), links, reference, ...(detail !== undefined && { detail }) }, look);
}

function linksFor(
  code: ErrorCode,
  request: ViewerRequest,
  config: Config,
  wanted: string | undefined,
): readonly Link[] {
  const base = basePathOf(config);
  if (code === "access_denied") return [{ href: `${base}logout`, label: LABELS.signOut }];
  const signsIn = wanted !== undefined || code === "sign_in_failed" || code === "cookies_blocked";
  if (!signsIn) return [];
  const asked = wanted ?? new URLSearchParams(request.querystring).get("return_to");
  const href = `${base}login?return_to=${encodeURIComponent(returnTo(asked, config))}`;
  // The managed login refuses to be shown inside a frame.
  const framed = !["", "document"].includes(header(request, "sec-fetch-dest"));
  return [{ href, label: framed ? LABELS.signInElsewhere : LABELS.signIn, newWindow: framed }];
}
