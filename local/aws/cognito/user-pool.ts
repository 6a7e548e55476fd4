// One user pool: users, groups, keys, and tokens with Cognito's issuer and claims.

import { randomUUID } from "node:crypto";
import { createLocalJWKSet, type JWTPayload, type JWTVerifyOptions, jwtVerify, SignJWT } from "jose";
import { type AppClient, appClient, type NewAppClient } from "./app-client.ts";
import { accessClaims, idClaims, machineClaims, type SignIn } from "./claims.ts";
import { RefreshTokens } from "./refresh-tokens.ts";
import { SigningKeys, type TokenUse } from "./signing-keys.ts";
import { type Group, type NewUser, type User, Users } from "./users.ts";

/** What a pool is made of. */
export interface UserPoolOptions {
  /** Such as `us-east-1_Example01`: the region is read from it. */
  readonly id: string;
  readonly clients: readonly NewAppClient[];
  readonly groups?: readonly Group[];
  readonly users?: readonly NewUser[];
  /** The clock, in milliseconds. */
  readonly now?: () => number;
  /** What it signs with; new keys by default. */
  readonly keys?: SigningKeys;
}

/** The tokens of one sign-in. */
export interface SessionTokens {
  readonly idToken: string;
  readonly accessToken: string;
  readonly refreshToken: string;
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
  readonly refreshTokens: RefreshTokens;
  readonly now: () => number;
  readonly #clients: Map<string, AppClient>;
  #groups: readonly Group[];

  private constructor(options: UserPoolOptions, keys: SigningKeys) {
    this.id = options.id;
    this.region = options.id.split("_")[0] ?? "";
    this.providerName = `cognito-idp.${this.region}.amazonaws.com/${this.id}`;
    this.issuer = `https://${this.providerName}`;
    this.#clients = new Map(options.clients.map((client) => [client.clientId, appClient(client)]));
    this.#groups = options.groups ?? [];
    this.users = new Users(this.id);
    this.keys = keys;
    this.now = options.now ?? Date.now;
    this.refreshTokens = new RefreshTokens(this.now);
    for (const user of options.users ?? []) this.users.add(user);
  }

  /** Makes a pool; new keys take about 0.2 s. */
  static async create(options: UserPoolOptions): Promise<UserPool> {
    return new UserPool(options, options.keys ?? (await SigningKeys.create()));
  }

  get clients(): readonly AppClient[] {
    return [...this.#clients.values()];
  }

  client(clientId: string): AppClient | undefined {
    return this.#clients.get(clientId);
  }

  get groups(): readonly Group[] {
    return this.#groups;
  }

  /** Replaces all groups; who is in them is the users' part. */
  setGroups(groups: readonly Group[]): void {
    this.#groups = groups;
  }

  /** Replaces the complete settings of a client, or adds it; what is not told is on, and no URL is registered. */
  updateClient(client: NewAppClient): void {
    this.#clients.set(client.clientId, appClient(client));
  }

  /** Registers further URLs of a client; everything else of it stays. */
  addUrls(clientId: string, urls: Partial<Pick<AppClient, "callbackUrls" | "logoutUrls">>): void {
    const client = this.client(clientId) ?? appClient({ clientId });
    const callbackUrls = [...new Set([...client.callbackUrls, ...(urls.callbackUrls ?? [])])];
    const logoutUrls = [...new Set([...client.logoutUrls, ...(urls.logoutUrls ?? [])])];
    this.#clients.set(clientId, { ...client, callbackUrls, logoutUrls });
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

  /** An access token for an app client itself (OAuth's client credentials grant). */
  async issueMachineToken(clientId: string, scope: string, overrides: TokenOverrides = {}): Promise<string> {
    const { authTime = Math.floor(this.now() / 1000) } = overrides;
    return await this.#sign("access", machineClaims(clientId, scope, authTime), { ...overrides, clientId });
  }

  /** The three tokens of a sign-in through the API, such as SRP: no nonce, no scopes of managed login. */
  async issueSession(username: string, overrides: TokenOverrides = {}): Promise<SessionTokens> {
    const originJti = overrides.originJti ?? this.users.signIn(username);
    const tokens = { ...overrides, originJti };
    return {
      idToken: await this.issueIdToken(username, tokens),
      accessToken: await this.issueAccessToken(username, tokens),
      refreshToken: this.issueRefreshToken(username, tokens),
    };
  }

  /** @throws when the user or the client does not exist. */
  issueRefreshToken(username: string, overrides: TokenOverrides = {}): string {
    const user = this.users.get(username);
    const { clientId, originJti, authTime, scope } = this.#signIn(user, overrides);
    const signIn = { sub: user.sub, clientId, originJti, authTime, ...(scope !== undefined && { scope }) };
    return this.refreshTokens.issue(signIn, this.#clientOf(overrides));
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
    return {
      clientId: this.#clientOf(overrides).clientId,
      originJti: overrides.originJti ?? this.users.signIn(user.username),
      eventId: randomUUID(),
      authTime: overrides.authTime ?? Math.floor(this.now() / 1000),
      ...(overrides.nonce !== undefined && { nonce: overrides.nonce }),
      ...(overrides.scope !== undefined && { scope: overrides.scope }),
    };
  }

  #clientOf({ clientId }: TokenOverrides): AppClient {
    const client =
      clientId === undefined ? this.clients[0] : (this.client(clientId) ?? appClient({ clientId }));
    if (client === undefined) throw new Error("the pool has no client");
    return client;
  }

  async #sign(use: TokenUse, claims: Record<string, unknown>, overrides: TokenOverrides): Promise<string> {
    const key = this.keys.current(use);
    const issuedAt = Math.floor(this.now() / 1000);
    const { idTokenSeconds, accessTokenSeconds } = this.#clientOf(overrides);
    const seconds = use === "id" ? idTokenSeconds : accessTokenSeconds;
    const expiresAt = issuedAt + (overrides.expiresInSeconds ?? seconds);
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
