// Who an answer of S3's is for. Where it is decided on, nobody knows the viewer any more: so it is part of the cache key.

import { isNavigation } from "../answer/respond.ts";
import type { ViewerRequest } from "../request/cloudfront.ts";

/** Between what a cache scope is shared by and whom it is for; scopes have no semicolon of their own. */
const PAGE = ";page=";

/** What a scope ends with for people, so that none of their answers is a program's, even while it is under way. */
export function audienceSuffix(request: ViewerRequest, language: () => string): string {
  return isNavigation(request) ? PAGE + language() : "";
}

/** The language of the people whom a scope is for, empty where pages have but one; undefined for programs. */
export function languageIn(scope: string): string | undefined {
  return scope.split(PAGE)[1];
}
