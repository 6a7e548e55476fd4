// The builds of the CloudFront Function, which has no room for what a configuration does not use.

/** Which parts a build of it has. */
export interface FunctionBuild {
  /** Areas with a site. */
  readonly sites: boolean;
  /** Other origins. */
  readonly cors: boolean;
  /** A store that says whose passes are revoked. */
  readonly revocation: boolean;
}

/** A build's name, which is its file's name as well. */
export type FunctionBundleName =
  `gatehouse-function${"" | "-sites"}${"" | "-cors"}${"" | "-revocation"}`;

/** What a build is called. */
export function functionBundleName({ sites, cors, revocation }: FunctionBuild): FunctionBundleName {
  return `gatehouse-function${sites ? "-sites" : ""}${cors ? "-cors" : ""}${revocation ? "-revocation" : ""}`;
}

/** The names of all builds. */
export const FUNCTION_BUNDLES: readonly FunctionBundleName[] = [false, true].flatMap((sites) =>
  [false, true].flatMap((cors) =>
    [false, true].map((revocation) => functionBundleName({ sites, cors, revocation })),
  ),
);
