// HMAC-SHA-256 with a key that is used again and again: its two padded blocks are made once.
import { hash } from "node:crypto";

const BLOCK_BYTES = 64;
const DIGEST_BYTES = 32;
/** More than any string to sign. */
const MAX_TEXT_BYTES = 512;

/**
 * A keyed hash of ASCII text, in hex (RFC 2104). `createHmac` builds an object and derives both blocks for each text,
 * which takes longer than the hashing; `key` has 64 bytes at most.
 */
export function createHmacSha256(key: Buffer): (text: string) => string {
  const inner = padded(key, 0x36, MAX_TEXT_BYTES);
  const outer = padded(key, 0x5c, DIGEST_BYTES);
  return (text) => {
    const end = BLOCK_BYTES + inner.write(text, BLOCK_BYTES, "latin1");
    hash("sha256", inner.subarray(0, end), "buffer").copy(outer, BLOCK_BYTES);
    return hash("sha256", outer, "hex");
  };
}

/** The key XOR a byte, filled up to a block with that byte, and room behind it. */
function padded(key: Buffer, byte: number, room: number): Buffer {
  const block = Buffer.alloc(BLOCK_BYTES + room, byte);
  for (const [index, value] of key.entries()) block[index] = value ^ byte;
  return block;
}
