// One user's AWS credentials: from memory while they last, else from one exchange that parallel requests share.
import { BoundedMap } from "./bounded-map.ts";
import { GateError } from "./errors.ts";
import type { Exchange, ExchangeResult } from "./exchange.ts";
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

/** About 1.5 KB each: what a 128 MB function can spare for the users of one container. */
const MAX_USERS = 2_000;
/** About 150 bytes each; an identity id never changes, so it outlives the credentials. */
const MAX_IDENTITIES = 10_000;

/** Keeps the credentials of users; its state is what it keeps and the exchanges under way. */
export class CredentialStore {
  readonly #exchange: Exchange;
  readonly #now: () => number;
  readonly #credentials = new BoundedMap<Credentials>(MAX_USERS);
  readonly #identityIds = new BoundedMap<string>(MAX_IDENTITIES);
  readonly #underWay = new Map<string, Promise<Credentials>>();

  /** `now` is in milliseconds. */
  constructor(exchange: Exchange, now: () => number) {
    this.#exchange = exchange;
    this.#now = now;
  }

  /**
   * Credentials of the token's user that outlive a signature made with them now.
   * @param deadline when an exchange must be over, in milliseconds since the epoch
   * @throws GateError `session_ended` or one of `exchange_*`
   */
  async get(token: VerifiedToken, deadline: number): Promise<Credentials> {
    const kept = this.#credentials.get(token.sub);
    if (kept && kept.expiresAt * 1000 > this.#now() + SIGNATURE_SECONDS * 1000) return kept;
    const running = this.#underWay.get(token.raw);
    if (running) return running;
    const exchange = this.#fetch(token, deadline).finally(() => this.#underWay.delete(token.raw));
    this.#underWay.set(token.raw, exchange);
    return exchange;
  }

  async #fetch(token: VerifiedToken, deadline: number): Promise<Credentials> {
    const { identityId, credentials } = await this.#exchangeKnowing(token, deadline);
    this.#identityIds.set(token.sub, identityId);
    this.#credentials.set(token.sub, credentials);
    return credentials;
  }

  /** Uses the remembered identity id; one that the pool no longer knows is forgotten and asked for again. */
  async #exchangeKnowing(token: VerifiedToken, deadline: number): Promise<ExchangeResult> {
    const identityId = this.#identityIds.get(token.sub);
    if (!identityId) return this.#exchange({ token, deadline });
    try {
      return await this.#exchange({ token, identityId, deadline });
    } catch (error) {
      if (!(error instanceof GateError) || error.code !== "exchange_misconfigured") throw error;
      this.#identityIds.delete(token.sub);
      return this.#exchange({ token, deadline });
    }
  }
}
