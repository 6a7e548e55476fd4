// One user's AWS session: from memory while it lasts, else from one exchange that parallel requests share.
import { BoundedMap } from "./bounded-map.ts";
import { GateError } from "./errors.ts";
import type { Exchange } from "./exchange.ts";
import { SIGNATURE_SECONDS } from "./sign.ts";
import type { VerifiedToken } from "./token.ts";

/** Temporary AWS credentials of one user. */
export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  /** Seconds since the epoch. */
  readonly expiresAt: number;
}

/** A user in one role. */
export interface Session {
  /** What the user's own folder is called. */
  readonly identityId: string;
  readonly credentials: Credentials;
}

/** About 1.5 KB each: what a 128 MB function can spare for the users of one container. */
const MAX_SESSIONS = 2_000;
/** About 150 bytes each; an identity id never changes, so it outlives the credentials. */
const MAX_IDENTITIES = 10_000;

/** Keeps the sessions of users, by user and role; its state is what it keeps and the exchanges under way. */
export class SessionStore {
  readonly #exchange: Exchange;
  readonly #now: () => number;
  readonly #sessions = new BoundedMap<Session>(MAX_SESSIONS);
  readonly #identityIds = new BoundedMap<string>(MAX_IDENTITIES);
  readonly #underWay = new Map<string, Promise<Session>>();

  /** `now` is in milliseconds. */
  constructor(exchange: Exchange, now: () => number) {
    this.#exchange = exchange;
    this.#now = now;
  }

  /**
   * The session of the token's user in a role, with credentials that outlive a signature made with them now.
   * @param roleArn the role to ask for; undefined for the one the user gets anyway
   * @param deadline when an exchange must be over, in milliseconds since the epoch
   * @throws GateError `session_ended`, `access_denied` or one of `exchange_*`
   */
  async get(token: VerifiedToken, roleArn: string | undefined, deadline: number): Promise<Session> {
    const key = `${token.sub} ${roleArn ?? ""}`;
    const kept = this.#sessions.get(key);
    if (kept && kept.credentials.expiresAt * 1000 > this.#now() + SIGNATURE_SECONDS * 1000) return kept;
    const call = `${token.raw} ${roleArn ?? ""}`;
    const running = this.#underWay.get(call);
    if (running !== undefined) return running;
    const exchange = this.#exchangeKnowing(token, roleArn, deadline).finally(() =>
      this.#underWay.delete(call),
    );
    this.#underWay.set(call, exchange);
    const session = await exchange;
    this.#identityIds.set(token.sub, session.identityId);
    this.#sessions.set(key, session);
    return session;
  }

  /** Uses the remembered identity id; one that the pool no longer knows is forgotten and asked for again. */
  async #exchangeKnowing(
    token: VerifiedToken,
    roleArn: string | undefined,
    deadline: number,
  ): Promise<Session> {
    const identityId = this.#identityIds.get(token.sub);
    if (!identityId) return this.#exchange({ token, roleArn, deadline });
    try {
      return await this.#exchange({ token, roleArn, identityId, deadline });
    } catch (error) {
      if (!(error instanceof GateError) || error.code !== "exchange_misconfigured") throw error;
      this.#identityIds.delete(token.sub);
      return this.#exchange({ token, roleArn, deadline });
    }
  }
}
