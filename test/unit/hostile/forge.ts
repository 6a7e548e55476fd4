// Tokens that no user pool makes: any header and payload, as text or bytes, under any signature.
import {
  constants,
  createHmac,
  generateKeyPairSync,
  type KeyObject,
  privateEncrypt,
  sign,
} from "node:crypto";
import { ID_CLAIMS, KEY, type SigningKey } from "../fixtures/tokens.ts";

/** JSON as an object, or text and bytes that may be no JSON at all. */
export type Part = object | string | Uint8Array;

export const GOOD_HEADER = { alg: "RS256", kid: KEY.kid };

/** What is signed: both parts in base64url. */
export function signingInput(header: Part, payload: Part): string {
  return `${encoded(header)}.${encoded(payload)}`;
}

/** A token with a good RS256 signature over whatever it says. */
export function genuine(header: Part, payload: Part, key: SigningKey = KEY): string {
  return withSignature(header, payload, (input) => sign("RSA-SHA256", input, key.privateKey));
}

/** A token whose signature is made by `make` from the signing input. */
export function withSignature(header: Part, payload: Part, make: (input: Buffer) => Buffer): string {
  const input = signingInput(header, payload);
  return `${input}.${make(Buffer.from(input)).toString("base64url")}`;
}

/** A token with an HMAC under bytes that everybody knows. */
export function hmacSigned(algorithm: string, secret: string | Buffer): string {
  return withSignature({ ...GOOD_HEADER, alg: algorithm }, ID_CLAIMS, (input) =>
    createHmac(`sha${algorithm.slice(-3)}`, secret)
      .update(input)
      .digest(),
  );
}

/** A token whose signature block is this, under the raw RSA operation: what a lenient reader of PKCS #1 would take. */
export function withBlock(make: (input: Buffer) => Buffer, key: SigningKey = KEY): string {
  return withSignature(GOOD_HEADER, ID_CLAIMS, (input) => rawRsa(make(input), key.privateKey));
}

/** A block as RFC 8017 §9.2 has it, with what stands for the digest info. */
export function block(digestInfo: Buffer, bytes = 256): Buffer {
  const padding = Buffer.alloc(bytes - 3 - digestInfo.length, 0xff);
  return Buffer.concat([Buffer.from([0, 1]), padding, Buffer.from([0]), digestInfo]);
}

/** An RSA key with a certain size or exponent. */
export function rsaKey(kid: string, modulusLength: number, publicExponent = 65_537): SigningKey {
  const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength, publicExponent });
  return { kid, privateKey, jwk: { ...publicKey.export({ format: "jwk" }), kid, alg: "RS256", use: "sig" } };
}

/** Characters that are wider than a byte become UTF-8. */
export function encoded(part: Part): string {
  if (part instanceof Uint8Array) return Buffer.from(part).toString("base64url");
  return Buffer.from(typeof part === "string" ? part : JSON.stringify(part)).toString("base64url");
}

function rawRsa(value: Buffer, key: KeyObject): Buffer {
  return privateEncrypt({ key, padding: constants.RSA_NO_PADDING }, value);
}
