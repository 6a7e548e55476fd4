// The builds of the CloudFront Function, which has no room for what a configuration does not use.

/** Which parts a build of it has. */
export interface FunctionBuild {
  /** Other origins. */
  readonly cors: boolean;
  /** A store that says whose passes are revoked. */
  readonly revocation: boolean;
}

/** A build's name, which is its file's name as well. */
export type FunctionBundleName =
  `gatehouse-function${"" | "-cors"}${"" | "-revocation"}`;

/** What a build is called. */
export function functionBundleName({ cors, revocation }: FunctionBuild): FunctionBundleName {
  return `gatehouse-function${cors ? "-cors" : ""}${revocation ? "-revocation" : ""}`;
}

/** The names of all builds. */
export const FUNCTION_BUNDLES: readonly FunctionBundleName[] = [false, true].flatMap((cors) =>
  [false, true].map((revocation) => functionBundleName({ cors, revocation })),
);
