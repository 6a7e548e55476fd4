// The bucket behind the gate: the embedded S3, or a RADOS Gateway that is filled from the template.

import type { OriginTarget } from "../aws/cloudfront/index.ts";
import { parseRoles, type RoleDocument } from "../aws/iam/role.ts";
import type { Mint, Sessions } from "../aws/iam/sessions.ts";
import type { CorsRule } from "../aws/s3/cors.ts";
import type { S3Options } from "../aws/s3/options.ts";
import { type S3Server, startS3 } from "../aws/s3/server.ts";
import { provisionRgw } from "../rgw/provision.ts";
import { type RgwKeys, type RgwServer, targetOf } from "../rgw/server.ts";

/** What the template says of the bucket and of those who read it. */
export interface StorePlan {
  readonly bucket: string;
  readonly region: string;
  readonly roles: ReadonlyMap<string, RoleDocument>;
  readonly policy: unknown;
  readonly cors: readonly CorsRule[];
  /** The folder whose files are the bucket's objects. */
  readonly assets: string;
  /** Key prefix of those objects, such as `site/`. */
  readonly prefix: string;
}

/** A bucket, wherever it is. */
export interface ObjectStore {
  readonly target: OriginTarget;
  /** Makes credentials that this S3 knows. */
  readonly mint: Mint;
  /** What CloudFront's own service principal signs with. */
  readonly serviceKeys: (distributionArn: string) => RgwKeys & { readonly sessionToken?: string };
  /** Stores an object under any key. */
  put(key: string, bytes: Uint8Array, headers?: Readonly<Record<string, string>>): Promise<void>;
  remove(key: string): Promise<void>;
}

/** The embedded S3 as a store. */
export interface EmbeddedStore extends ObjectStore {
  readonly server: S3Server;
}

/** Starts the embedded S3 under the name and region that the distribution's origin has. */
export async function embeddedStore(
  plan: StorePlan,
  sessions: Sessions,
  options: Pick<S3Options, "mayBeUnsigned" | "onAnswer" | "port">,
): Promise<EmbeddedStore> {
  const { bucket: name, region, assets: folder, prefix, policy, cors } = plan;
  const server = await startS3({
    ...options,
    bucket: { name, folder, prefix, versioning: true, policy, cors },
    region,
    roles: parseRoles(plan.roles),
    sessions,
  });
  return {
    server,
    target: { protocol: "http", host: "127.0.0.1", port: server.port },
    mint: sessions.mint,
    serviceKeys: (distributionArn) =>
      sessions.mintForService("cloudfront.amazonaws.com", {
        "aws:SourceArn": distributionArn,
        "aws:SourceAccount": distributionArn.split(":")[4] ?? "",
      }),
    put: async (key, bytes, headers) => void server.bucket.put(key, bytes, headers),
    remove: async (key) => server.bucket.remove(key),
  };
}

/**
 * Makes roles and bucket at a RADOS Gateway, and uploads the folder.
 * @throws when it serves another region than the template's bucket is in.
 */
export async function rgwStore(plan: StorePlan, rgw: RgwServer): Promise<ObjectStore> {
  if (plan.region !== rgw.region)
    throw new Error(`the bucket is in ${plan.region}, and the S3 server serves ${rgw.region}`);
  const bucket = await provisionRgw(rgw, { ...plan, versioning: true });
  await bucket.putFolder(plan.assets, plan.prefix);
  return {
    target: targetOf(rgw.endpoint),
    mint: bucket.mint,
    serviceKeys: () => serviceKeysOf(rgw),
    put: bucket.put,
    remove: bucket.remove,
  };
}

function serviceKeysOf({ cloudfront }: RgwServer): RgwKeys {
  if (cloudfront) return cloudfront;
  throw new Error(
    'public areas need the keys of the S3 server\'s user "cloudfront" in S3_CLOUDFRONT_ACCESS_KEY_ID and S3_CLOUDFRONT_SECRET_ACCESS_KEY',
  );
}
