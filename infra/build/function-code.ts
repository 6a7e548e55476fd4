// The text of the CloudFront Function: its configuration and keys as literals before the built code.

import { IDENTITY_ID } from "../../edge/config/aws-names.ts";
import { placeholdersIn } from "../../edge/config/claims.ts";
import type { Config } from "../../edge/config/config.ts";
import { readBuiltFile } from "./built-file.ts";
import { type FunctionBuild, functionBundleName } from "./function-bundles.ts";

export { functionLiteral } from "../../edge/function/literal.ts";

/** CloudFront takes no more of a function, in bytes. */
export const MAX_FUNCTION_BYTES = 10_240;

/** Which build a configuration takes. */
export function functionBuild({
  areas,
  cookies,
  cors,
  revocation,
  userPool,
  userPools,
}: Config): FunctionBuild {
  const isOwn = (placeholder: string) => placeholder !== IDENTITY_ID;
  return {
    claims: placeholdersIn(areas).some(isOwn) || userPools.length > 0 || userPool.machineClientIds.length > 0,
    cookies: cookies.amplify || cookies.names.length > 0,
    cors: cors.origins.length > 0,
    query: areas.some(({ versions, downloads }) => versions || downloads),
    revocation,
    sites: areas.some(({ site }) => site),
  };
}

/** The texts before, between and behind the literals: `{ ...functionLiteral(config), gateId }`, and `functionKeys`. */
export function functionParts(build: FunctionBuild): readonly [string, string, string] {
  const store = build.revocation ? "import cf from 'cloudfront';\nconst GATEHOUSE_KVS=cf.kvs();\n" : "";
  const entry = `${build.revocation ? "async " : ""}function handler(e){return gatehouse(e)}\n`;
  return [
    `${store}const GATEHOUSE_CRYPTO=require('crypto');\nconst GATEHOUSE_FUNCTION_CONFIG=`,
    ";\nconst GATEHOUSE_PASS_KEYS=",
    `;\n${functionSource(build)}${entry}`,
  ];
}

/** The whole text, with both literals as JSON. */
export function functionCode(build: FunctionBuild, config: string, keys: string): string {
  const [before, between, behind] = functionParts(build);
  return before + config + between + keys + behind;
}

/** The built code of the function, which defines `gatehouse`. */
function functionSource(build: FunctionBuild): string {
  const codes: Readonly<Record<string, string>> = JSON.parse(readBuiltFile("edge/gatehouse-function.json"));
  const code = codes[functionBundleName(build)];
  if (code === undefined) throw new Error('dist/ is of another version. Run "npm run build".');
  return code;
}
