// The way to a page's own address: the query goes along, browsers keep the fragment, and nobody keeps the answer.
import type { Config } from "../config/config.ts";
import { localPath } from "../request/answer-headers.ts";
import type { ResponseResult, ViewerRequest } from "../request/cloudfront.ts";
import { answer } from "./respond.ts";

/** Sends a viewer to a canonical path. */
export function moved(
  to: string,
  querystring: string,
  request: ViewerRequest,
  config: Config,
): ResponseResult {
  const path = localPath(to);
  const query = querystring.replace(/[^!-~]+/g, (text) => encodeURIComponent(text.toWellFormed()));
  return answer(308, "", request, config, { Location: query ? `${path}?${query}` : path });
}
