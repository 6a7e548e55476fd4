// Refresh tokens: who holds one, until when, and what rotation leaves of it.
// https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-the-refresh-token.html

import { randomBytes } from "node:crypto";
import { ApiError } from "../json-api/index.ts";
import type { AppClient } from "./app-client.ts";

/** The sign-in that a refresh token continues. */
export interface RefreshableSignIn {
  readonly sub: string;
  readonly clientId: string;
  readonly originJti: string;
  /** Epoch seconds. */
  readonly authTime: number;
  /** The scopes of managed login; without them the user signed in through the API. */
  readonly scope?: string;
}

interface Entry {
  readonly signIn: RefreshableSignIn;
  /** Milliseconds. */
  readonly expiresAt: number;
  /** Milliseconds, once it has been exchanged for another. */
  readonly rotatedOutAt?: number;
}

const AT_MOST = 10_000;
/** The header of Cognito's own: a JSON Web Encryption whose content only the pool can read. */
const HEADER = Buffer.from('{"cty":"JWT","enc":"A256GCM","alg":"RSA-OAEP"}').toString("base64url");
/** Encrypted key, initialisation vector, content and tag: as long as Cognito's, for it has to fit into a cookie. */
const PARTS_BYTES = [256, 12, 960, 16];

/** The refresh tokens of one pool; its state is the newest 10,000. */
export class RefreshTokens {
  readonly #entries = new Map<string, Entry>();
  readonly #now: () => number;

  /** @param now the clock, in milliseconds. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** A new token; `expiresAt`, in milliseconds, is another's whose place it takes. */
  issue(
    signIn: RefreshableSignIn,
    { refreshTokenSeconds }: AppClient,
    expiresAt = this.#now() + refreshTokenSeconds * 1000,
  ): string {
    const token = [HEADER, ...PARTS_BYTES.map((bytes) => randomBytes(bytes).toString("base64url"))].join(".");
    this.#entries.set(token, { signIn, expiresAt });
    const oldest = this.#entries.keys().next().value;
    if (this.#entries.size > AT_MOST && oldest !== undefined) this.#entries.delete(oldest);
    return token;
  }

  /** The sign-in of a token, whether it is still good or not; undefined for what is no token of this client. */
  find(token: string, clientId: string): RefreshableSignIn | undefined {
    const signIn = this.#entries.get(token)?.signIn;
    return signIn?.clientId === clientId ? signIn : undefined;
  }

  /**
   * The sign-in of a token that is still good.
   * @throws ApiError NotAuthorizedException, or RefreshTokenReuseException after rotation.
   */
  check(token: string, clientId: string): RefreshableSignIn {
    const entry = this.#entries.get(token);
    if (!entry || entry.signIn.clientId !== clientId)
      throw new ApiError("NotAuthorizedException", "Invalid Refresh Token.");
    if (entry.expiresAt <= this.#now())
      throw new ApiError("NotAuthorizedException", "Refresh Token has expired.");
    if (entry.rotatedOutAt !== undefined && entry.rotatedOutAt <= this.#now())
      throw new ApiError("RefreshTokenReuseException", "Refresh token has been rotated out.");
    return entry.signIn;
  }

  /** Another token in the place of this one: it ends when that would have, which is good for the period of grace. */
  rotate(token: string, client: AppClient): string | undefined {
    const entry = this.#entries.get(token);
    if (!entry || !client.rotation) return undefined;
    const rotatedOutAt = entry.rotatedOutAt ?? this.#now() + client.rotation.graceSeconds * 1000;
    this.#entries.set(token, { ...entry, rotatedOutAt });
    return this.issue(entry.signIn, client, entry.expiresAt);
  }
}
