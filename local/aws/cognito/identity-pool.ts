// One identity pool: verifies tokens, keeps identity ids, chooses and assumes roles. No HTTP in here.

import { errors, type JWTPayload } from "jose";
import { decide } from "../iam/decide.ts";
import type { Role } from "../iam/role.ts";
import type { Credentials, Mint } from "../iam/sessions.ts";
import { IdentityError, notAuthorized } from "./identity-errors.ts";
import { chooseRole, type RoleMapping } from "./role-mapping.ts";
import type { UserPool } from "./user-pool.ts";
import { uuidOf } from "./users.ts";

/** The pool as the resolved template describes it. */
export interface IdentityPoolResources {
  readonly identityPoolId: string;
  /** App clients whose tokens it takes (`CognitoIdentityProviders[].ClientId`). */
  readonly clientIds: readonly string[];
  /** `CognitoIdentityProviders[].ServerSideTokenCheck`. */
  readonly serverSideTokenCheck: boolean;
  /** `Roles.authenticated` of the role attachment. */
  readonly authenticatedRole?: string;
  /** `RoleMappings` of the role attachment, keyed by `<provider name>:<client id>`. */
  readonly roleMappings?: Readonly<Record<string, RoleMapping>>;
  /** `PrincipalTags`, tag to claim, keyed by provider name (attributes for access control). */
  readonly principalTags?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Every role that may be assumed, by ARN. */
  readonly roles: ReadonlyMap<string, Role>;
}

/** What the pool talks to. */
export interface IdentityPoolDeps {
  readonly userPool: Provider;
  /** User pools besides, whose clients are providers, too. */
  readonly furtherUserPools?: readonly Provider[];
  readonly mint: Mint;
}

type Provider = Pick<UserPool, "providerName" | "issuer" | "verify" | "isCurrent">;
type Logins = Readonly<Record<string, string>>;

const FEDERATION = "cognito-identity.amazonaws.com";
/** Fixed in the enhanced flow. */
const DURATION_SECONDS = 3600;

/** An identity pool; its state is the identity ids that it has given out. */
export class IdentityPool {
  readonly #resources: IdentityPoolResources;
  readonly #deps: IdentityPoolDeps;
  readonly #known = new Set<string>();

  constructor(resources: IdentityPoolResources, deps: IdentityPoolDeps) {
    this.#resources = resources;
    this.#deps = deps;
  }

  /** GetId: the identity of a login, always the same one. */
  async getId(identityPoolId: string, logins: Logins | undefined): Promise<string> {
    if (identityPoolId !== this.#resources.identityPoolId)
      throw new IdentityError("ResourceNotFoundException", `IdentityPool '${identityPoolId}' not found.`);
    if (!logins || Object.keys(logins).length === 0)
      throw notAuthorized("Unauthenticated access is not supported for this identity pool.");
    const { claims, provider } = await this.#verify(logins);
    const identityId = this.identityIdOf(claims.sub ?? "", provider);
    this.#known.add(identityId);
    return identityId;
  }

  /** GetCredentialsForIdentity, the enhanced flow. */
  async getCredentials(
    identityId: string,
    logins: Logins | undefined,
    customRoleArn: string | undefined,
  ): Promise<Credentials> {
    if (!logins || Object.keys(logins).length === 0) throw this.#refused(identityId);
    const { claims, provider } = await this.#verify(logins);
    if (this.identityIdOf(claims.sub ?? "", provider) !== identityId) throw this.#mismatch(identityId);
    const mapping = this.#resources.roleMappings?.[`${provider.providerName}:${claims.aud}`];
    const { authenticatedRole } = this.#resources;
    const roleArn = chooseRole({ claims, mapping, customRoleArn, authenticatedRole });
    return await this.#assume(roleArn, identityId, claims, provider);
  }

  /** The identity id of a user, which follows from pool and login: a restart of the stack keeps it. */
  identityIdOf(sub: string, { providerName }: Provider = this.#deps.userPool): string {
    const { identityPoolId } = this.#resources;
    const login = `${identityPoolId}/${providerName}/${sub}`;
    return `${identityPoolId.split(":")[0]}:${uuidOf(login)}`;
  }

  async #verify(logins: Logins): Promise<{ readonly claims: JWTPayload; readonly provider: Provider }> {
    const [[providerName, token] = ["", ""], ...others] = Object.entries(logins);
    const { userPool: main, furtherUserPools = [] } = this.#deps;
    const userPool = [main, ...furtherUserPools].find((each) => each.providerName === providerName);
    if (others.length > 0 || !userPool)
      throw notAuthorized("Token is not from a supported provider of this identity pool.");
    const claims = await userPool.verify(token).catch((cause: unknown) => {
      throw notAuthorized(`Invalid login token. ${reasonOf(cause)}`);
    });
    if (claims.aud === undefined) throw notAuthorized("Invalid login token. Missing a required claim: aud");
    if (claims["token_use"] !== "id")
      throw notAuthorized("Invalid login token. Not a valid OpenId Connect identity token.");
    if (!this.#resources.clientIds.some((clientId) => clientId === claims.aud))
      throw notAuthorized("Token is not from a supported provider of this identity pool.");
    if (this.#resources.serverSideTokenCheck && !userPool.isCurrent(claims))
      throw notAuthorized("Token is inactive.");
    return { claims, provider: userPool };
  }

  async #assume(
    roleArn: string,
    identityId: string,
    claims: JWTPayload,
    provider: Provider,
  ): Promise<Credentials> {
    const tags = this.#tagsOf(claims, provider);
    const context = {
      [`${FEDERATION}:aud`]: this.#resources.identityPoolId,
      [`${FEDERATION}:sub`]: identityId,
      [`${FEDERATION}:amr`]: amrOf(claims, provider),
    };
    if (!this.#trusts(roleArn, context, tags))
      throw new IdentityError(
        "InvalidIdentityPoolConfigurationException",
        "Invalid identity pool configuration. Check assigned IAM roles for this pool.",
      );
    return await this.#deps.mint({
      roleArn,
      sessionName: "CognitoIdentityCredentials",
      durationSeconds: DURATION_SECONDS,
      tags,
      context: { ...context, "aws:FederatedProvider": FEDERATION },
    });
  }

  #trusts(
    roleArn: string,
    context: Readonly<Record<string, string | readonly string[]>>,
    tags: Readonly<Record<string, string>>,
  ): boolean {
    const role = this.#resources.roles.get(roleArn);
    if (!role) return false;
    const actions = ["sts:AssumeRoleWithWebIdentity"];
    if (Object.keys(tags).length > 0) actions.push("sts:TagSession");
    const principal = { kind: "federated", provider: FEDERATION } as const;
    const requestTags = Object.entries(tags).map(([key, value]) => [`aws:RequestTag/${key}`, value]);
    const asked = { ...context, "aws:TagKeys": Object.keys(tags), ...Object.fromEntries(requestTags) };
    return actions.every(
      (action) =>
        decide({ principal, action, resource: roleArn, context: asked }, { resource: role.trust }) ===
        "allow",
    );
  }

  #tagsOf(claims: JWTPayload, { providerName }: Provider): Readonly<Record<string, string>> {
    const mapping = Object.entries(this.#resources.principalTags?.[providerName] ?? {});
    return Object.fromEntries(
      mapping.flatMap(([tag, claim]) => (claims[claim] === undefined ? [] : [[tag, String(claims[claim])]])),
    );
  }

  #refused(identityId: string): IdentityError {
    return this.#known.has(identityId)
      ? notAuthorized(`Access to Identity '${identityId}' is forbidden.`)
      : new IdentityError("ResourceNotFoundException", `Identity '${identityId}' not found.`);
  }

  #mismatch(identityId: string): IdentityError {
    return this.#known.has(identityId)
      ? notAuthorized(
          "Logins don't match. Please include at least one valid login for this identity or identity pool.",
        )
      : this.#refused(identityId);
  }
}

function amrOf(claims: JWTPayload, { providerName }: Provider): readonly string[] {
  return ["authenticated", providerName, `${providerName}:CognitoSignIn:${claims.sub}`];
}

function reasonOf(cause: unknown): string {
  if (cause instanceof errors.JWTExpired) return "Token expired.";
  if (cause instanceof errors.JWTClaimValidationFailed) return "Issuer doesn't match providerName";
  if (cause instanceof errors.JWSSignatureVerificationFailed) return "Token signature invalid.";
  if (cause instanceof errors.JWKSNoMatchingKey) return "Couldn't verify signed token.";
  return "Not a valid OpenId Connect identity token.";
}
