// What tells deployments apart: CloudFormation runs a custom resource only when one of its properties changed.
import { createHash } from "node:crypto";
import { type CfnElement, CfnResource, Lazy, Stack } from "aws-cdk-lib";
import type { Construct } from "constructs";
import { templateParts } from "./template-parts.ts";

/** The type of the custom resource that reads what only a deployment knows. */
export const DEPLOYMENT_TYPE = "Custom::GatehouseDeployment";
/** The type of the custom resource that tells the app client its URLs. */
export const CLIENT_URLS_TYPE = "Custom::GatehouseClientUrls";

const OWN_TYPES: readonly string[] = [DEPLOYMENT_TYPE, CLIENT_URLS_TYPE];

/**
 * A hash of everything else in the stack: when something is deployed the custom resources run, and where nothing
 * changed `cdk diff` is empty. Their own other properties run them anyway.
 */
export function templateHash(scope: Construct): string {
  const stack = Stack.of(scope);
  // References are collected before the template is complete; a hash has none.
  return Lazy.uncachedString({ produce: ({ preparing }) => (preparing ? "" : hashOf(stack)) });
}

function hashOf(stack: Stack): string {
  const hash = createHash("sha256");
  for (const { sections } of templateParts(stack, (element) => !isOwn(element)))
    hash.update(JSON.stringify(sections));
  return hash.digest("hex").slice(0, 32);
}

function isOwn(element: CfnElement): boolean {
  return CfnResource.isCfnResource(element) && OWN_TYPES.includes(element.cfnResourceType);
}
