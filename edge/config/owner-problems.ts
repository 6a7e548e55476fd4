// What is wrong with whom an area's `owner` names. Runs where a configuration is made.
import { placeholdersIn, tagOf } from "./claims.ts";
import type { Area, Config } from "./config.ts";
import { claimOf, GROUP, placeholdersOf } from "./owner.ts";

/** What a token says of itself, or in another form than one text; none of it names people or what they belong to. */
const NO_NAMES = [
  "aud",
  "iss",
  "exp",
  "iat",
  "nbf",
  "auth_time",
  "nonce",
  "jti",
  "origin_jti",
  "at_hash",
  "event_id",
  "token_use",
  "email_verified",
  "phone_number_verified",
  "identities",
  "cognito:groups",
  "cognito:roles",
  "cognito:preferred_role",
];

/** Every reason why folders cannot be named so, starting with the field's name. */
export function ownerProblems(
  { owner }: Area,
  { areas, exchange }: Pick<Config, "areas" | "exchange">,
): readonly string[] {
  if (owner === undefined) return [];
  const placeholders = placeholdersOf(owner);
  const claims = placeholders.filter((each) => each.startsWith("{claim:")).map(claimOf);
  const rules: readonly (readonly [broken: boolean, problem: string])[] = [
    [
      new Set(placeholders).size < placeholders.length,
      `owner: "${owner}" has ${placeholders[0]} twice, which is no folder of its own`,
    ],
    [claims.includes("sub"), "owner: {claim:sub} is written {sub}"],
    ...claims
      .filter((name) => NO_NAMES.includes(name))
      .map((name) => [true, `owner: the claim "${name}" names nobody, and no group of people`] as const),
    ...placeholders
      .flatMap((each) => placeholdersIn(areas).filter((other) => isSameTag(each, other)))
      .map((other) => [true, `owner: "${owner}" and ${other} have the same name as session tags`] as const),
    [
      placeholders.includes(GROUP) && !exchange,
      "owner: {group} needs exchange sts, for an identity pool does not tell S3 which group a request is for; with one, " +
        "each group takes an area and a role",
    ],
  ];
  return rules.filter(([broken]) => broken).map(([, problem]) => problem);
}

/** The keys of tags do not differ by case alone. https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html */
function isSameTag(one: string, other: string): boolean {
  return one !== other && tagOf(one).toLowerCase() === tagOf(other).toLowerCase();
}
