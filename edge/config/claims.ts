// The claims of ID tokens that users' own folders are named after.
import { IDENTITY_ID } from "./aws-names.ts";
import { claimOf, GROUP, placeholdersOf } from "./owner.ts";

/** Areas as they are written, as far as they have owners. */
type Owned = readonly { readonly path?: string; readonly owner?: string | undefined }[];

const GROUP_PATH = /^\/((?:[^{}/]+\/)+\{group\}\/)\*$/;

/** The `owner` of an area as it is written: a path such as `/teams/{group}/*` says by itself where its keys are. */
export function ownerIn({
  path = "",
  owner,
}: {
  readonly path?: string;
  readonly owner?: string | undefined;
}): string | undefined {
  return owner ?? GROUP_PATH.exec(path)?.[1];
}

/** All that is filled in of areas, each once. */
export function placeholdersIn(areas: Owned): readonly string[] {
  return [...new Set(areas.map(ownerIn).flatMap((owner) => (owner ? placeholdersOf(owner) : [])))];
}

/** What of it the ID token says; the identity id comes with the credentials, and a group with the path. */
export function claimedIn(areas: Owned): readonly string[] {
  return placeholdersIn(areas).filter((placeholder) => placeholder !== IDENTITY_ID && placeholder !== GROUP);
}

/** The session tag by which IAM knows the value: AWS's own examples have no colon in a tag that is a policy variable. */
export function tagOf(placeholder: string): string {
  return claimOf(placeholder).replaceAll(":", "-");
}
