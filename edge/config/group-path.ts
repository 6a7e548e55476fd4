// Reads a path that names a group: `/teams/{group}/*` is short for a path and an owner. Runs where a configuration is made.
import { ownerIn } from "./claims.ts";
import type { Area } from "./config.ts";
import { GROUP } from "./owner.ts";
import type { Parser } from "./parser.ts";

const PLACEHOLDER = /\{(group|sub|identityId|claim:[^}]*)\}/;

/** An area whose path is that of all groups' folders, and whose owner says which of them is whose. */
export function withGroupPath(area: Parser<Area>): Parser<Area> {
  return (value, field, reading) => {
    const read = area(value, field, reading);
    const owner = ownerIn(read);
    const path = read.owner === undefined && owner ? read.path.replace(`${GROUP}/`, "") : read.path;
    const [misplaced] = PLACEHOLDER.exec(path) ?? [];
    if (misplaced)
      reading.problems.push(
        `${field}.path: "${path}" has ${misplaced}; a path is the same for everybody, but for one such as /teams/{group}/*, ` +
          "and owner says whose folder it stands for",
      );
    return { ...read, path, owner };
  };
}
