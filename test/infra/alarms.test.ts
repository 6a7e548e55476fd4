import { Topic } from "aws-cdk-lib/aws-sns";
import { expect, test } from "vitest";
import { gateIn, lockWith, only } from "./synth.ts";

const { gate, template } = gateIn("us-east-1", (stack) => ({ alarms: { topic: new Topic(stack, "Topic") } }));
const alarms = Object.values(template().findResources("AWS::CloudWatch::Alarm"));

/** Every metric that an alarm reads. */
function metricsOf({ Properties }: { Properties: Record<string, unknown> }): readonly {
  readonly MetricName: string;
  readonly Namespace: string;
  readonly Dimensions: unknown;
}[] {
  const { Metrics, MetricName, Namespace, Dimensions } = Object(Properties);
  if (!Metrics) return [{ MetricName, Namespace, Dimensions }];
  return Metrics.flatMap(({ MetricStat }: { MetricStat?: { Metric: unknown } }) => MetricStat?.Metric ?? []);
}

test("are off unless asked for", () => {
  lockWith().resourceCountIs("AWS::CloudWatch::Alarm", 0);
  gateIn("us-east-1", () => ({ alarms: false }))
    .template()
    .resourceCountIs("AWS::CloudWatch::Alarm", 0);
  gateIn("us-east-1", () => ({ alarms: true }))
    .template()
    .resourceCountIs("AWS::CloudWatch::Alarm", 4);
});

test("are four, and each tells the topic when it starts and when it ends", () => {
  const topic = { Ref: only(template(), "AWS::SNS::Topic").id };
  expect(alarms).toHaveLength(4);
  for (const { Properties } of alarms)
    expect(Properties).toMatchObject({
      AlarmActions: [topic],
      OKActions: [topic],
      TreatMissingData: "notBreaching",
      ComparisonOperator: "GreaterThanOrEqualToThreshold",
    });
  expect(gate.alarms).toBeDefined();
});

test("read CloudFront's metrics of this distribution under both dimensions, without which there is no data", () => {
  const { id } = only(template(), "AWS::CloudFront::Distribution");
  const metrics = alarms.flatMap((alarm) => metricsOf({ Properties: alarm.Properties }));
  for (const { Namespace, Dimensions } of metrics) {
    expect(Namespace).toBe("AWS/CloudFront");
    expect(Dimensions).toEqual([
      { Name: "DistributionId", Value: { Ref: id } },
      { Name: "Region", Value: "Global" },
    ]);
  }
  expect(metrics.map(({ MetricName }) => MetricName).sort()).toEqual([
    "4xxErrorRate",
    "5xxErrorRate",
    "LambdaExecutionError",
    "LambdaValidationError",
    "Requests",
    "Requests",
  ]);
});

test.each([
  ["ServerErrors", 5, 2, 3, "IF(requests >= 50, errors, 0)"],
  ["FunctionErrors", 5, 1, 1, undefined],
  ["InvalidAnswers", 1, 1, 1, undefined],
  ["Refusals", 50, 3, 3, "IF(requests >= 50, refused, 0)"],
])(
  "%s goes off at %d in %d of %d periods of five minutes",
  (name, threshold, points, periods, expression) => {
    const { Properties } = only(template(), "AWS::CloudWatch::Alarm", name);
    expect(Properties).toMatchObject({
      Threshold: threshold,
      DatapointsToAlarm: points,
      EvaluationPeriods: periods,
    });
    const [first] = Object(Properties)["Metrics"] ?? [undefined];
    expect(first?.Expression).toBe(expression);
    expect(JSON.stringify(Properties)).toContain('"Period":300');
  },
);

test("count refusals exactly with the additional metrics, and ask for those only then", () => {
  const { template: exact } = gateIn("us-east-1", () => ({
    alarms: true,
    distribution: { publishAdditionalMetrics: true },
  }));
  const synthesized = exact();
  const refusals = only(synthesized, "AWS::CloudWatch::Alarm", "Refusals");
  expect(
    metricsOf(refusals)
      .map(({ MetricName }) => MetricName)
      .sort(),
  ).toEqual(["401ErrorRate", "403ErrorRate", "Requests"]);
  expect(refusals.Properties).toMatchObject({ Threshold: 25 });
  synthesized.resourceCountIs("AWS::CloudFront::MonitoringSubscription", 1);
  template().resourceCountIs("AWS::CloudFront::MonitoringSubscription", 0);
});
