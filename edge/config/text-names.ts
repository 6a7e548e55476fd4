// The names of what the pages say: `auth.texts` overrides them, and each language has a table of them.

/** Every word that a person reads on a page of the gate's, by name: a page's heading, and as `…Help` what to do about it. */
export const TEXT_NAMES = [
  "address",
  "addressHelp",
  "needed",
  "neededHelp",
  "expired",
  "ended",
  "endedHelp",
  "failed",
  "failedHelp",
  "blocked",
  "blockedHelp",
  "forbidden",
  "forbiddenHelp",
  "foreign",
  "foreignHelp",
  "missing",
  "missingHelp",
  "tooLarge",
  "fault",
  "faultHelp",
  "unreadable",
  "unreadableHelp",
  "busy",
  "busyHelp",
  "askSignOut",
  "askSignOutHelp",
  "signedOut",
  "signedOutHelp",
  "going",
  "goingHelp",
  "signedInAs",
  "signIn",
  "signInElsewhere",
  "signInOther",
  "signOut",
  "stay",
  "start",
  "retry",
  "reference",
] as const;

export type TextName = (typeof TEXT_NAMES)[number];

/** One language's words. `{user}`, `{status}` and `{request}` are filled in. */
export type Texts = Readonly<Record<TextName, string>>;
