// `GET me`: who is signed in, and until when.

import { jsonAnswer } from "../answer/respond.ts";
import type { ResponseResult, ViewerRequest } from "../request/cloudfront.ts";
import type { SignInParts } from "../sign-in.ts";
import { tokenPlaces } from "../token/candidates.ts";
import { isRenewable, profileOf } from "./profile.ts";

/**
 * Answers with the profile.
 * @throws GateError `token_*` for everybody else
 */
export async function me(
  request: ViewerRequest,
  { config, tokens }: SignInParts,
  deadline: number,
): Promise<ResponseResult> {
  const token = await tokens.verifyFirst(tokenPlaces(request, config), deadline);
  return jsonAnswer(200, profileOf(token, isRenewable(request, config)), request, config);
}
