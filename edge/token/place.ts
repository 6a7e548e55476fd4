// Where tokens are looked for.

/** Where tokens may be in a request; of several places, a more trusted one comes before the others. */
export interface Place {
  readonly candidates: readonly string[];
  /** Whether it is one that nobody else can write into, and that no browser sends by itself: machines' tokens come here. */
  readonly isHeader?: boolean;
  /** Whether a session is known to be here, even if none of the tokens is genuine: nobody else's counts after it. */
  readonly isHeld?: boolean;
  /** Whether only tokens of the user pool of sign-in count here. */
  readonly isOfSignIn?: boolean;
}
