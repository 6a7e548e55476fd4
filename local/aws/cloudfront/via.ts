// The name that CloudFront puts into Via: `<32 hex digits>.cloudfront.net (CloudFront)`.

import { createHash } from "node:crypto";
import type { Distribution } from "./distribution.ts";

export function viaName(distribution: Distribution): string {
  return `${createHash("md5").update(distribution.id).digest("hex")}.cloudfront.net (CloudFront)`;
}
