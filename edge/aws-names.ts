// What follows from the names of AWS resources.
import type { Config } from "./config.ts";

/** What stands for the user in an area's `owner`. */
export const IDENTITY_ID = "{identityId}";

/** The region in which a user pool or identity pool id says it lives. */
export function regionOf(id: string): string {
  return id.split(/[_:]/, 1)[0] ?? "";
}

/** The virtual-host style, regional domain name of the private bucket. */
export function bucketHost(origin: Config["origin"]): string {
  return `${origin.bucket}.s3.${origin.region}.amazonaws.com`;
}
