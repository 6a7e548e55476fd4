// The builds of the CloudFront Function, which has no room for what a configuration does not use.

/** The parts that a build can have. */
const PARTS = ["claims", "cookies", "cors", "query", "revocation", "sites"] as const;

/** Which parts a build of it has. */
export interface FunctionBuild extends Readonly<Record<(typeof PARTS)[number], boolean>> {
  /** Folders by claim or group, further user pools, machines: what a token says besides groups that areas name. */
  readonly claims: boolean;
  /** Tokens in cookies that are not the gate's. */
  readonly cookies: boolean;
  /** Other origins. */
  readonly cors: boolean;
  /** Versions and names to save under. */
  readonly query: boolean;
  /** A store that says whose passes are revoked. */
  readonly revocation: boolean;
  /** Areas with a site. */
  readonly sites: boolean;
}

/** The name of a build, by the parts that it has. */
export function functionBundleName(build: FunctionBuild): string {
  return PARTS.filter((part) => build[part]).join("-");
}

/** All builds. */
export const FUNCTION_BUILDS: readonly FunctionBuild[] = Array.from(
  { length: 2 ** PARTS.length },
  (_, bits) => {
    const has = (part: (typeof PARTS)[number]) => ((bits >> PARTS.indexOf(part)) & 1) === 1;
    return {
      claims: has("claims"),
      cookies: has("cookies"),
      cors: has("cors"),
      query: has("query"),
      revocation: has("revocation"),
      sites: has("sites"),
    };
  },
);
