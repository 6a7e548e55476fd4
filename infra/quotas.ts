// What AWS allows of each thing: a warning where a quota can be raised, a refusal where the template cannot be taken.
import { Annotations, CfnResource, Stack } from "aws-cdk-lib";
import { CfnCachePolicy, CfnOriginRequestPolicy, CfnResponseHeadersPolicy } from "aws-cdk-lib/aws-cloudfront";
import type { Construct, IConstruct } from "constructs";
import { templateParts } from "./deployment/template-parts.ts";

/** https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cloudfront-limits.html */
const POLICIES_PER_ACCOUNT = 20;
const BEHAVIORS_PER_DISTRIBUTION = 75;

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html */
const TEMPLATE_BYTES = 1_000_000;
const RESOURCES_PER_STACK = 500;

const POLICIES: readonly (readonly [name: string, type: string])[] = [
  ["cache policies", CfnCachePolicy.CFN_RESOURCE_TYPE_NAME],
  ["origin request policies", CfnOriginRequestPolicy.CFN_RESOURCE_TYPE_NAME],
  ["response headers policies", CfnResponseHeadersPolicy.CFN_RESOURCE_TYPE_NAME],
];

/** Warns where the app, so far, has more than an account's default quotas, or the gate's paths more than a distribution's. */
export function warnAboutQuotas(scope: Construct, behaviors: number): void {
  const types = scope.node.root.node.findAll().flatMap(typeOf);
  for (const [name, type] of POLICIES)
    warn(
      scope,
      `${name} in the account`,
      types.filter((other) => other === type).length,
      POLICIES_PER_ACCOUNT,
    );
  warn(scope, "behaviors of the distribution", behaviors, BEHAVIORS_PER_DISTRIBUTION);
}

function typeOf(node: IConstruct): readonly string[] {
  return CfnResource.isCfnResource(node) ? [node.cfnResourceType] : [];
}

function warn(scope: Construct, what: string, count: number, limit: number): void {
  if (count <= limit) return;
  Annotations.of(scope).addWarningV2(
    `gatehouse:quota:${what.replaceAll(" ", "-")}`,
    `There would be ${count} ${what}, and CloudFront's default quota is ${limit}. ` +
      "Have it raised in Service Quotas, or the deployment fails.",
  );
}

/** Why CloudFormation would not take the stack's template, which only the whole of it shows. */
export function templateProblems(scope: Construct): string[] {
  const stack = Stack.of(scope);
  const parts = templateParts(stack).map(({ sections }) => sections);
  const resources = parts.filter(({ Resources }) => Resources !== undefined).length;
  const bytes = Buffer.byteLength(textOf(parts, isDense(stack)));
  return [
    ...(bytes > TEMPLATE_BYTES
      ? [
          `the template of stack "${stack.stackName}" would have ${bytes} bytes, and CloudFormation takes ${TEMPLATE_BYTES}: ` +
            "use fewer areas and groups, give the stack { suppressTemplateIndentation: true }, or put other things into another stack",
        ]
      : []),
    ...(resources > RESOURCES_PER_STACK
      ? [
          `stack "${stack.stackName}" would have ${resources} resources, and CloudFormation takes ${RESOURCES_PER_STACK}: ` +
            "use fewer groups, or put other things into another stack",
        ]
      : []),
  ];
}

/** The template as CDK writes it: with a blank for each level, unless told not to. */
function textOf(parts: readonly Readonly<Record<string, object>>[], dense: boolean): string {
  const template: Record<string, object> = {};
  for (const [name, entries] of parts.flatMap((part) => Object.entries(part)))
    template[name] = Object.assign(template[name] ?? {}, entries);
  return JSON.stringify(template, undefined, dense ? undefined : 1);
}

/** CDK keeps the prop of a stack in a field that it does not declare. */
function isDense(stack: Stack): boolean {
  return Object(stack)._suppressTemplateIndentation === true;
}
