// Sealed values: what only this gate can have written and only this gate can read, for one purpose.
import {
  createCipheriv,
  createDecipheriv,
  createSecretKey,
  hash,
  type KeyObject,
  randomBytes,
} from "node:crypto";
import type { Config } from "../config/config.ts";
import { createHmacSha256, type Hmac } from "../s3/hmac.ts";

const ALGORITHM = "aes-256-gcm";
const SALT_BYTES = 16;
const IV_BYTES = 12;
const TAG_BYTES = 16;
/** Browsers keep no longer cookies (RFC 6265 §6.1); what is longer is not opened. */
export const MAX_CHARACTERS = 4_096;
const LABEL_CHARACTERS = 12;
/** Values with the right label that are tried under each key. */
const MAX_TRIED = 4;

/** The keys of a configuration, the current one first; what is no key, such as `none`, opens nothing. */
export function sealingKeys({ auth }: Pick<Config, "auth">): readonly Hmac[] {
  const { current = "", previous = "" } = auth?.keys ?? {};
  return [current, previous]
    .filter((key) => /^[0-9a-f]{64}$/.test(key))
    .map((key) => createHmacSha256(Buffer.from(key, "hex")));
}

/**
 * Seals a value (AES-256-GCM, NIST SP 800-38D) with a key of its own, so that no number of cookies wears the gate's key
 * out. `purpose` is authenticated with it: nothing that was sealed for one purpose opens for another.
 * @throws Error without a key
 */
export function seal(plain: Buffer, purpose: string, [key]: readonly Hmac[]): string {
  if (!key) throw new Error("no sealing key");
  const random = randomBytes(SALT_BYTES + IV_BYTES);
  const cipher = createCipheriv(ALGORITHM, keyOf(key, random), random.subarray(SALT_BYTES));
  const sealed = [
    random,
    cipher.setAAD(Buffer.from(purpose)).update(plain),
    cipher.final(),
    cipher.getAuthTag(),
  ];
  return labelOf(purpose, key) + Buffer.concat(sealed).toString("base64url");
}

/**
 * Those of the values that one of the keys sealed for this purpose, opened; never throws. Others can plant hundreds in
 * front of the real one, which cost a comparison each. Who knows the label that the real one begins with has seen it,
 * and so has the session already: only few with it are tried.
 */
export function* opened(
  values: readonly string[],
  purpose: string,
  keys: readonly Hmac[],
): Generator<Buffer, undefined> {
  if (values.length === 0) return;
  for (const key of keys) {
    const label = labelOf(purpose, key);
    const own = values.filter((value) => value.length <= MAX_CHARACTERS && value.startsWith(label));
    for (const value of own.slice(0, MAX_TRIED)) {
      const plain = openWith(key, Buffer.from(value.slice(label.length), "base64url"), purpose);
      if (plain) yield plain;
    }
  }
}

function openWith(key: Hmac, sealed: Buffer, purpose: string): Buffer | undefined {
  if (sealed.length < SALT_BYTES + IV_BYTES + TAG_BYTES) return undefined;
  const iv = sealed.subarray(SALT_BYTES, SALT_BYTES + IV_BYTES);
  const decipher = createDecipheriv(ALGORITHM, keyOf(key, sealed), iv, { authTagLength: TAG_BYTES });
  decipher.setAAD(Buffer.from(purpose)).setAuthTag(sealed.subarray(-TAG_BYTES));
  try {
    return Buffer.concat([
      decipher.update(sealed.subarray(SALT_BYTES + IV_BYTES, -TAG_BYTES)),
      decipher.final(),
    ]);
  } catch {
    // Changed since it was sealed: nobody wrote it.
    return undefined;
  }
}

/** What every value for one purpose begins with, under one key: 72 bits that say nothing to anybody else. */
function labelOf(purpose: string, key: Hmac): string {
  return key(`gatehouse label 1${hash("sha256", purpose, "binary")}`, "base64url").slice(0, LABEL_CHARACTERS);
}

/**
 * One value's key: a pseudo-random function of the gate's key and the value's salt (NIST SP 800-108). As a key object,
 * because ciphers take five times as long with the bytes of a key.
 */
function keyOf(key: Hmac, salted: Buffer): KeyObject {
  const derived = key(`gatehouse seal 1${salted.toString("latin1", 0, SALT_BYTES)}`, "binary");
  return createSecretKey(Buffer.from(derived, "latin1"));
}
