// What users and groups of further user pools are called, where those of `userPool` go by their name alone.

/** What comes before the user's own name; folders and sessions are called so, too. */
export function userPrefix(poolId: string): string {
  return `${poolId}_`;
}

/** What comes before the group's own name, as areas write it: `us-east-1_Sub1/editors`. */
export function groupPrefix(poolId: string): string {
  return `${poolId}/`;
}
