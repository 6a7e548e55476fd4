// Alarms on what CloudFront itself measures, all of it in us-east-1.
import { Duration } from "aws-cdk-lib";
import type { IDistribution } from "aws-cdk-lib/aws-cloudfront";
import {
  Alarm,
  ComparisonOperator,
  type IMetric,
  MathExpression,
  Metric,
  Stats,
  TreatMissingData,
} from "aws-cdk-lib/aws-cloudwatch";
import { SnsAction } from "aws-cdk-lib/aws-cloudwatch-actions";
import type { ITopic } from "aws-cdk-lib/aws-sns";
import { Construct } from "constructs";
import { ConfigError } from "../../edge/config/document.ts";
import { isRecord } from "../../edge/config/json.ts";
import { type NamesOf, unknownNames } from "../../edge/config/names.ts";

/** Who is told. */
export interface AlarmOptions {
  /**
   * Where every alarm is sent, and that it is over.
   * @default - alarms show in CloudWatch only
   */
  readonly topic?: ITopic;
}

/** Props of `Alarms`. */
export interface AlarmsProps extends AlarmOptions {
  readonly distribution: IDistribution;
  /**
   * Whether the distribution publishes CloudFront's additional metrics, which cost extra. Refusals are then counted by
   * 401 and 403 alone, without people's misspelt paths.
   * @default false
   */
  readonly hasAdditionalMetrics?: boolean;
}

const OPTIONS: NamesOf<AlarmOptions> = { topic: true };
const PROPS: NamesOf<AlarmsProps> = { ...OPTIONS, distribution: true, hasAdditionalMetrics: true };

/** What is wrong with the prop `alarms` of a gate. */
export function alarmProblems(alarms: unknown): readonly string[] {
  if (alarms === undefined || typeof alarms === "boolean") return [];
  if (!isRecord(alarms)) return ["alarms: expected true, false, or an object"];
  return unknownNames(Object.keys(alarms), Object.keys(OPTIONS), "alarms.");
}

/** When an alarm goes off. */
interface Rule {
  readonly metric: IMetric;
  readonly description: string;
  readonly threshold: number;
  /** Of the last three periods. */
  readonly periods: number;
}

const PERIOD = Duration.minutes(5);

/** A rate over fewer requests in five minutes says nothing: one failure of three would be 33 percent. */
const ENOUGH_REQUESTS = 50;

/**
 * Four alarms, over five minutes each.
 *
 * | alarm | goes off | what it means |
 * | --- | --- | --- |
 * | `serverErrors` | at 5 % of 5xx in two of three periods | Cognito or S3 is down or throttles, or roles lack a right |
 * | `functionErrors` | at 5 failed runs in one period | the function crashed, timed out, or was throttled |
 * | `invalidAnswers` | at the first | CloudFront refused what a function returned: a defect of Gatehouse |
 * | `refusals` | at 50 % of 4xx in three of three periods; with additional metrics at 25 % of 401 and 403 | an app lost its tokens, or somebody is trying doors |
 *
 * Rates count from 50 requests in a period on. The metrics are free, but for the additional ones. `serverErrors` and
 * `refusals` read several metrics each, which CloudWatch charges as so many alarms.
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/viewing-cloudfront-metrics.html
 */
export class Alarms extends Construct {
  readonly serverErrors: Alarm;
  readonly functionErrors: Alarm;
  readonly invalidAnswers: Alarm;
  readonly refusals: Alarm;

  /** @throws ConfigError naming every prop that there is none of. */
  constructor(scope: Construct, id: string, props: AlarmsProps) {
    super(scope, id);
    const problems = unknownNames(Object.keys(props), Object.keys(PROPS));
    if (problems.length > 0) throw new ConfigError(problems, this.node.path);
    const { distribution, topic, hasAdditionalMetrics } = props;
    const action = topic && new SnsAction(topic);
    const create = (name: string, rule: Rule): Alarm => {
      const alarm = createAlarm(this, name, rule);
      if (!action) return alarm;
      alarm.addAlarmAction(action);
      alarm.addOkAction(action);
      return alarm;
    };
    this.serverErrors = create("ServerErrors", serverErrors(distribution));
    this.functionErrors = create("FunctionErrors", functionErrors(distribution));
    this.invalidAnswers = create("InvalidAnswers", invalidAnswers(distribution));
    this.refusals = create(
      "Refusals",
      hasAdditionalMetrics ? refusalsByStatus(distribution) : refusals(distribution),
    );
  }
}

function serverErrors(distribution: IDistribution): Rule {
  return {
    metric: rate("errors", { errors: metric(distribution, "5xxErrorRate") }, distribution),
    description: "Gatehouse: 5 % of requests ended in a server error",
    threshold: 5,
    periods: 2,
  };
}

/**
 * What CloudFront counts by distribution, for all regions together; Lambda's own metrics are spread over the regions
 * that served. The two metrics of functions are not in AWS's list of names: should they ever be missing, nothing goes off.
 */
function functionErrors(distribution: IDistribution): Rule {
  return {
    metric: metric(distribution, "LambdaExecutionError", Stats.SUM),
    description: "Gatehouse: a function at the edge failed, timed out or was throttled",
    threshold: 5,
    periods: 1,
  };
}

function invalidAnswers(distribution: IDistribution): Rule {
  return {
    metric: metric(distribution, "LambdaValidationError", Stats.SUM),
    description: "Gatehouse: CloudFront refused what a function at the edge returned",
    threshold: 1,
    periods: 1,
  };
}

function refusals(distribution: IDistribution): Rule {
  return {
    metric: rate("refused", { refused: metric(distribution, "4xxErrorRate") }, distribution),
    description: "Gatehouse: half of all requests were refused, or for something that is not there",
    threshold: 50,
    periods: 3,
  };
}

function refusalsByStatus(distribution: IDistribution): Rule {
  const metrics = {
    unauthorized: metric(distribution, "401ErrorRate"),
    forbidden: metric(distribution, "403ErrorRate"),
  };
  return {
    metric: rate("unauthorized + forbidden", metrics, distribution),
    description: "Gatehouse: a quarter of all requests were refused",
    threshold: 25,
    periods: 3,
  };
}

/** A rate in percent, or zero while there are too few requests to speak of one. */
function rate(expression: string, metrics: Record<string, IMetric>, distribution: IDistribution): IMetric {
  return new MathExpression({
    expression: `IF(requests >= ${ENOUGH_REQUESTS}, ${expression}, 0)`,
    usingMetrics: { ...metrics, requests: metric(distribution, "Requests", Stats.SUM) },
    period: PERIOD,
  });
}

/**
 * CDK's own metrics of a distribution leave out the dimension `Region`, without which CloudWatch finds no data.
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/programming-cloudwatch-metrics.html
 */
function metric({ distributionId }: IDistribution, metricName: string, statistic = Stats.AVERAGE): IMetric {
  return new Metric({
    namespace: "AWS/CloudFront",
    metricName,
    dimensionsMap: { DistributionId: distributionId, Region: "Global" },
    statistic,
    period: PERIOD,
  });
}

/** No traffic is no reason for alarm. */
function createAlarm(scope: Construct, id: string, { metric, description, threshold, periods }: Rule): Alarm {
  return new Alarm(scope, id, {
    metric,
    alarmDescription: description,
    threshold,
    comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
    evaluationPeriods: periods === 1 ? 1 : 3,
    datapointsToAlarm: periods,
    treatMissingData: TreatMissingData.NOT_BREACHING,
  });
}
