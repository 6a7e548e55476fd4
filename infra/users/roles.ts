// The roles that users act in: from an identity pool that takes the group's role from the token, or by STS.
import { RemovalPolicy } from "aws-cdk-lib";
import { type IUserPool, type IUserPoolClient, UserPoolGroup } from "aws-cdk-lib/aws-cognito";
import type { IIdentityPool } from "aws-cdk-lib/aws-cognito-identitypool";
import { ArnPrincipal, FederatedPrincipal, type IRole, PolicyStatement, Role } from "aws-cdk-lib/aws-iam";
import type { Construct } from "constructs";
import type { Area } from "../../edge/config/config.ts";
import { allowAssumingRoles } from "../bucket/rights.ts";
import { groupNames, isNames } from "./group-names.ts";
import { createIdentityPool } from "./identity-pool.ts";

/** The props that roles are made of; `SignedInBehaviorsProps` says what each means. */
export interface RoleProps {
  readonly areas?: readonly Partial<Pick<Area, "owner">>[];
  readonly groups?: readonly string[] | Readonly<Record<string, IRole>>;
  readonly identityPool?: IIdentityPool;
  readonly authenticatedRole?: IRole;
}

/** Who users are to AWS. */
export interface Roles {
  /** What turns tokens into credentials, unless STS does. */
  readonly identityPool?: IIdentityPool;
  /** What signed-in users act in. */
  readonly authenticatedRole: IRole;
  /** What members of each group may also act in. */
  readonly groupRoles: Readonly<Record<string, IRole>>;
}

/** The identity pool with its roles, as far as they are not given. */
export function identityPoolRoles(
  scope: Construct,
  props: RoleProps,
  userPool: IUserPool,
  clients: readonly IUserPoolClient[],
): Roles {
  const { identityPool, authenticatedRole } = props;
  const pool =
    identityPool && authenticatedRole
      ? { identityPool, authenticatedRole }
      : createPool(scope, props, userPool, clients);
  return { ...pool, groupRoles: rolesByName(props, (name) => createGroupRole(scope, name, pool)) };
}

/** Roles that the function alone may assume; owner areas need the user's name in them as a session tag. */
export function stsRoles(scope: Construct, props: RoleProps, functionRole: Role): Roles {
  const tagged = hasOwners(props.areas);
  const create = (id: string, description: string) =>
    createAssumedRole(scope, id, description, functionRole, tagged);
  const authenticatedRole = create("AuthenticatedRole", "Gatehouse: signed-in users");
  const groupRoles = rolesByName(props, (name) => create(groupId(name), "Gatehouse: members of a group"));
  const actions = tagged ? ["sts:AssumeRole", "sts:TagSession"] : ["sts:AssumeRole"];
  allowAssumingRoles(scope, functionRole, [authenticatedRole, ...Object.values(groupRoles)], actions);
  return { authenticatedRole, groupRoles };
}

/** The groups of a user pool that is made here. With an identity pool they carry their role into the token. */
export function createGroups(scope: Construct, userPool: IUserPool, roles: Roles): void {
  for (const [groupName, role] of Object.entries(roles.groupRoles))
    new UserPoolGroup(scope, `Group-${encodeURIComponent(groupName)}`, {
      userPool,
      groupName,
      ...(roles.identityPool && { role }),
    });
}

/** A user's folder is named after the identity: a pool made anew would give everybody a new, empty one. */
function createPool(
  scope: Construct,
  { areas, groups }: RoleProps,
  userPool: IUserPool,
  clients: readonly IUserPoolClient[],
): { identityPool: IIdentityPool; authenticatedRole: IRole } {
  const pool = createIdentityPool(scope, userPool, clients, groupNames(groups).length > 0);
  if (hasOwners(areas)) pool.applyRemovalPolicy(RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE);
  return { identityPool: pool, authenticatedRole: pool.authenticatedRole };
}

function hasOwners(areas: RoleProps["areas"]): boolean {
  return areas?.some(({ owner }) => owner) === true;
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
  { identityPool }: Pick<Roles, "identityPool">,
): Role {
  return new Role(scope, groupId(name), {
    description: "Gatehouse: members of a group",
    assumedBy: new FederatedPrincipal(
      "cognito-identity.amazonaws.com",
      {
        StringEquals: { "cognito-identity.amazonaws.com:aud": identityPool?.identityPoolId },
        "ForAnyValue:StringLike": { "cognito-identity.amazonaws.com:amr": "authenticated" },
      },
      "sts:AssumeRoleWithWebIdentity",
    ),
  });
}

function createAssumedRole(
  scope: Construct,
  id: string,
  description: string,
  functionRole: Role,
  tagged: boolean,
): Role {
  const principal = new ArnPrincipal(functionRole.roleArn);
  const role = new Role(scope, id, { description, assumedBy: principal });
  if (tagged)
    role.assumeRolePolicy?.addStatements(
      new PolicyStatement({
        actions: ["sts:TagSession"],
        principals: [principal],
        conditions: { "ForAllValues:StringEquals": { "aws:TagKeys": ["identityId"] } },
      }),
    );
  return role;
}
