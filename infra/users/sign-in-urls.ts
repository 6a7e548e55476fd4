// Where people sign in, and what the app client has to know of it.
import type { Auth } from "../../edge/config/config.ts";

/** The endpoints of sign-in, at every origin of the gate's. */
export interface SignInUrls {
  /** Where people sign in. */
  readonly loginUrl: string;
  /** Where the managed login may send people with a code. */
  readonly callbackUrls: readonly string[];
  /** Where it may send people after they signed out. */
  readonly logoutUrls: readonly string[];
}

/** The URLs below the base path at each origin; people are pointed to the first one. */
export function signInUrls({ basePath }: Auth, [first, ...others]: WebOrigins): SignInUrls {
  const at = (endpoint: string) => [first, ...others].map((origin) => `${origin}${basePath}${endpoint}`);
  return {
    loginUrl: `${first}${basePath}login`,
    callbackUrls: at("callback"),
    logoutUrls: at("logout"),
  };
}

/** Web origins such as `https://assets.example.com`, at least one. */
export type WebOrigins = readonly [string, ...string[]];
