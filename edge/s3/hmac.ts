// HMAC-SHA-256 with a key that is used again and again: its two padded blocks are made once.
import { hash } from "node:crypto";

const BLOCK_BYTES = 64;
const DIGEST_BYTES = 32;
/** More than any string to sign. */
const MAX_TEXT_BYTES = 256;

/** A keyed hash of Latin-1 text; throws a RangeError for more than 256 characters. */
export type Hmac = (text: string, encoding?: "hex" | "base64url" | "binary") => string;

/**
 * Makes the keyed hash of a key of at most 64 bytes (RFC 2104). `createHmac` builds an object and derives both blocks for
 * each text, which takes longer than the hashing; and digests as Latin-1 text cost less than digests as buffers.
 */
export function createHmacSha256(key: Buffer): Hmac {
  const inner = padded(key, 0x36, MAX_TEXT_BYTES);
  const outer = padded(key, 0x5c, DIGEST_BYTES);
  return (text, encoding = "hex") => {
    if (text.length > MAX_TEXT_BYTES) throw new RangeError();
    const end = BLOCK_BYTES + inner.write(text, BLOCK_BYTES, "latin1");
    outer.write(hash("sha256", inner.subarray(0, end), "binary"), BLOCK_BYTES, "latin1");
    return hash("sha256", outer, encoding);
  };
}

/** The key XOR a byte, filled up to a block with that byte, and room behind it. */
function padded(key: Buffer, byte: number, room: number): Buffer {
  const block = Buffer.alloc(BLOCK_BYTES + room, byte);
  for (const [index, value] of key.entries()) block[index] = value ^ byte;
  return block;
}
