// The pass: what a CloudFront Function, which knows no RSA, can check of a session. Also part of that function.

/** What a pass says (RFC 7519), signed with HMAC-SHA-256 by whoever has verified the ID token that it stands for. */
export interface PassClaims {
  /** The gate's id. */
  readonly iss: string;
  readonly sub: string;
  /** When the ID token was issued, in seconds since the epoch: an old token gets nobody a newer pass. */
  readonly iat: number;
  /** When it ends, with the ID token. */
  readonly exp: number;
  /** Of the user's groups those that areas name, and whose role the user has. */
  readonly groups: readonly string[];
  /** Of the hash of the ID token one half, as OpenID Connect Core §3.1.3.6 has it. */
  readonly id_hash: string;
}

/** Of a token's hash; 128 bits. */
export const ID_HASH_CHARACTERS = 22;

/**
 * What the pass of an ID token begins with: its header, which names the token's end. Others can plant passes beside the
 * real one, but none that begins so, for they do not know the token.
 */
export function passStart(idToken: string): string {
  const header = `{"alg":"HS256","typ":"JWT","kid":"${idToken.slice(-9)}"}`;
  return `${Buffer.from(header).toString("base64url")}.`;
}
