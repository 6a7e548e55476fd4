// The CloudFront Function of the split placement as CloudFormation makes it: configuration, keys and code as one text.
import { Fn, Stack } from "aws-cdk-lib";
import {
  Function as CloudFrontFunction,
  FunctionCode,
  FunctionRuntime,
  KeyValueStore,
} from "aws-cdk-lib/aws-cloudfront";
import { Construct } from "constructs";
import type { Config } from "../../edge/config/config.ts";
import { functionBuild, functionLiteral, functionParts } from "../build/function-code.ts";
import { sizeProblems } from "../build/function-size.ts";
import type { Deployment } from "../deployment/deployment.ts";

/** Props of a `ViewerFunction`. */
export interface ViewerFunctionProps {
  readonly config: Config;
  /** What is known only while deploying. */
  readonly deployment: Deployment;
}

/** What decides on every request before the cache, with the store of revocations where there is one. */
export class ViewerFunction extends Construct {
  readonly function: CloudFrontFunction;
  /** With `revocation`: keys `revoked/<sub>` and `revoked/*`, with seconds since the epoch. */
  readonly store: KeyValueStore | undefined;

  constructor(scope: Construct, id: string, { config, deployment }: ViewerFunctionProps) {
    super(scope, id);
    this.store = config.revocation
      ? new KeyValueStore(this, "Revocations", {
          comment: "Gatehouse: whose access has ended, and since when",
        })
      : undefined;
    const code = this.#code(config, deployment);
    this.function = new CloudFrontFunction(this, "Function", {
      comment: "Gatehouse: decides every request before the cache",
      runtime: FunctionRuntime.JS_2_0,
      code: FunctionCode.fromInline(code),
      ...(this.store && { keyValueStore: this.store }),
    });
    this.node.addValidation({ validate: () => sizeProblems(Stack.of(this).resolve(code), config) });
  }

  #code(config: Config, { gateId, functionSecret }: Deployment): string {
    const stack = Stack.of(this);
    const [before, between, behind] = functionParts(functionBuild(config));
    const literal = stack.toJsonString({ ...functionLiteral(config), gateId });
    return Fn.join("", [before, literal, between, stack.toJsonString({ ...functionSecret }), behind]);
  }
}
