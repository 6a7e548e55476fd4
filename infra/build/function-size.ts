// Whether CloudFront takes the function of the split placement, which is known before it is deployed.
import type { Config } from "../../edge/config/config.ts";
import { functionBuild, functionLiteral, functionParts, MAX_FUNCTION_BYTES } from "./function-code.ts";

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
