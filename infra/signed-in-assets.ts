// The reusable construct: everything between a viewer's token and the bytes of a private bucket, with its distribution.
import { Annotations } from "aws-cdk-lib";
import type { Distribution } from "aws-cdk-lib/aws-cloudfront";
import type { Construct } from "constructs";
import { Alarms } from "./delivery/alarms.ts";
import { createDistribution } from "./delivery/distribution.ts";
import { atDomains, domainsOf } from "./delivery/domain-names.ts";
import { printOutputs } from "./outputs.ts";
import { ASSETS_PROPS } from "./prop-names.ts";
import type { SignedInAssetsProps } from "./props.ts";
import { SignedInBehaviors } from "./signed-in-behaviors.ts";

/**
 * Serves the files of a private bucket from CloudFront URLs to signed-in users only.
 *
 * ```ts
 * const stack = new Stack(app, "Site", { env: { region: "us-east-1" } });
 * new SignedInAssets(stack, "Assets", {
 *   areas: [
 *     { path: "/team/*", groups: ["editors"] },
 *     { path: "/me/*", owner: "users/{identityId}/" },
 *     { path: "/*" },
 *   ],
 * });
 * ```
 *
 * `SignedInBehaviors` is the same for a distribution of one's own.
 */
export class SignedInAssets extends SignedInBehaviors {
  /** What viewers ask. */
  readonly distribution: Distribution;
  /** With `alarms`. */
  readonly alarms: Alarms | undefined;

  /** @throws ConfigError naming everything that is wrong with the props or with the stack's region. */
  constructor(scope: Construct, id: string, props: SignedInAssetsProps = {}) {
    super(scope, id, atDomains(props));
    this.distribution = createDistribution(this, this, props.distribution);
    this.connectTo(this.distribution);
    this.alarms = props.alarms ? this.#createAlarms(props) : undefined;
    const { hosts, wildcards } = domainsOf(props.distribution);
    if (props.auth) this.#warnAboutWildcards(wildcards);
    if (props.outputs !== false)
      printOutputs(this, {
        hosts,
        isNamed: hosts.length + wildcards.length > 0,
        hasUsers: props.userPool !== undefined,
      });
  }

  protected override propNames(): readonly string[] {
    return ASSETS_PROPS;
  }

  #warnAboutWildcards(names: readonly string[]): void {
    if (names.length === 0) return;
    Annotations.of(this).addWarningV2(
      "gatehouse:wildcard-sign-in",
      `Below "${names.join('", "')}" nobody can sign in but at hosts in auth.origins: an app client takes no patterns.`,
    );
  }

  #createAlarms({ alarms, distribution }: SignedInAssetsProps): Alarms {
    return new Alarms(this, "Alarms", {
      distribution: this.distribution,
      hasAdditionalMetrics: distribution?.publishAdditionalMetrics === true,
      ...(typeof alarms === "object" && alarms),
    });
  }
}
