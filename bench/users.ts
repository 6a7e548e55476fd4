// The people of the fixture: each with an ID token as Cognito writes it, credentials, and a sealed session.

import { generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { promisify } from "node:util";
import { createHmacSha256 } from "../edge/s3/hmac.ts";
import type { Session } from "../edge/session/exchange.ts";
import { sealSession } from "../edge/session/sealed-session.ts";
import type { VerifiedToken } from "../edge/token/token.ts";

export const USER_POOL_ID = "us-east-1_BenchPool";
export const CLIENT_ID = "3n4b5urk1ft4fl3mg5e62d9ado";
export const IDENTITY_POOL = "us-east-1:5b0b7e7c-8f0e-4f10-9a41-2f1d6a8c7e55";
const LIFETIME_SECONDS = 12 * 3600;
/** AWS's own session tokens have about 1,200 characters for a role of an identity pool. */
const SESSION_TOKEN_BYTES = 900;

/** What a user's sealed cookie is worth. */
export type Seal = "live" | "expired" | "none";

/** One signed-in person. */
export interface User {
  readonly token: string;
  readonly sub: string;
  readonly session: Session;
}

const signAsync = promisify(sign);

/** Makes users; its state is the pool's key pair and the sealing key. */
export class Users {
  readonly publicKey: KeyObject;
  readonly sealingKey = "5e".repeat(32);
  readonly jwks: { readonly keys: readonly object[] };
  readonly #privateKey: KeyObject;
  readonly kid = "BenchKeyBenchKeyBenchKeyBenchKeyBenchKeyBen=";
  readonly #now = Math.floor(Date.now() / 1000);

  constructor() {
    const pair = generateKeyPairSync("rsa", { modulusLength: 2048 });
    this.publicKey = pair.publicKey;
    this.#privateKey = pair.privateKey;
    const jwk = pair.publicKey.export({ format: "jwk" });
    this.jwks = { keys: [{ ...jwk, kid: this.kid, alg: "RS256", use: "sig" }] };
  }

  /** The user with a number: the same one each time, but for the signature's time. */
  async user(number: number): Promise<User> {
    const id = uuid(number);
    const signed = `${base64url({ kid: this.kid, alg: "RS256" })}.${base64url(this.#claims(id))}`;
    const signature = await signAsync("RSA-SHA256", Buffer.from(signed), this.#privateKey);
    return { token: `${signed}.${signature.toString("base64url")}`, sub: id, session: this.#session(number) };
  }

  /** The value of the sealed cookie, as the gate's own `finish` endpoint would set it. */
  sealed(user: User, seal: Seal): string {
    if (seal === "none") return "";
    const expiresAt = seal === "live" ? user.session.credentials.expiresAt : this.#now - 60;
    // Only these fields of a token are sealed with; its signature is what the gate checks afterwards.
    const token = { clientId: CLIENT_ID, sub: user.sub, expiresAt } as VerifiedToken;
    const config = {
      userPool: { id: USER_POOL_ID },
      identityPool: { id: IDENTITY_POOL },
      exchange: undefined,
    };
    const owner = { config, token, roleArn: undefined };
    return sealSession(user.session, owner, [createHmacSha256(Buffer.from(this.sealingKey, "hex"))]);
  }

  #session(number: number): Session {
    const sessionToken = Buffer.alloc(SESSION_TOKEN_BYTES, `token of user ${number} `).toString("base64");
    return {
      identityId: `us-east-1:${uuid(number)}`,
      credentials: {
        accessKeyId: `ASIA${String(number).padStart(16, "0")}`,
        secretAccessKey: `s3cr3t/${String(number).padStart(33, "0")}`,
        sessionToken,
        expiresAt: this.#now + LIFETIME_SECONDS,
      },
    };
  }

  #claims(id: string): object {
    return {
      at_hash: "ZGF0YSBvZiB0aGUgYmVuY2g",
      sub: id,
      "cognito:groups": ["editors", "readers"],
      email_verified: true,
      iss: `https://cognito-idp.us-east-1.amazonaws.com/${USER_POOL_ID}`,
      "cognito:username": id,
      "cognito:roles": ["arn:aws:iam::123456789012:role/gatehouse-editors"],
      aud: CLIENT_ID,
      token_use: "id",
      auth_time: this.#now,
      exp: this.#now + LIFETIME_SECONDS,
      iat: this.#now,
      jti: id,
      email: "someone@example.com",
    };
  }
}

function uuid(number: number): string {
  return `aaaaaaaa-0000-4000-8000-${number.toString(16).padStart(12, "0")}`;
}

function base64url(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}
