// The roles that users act in: from an identity pool that takes the group's role from the token, or by STS.
import { RemovalPolicy } from "aws-cdk-lib";
import { type IUserPool, type IUserPoolClient, UserPoolGroup } from "aws-cdk-lib/aws-cognito";
import type { IIdentityPool } from "aws-cdk-lib/aws-cognito-identitypool";
import { ArnPrincipal, FederatedPrincipal, type IRole, PolicyStatement, Role } from "aws-cdk-lib/aws-iam";
import type { Construct } from "constructs";
import { IDENTITY_ID } from "../../edge/config/aws-names.ts";
import { placeholdersIn, tagOf } from "../../edge/config/claims.ts";
import { allowAssumingRoles } from "../bucket/rights.ts";
import {
  createPrincipalTags,
  type OwnerAreas,
  principalTags,
  warnAboutPrincipalTags,
  warnAboutTagging,
} from "./claims.ts";
import { type FurtherUserPoolProps, furtherProviders, isOfFurtherPool } from "./further-user-pools.ts";
import { groupNames, isNames } from "./group-names.ts";
import { createIdentityPool, providerNameOf } from "./identity-pool.ts";
import { scopesIn } from "./machines.ts";

/** The props that roles are made of; `SignedInBehaviorsProps` says what each means. */
export interface RoleProps {
  readonly areas?: OwnerAreas;
  readonly groups?: readonly string[] | Readonly<Record<string, IRole>>;
  readonly identityPool?: IIdentityPool;
  readonly authenticatedRole?: IRole;
  readonly furtherUserPools?: readonly FurtherUserPoolProps[];
}

/** Who users are to AWS. */
export interface Roles {
  /** What turns tokens into credentials, unless STS does. */
  readonly identityPool?: IIdentityPool;
  /** What signed-in users act in. */
  readonly authenticatedRole: IRole;
  /** What members of each group may also act in. */
  readonly groupRoles: Readonly<Record<string, IRole>>;
  /** With STS: what machines act in, by the scope that lets them. */
  readonly scopeRoles: Readonly<Record<string, IRole>>;
}

/** The identity pool with its roles, as far as they are not given. */
export function identityPoolRoles(
  scope: Construct,
  props: RoleProps,
  userPool: IUserPool,
  clients: readonly IUserPoolClient[],
): Roles {
  const { identityPool, authenticatedRole, areas } = props;
  const pool =
    identityPool && authenticatedRole
      ? { identityPool, authenticatedRole }
      : createPool(scope, props, userPool, clients);
  if (identityPool) warnAboutPrincipalTags(scope, areas);
  else if (!isNames(props.groups)) warnAboutTagging(scope, areas, groupNames(props.groups));
  const groupRoles = rolesByName(props, (name) => createGroupRole(scope, name, pool, areas));
  // Whoever gets tags before their role takes them gets no credentials.
  if (!identityPool)
    createPrincipalTags(scope, pool.identityPool, providerNameOf(userPool), areas)?.node.addDependency(
      pool.authenticatedRole,
      ...Object.values(groupRoles),
    );
  return { ...pool, groupRoles, scopeRoles: {} };
}

/** Roles that the function alone may assume; owner areas need what folders are named after in them as session tags. */
export function stsRoles(scope: Construct, props: RoleProps, functionRole: Role): Roles {
  const tags = placeholdersIn(props.areas ?? []).map(tagOf);
  const create = (id: string, description: string) =>
    createAssumedRole(scope, id, description, functionRole, tags);
  const authenticatedRole = create("AuthenticatedRole", "Gatehouse: signed-in users");
  const groupRoles = rolesByName(props, (name) => create(groupId(name), "Gatehouse: members of a group"));
  const scopeRoles = Object.fromEntries(
    scopesIn(props.areas).map((scope) => [
      scope,
      create(`ScopeRole-${encodeURIComponent(scope)}`, "Gatehouse: machines with a scope"),
    ]),
  );
  const actions = tags.length > 0 ? ["sts:AssumeRole", "sts:TagSession"] : ["sts:AssumeRole"];
  const others = [...Object.values(groupRoles), ...Object.values(scopeRoles)];
  allowAssumingRoles(scope, functionRole, [authenticatedRole, ...others], actions);
  return { authenticatedRole, groupRoles, scopeRoles };
}

/** The groups of a user pool that is made here, and no other's. With an identity pool they carry their role into the token. */
export function createGroups(
  scope: Construct,
  userPool: IUserPool,
  roles: Roles,
  further: RoleProps["furtherUserPools"],
): void {
  const own = Object.entries(roles.groupRoles).filter(([name]) => !isOfFurtherPool(name, further));
  for (const [groupName, role] of own)
    new UserPoolGroup(scope, `Group-${encodeURIComponent(groupName)}`, {
      userPool,
      groupName,
      ...(roles.identityPool && { role }),
    });
}

/** A user's folder is named after the identity: a pool made anew would give everybody a new, empty one. */
function createPool(
  scope: Construct,
  { areas, groups, furtherUserPools }: RoleProps,
  userPool: IUserPool,
  clients: readonly IUserPoolClient[],
): { identityPool: IIdentityPool; authenticatedRole: IRole } {
  const names = groupNames(groups);
  const hasGroups = names.some((name) => !isOfFurtherPool(name, furtherUserPools));
  const further = furtherProviders(furtherUserPools, names);
  const pool = createIdentityPool(scope, userPool, clients, hasGroups, further);
  if (placeholdersIn(areas ?? []).includes(IDENTITY_ID))
    pool.applyRemovalPolicy(RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE);
  if (pool.authenticatedRole instanceof Role) allowTagging(pool.authenticatedRole, pool, areas);
  return { identityPool: pool, authenticatedRole: pool.authenticatedRole };
}

function rolesByName(
  { groups }: RoleProps,
  create: (name: string) => IRole,
): Readonly<Record<string, IRole>> {
  if (isNames(groups)) return Object.fromEntries(groups.map((name) => [name, create(name)]));
  return { ...groups };
}

function groupId(name: string): string {
  return `GroupRole-${encodeURIComponent(name)}`;
}

/** Trusts the identity pool as its role for signed-in users does. */
function createGroupRole(
  scope: Construct,
  name: string,
  { identityPool }: Required<Pick<Roles, "identityPool">>,
  areas: OwnerAreas,
): Role {
  const principal = signedInAt(identityPool, "sts:AssumeRoleWithWebIdentity");
  const description = "Gatehouse: members of a group";
  const role = new Role(scope, groupId(name), { description, assumedBy: principal });
  allowTagging(role, identityPool, areas);
  return role;
}

/** Lets the identity pool name the user in sessions of a role, where folders are named so. */
function allowTagging(role: Role, pool: IIdentityPool, areas: OwnerAreas): void {
  if (Object.keys(principalTags(areas)).length === 0) return;
  const principal = signedInAt(pool, "sts:TagSession");
  const { conditions } = principal.policyFragment;
  role.assumeRolePolicy?.addStatements(
    new PolicyStatement({ actions: ["sts:TagSession"], principals: [principal], conditions }),
  );
}

function signedInAt({ identityPoolId }: IIdentityPool, action: string): FederatedPrincipal {
  return new FederatedPrincipal(
    "cognito-identity.amazonaws.com",
    {
      StringEquals: { "cognito-identity.amazonaws.com:aud": identityPoolId },
      "ForAnyValue:StringLike": { "cognito-identity.amazonaws.com:amr": "authenticated" },
    },
    action,
  );
}

function createAssumedRole(
  scope: Construct,
  id: string,
  description: string,
  functionRole: Role,
  tags: readonly string[],
): Role {
  const principal = new ArnPrincipal(functionRole.roleArn);
  const role = new Role(scope, id, { description, assumedBy: principal });
  if (tags.length > 0)
    role.assumeRolePolicy?.addStatements(
      new PolicyStatement({
        actions: ["sts:TagSession"],
        principals: [principal],
        conditions: { "ForAllValues:StringEquals": { "aws:TagKeys": tags } },
      }),
    );
  return role;
}
