// A user pool's signing keys: baked in at deploy, fetched again for an unknown key id or when they are old.
import { regionOf } from "../config/aws-names.ts";
import type { Config, FurtherUserPool } from "../config/config.ts";
import { type Jwks, parseJwks } from "../config/jwk-set.ts";
import { GateError } from "../errors.ts";
import type { Http } from "../https.ts";

/** The time box of one fetch, in milliseconds; on a connection of its own, for a kept one may have died meanwhile. */
const FETCH_MS = 1_500;
/** After a fetch, unknown key ids are answered from what is known for this long, in milliseconds. */
const COOL_DOWN_MS = 10_000;
/** Keys older than this are fetched again on a request that opens a connection anyway, in milliseconds. */
const OLD_MS = 3_600_000;

/** The keys in use; its state is the key set, how old it is, and the last or running fetch. */
export class KeySet {
  /** Those of the further user pools, in their order: each has its own state. */
  readonly further: readonly KeySet[];
  readonly #uri: string;
  readonly #http: Http;
  readonly #now: () => number;
  #jwks: Jwks;
  #oldAt: number;
  #coolUntil = 0;
  #failure: unknown;
  #underWay: Promise<void> | undefined;

  /** `now` is in milliseconds. Without a `pool` it is that of sign-in. */
  constructor(config: Config, http: Http, now: () => number, pool?: FurtherUserPool) {
    const { id, jwks } = pool ?? config.userPool;
    this.further = pool ? [] : config.userPools.map((each) => new KeySet(config, http, now, each));
    this.#uri = (pool ?? config.endpoints).jwksUri ?? jwksUri(id);
    this.#http = http;
    this.#now = now;
    this.#jwks = jwks ?? { keys: [] };
    this.#oldAt = now() + OLD_MS;
  }

  /** The key set as it is now: the same object until a fetch replaces it. */
  get current(): Jwks {
    return this.#jwks;
  }

  /**
   * Asks for the keys because a token names one that is unknown; within the cool-down the last answer counts.
   * @param deadline when it must be over, in milliseconds since the epoch
   * @throws GateError `keys_unavailable` when the pool's keys cannot be had: the token may be good
   */
  async refetch(deadline: number): Promise<void> {
    if (this.#underWay || this.#now() >= this.#coolUntil) await this.#fetch(deadline);
    if (this.#failure) throw new GateError("keys_unavailable", this.#failure);
  }

  /** Asks for the keys when they are old, so that a removed key is not trusted for ever; never rejects. */
  async refreshIfOld(deadline: number): Promise<void> {
    const further = this.further.map((keys) => keys.refreshIfOld(deadline));
    if (this.#now() >= Math.max(this.#oldAt, this.#coolUntil)) await this.#fetch(deadline);
    await Promise.all(further);
  }

  #fetch(deadline: number): Promise<void> {
    this.#underWay ??= this.#load(Math.min(FETCH_MS, deadline - this.#now())).finally(() => {
      this.#underWay = undefined;
    });
    return this.#underWay;
  }

  async #load(timeoutMs: number): Promise<void> {
    try {
      const { status, body } = await this.#http({ method: "GET", url: this.#uri, fresh: true, timeoutMs });
      if (status !== 200) throw new RangeError(`status ${status}`);
      this.#jwks = parseJwks(JSON.parse(body));
      this.#oldAt = this.#now() + OLD_MS;
      this.#failure = undefined;
    } catch (error) {
      this.#failure = error;
    }
    this.#coolUntil = this.#now() + COOL_DOWN_MS;
  }
}

function jwksUri(userPoolId: string): string {
  return `https://cognito-idp.${regionOf(userPoolId)}.amazonaws.com/${userPoolId}/.well-known/jwks.json`;
}
