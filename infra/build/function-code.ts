// The text of the CloudFront Function: its configuration and keys as literals before the built code.

import type { Config } from "../../edge/config/config.ts";
import { readBuiltFile } from "./built-file.ts";
import { type FunctionBuild, functionBundleName } from "./function-bundles.ts";

export { functionLiteral } from "../../edge/function/literal.ts";

/** CloudFront takes no more of a function, in bytes. */
export const MAX_FUNCTION_BYTES = 10_240;

/** Which build a configuration takes. */
export function functionBuild({ cors, revocation }: Config): FunctionBuild {
  return { cors: cors.origins.length > 0, revocation };
}

/** The texts before, between and behind the literals: `{ ...functionLiteral(config), gateId }`, and `functionKeys`. */
export function functionParts(build: FunctionBuild): readonly [string, string, string] {
  const store = build.revocation ? "import cf from 'cloudfront';\nconst GATEHOUSE_KVS=cf.kvs();\n" : "";
  const entry = `${build.revocation ? "async " : ""}function handler(e){return gatehouse(e)}\n`;
  return [
    `${store}const GATEHOUSE_CRYPTO=require('crypto');\nconst GATEHOUSE_FUNCTION_CONFIG=`,
    ";\nconst GATEHOUSE_PASS_KEYS=",
    `;\n${readBuiltFile(`edge/${functionBundleName(build)}.js`)}${entry}`,
  ];
}

/** The whole text, with both literals as JSON. */
export function functionCode(build: FunctionBuild, config: string, keys: string): string {
  const [before, between, behind] = functionParts(build);
  return before + config + between + keys + behind;
}
