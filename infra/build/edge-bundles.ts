// The function's eight builds and their names.

/** Which parts a build of the function is made of. */
export interface EdgeBuild {
  /** The exchange by STS instead of an identity pool. */
  readonly sts: boolean;
  /** On the AWS SDK's packages instead of Node.js alone. */
  readonly sdk: boolean;
  /** With the endpoints of sign-in; the others hold nothing of them. */
  readonly auth: boolean;
}

/** A build's name, which is its file's name as well. */
export type EdgeBundleName = `gatehouse${"" | "-sts"}${"" | "-sdk"}${"" | "-auth"}`;

/** What a build is called. */
export function edgeBundleName({ sts, sdk, auth }: EdgeBuild): EdgeBundleName {
  return `gatehouse${sts ? "-sts" : ""}${sdk ? "-sdk" : ""}${auth ? "-auth" : ""}`;
}

/** The names of all builds. */
export const EDGE_BUNDLES: readonly EdgeBundleName[] = [false, true].flatMap((auth) =>
  [false, true].flatMap((sts) => [false, true].map((sdk) => edgeBundleName({ sts, sdk, auth }))),
);
