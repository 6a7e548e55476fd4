// The cache scope of what a Lambda lets on before the cache in the split placement: lists, and what links open.
import { createHmac } from "node:crypto";
import type { Config } from "../config/config.ts";
import { functionKeys } from "../config/function-keys.ts";

/**
 * Such entries lie beside those of the CloudFront Function, perhaps under the same paths: if it were skipped, a viewer who
 * writes a scope must not find them either. In the other placement no viewer's header gets into the key.
 */
export function createLockedScope({ placement, auth }: Config): (scope: string) => string {
  if (placement !== "split") return (scope) => scope;
  const { scope: key } = functionKeys(auth?.keys ?? { current: "", previous: "" });
  if (key === "") throw new Error("no sealing key");
  return (scope) => `${createHmac("sha256", key).update(`locked ${scope}`).digest("base64url")}:${scope}`;
}
