// Every way a request ends without being signed: one class, a closed set of codes, one table of answers.

interface Answer {
  readonly status: number;
  /** What the caller is told; what went wrong inside is for the log only. */
  readonly message: string;
  /** Seconds until another try may help (RFC 9110 §10.2.3). */
  readonly retryAfter?: number;
  /** The error code of the `WWW-Authenticate: Bearer` challenge (RFC 6750 §3.1); `null` for a bare challenge. */
  readonly challenge?: "invalid_token" | "insufficient_scope" | null;
}

const FAULT = { status: 500, message: "Something went wrong." } as const;
const UNAVAILABLE = {
  status: 503,
  message: "Signing in is not possible right now.",
  retryAfter: 5,
} as const;

/** The answer for each code. Codes are stable: clients may rely on them. */
export const ANSWERS = {
  invalid_path: { status: 400, message: "The path is not a valid object path." },
  invalid_request: { status: 400, message: "The request cannot be understood." },
  invalid_query: { status: 400, message: "The query is not valid here." },
  sign_in_failed: { status: 400, message: "Signing in has failed." },
  cookies_blocked: { status: 400, message: "The browser does not keep the cookies of this site." },
  token_missing: { status: 401, message: "Sign in to see this.", challenge: null },
  token_invalid: { status: 401, message: "The token is not valid here.", challenge: "invalid_token" },
  token_expired: { status: 401, message: "The session has expired.", challenge: "invalid_token" },
  id_token_required: {
    status: 401,
    message: "An ID token is required; an access token was sent.",
    challenge: "invalid_token",
  },
  session_ended: { status: 401, message: "The session has ended.", challenge: "invalid_token" },
  account_disabled: { status: 401, message: "This account is disabled.", challenge: "invalid_token" },
  access_denied: { status: 403, message: "You may not see this." },
  insufficient_scope: {
    status: 403,
    message: "The scopes granted do not allow this.",
    challenge: "insufficient_scope",
  },
  user_pool_not_allowed: { status: 403, message: "There are no sessions for users of this user pool." },
  origin_not_allowed: { status: 403, message: "This origin is not allowed." },
  not_found: { status: 404, message: "There is nothing here." },
  method_not_allowed: { status: 405, message: "This method is not allowed here." },
  link_ended: { status: 410, message: "This link has ended." },
  body_too_large: { status: 413, message: "The body is too large." },
  upload_too_large: { status: 413, message: "The file is too large." },
  type_not_allowed: { status: 415, message: "This type is not allowed here." },
  precondition_failed: { status: 412, message: "The file is not the one that was asked for." },
  uri_too_long: { status: 414, message: "The address is too long." },
  range_not_satisfiable: { status: 416, message: "The file has no such range." },
  cookie_too_large: {
    status: 431,
    message: "The session's tokens take more than 12,288 bytes of cookies.",
  },
  internal_error: FAULT,
  exchange_misconfigured: FAULT,
  origin_error: { status: 502, message: "The file cannot be read right now." },
  exchange_throttled: {
    status: 503,
    message: "Too many sign-ins at once. Try again shortly.",
    retryAfter: 2,
  },
  exchange_timeout: { status: 503, message: "Signing in takes too long. Try again shortly.", retryAfter: 5 },
  exchange_unavailable: UNAVAILABLE,
  sign_in_unavailable: UNAVAILABLE,
  keys_unavailable: { status: 503, message: "The token cannot be checked now.", retryAfter: 10 },
} as const satisfies Record<string, Answer>;

export type ErrorCode = keyof typeof ANSWERS;

/** A request that ends here, with its code; `cause` keeps the origin for the log. */
export class GateError extends Error {
  override readonly name = "GateError";
  readonly code: ErrorCode;
  /** The scopes of which one would have done, for `insufficient_scope`. */
  readonly scopes: readonly string[] | undefined;

  constructor(code: ErrorCode, cause?: unknown, scopes?: readonly string[]) {
    super(code, { cause });
    this.code = code;
    this.scopes = scopes;
  }
}

/** The answer for a code, with its optional fields visible. */
export function answerTo(code: ErrorCode): Answer {
  return ANSWERS[code];
}
