// The refusals that a request can meet before anybody is asked. Also part of the CloudFront Function, which is small.

/** Status and message for each of their codes. */
export const REFUSALS = {
  invalid_path: [400, "The path is not a valid object path."],
  invalid_query: [400, "The query is not valid here."],
  token_missing: [401, "Sign in to see this."],
  token_invalid: [401, "The token is not valid here."],
  token_expired: [401, "The session has expired."],
  id_token_required: [401, "An ID token is required; an access token was sent."],
  session_ended: [401, "The session has ended."],
  access_denied: [403, "You may not see this."],
  origin_not_allowed: [403, "This origin is not allowed."],
  not_found: [404, "There is nothing here."],
  method_not_allowed: [405, "This method is not allowed here."],
  uri_too_long: [414, "The address is too long."],
  internal_error: [500, "Something went wrong."],
  keys_unavailable: [503, "The token cannot be checked now."],
} as const;

/** Seconds until another try may help. */
export const RETRY_AFTER = 10;
