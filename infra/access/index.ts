// The areas as AWS has to know them: pure functions of a configuration.
import { listStatements } from "./listing.ts";
import { objectStatements } from "./objects.ts";
import { keyResource, patternOf } from "./pattern.ts";
import type { Access, Reader } from "./reader.ts";
import type { Statement } from "./statement.ts";

export { contains, patternOf } from "./pattern.ts";
export { accessProblems } from "./problems.ts";
export { type Access, machinesWith, type Reader, readersOf } from "./reader.ts";
export { type SharedRights, sharedRights, sharedWhereMany } from "./shared.ts";
export type { Statement } from "./statement.ts";

/** Everything that a role's policy says about the bucket. */
export function roleStatements(access: Access, reader: Reader): readonly Statement[] {
  return [...objectStatements(access, reader), ...listStatements(access, reader)];
}

/** The public keys, each behind the bucket's ARN. */
export function publicResources({ areas, origin }: Pick<Access, "areas" | "origin">): readonly string[] {
  return areas.filter((area) => area.public).map(({ path }) => keyResource(patternOf(path), origin.path));
}
