// What follows from the names of AWS resources.
import type { Config } from "./config.ts";

/** What stands for the user in an area's `owner`. */
export const IDENTITY_ID = "{identityId}";

/** Where the gate's own endpoints are unless configured otherwise. */
export const DEFAULT_BASE_PATH = "/.gatehouse/";

/** Where the gate's own endpoints are; no object is ever served from below it. */
export function basePathOf({ auth }: Pick<Config, "auth">): string {
  return auth?.basePath ?? DEFAULT_BASE_PATH;
}

/** The region in which a user pool or identity pool id says it lives. */
export function regionOf(id: string): string {
  return id.replace(/[_:].*/s, "");
}

/** The virtual-host style, regional domain name of the private bucket. */
export function bucketHost(origin: Config["origin"]): string {
  return `${origin.bucket}.s3.${origin.region}.amazonaws.com`;
}
