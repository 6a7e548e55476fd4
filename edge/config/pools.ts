// What users and groups of further user pools are called, where those of `userPool` go by their name alone.

/** A group's name as areas write it, `us-east-1_Sub1/editors`, or a user's as folders and sessions are named. */
export function ofPool(id: string, kind: "user" | "group", name: string): string {
  return `${id}${kind === "user" ? "_" : "/"}${name}`;
}

/** Whether a name is that of a pool's group. */
export function isOfPool(id: string, group: string): boolean {
  return group.startsWith(ofPool(id, "group", ""));
}
