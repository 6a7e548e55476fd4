// The names of what the pages say: each language has a table of them, and `auth.texts` puts others in their place.

/** A page's heading by the code of its answer, or by what it asks; with `_help`, what to do about it; then buttons and links. */
export const TEXT_NAMES = [
  "invalid_path",
  "invalid_path_help",
  "token_missing",
  "token_missing_help",
  "token_expired",
  "token_expired_help",
  "session_ended",
  "session_ended_help",
  "sign_in_failed",
  "sign_in_failed_help",
  "cookies_blocked",
  "cookies_blocked_help",
  "access_denied",
  "access_denied_help",
  "origin_not_allowed",
  "origin_not_allowed_help",
  "not_found",
  "not_found_help",
  "link_ended",
  "link_ended_help",
  "cookie_too_large",
  "cookie_too_large_help",
  "internal_error",
  "internal_error_help",
  "origin_error",
  "origin_error_help",
  "sign_in_unavailable",
  "sign_in_unavailable_help",
  "ask_sign_out",
  "ask_sign_out_help",
  "signed_out",
  "signed_out_help",
  "signing_in",
  "signing_in_help",
  "signed_in_as",
  "sign_in",
  "sign_in_elsewhere",
  "sign_in_other",
  "sign_out",
  "stay_signed_in",
  "start_page",
  "try_again",
  "reference",
] as const;

export type TextName = (typeof TEXT_NAMES)[number];

/** One language's words. `{user}`, `{status}` and `{request}` are filled in. */
export type Texts = Readonly<Record<TextName, string>>;
