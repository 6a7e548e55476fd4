// What follows from the names of AWS resources. Also part of the CloudFront Function.
import type { Config } from "./config.ts";

/** What stands for the user in an area's `owner`. */
export const IDENTITY_ID = "{identityId}";

/** Where the gate's own endpoints are unless configured otherwise. */
export const DEFAULT_BASE_PATH = "/.gatehouse/";

/** Where the gate's own endpoints are; no object is ever served from below it. */
export function basePathOf(config: Pick<Config, "auth">): string {
  return config.auth?.basePath ?? DEFAULT_BASE_PATH;
}

/** The region in which a user pool or identity pool id says it lives. */
export function regionOf(id: string): string {
  return id.replace(/[_:].*/s, "");
}

/** The virtual-host style, regional domain name of the private bucket. */
export function bucketHost(origin: Config["origin"]): string {
  return `${origin.bucket}.s3.${origin.region}.amazonaws.com`;
}

/** A pool's two issuer names: the regional one, and the one of pools that use the newer endpoint. */
export function issuersOf(userPoolId: string): readonly string[] {
  const region = regionOf(userPoolId);
  return [
    `https://cognito-idp.${region}.amazonaws.com/${userPoolId}`,
    `https://issuer-cognito-idp.${region}.amazonaws.com/${userPoolId}`,
  ];
}
