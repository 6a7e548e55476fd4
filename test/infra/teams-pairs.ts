// Generated pairs of members and paths, in gates whose folders are named after groups: edge, IAM and definition must agree.
import assert from "node:assert/strict";
import fc from "fast-check";
import { Areas, cacheScope, keyPath } from "../../edge/areas.ts";
import { tagOf } from "../../edge/config/claims.ts";
import type { AreaDocument, Config } from "../../edge/config/config.ts";
import { parseConfig } from "../../edge/config/document.ts";
import { GROUP, isPlain } from "../../edge/config/owner.ts";
import { GateError } from "../../edge/errors.ts";
import { canonicalPath } from "../../edge/request/path.ts";
import { roleStatements } from "../../infra/access/index.ts";
import { type Allows, BUCKET, evaluator } from "./policy.ts";

const SUB = "ada";
const WORDS = ["red", "Red", "red.", "blue", "a@b.c", "...", "x", SUB];
const NO_WORDS = ["", ".", "..", "red/x", "*", "re*", "?", "=", "a b", `$${"{aws:userid}"}`];
/** The areas, each with the start of its keys, behind which the group is, and whether the user is behind that. */
const AREAS: readonly (readonly [AreaDocument, folder: string, isOwn: boolean])[] = [
  [{ path: "/teams/{group}/*" }, "teams/", false],
  [{ path: "/t/*", owner: "of/{group}/" }, "of/", false],
  [{ path: "/notes/*", owner: "notes/{group}/{sub}/" }, "notes/", true],
];

const config = fc
  .tuple(fc.subarray([...AREAS], { minLength: 1 }), fc.boolean(), fc.constantFrom("", "/site"))
  .map(([owned, hasRest, path]) =>
    parseConfig({
      userPool: { id: "us-east-1_AbCdEfGhI", clientIds: ["c"] },
      exchange: { kind: "sts", roleArn: "arn:aws:iam::111122223333:role/r" },
      origin: { bucket: "assets", region: "us-east-1", path },
      areas: [...owned.map(([area]) => area), ...(hasRest ? [{ path: "/*" }] : [])],
    }),
  );
const groups = fc.subarray([...WORDS, ...NO_WORDS], { maxLength: 6 });
const key = fc
  .tuple(
    fc.constantFrom("teams/", "t/", "notes/", "of/", ""),
    fc.array(fc.constantFrom(...WORDS, "*", "=", "y"), { minLength: 1, maxLength: 4 }),
  )
  .map(([start, segments]) => start + segments.join("/"));

/** What the edge makes of a path: the key, the cache entry, and the group that the session is for. */
function edgeAnswer(areas: Areas, member: readonly string[], path: string) {
  try {
    const access = areas.accessTo(path, { groups: member, roles: [], names: { "{sub}": SUB } });
    const keyed = keyPath(access, path, SUB);
    return {
      key: decodeURIComponent(keyed.slice(1)),
      group: access.names[GROUP],
      scope: cacheScope(access, SUB),
    };
  } catch (error) {
    if (error instanceof GateError) return undefined;
    throw error;
  }
}

/** The session as the exchange makes it: tagged with the user, and with one group or none. */
function sessionFor(config: Config, group: string | undefined): Allows {
  return evaluator(roleStatements(config, undefined), {
    "aws:PrincipalTag/sub": SUB,
    ...(group !== undefined && { [`aws:PrincipalTag/${tagOf(GROUP)}`]: group }),
  });
}

const reads = (allows: Allows, { origin }: Config, name: string) =>
  allows("s3:GetObject", `${BUCKET}${origin.path}/${name}`);

/** The folder that a session of a group opens in an area's keys. */
const folderFor = (folder: string, isOwn: boolean, group: string) =>
  `${folder}${group}/${isOwn ? `${SUB}/` : ""}`;

/** What the pairs were. */
export interface Seen {
  pairs: number;
  open: number;
  refused: number;
}

/**
 * Tries so many pairs at least, ten for each gate and member.
 * @throws what fast-check says of the smallest pair that edge, IAM and definition decide differently
 */
export function checkTeamPairs(atLeast: number, seed: number): Seen {
  const seen: Seen = { pairs: 0, open: 0, refused: 0 };
  fc.assert(
    fc.property(config, groups, fc.array(key, { minLength: 10, maxLength: 10 }), (gate, member, keys) => {
      const areas = new Areas(gate);
      const owned = AREAS.filter(([, folder]) => gate.areas.some(({ owner }) => owner?.startsWith(folder)));
      for (const asked of keys) {
        seen.pairs += 1;
        const path = canonicalPath(`/${asked.split("/").map(encodeURIComponent).join("/")}`);
        const edge = edgeAnswer(areas, member, path);
        const [area, folder = "", isOwn = false] =
          owned.find(([{ path: pattern }]) => asked.startsWith(`${pattern.split("/")[1]}/`)) ?? [];
        if (area) {
          const [, group = "", ...rest] = asked.split("/");
          const mayRead = rest.length > 0 && member.includes(group) && isPlain(group);
          const expected = mayRead ? folderFor(folder, isOwn, group) + rest.join("/") : undefined;
          assert.equal(edge?.key, expected, `${JSON.stringify(member)} ${asked}`);
        }
        if (edge) assert.ok(reads(sessionFor(gate, edge.group), gate, edge.key), asked);
        if (edge?.group !== undefined) {
          seen.open += 1;
          assert.ok(edge.scope.includes(`{group}=${encodeURIComponent(edge.group)}`), edge.scope);
        } else if (!edge) seen.refused += 1;
        for (const group of ["red", "Red", "blue", undefined]) {
          const opened = owned.find(([, start]) => asked.startsWith(start));
          if (!opened) continue;
          const [, start, own] = opened;
          // What stands in for a missing tag is no word, so that nobody is led into its folder.
          const isOpen = asked.startsWith(folderFor(start, own, group ?? "="));
          assert.equal(reads(sessionFor(gate, group), gate, asked), isOpen, `${group} ${asked}`);
        }
      }
    }),
    { numRuns: Math.ceil(atLeast / 10), seed },
  );
  return seen;
}
