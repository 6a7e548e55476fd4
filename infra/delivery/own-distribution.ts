// What a distribution of one's own can do to the gate, as far as it can be seen: said at synth, not found out later.
import { Annotations, Stack } from "aws-cdk-lib";
import { CfnDistribution, type IDistribution } from "aws-cdk-lib/aws-cloudfront";
import type { IVersion } from "aws-cdk-lib/aws-lambda";
import type { Area } from "../../edge/config/config.ts";
import { contains, patternOf } from "../access/index.ts";
import { errorResponses } from "./distribution.ts";

/** What of the gate has to be on the distribution. */
export interface Mounted {
  readonly areas: readonly Area[];
  /** The paths of the gate's own behaviours, in their order. */
  readonly paths: readonly string[];
  readonly viewerRequest: IVersion;
}

/** A behaviour as the template has it, without the default one's path. */
interface Behavior {
  readonly path: string;
  readonly isGate: boolean;
}

/** Every mistake that can be seen, and warnings of what the gate will not serve; of an imported one nothing can be. */
export function distributionProblems(distribution: IDistribution, mounted: Mounted): string[] {
  const config = configOf(distribution);
  if (!config) return [];
  const behaviors = behaviorsOf(config, mounted.viewerRequest, Stack.of(distribution));
  const isDefaultOurs = behaviors.at(-1)?.isGate === true;
  warnAboutOutside(distribution, behaviors, mounted);
  return [
    ...errorProblems(list(config["customErrorResponses"])),
    ...(isDefaultOurs && config["defaultRootObject"]
      ? [`defaultRootObject: "${config["defaultRootObject"]}" would change the path after it was signed`]
      : []),
    ...orderProblems(behaviors, mounted),
  ].map((problem) => `${distribution.node.path}: ${problem}`);
}

function configOf(distribution: IDistribution): Record<string, unknown> | undefined {
  const resource = distribution.node.defaultChild;
  if (!(resource instanceof CfnDistribution)) return undefined;
  return object(Stack.of(resource).resolve(resource.distributionConfig));
}

function behaviorsOf(
  config: Record<string, unknown>,
  viewerRequest: IVersion,
  stack: Stack,
): readonly Behavior[] {
  const ours = JSON.stringify(stack.resolve(viewerRequest.functionArn));
  const behavior = (value: unknown, path?: string): Behavior => ({
    path: path ?? String(object(value)["pathPattern"]),
    isGate: list(object(value)["lambdaFunctionAssociations"]).some(
      (association) => JSON.stringify(object(association)["lambdaFunctionArn"]) === ours,
    ),
  });
  const others = list(config["cacheBehaviors"]).map((value) => behavior(value));
  return [...others, behavior(config["defaultCacheBehavior"], "*")];
}

/** The gate's refusals and S3's errors must arrive as they are, and be kept for nobody. */
function errorProblems(given: readonly unknown[]): readonly string[] {
  const responses = new Map(given.map((value) => [Number(object(value)["errorCode"]), object(value)]));
  const replaced = [...responses].filter(([, { responsePagePath }]) => responsePagePath !== undefined);
  const kept = errorResponses()
    .map(({ httpStatus }) => httpStatus)
    .filter((status) => responses.get(status)?.["errorCachingMinTtl"] !== 0);
  return [
    ...replaced.map(
      ([status, { responseCode = status, responsePagePath }]) =>
        `errorResponses: ${status} would become ${responseCode} with "${responsePagePath}" in the place of the gate's ` +
        "answers; give an area a site with a fallback or notFound",
    ),
    ...(kept.length > 0
      ? [
          `errorResponses: add those of the gate; one viewer's ${kept.join(", ")} would answer the next for a while`,
        ]
      : []),
  ];
}

function orderProblems(behaviors: readonly Behavior[], { paths }: Mounted): readonly string[] {
  const mounts = behaviors.filter(({ isGate, path }) => isGate && !paths.includes(path));
  const missing = paths.filter((path) => !behaviors.some((behavior) => behavior.path === path));
  const wanted = [...paths, ...mounts.map(({ path }) => path)];
  const hidden = wanted.flatMap((path) => {
    const index = behaviors.findIndex((behavior) => behavior.path === path);
    const before = behaviors.slice(0, Math.max(index, 0)).find((other) => matchesAll(other.path, path));
    return before
      ? [`additionalBehaviors: "${before.path}" comes before "${path}", which is never reached`]
      : [];
  });
  return [
    ...(mounts.length === 0 ? ["additionalBehaviors: the gate's defaultBehavior is mounted nowhere"] : []),
    ...missing.map((path) => `additionalBehaviors: the gate's "${path}" is missing`),
    ...hidden,
  ];
}

/** Outside of where the gate is mounted its areas are served by another origin, or by nobody. */
function warnAboutOutside(
  distribution: IDistribution,
  behaviors: readonly Behavior[],
  { areas }: Mounted,
): void {
  const mounts = behaviors
    .filter(({ isGate }) => isGate)
    .map(({ path }) => patternOf(path === "*" ? "/*" : path));
  for (const { path } of areas.filter((area) => !area.public && !area.api))
    if (mounts.length > 0 && !mounts.some((mount) => contains(mount, patternOf(path))))
      Annotations.of(distribution).addWarningV2(
        "gatehouse:area-outside",
        `The area "${path}" lies outside of where the gate's defaultBehavior is mounted, which does not serve it there.`,
      );
}

/** Whether a pattern of CloudFront's takes every path of another. */
function matchesAll(outer: string, inner: string): boolean {
  const glob = `/${outer.replace(/^\//, "")}`.replace(/[\\^$.|+()[\]{}]/g, "\\$&");
  const start = outer.startsWith("*") ? glob.slice(1) : glob;
  return new RegExp(`^${start.replaceAll("*", ".*").replaceAll("?", ".")}$`, "s").test(inner);
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function object(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? { ...value } : {};
}
