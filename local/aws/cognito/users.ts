// The people of a user pool: groups, passwords, and whether their sign-ins still count.

import { createHash, randomUUID, timingSafeEqual } from "node:crypto";

/** A group that may carry an IAM role; the lowest precedence wins. */
export interface Group {
  readonly name: string;
  readonly precedence?: number;
  readonly roleArn?: string;
}

/** What is needed to make a user. */
export interface NewUser {
  /** By default it follows from pool and name. */
  readonly sub?: string;
  readonly username: string;
  readonly password: string;
  readonly email?: string;
  readonly groups?: readonly string[];
  /** Further attributes, which become claims of the ID token. */
  readonly attributes?: Readonly<Record<string, string>>;
}

/** One user. */
export interface User {
  readonly sub: string;
  readonly username: string;
  readonly email: string;
  readonly groups: readonly string[];
  readonly attributes: Readonly<Record<string, string>>;
  readonly enabled: boolean;
}

interface Entry {
  user: User;
  readonly password: string;
  /** `origin_jti` of the sign-ins that have not been revoked. */
  readonly signIns: Set<string>;
}

/** The users of one pool; its state is who they are, who is disabled and which sign-ins count. */
export class Users {
  readonly #poolId: string;
  readonly #entries = new Map<string, Entry>();

  constructor(poolId: string) {
    this.#poolId = poolId;
  }

  /** Adds a user. The `sub` follows from pool and name, so that a restart of the stack keeps it. */
  add(options: NewUser): User {
    const user: User = {
      sub: options.sub ?? uuidOf(`${this.#poolId}/${options.username}`),
      username: options.username,
      email: options.email ?? `${options.username}@example.com`,
      groups: options.groups ?? [],
      attributes: options.attributes ?? {},
      enabled: true,
    };
    this.#entries.set(user.username, { user, password: options.password, signIns: new Set() });
    return user;
  }

  /** @throws when there is no such user. */
  get(username: string): User {
    return this.#entry(username).user;
  }

  /** The user of a `sub`, while it exists. */
  findBySub(sub: string): User | undefined {
    return [...this.#entries.values()].find(({ user }) => user.sub === sub)?.user;
  }

  /** The user who may sign in with this name and password. */
  authenticate(username: string, password: string): User | undefined {
    const entry = this.#entries.get(username);
    if (!entry?.user.enabled || !timingSafeEqual(sha256(entry.password), sha256(password))) return undefined;
    return entry.user;
  }

  setGroups(username: string, groups: readonly string[]): void {
    const entry = this.#entry(username);
    entry.user = { ...entry.user, groups };
  }

  /** As AdminUpdateUserAttributes does; tokens of before keep what they say. */
  setAttributes(username: string, attributes: User["attributes"]): void {
    const entry = this.#entry(username);
    entry.user = { ...entry.user, attributes: { ...entry.user.attributes, ...attributes } };
  }

  setEnabled(username: string, enabled: boolean): void {
    const entry = this.#entry(username);
    entry.user = { ...entry.user, enabled };
  }

  remove(username: string): void {
    this.#entries.delete(this.#entry(username).user.username);
  }

  /** Starts a sign-in, whose id is the `origin_jti` of every token that follows from it. */
  signIn(username: string): string {
    const originJti = randomUUID();
    this.#entry(username).signIns.add(originJti);
    return originJti;
  }

  /** Revokes every sign-in of a user, as GlobalSignOut does. */
  signOut(username: string): void {
    this.#entry(username).signIns.clear();
  }

  /** Revokes one sign-in, as revoking its refresh token does. */
  endSignIn(originJti: string): void {
    for (const entry of this.#entries.values()) entry.signIns.delete(originJti);
  }

  /** Whether the sign-in behind a token still counts, the question of the server-side token check. */
  isSignedIn(sub: string, originJti: string): boolean {
    const user = this.findBySub(sub);
    return user?.enabled === true && this.#entry(user.username).signIns.has(originJti);
  }

  #entry(username: string): Entry {
    const entry = this.#entries.get(username);
    if (!entry) throw new Error(`no user ${username}`);
    return entry;
  }
}

/** A UUID that follows from a text. */
export function uuidOf(text: string): string {
  const hex = sha256(text).toString("hex");
  const variant = "89ab"[Number.parseInt(hex.slice(16, 17), 16) % 4];
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `4${hex.slice(13, 16)}`,
    `${variant}${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join("-");
}

function sha256(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
