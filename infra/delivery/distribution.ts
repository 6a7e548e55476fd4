// The CloudFront distribution in front of the bucket.
import { Duration } from "aws-cdk-lib";
import {
  type BehaviorOptions,
  Distribution,
  type DistributionProps,
  type ErrorResponse,
  HttpVersion,
  SecurityPolicyProtocol,
} from "aws-cdk-lib/aws-cloudfront";
import type { Construct } from "constructs";
import { isRecord } from "../../edge/config/json.ts";
import { type NamesOf, nearestName, unknownNames } from "../../edge/config/names.ts";
import { acknowledge } from "../cdk/acknowledge.ts";

/**
 * What CDK's `Distribution` takes, less what the gate decides: the behaviours, the error responses (errors are never
 * cached), the default root object (it would change the path after it was signed), and cookies in logs (they are the
 * session).
 */
export type GateDistributionProps = Omit<DistributionProps, Decided>;

type Decided =
  | "defaultBehavior"
  | "additionalBehaviors"
  | "defaultRootObject"
  | "errorResponses"
  | "logIncludesCookies";

const DECIDED: NamesOf<Pick<DistributionProps, Decided>> = {
  defaultBehavior: true,
  additionalBehaviors: true,
  defaultRootObject: true,
  errorResponses: true,
  logIncludesCookies: true,
};

const GIVEN: NamesOf<GateDistributionProps> = {
  certificate: true,
  comment: true,
  domainNames: true,
  enabled: true,
  enableIpv6: true,
  enableLogging: true,
  geoRestriction: true,
  httpVersion: true,
  logBucket: true,
  logFilePrefix: true,
  minimumProtocolVersion: true,
  priceClass: true,
  publishAdditionalMetrics: true,
  sslSupportMethod: true,
  webAclId: true,
};

/** What a distribution is put together from. */
export interface DistributionParts {
  readonly defaultBehavior: BehaviorOptions;
  readonly additionalBehaviors: Readonly<Record<string, BehaviorOptions>>;
  readonly errorResponses: readonly ErrorResponse[];
}

/** Every status that CloudFront may cache. https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/HTTPStatusCodes.html */
const ERROR_STATUSES = [400, 403, 404, 405, 414, 416, 500, 501, 502, 503, 504];

/** CloudFront keeps errors for 10 seconds by default; one user's failed miss must not answer the next. */
export function errorResponses(): readonly ErrorResponse[] {
  return ERROR_STATUSES.map((httpStatus) => ({ httpStatus, ttl: Duration.seconds(0) }));
}

/**
 * What is wrong with the names of a gate's prop `distribution`. One that resembles none of ours may be of a newer CDK,
 * which knows what it means.
 */
export function distributionProblems(distribution: unknown): readonly string[] {
  if (distribution === undefined) return [];
  if (!isRecord(distribution)) return ["distribution: expected an object"];
  const names = Object.keys(distribution);
  const known = Object.keys(GIVEN);
  const decided = names.filter((name) => Object.hasOwn(DECIDED, name));
  const misspelt = names.filter((name) => !decided.includes(name) && nearestName(name, known) !== undefined);
  return [
    ...decided.map((name) => `distribution.${name}: the gate decides it`),
    ...unknownNames(misspelt, known, "distribution."),
  ];
}

/**
 * A distribution without default root object, and without origin path for signed requests: both would change the path
 * after the function signed it. What is given cannot replace what the gate decides, whatever its type was said to be.
 */
export function createDistribution(
  scope: Construct,
  { defaultBehavior, additionalBehaviors, errorResponses }: DistributionParts,
  given: GateDistributionProps = {},
): Distribution {
  const distribution = new Distribution(scope, "Distribution", {
    comment: "Gatehouse: private assets for signed-in users",
    httpVersion: HttpVersion.HTTP2_AND_3,
    enableIpv6: true,
    ...(given.certificate && { minimumProtocolVersion: SecurityPolicyProtocol.TLS_V1_2_2021 }),
    ...given,
    defaultBehavior,
    additionalBehaviors: { ...additionalBehaviors },
    errorResponses: [...errorResponses],
    defaultRootObject: undefined,
    logIncludesCookies: false,
  });
  acknowledge(distribution, ...findingsOf(given));
  return distribution;
}

/** What cdk-nag finds, each unless what was given answers it. */
function findingsOf(given: GateDistributionProps): { id: string; reason: string }[] {
  const findings: readonly (readonly [isAnswered: unknown, id: string, reason: string])[] = [
    [
      given.geoRestriction,
      "AwsSolutions-CFR1",
      "Where users may sit is theirs to say; tokens decide, not countries.",
    ],
    [
      given.webAclId,
      "AwsSolutions-CFR2",
      "A web ACL costs by the month; the function refuses whatever has no valid token.",
    ],
    [
      given.enableLogging || given.logBucket,
      "AwsSolutions-CFR3",
      "Whether access logs show the rebuilt query, which holds a signature, is not documented.",
    ],
    [
      given.certificate,
      "AwsSolutions-CFR4",
      "CloudFront sets the TLS version of its own cloudfront.net certificate; it cannot be chosen.",
    ],
    [
      false,
      "AwsSolutions-CFR7",
      "Requests are signed with the user's own credentials; origin access control would replace them.",
    ],
  ];
  return findings.filter(([isAnswered]) => !isAnswered).map(([, id, reason]) => ({ id, reason }));
}
