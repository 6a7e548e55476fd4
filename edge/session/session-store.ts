// One user's AWS session: from memory or a sealed cookie while it lasts, else from an exchange that requests share.
import { BoundedMap } from "../bounded-map.ts";
import { GateError } from "../errors.ts";
import type { ViewerRequest } from "../request/cloudfront.ts";
import { SIGNATURE_SECONDS } from "../s3/sign.ts";
import type { VerifiedToken } from "../token/token.ts";
import type { Exchange, Session } from "./exchange.ts";
import type { Unseal } from "./sealed-session.ts";

/** About 4 KB each with their signing keys: what a 128 MB function can spare for the users of one container. */
const MAX_SESSIONS = 1_000;
/** Of the hour that credentials usually last. */
const FRESH_SECONDS = 2_700;
/** About 150 bytes each; an identity id never changes, so it outlives the credentials. */
const MAX_IDENTITIES = 5_000;

/** What asks for a session. */
export interface SessionInput {
  readonly token: VerifiedToken;
  /** The role to ask for; undefined for the one the user gets anyway. */
  readonly roleArn: string | undefined;
  /** Where a sealed session may be. */
  readonly request: ViewerRequest;
  /** When an exchange must be over, in milliseconds since the epoch. */
  readonly deadline: number;
}

/** Keeps the sessions of users, by user and role; its state is what it keeps and the exchanges under way. */
export class SessionStore {
  readonly #exchange: Exchange;
  readonly #unseal: Unseal;
  readonly #now: () => number;
  readonly #sessions = new BoundedMap<Session>(MAX_SESSIONS);
  /** What the tokens said that `renew` has exchanged. */
  readonly #sayings = new WeakMap<Session, string>();
  readonly #identityIds = new BoundedMap<string>(MAX_IDENTITIES);
  readonly #underWay = new Map<string, Promise<Session>>();

  /** `now` is in milliseconds. */
  constructor(exchange: Exchange, unseal: Unseal, now: () => number) {
    this.#exchange = exchange;
    this.#unseal = unseal;
    this.#now = now;
  }

  /**
   * The session of the token's user in a role, with credentials that outlive a signature made with them now.
   * @throws GateError `session_ended`, `access_denied` or one of `exchange_*`
   */
  async get(input: SessionInput): Promise<Session> {
    const key = keyOf(input);
    const kept = this.#sessions.get(key);
    if (kept && this.#isLive(kept)) return kept;
    const session = this.#unsealed(input);
    if (!session) return await this.#fresh(input);
    this.#sessions.set(key, session);
    return session;
  }

  /**
   * As `get`, with credentials that are as good as new ones: those kept are used where a token that said the same has got
   * them, and they outlast this one or last for long. Whoever asks again and again makes us ask Cognito once.
   */
  async renew(input: SessionInput, saying: string): Promise<Session> {
    const kept = this.#sessions.get(keyOf(input));
    if (kept && this.#sayings.get(kept) === saying && this.#isFresh(kept, input.token)) return kept;
    this.#unsealed(input);
    const session = await this.#fresh(input);
    this.#sayings.set(session, saying);
    return session;
  }

  async #fresh(input: SessionInput): Promise<Session> {
    const session = await this.#exchanged(input);
    this.#identityIds.set(input.token.sub, session.identityId);
    this.#sessions.set(keyOf(input), session);
    return session;
  }

  #isLive({ credentials }: Session): boolean {
    return credentials.expiresAt * 1000 > this.#now() + SIGNATURE_SECONDS * 1000;
  }

  #isFresh(session: Session, { expiresAt }: VerifiedToken): boolean {
    const atLeast = Math.min(expiresAt, this.#now() / 1000 + FRESH_SECONDS);
    return this.#isLive(session) && session.credentials.expiresAt >= atLeast;
  }

  /** The session that the viewer's cookie holds; one that has expired still says who the user is. */
  #unsealed({ token, roleArn, request }: SessionInput): Session | undefined {
    const session = this.#unseal(request, token, roleArn);
    if (session) this.#identityIds.set(token.sub, session.identityId);
    return session && this.#isLive(session) ? session : undefined;
  }

  async #exchanged(input: SessionInput): Promise<Session> {
    const call = `${input.token.raw} ${keyOf(input)}`;
    const running = this.#underWay.get(call);
    if (running !== undefined) return await running;
    const exchange = this.#exchangeKnowing(input).finally(() => this.#underWay.delete(call));
    this.#underWay.set(call, exchange);
    return await exchange;
  }

  /** Uses the remembered identity id; one that the pool no longer knows is forgotten and asked for again. */
  async #exchangeKnowing({ token, roleArn, deadline }: SessionInput): Promise<Session> {
    const identityId = this.#identityIds.get(token.sub);
    if (!identityId) return await this.#exchange({ token, roleArn, deadline });
    try {
      return await this.#exchange({ token, roleArn, identityId, deadline });
    } catch (error) {
      if (!(error instanceof GateError) || error.code !== "exchange_misconfigured") throw error;
      this.#identityIds.delete(token.sub);
      return await this.#exchange({ token, roleArn, deadline });
    }
  }
}

/**
 * The subject alone for the role that every user gets: V8 remembers the hash of a string that it has seen before. Where
 * folders are named after claims, credentials are for those of their token: one that says something else gets others.
 */
function keyOf({ token: { sub, names }, roleArn }: SessionInput): string {
  if (names) return JSON.stringify([sub, roleArn, names]);
  return roleArn === undefined ? sub : `${sub} ${roleArn}`;
}
