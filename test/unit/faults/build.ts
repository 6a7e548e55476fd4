// A cold start of any build, with a clock of its own.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import type { ConfigDocument } from "../../../edge/config/config.ts";
import { parseConfig } from "../../../edge/config/document.ts";
import type { RequestResult, ResponseResult } from "../../../edge/request/cloudfront.ts";
import type { EdgeBundleName } from "../../../infra/build/edge-bundles.ts";

export type Handler = (event: unknown) => Promise<RequestResult | ResponseResult>;

const realNow = Date.now;

/** The built file, as `npm run build` left it. */
export function builtText(name: EdgeBundleName): string {
  return readFileSync(join(import.meta.dirname, `../../../dist/edge/${name}.js`), "utf8");
}

/** A fresh process of the function. A bundle takes hold of its clock, in milliseconds, when it is loaded. */
export function coldStart(
  name: EdgeBundleName,
  config: ConfigDocument,
  now: () => number,
  exported = "handler",
): Handler {
  const module: { exports: Record<string, unknown> } = { exports: {} };
  // A parameter, not a line before the text as where it is built: V8 compiles one text only once.
  const load = new Function("require", "module", "exports", "GATEHOUSE_CONFIG", builtText(name));
  Date.now = now;
  try {
    load(
      createRequire(import.meta.url),
      module,
      module.exports,
      JSON.parse(JSON.stringify(parseConfig(config))),
    );
  } finally {
    Date.now = realNow;
  }
  const handler = module.exports[exported];
  if (typeof handler !== "function") throw new Error(`${name} exports no ${exported}`);
  return async (event) => handler(event);
}
