// A user pool's signing keys: one for ID tokens and one for access tokens, as Cognito has, and their rotation.

import { randomBytes } from "node:crypto";
import { type CryptoKey, exportJWK, generateKeyPair, type JWK } from "jose";

/** What a token is signed for: Cognito signs the two kinds with different keys. */
export type TokenUse = "id" | "access";

/** One published key with its private half. */
export interface SigningKey {
  readonly kid: string;
  readonly use: TokenUse;
  readonly privateKey: CryptoKey;
  /** With the fields and the order of Cognito's own key set. */
  readonly publicJwk: JWK;
}

/** The keys of one pool; its state is the published list, in which the newest key of a use signs. */
export class SigningKeys {
  readonly #keys: SigningKey[];

  private constructor(keys: SigningKey[]) {
    this.#keys = keys;
  }

  /** Makes the first pair of RSA-2048 keys. */
  static async create(): Promise<SigningKeys> {
    return new SigningKeys(await Promise.all([newKey("id"), newKey("access")]));
  }

  /** The same keys, to be rotated and removed apart from these. */
  copy(): SigningKeys {
    return new SigningKeys([...this.#keys]);
  }

  /** The key that signs now. */
  current(use: TokenUse): SigningKey {
    const key = this.#keys.findLast((candidate) => candidate.use === use);
    if (!key) throw new Error(`the pool has no key for ${use} tokens`);
    return key;
  }

  /** The public key set. */
  jwks(): { readonly keys: JWK[] } {
    return { keys: this.#keys.map((key) => key.publicJwk) };
  }

  /** Starts signing with new keys; the old ones stay published until they are removed. */
  async rotate(): Promise<void> {
    this.#keys.push(...(await Promise.all([newKey("id"), newKey("access")])));
  }

  /** Stops publishing a key. */
  remove(kid: string): void {
    const at = this.#keys.findIndex((key) => key.kid === kid);
    if (at < 0) throw new Error(`no key ${kid}`);
    this.#keys.splice(at, 1);
  }
}

async function newKey(use: TokenUse): Promise<SigningKey> {
  const { privateKey, publicKey } = await generateKeyPair("RS256", {
    modulusLength: 2048,
    extractable: true,
  });
  const { e, n } = await exportJWK(publicKey);
  const kid = randomBytes(32).toString("base64");
  if (e === undefined || n === undefined) throw new Error("not an RSA key");
  return { kid, use, privateKey, publicJwk: { alg: "RS256", e, kid, kty: "RSA", n, use: "sig" } };
}
