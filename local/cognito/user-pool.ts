// One user pool: users, groups, keys, and tokens with Cognito's issuer and claims.

import { randomUUID } from "node:crypto";
import { createLocalJWKSet, type JWTPayload, type JWTVerifyOptions, jwtVerify, SignJWT } from "jose";
import { accessClaims, idClaims, type SignIn } from "./claims.ts";
import { SigningKeys, type TokenUse } from "./signing-keys.ts";
import { type Group, type NewUser, type User, Users } from "./users.ts";

/** An app client with the URLs that managed login accepts, to the letter. */
export interface AppClient {
  readonly clientId: string;
  readonly callbackUrls?: readonly string[];
  readonly logoutUrls?: readonly string[];
}

/** What a pool is made of. */
export interface UserPoolOptions {
  /** Such as `us-east-1_Example01`: the region is read from it. */
  readonly id: string;
  readonly clients: readonly AppClient[];
  readonly groups?: readonly Group[];
  readonly users?: readonly NewUser[];
  /** Seconds that ID and access tokens live; Cognito's default is one hour. */
  readonly tokenSeconds?: number;
  /** The clock, in milliseconds. */
  readonly now?: () => number;
}

/** Departures from what the pool would issue by itself. */
export interface TokenOverrides {
  /** The first client of the pool without it. */
  readonly clientId?: string;
  readonly expiresInSeconds?: number;
  /** Epoch seconds. */
  readonly authTime?: number;
  readonly originJti?: string;
  readonly nonce?: string;
  readonly scope?: string;
  /** Claims to add or replace; `undefined` leaves one out. */
  readonly claims?: Readonly<Record<string, unknown>>;
}

/** A user pool; its state is the keys, the users, the groups and the clients' settings. */
export class UserPool {
  readonly id: string;
  readonly region: string;
  readonly issuer: string;
  /** The key under which its tokens go into `Logins`. */
  readonly providerName: string;
  readonly users: Users;
  readonly keys: SigningKeys;
  readonly tokenSeconds: number;
  readonly now: () => number;
  readonly #clients: Map<string, AppClient>;
  #groups: readonly Group[];

  private constructor(options: UserPoolOptions, keys: SigningKeys) {
    this.id = options.id;
    this.region = options.id.split("_")[0] ?? "";
    this.providerName = `cognito-idp.${this.region}.amazonaws.com/${this.id}`;
    this.issuer = `https://${this.providerName}`;
    this.#clients = new Map(options.clients.map((client) => [client.clientId, client]));
    this.#groups = options.groups ?? [];
    this.users = new Users(this.id);
    this.keys = keys;
    this.tokenSeconds = options.tokenSeconds ?? 3600;
    this.now = options.now ?? Date.now;
    for (const user of options.users ?? []) this.users.add(user);
  }

  /** Makes a pool with new keys (about 0.2 s). */
  static async create(options: UserPoolOptions): Promise<UserPool> {
    return new UserPool(options, await SigningKeys.create());
  }

  get clients(): readonly AppClient[] {
    return [...this.#clients.values()];
  }

  get groups(): readonly Group[] {
    return this.#groups;
  }

  /** Replaces all groups; who is in them is the users' part. */
  setGroups(groups: readonly Group[]): void {
    this.#groups = groups;
  }

  /** Replaces the complete settings of a client, as UpdateUserPoolClient does, or adds it. */
  updateClient(client: AppClient): void {
    this.#clients.set(client.clientId, client);
  }

  /** The public key set. */
  jwks(): ReturnType<SigningKeys["jwks"]> {
    return this.keys.jwks();
  }

  /** @throws when the user does not exist or the pool has no client. */
  async issueIdToken(username: string, overrides: TokenOverrides = {}): Promise<string> {
    const user = this.users.get(username);
    return await this.#sign("id", idClaims(user, this.groups, this.#signIn(user, overrides)), overrides);
  }

  /** @throws when the user does not exist or the pool has no client. */
  async issueAccessToken(username: string, overrides: TokenOverrides = {}): Promise<string> {
    const user = this.users.get(username);
    return await this.#sign("access", accessClaims(user, this.#signIn(user, overrides)), overrides);
  }

  /**
   * The claims of a token that this pool signed and that has not expired.
   * @throws jose's error otherwise.
   */
  async verify(token: string, options: JWTVerifyOptions = {}): Promise<JWTPayload> {
    const currentDate = new Date(this.now());
    const checks = { issuer: this.issuer, algorithms: ["RS256"], currentDate, ...options };
    return (await jwtVerify(token, createLocalJWKSet(this.jwks()), checks)).payload;
  }

  /** Whether the user of a token exists, is enabled and has not signed out since (server-side token check). */
  isCurrent(claims: JWTPayload): boolean {
    const originJti = claims["origin_jti"];
    return typeof originJti === "string" && this.users.isSignedIn(claims.sub ?? "", originJti);
  }

  #signIn(user: User, overrides: TokenOverrides): SignIn {
    const clientId = overrides.clientId ?? this.clients[0]?.clientId;
    if (clientId === undefined) throw new Error("the pool has no client");
    return {
      clientId,
      originJti: overrides.originJti ?? this.users.signIn(user.username),
      eventId: randomUUID(),
      authTime: overrides.authTime ?? Math.floor(this.now() / 1000),
      ...(overrides.nonce !== undefined && { nonce: overrides.nonce }),
      ...(overrides.scope !== undefined && { scope: overrides.scope }),
    };
  }

  async #sign(use: TokenUse, claims: Record<string, unknown>, overrides: TokenOverrides): Promise<string> {
    const key = this.keys.current(use);
    const issuedAt = Math.floor(this.now() / 1000);
    const expiresAt = issuedAt + (overrides.expiresInSeconds ?? this.tokenSeconds);
    return await new SignJWT({
      ...claims,
      iss: this.issuer,
      exp: expiresAt,
      iat: issuedAt,
      ...overrides.claims,
    })
      .setProtectedHeader({ kid: key.kid, alg: "RS256" })
      .sign(key.privateKey);
  }
}
