// What a token says besides the groups that areas name: whose folder it is, and what a machine was granted.
import { IDENTITY_ID } from "../config/aws-names.ts";
import { claimOf, GROUP, isPlain, placeholdersOf } from "../config/owner.ts";
import { groupNamed, type Names, type RuledArea } from "../request/area-rules.ts";
import { denied, refuse } from "./gate-error.ts";
import { type Claims, holds, objectIn } from "./json.ts";
import type { Session } from "./session.ts";
import { CONFIG } from "./settings.ts";

/** Whether a token names a machine of ours, which has it for itself; a miss verifies that. */
export function isMachine(claims: Claims): boolean {
  const client = claims["client_id"];
  return claims["token_use"] === "access" && claims["sub"] === client && holds(CONFIG.machines, client);
}

/**
 * The scope by which a machine may read an area.
 * @throws a refusal when it has none of the area's
 */
export function grantedIn(area: RuledArea, claims: Claims): string {
  const scopes = area.scopes;
  if (!scopes) throw denied();
  const given = String(claims["scope"]).split(" ");
  const granted = scopes.find((name) => given.includes(name));
  if (granted === undefined) throw refuse(403, "insufficient_scope", scopes);
  return granted;
}

/**
 * What a user's own folders are called, for the path behind an area's start; a miss alone knows the identity.
 * @throws a refusal when the token has no plain word for one, or the path names a group that is not the user's
 */
export function namesIn(area: RuledArea, rest: string, session: Session): Names {
  const names: Record<string, string> = {};
  names[IDENTITY_ID] = session.sub;
  const placeholders = area.owner ? placeholdersOf(area.owner).filter((each) => each !== IDENTITY_ID) : [];
  if (placeholders.length === 0) return names;
  if (session.pool) throw denied();
  // For a browser's token the pass vouches, which has its hash.
  const claims = session.claims || Object(objectIn(session.token));
  placeholders.forEach((each) => {
    names[each] = nameOf(each, rest, claims);
  });
  return names;
}

function nameOf(placeholder: string, rest: string, claims: Claims): string {
  const name = placeholder === GROUP ? groupNamed(rest) : claims[claimOf(placeholder)];
  const isTheirs = placeholder !== GROUP || holds(claims["cognito:groups"], name);
  if (!isTheirs || !isPlain(name)) throw denied();
  return name;
}
