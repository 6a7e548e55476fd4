// Areas for a bucket that Amplify Storage fills.
import type { AreaDocument } from "../../edge/config/config.ts";

/**
 * The layout that Amplify Storage writes, as areas: `/public/…` and `/protected/<identity id>/…` for every signed-in
 * user, `/private/…` for each user's own files, which are at `private/<identity id>/…` in the bucket. Amplify names the
 * folders after the identities of its own identity pool: give that pool to the gate.
 *
 * ```ts
 * new SignedInAssets(stack, "Assets", { areas: amplifyStorageAreas(), userPool, userPoolClients, identityPool, authenticatedRole, bucket });
 * ```
 * @see https://docs.amplify.aws/gen1/javascript/build-a-backend/storage/configure-access/
 */
export function amplifyStorageAreas(): readonly AreaDocument[] {
  return [
    { path: "/public/*" },
    { path: "/protected/*" },
    { path: "/private/*", owner: "private/{identityId}/" },
  ];
}
