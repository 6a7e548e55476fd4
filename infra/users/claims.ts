// Claims that folders are named after: who may write them, and how IAM gets to know them.
import { Annotations } from "aws-cdk-lib";
import {
  CfnIdentityPoolPrincipalTag,
  CfnUserPoolClient,
  type IUserPoolClient,
  StringAttribute,
} from "aws-cdk-lib/aws-cognito";
import type { IIdentityPool } from "aws-cdk-lib/aws-cognito-identitypool";
import type { Construct } from "constructs";
import { claimedIn, tagOf } from "../../edge/config/claims.ts";
import type { Area } from "../../edge/config/config.ts";
import { claimOf } from "../../edge/config/owner.ts";

/** Areas as they are given. */
export type OwnerAreas = readonly Partial<Pick<Area, "path" | "owner">>[] | undefined;

const CUSTOM = "custom:";

/** What every client may write that has no list of its own. */
const STANDARD = [
  "address",
  "birthdate",
  "email",
  "family_name",
  "gender",
  "given_name",
  "locale",
  "middle_name",
  "name",
  "nickname",
  "phone_number",
  "picture",
  "preferred_username",
  "profile",
  "updated_at",
  "website",
  "zoneinfo",
];

/** The claims that say whose folder it is, and that somebody has set: a `sub` is the pool's own. */
export function setClaims(areas: OwnerAreas): readonly string[] {
  return claimedIn(areas ?? [])
    .map(claimOf)
    .filter((claim) => claim !== "sub");
}

/** The custom attributes among the claims, for a user pool that is made. */
export function customAttributes(claims: readonly string[]): Record<string, StringAttribute> {
  const names = claims.filter((claim) => claim.startsWith(CUSTOM));
  return Object.fromEntries(
    names.map((name) => [name.slice(CUSTOM.length), new StringAttribute({ mutable: true })]),
  );
}

/**
 * Lets a client that is made read the claims, without which tokens would not have them, and write none of them. Without
 * lists it could write every standard attribute.
 * https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-attributes.html
 */
export function protectClaims({ node: { defaultChild } }: Construct, claims: readonly string[]): void {
  if (!(defaultChild instanceof CfnUserPoolClient)) throw new Error("the client is not made by this app");
  const custom = claims.filter((claim) => claim.startsWith(CUSTOM));
  defaultChild.readAttributes = [...STANDARD, "email_verified", "phone_number_verified", ...custom];
  defaultChild.writeAttributes = STANDARD.filter((name) => !claims.includes(name));
}

/** What can be seen of clients that are given: whether their users may choose whose folder is theirs. */
export function claimProblems(areas: unknown, clients: unknown): readonly string[] {
  const claims = setClaims(documentsIn(areas));
  const given: readonly unknown[] = Array.isArray(clients) ? clients : [];
  return given.flatMap((client) => {
    const writable = attributesOf(client);
    return claims
      .filter((claim) => writable.includes(claim))
      .map(
        (claim) =>
          `userPoolClients: users may write "${claim}" through an app client, and so choose whose folder is theirs; ` +
          "take it out of its writeAttributes",
      );
  });
}

/** Those that a client may write, where that can be seen: an imported one does not show it. */
function attributesOf(client: unknown): readonly string[] {
  const child = isClient(client) ? client.node.defaultChild : undefined;
  return child instanceof CfnUserPoolClient ? (child.writeAttributes ?? STANDARD) : [];
}

function isClient(value: unknown): value is IUserPoolClient {
  return typeof value === "object" && value !== null && "node" in value && "userPoolClientId" in value;
}

/** The owners of areas, whatever else is wrong with them. */
function documentsIn(areas: unknown): OwnerAreas {
  const list: readonly unknown[] = Array.isArray(areas) ? areas : [];
  return list.flatMap((area) => {
    const owner: unknown = typeof area === "object" && area !== null && "owner" in area && area.owner;
    return typeof owner === "string" ? [{ owner }] : [];
  });
}

/** Says what has to be checked of a user pool that is given: it is not changed, and does not show who may write what. */
export function warnAboutClaims(scope: Construct, areas: OwnerAreas): void {
  const claims = setClaims(areas);
  if (claims.length === 0) return;
  Annotations.of(scope).addWarningV2(
    "gatehouse:claimsNameFolders",
    `Whoever can set ${quoted(claims)} chooses whose folder is theirs. Check that no app client of the user pool has it ` +
      "among its WriteAttributes (a client without such a list may write every standard attribute), that people who sign " +
      "up by themselves cannot set it, and that the app clients given here may read it.",
  );
}

/** The tags that an identity pool puts on its sessions, each with its claim. The identity id needs none. */
export function principalTags(areas: OwnerAreas): Readonly<Record<string, string>> {
  return Object.fromEntries(claimedIn(areas ?? []).map((each) => [tagOf(each), claimOf(each)]));
}

/**
 * Makes an identity pool put the claims on its sessions; undefined where no folders are named after claims.
 * https://docs.aws.amazon.com/cognito/latest/developerguide/attributes-for-access-control.html
 */
export function createPrincipalTags(
  scope: Construct,
  { identityPoolId }: IIdentityPool,
  identityProviderName: string,
  areas: OwnerAreas,
): CfnIdentityPoolPrincipalTag | undefined {
  const tags = principalTags(areas);
  if (Object.keys(tags).length === 0) return undefined;
  return new CfnIdentityPoolPrincipalTag(scope, "PrincipalTags", {
    identityPoolId,
    identityProviderName,
    principalTags: tags,
    useDefaults: false,
  });
}

/** Says what an identity pool has to do that is given, which is not changed. */
export function warnAboutPrincipalTags(scope: Construct, areas: OwnerAreas): void {
  const tags = principalTags(areas);
  if (Object.keys(tags).length === 0) return;
  Annotations.of(scope).addWarningV2(
    "gatehouse:principalTags",
    "Own folders open by session tags. Map them at the identity pool, for the user pool's provider: " +
      `${JSON.stringify(tags)}; and let the trust policies of its roles allow sts:TagSession.`,
  );
}

/** Says what roles have to allow that are given. */
export function warnAboutTagging(scope: Construct, areas: OwnerAreas, groups: readonly string[]): void {
  if (groups.length === 0 || Object.keys(principalTags(areas)).length === 0) return;
  Annotations.of(scope).addWarningV2(
    "gatehouse:rolesTakeTags",
    `Sessions of the roles of ${quoted(groups)} get tags: let their trust policies allow the identity pool ` +
      "sts:TagSession besides sts:AssumeRoleWithWebIdentity, or members get no credentials at all.",
  );
}

function quoted(names: readonly string[]): string {
  return names.map((name) => `"${name}"`).join(", ");
}
