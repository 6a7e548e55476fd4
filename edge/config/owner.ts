// Whose folder an area's `owner` stands for: folders, and behind them what is filled in. Also part of the CloudFront Function.

/** What stands for one of the user's groups, which the path of a request names. */
export const GROUP = "{group}";

/** What is filled in for each user or group: one folder or two, behind what is the same for all. */
const PLACEHOLDERS = /(\{(identityId|sub|group|claim:[\w:-]+)\}\/)+$/;

/** The folder in which all users' own ones are, with a slash at its end. */
export function folderOf(owner: string): string {
  return owner.replace(PLACEHOLDERS, "");
}

/** What is filled in, from the outer folder to the inner one. */
export function placeholdersOf(owner: string): readonly string[] {
  return owner.slice(folderOf(owner).length, -1).split("/");
}

/** The claim that a placeholder stands for. */
export function claimOf(placeholder: string): string {
  return placeholder.slice(1, -1).replace("claim:", "");
}

/** Whether a value can name a folder, be a session tag and stand in a policy, and is the same in each of them. */
export function isPlain(value: unknown): value is string {
  return typeof value === "string" && /^(?!\.\.?$)[\w.@-]{1,128}$/.test(value);
}
