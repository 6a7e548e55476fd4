// The CloudFront Function of the split placement as CloudFormation makes it: configuration, keys and code as one text.
import { Fn, Stack } from "aws-cdk-lib";
import { Function as CloudFrontFunction, FunctionCode, FunctionRuntime, KeyValueStore } from "aws-cdk-lib/aws-cloudfront";
import { Construct } from "constructs";
import type { Config } from "../../edge/config/config.ts";
import { functionBuild, functionLiteral, functionParts, MAX_FUNCTION_BYTES } from "../build/function-code.ts";
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
      ? new KeyValueStore(this, "Revocations", { comment: "Gatehouse: whose access has ended, and since when" })
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

/** What a reference to a secret becomes: 32 bytes in base64url. */
const KEY = "k".repeat(43);
/** The longest of what else is known only while deploying: an app client's id. */
const NAME = "n".repeat(26);

/** Why CloudFront would not take the function, with what of it is large. */
export function sizeProblems(code: unknown, config: Config): string[] {
  const bytes = Buffer.byteLength(textOf(code).replace(/\{\{resolve:[^}]*\}\}/g, KEY));
  if (bytes <= MAX_FUNCTION_BYTES) return [];
  const own = functionParts(functionBuild(config)).join("").length;
  const areas = bytesOf(config) - bytesOf({ ...config, areas: [] });
  return [
    `the CloudFront Function would have ${bytes} bytes, and CloudFront takes ${MAX_FUNCTION_BYTES}: its code has ${own}, ` +
      `the ${config.areas.length} areas ${areas}, other settings and keys ${bytes - own - areas}; ` +
      'use fewer or shorter areas, or placement "lambda"',
  ];
}

function bytesOf(config: Config): number {
  return Buffer.byteLength(JSON.stringify(functionLiteral(config)));
}

/** A resolved text, with something as long in the place of what is not known yet. */
function textOf(value: unknown): string {
  if (typeof value === "string") return value;
  const join = Object(value)["Fn::Join"];
  return Array.isArray(join) && Array.isArray(join[1]) ? join[1].map(textOf).join(String(join[0])) : NAME;
}
