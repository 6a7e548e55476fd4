// Why a user who may read an object does not get it.
import { type Answer, codeOf, showsS3 } from "./answer.ts";
import type { Finding } from "./check.ts";
import type { Places } from "./places.ts";

type Reason = Required<Pick<Finding, "means" | "set">>;

const BY_CODE: Readonly<Record<string, Reason>> = {
  token_missing: {
    means: "the function does not find the token",
    set: "cookies.names, if the token travels in a cookie of the app's own",
  },
  token_invalid: {
    means: "the token is of another user pool or app client, or its key is newer than the deployment",
    set: "userPool.id and userPool.clientIds; deploy again after the pool's keys have changed",
  },
  token_expired: { means: "the token has ended, or the clocks differ", set: "a fresh token" },
  id_token_required: { means: "an access token was given", set: "the ID token instead" },
  session_ended: {
    means: "Cognito refuses the user: signed out, deleted, or the identity pool gives no role",
    set: "the identity pool's provider and role mapping; map the pool's roles by token for group areas",
  },
  account_disabled: {
    means: "the user is disabled in the user pool",
    set: "another user's token, or admin-enable-user",
  },
  access_denied: { means: "no area is open for this user at this path", set: "areas, or another --path" },
  exchange_misconfigured: {
    means: "the identity pool or the role does not fit the configuration",
    set: "identityPool.id, its provider, and its authenticated role; or exchange",
  },
  exchange_throttled: {
    means: "the account's Cognito quota is used up",
    set: "auth, whose sessions spare the call",
  },
};

const BY_STATUS: Readonly<Record<number, Reason>> = {
  502: {
    means:
      "S3 does not understand the request, or fails: most often the bucket is in another region than is signed",
    set: "origin.region (bucketRegion) and origin.bucket; for KMS, the role's right to decrypt",
  },
  503: { means: "Cognito does not answer in time", set: "nothing, if it passes when tried again" },
  500: { means: "the function failed", set: "nothing; its log names the reason" },
};

const NOT_SIGNED_SO: Reason = {
  means:
    "S3 refuses the request, which the gate shows as 404: its signature does not fit what CloudFront sends, or comes late, or the role has no rights; or there is no such object",
  set: 'another path if it is not there; signing.cfId: "signed" (context key signingCfId), or back to "unsigned" if it is that already; the clock, see clock.date; the policy of the role',
};

const NOT_THERE: Reason = {
  means:
    "there is no such object, or the role may not read it; signatures are right, for S3 takes those of lists",
  set: "nothing, if it was never uploaded; origin.path; the policy of the role",
};

/** An object came to somebody who may not have it. */
export const FROM_CACHE: Reason = {
  means: "cached objects are open to everybody: the cache answers before the function, or in its place",
  set: "nothing: take it offline; the function must run on viewer-request and refuse by itself",
};

const ANY: Reason = {
  means: "something else than the gate has answered",
  set: "the distribution's behaviours",
};

const S3S_OWN: Reason = {
  means: "S3's own error has come through: no origin-response function replaces it",
  set: "the origin-response function on every signed behaviour",
};

/** What an answer that is no object means, and what to set. */
export function diagnosis(answer: Answer, { folders }: Pick<Places, "folders">): Reason {
  if (showsS3(answer)) return S3S_OWN;
  const code = codeOf(answer);
  const known = code === undefined ? undefined : BY_CODE[code];
  if (known) return known;
  if (answer.status === 404) return folders.length > 0 ? NOT_THERE : NOT_SIGNED_SO;
  return BY_STATUS[answer.status] ?? ANY;
}
