// Every check, in the order in which they are made: what is cold comes before everything that warms it.
import type { Check } from "../check.ts";
import { ANONYMOUS } from "./anonymous.ts";
import { AREAS } from "./areas.ts";
import { BUCKET } from "./bucket.ts";
import { CACHE } from "./cache.ts";
import { COLD } from "./cold.ts";
import { CORS } from "./cors.ts";
import { ERRORS } from "./errors.ts";
import { LISTING } from "./listing.ts";
import { METHODS } from "./methods.ts";
import { OBJECTS } from "./objects.ts";
import { SIGN_IN } from "./sign-in.ts";
import { TOKENS } from "./tokens.ts";
import { TRANSPORT } from "./transport.ts";

/** All of them. */
export const CHECKS: readonly Check[] = [
  ...TRANSPORT,
  ...ANONYMOUS,
  ...TOKENS,
  ...COLD,
  ...CACHE,
  ...OBJECTS,
  ...AREAS,
  ...LISTING,
  ...ERRORS,
  ...SIGN_IN,
  ...CORS,
  ...METHODS,
  ...BUCKET,
];
