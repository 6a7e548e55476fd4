// Every word that a person reads on a page of the gate's, in one table.
import { answerTo, type ErrorCode } from "../errors.ts";

/** What to do about it; and a heading, where the message that programs get is not for people. */
type Text = readonly [text: string, heading?: string];

/** Codes that people do not meet; they would read the message alone. */
type ForPrograms = "body_too_large" | "method_not_allowed" | "precondition_failed" | "range_not_satisfiable";

const SIGN_IN: Text = ["Sign in, then load this page again.", "Sign in to see this."];
const ENDED: Text = ["Sign in again to go on."];
const ADDRESS: Text = ["Go back and follow the link again.", "This address does not work."];
const TELL = "If it happens again, tell those who run this site.";
const FAULT: Text = [TELL];
const BUSY: Text = ["Wait a moment, then load this page again.", "Signing in is not possible right now."];

const TEXTS = {
  invalid_path: ADDRESS,
  invalid_request: ADDRESS,
  invalid_query: ADDRESS,
  sign_in_failed: ["It was stopped or took too long. Please start again."],
  cookies_blocked: [
    "Allow cookies in the browser's settings, or open this site in a window of its own. Then sign in again.",
  ],
  token_missing: SIGN_IN,
  token_invalid: SIGN_IN,
  token_expired: ENDED,
  id_token_required: SIGN_IN,
  session_ended: ENDED,
  access_denied: ["You are signed in, but this is for others. Is that wrong? Ask those who run this site."],
  origin_not_allowed: ["Please start from a page of this site.", "Another site sent you."],
  not_found: ["It was moved or deleted, or the address is mistyped."],
  uri_too_long: ADDRESS,
  cookie_too_large: [TELL, "Your account has too many groups to sign in."],
  internal_error: FAULT,
  exchange_misconfigured: FAULT,
  origin_error: ["Try again in a few minutes."],
  exchange_throttled: BUSY,
  exchange_timeout: BUSY,
  exchange_unavailable: BUSY,
  keys_unavailable: BUSY,
  sign_in_unavailable: BUSY,
} as const satisfies Readonly<Record<Exclude<ErrorCode, ForPrograms>, Text>>;

/** Heading and text of the answer to a code. */
export function textOf(code: ErrorCode): { readonly heading: string; readonly text: string } {
  const texts: Readonly<Partial<Record<ErrorCode, Text>>> = TEXTS;
  const [text, heading = answerTo(code).message] = texts[code] ?? [""];
  return { heading, text };
}

/** Before signing out. */
export const SIGN_OUT = { heading: "Sign out?", text: "This browser will no longer open private files." };

/** After it, or without a session. */
export const SIGNED_OUT = {
  heading: "You are signed out.",
  text: "This browser no longer opens private files.",
};

/** What buttons and links say. */
export const LABELS = {
  signIn: "Sign in",
  signInElsewhere: "Sign in (new window)",
  signOut: "Sign out",
} as const;
