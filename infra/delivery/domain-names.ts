// Domain names of one's own: where people sign in, if there are any.
import { Token } from "aws-cdk-lib";
import { isRecord } from "../../edge/config/json.ts";
import type { SignInProps } from "../users/sign-in-props.ts";
import type { GateDistributionProps } from "./distribution.ts";

/** The props that say where the distribution is, and where people sign in. */
interface PlaceProps {
  readonly auth?: SignInProps;
  readonly distribution?: GateDistributionProps;
}

/**
 * The props with sign-in at the distribution's domain names: they are known before the distribution is made, so that
 * the app client gets its URLs from the template. A wildcard name is no place to sign in at.
 */
export function atDomains<Props extends PlaceProps>(props: Props): Props & PlaceProps {
  const { auth, distribution } = props;
  const names = domainsOf(distribution).hosts;
  if (typeof auth !== "object" || auth === null || names.length === 0) return props;
  if (auth.origins !== undefined && !Array.isArray(auth.origins)) return props;
  const origins = new Set([...names.map(originOf), ...(auth.origins ?? [])]);
  return { ...props, auth: { distributionOrigin: false, ...auth, origins: [...origins] } };
}

/** What is wrong with the domain names of a gate's prop `distribution`. */
export function domainProblems(distribution: unknown, auth: unknown): readonly string[] {
  if (!isRecord(distribution) || distribution["domainNames"] === undefined) return [];
  const { domainNames, certificate } = distribution;
  const names = namesIn(distribution);
  const problem = wildcardProblem(names, auth);
  return [
    ...(Array.isArray(domainNames) && names.length === domainNames.length
      ? []
      : ["distribution.domainNames: expected names such as assets.example.com"]),
    ...(names.length > 0 && certificate === undefined
      ? ["distribution.certificate: domain names come with a certificate for them"]
      : []),
    ...(problem === undefined ? [] : [`distribution.domainNames: ${problem}`]),
  ];
}

/** Why people could not sign in at names that are all patterns; undefined where they can, or need not. */
export function wildcardProblem(names: readonly string[], auth: unknown): string | undefined {
  const wildcards = names.filter(isWildcard);
  if (!isRecord(auth) || wildcards.length === 0 || wildcards.length < names.length) return undefined;
  const { origins, distributionOrigin } = auth;
  if (distributionOrigin === true) return undefined;
  if (Array.isArray(origins) && origins.some((origin) => wildcards.some((name) => covers(name, origin))))
    return undefined;
  return (
    `nobody could sign in below "${wildcards.join('", "')}", for an app client takes no patterns; ` +
    "add a name without one, or the hosts to auth.origins"
  );
}

/** Where the distribution answers: names of one host each, and patterns, below which people cannot sign in. */
export function domainsOf(distribution: unknown): {
  readonly hosts: readonly string[];
  readonly wildcards: readonly string[];
} {
  const names = namesIn(distribution);
  return { hosts: names.filter((name) => !isWildcard(name)), wildcards: names.filter(isWildcard) };
}

function namesIn(distribution: unknown): readonly string[] {
  const names: unknown = isRecord(distribution) ? distribution["domainNames"] : undefined;
  return Array.isArray(names) ? names.filter((name) => typeof name === "string" && name !== "") : [];
}

function isWildcard(name: string): boolean {
  return name.startsWith("*");
}

/** Whether an origin is one host below a pattern; one that is known only at deploy time may be. */
function covers(wildcard: string, origin: unknown): boolean {
  if (Token.isUnresolved(origin)) return true;
  if (typeof origin !== "string" || !URL.canParse(origin)) return false;
  return new URL(origin).hostname.endsWith(wildcard.slice(1).toLowerCase());
}

/** People may write a name as they like; browsers and Cognito compare it in lower case. */
function originOf(name: string): string {
  return `https://${Token.isUnresolved(name) ? name : name.toLowerCase()}`;
}
