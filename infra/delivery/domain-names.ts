// Domain names of one's own: where people sign in, if there are any.
import { Token } from "aws-cdk-lib";
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
  const names = distribution?.domainNames?.filter((name) => !name.startsWith("*")) ?? [];
  if (typeof auth !== "object" || auth === null || names.length === 0) return props;
  const origins = new Set([...names.map(originOf), ...(auth.origins ?? [])]);
  return { ...props, auth: { distributionOrigin: false, ...auth, origins: [...origins] } };
}

/** People may write a name as they like; browsers and Cognito compare it in lower case. */
function originOf(name: string): string {
  return `https://${Token.isUnresolved(name) ? name : name.toLowerCase()}`;
}
