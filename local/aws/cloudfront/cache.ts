// The objects at the edge, bounded in bytes; the least recently used go first.

import type { Header } from "./headers.ts";

/** A kept answer. Times in epoch milliseconds. */
export interface CachedObject {
  readonly status: number;
  readonly statusDescription: string;
  readonly headers: Map<string, readonly Header[]>;
  readonly body: Buffer;
  readonly storedAt: number;
  readonly expiresAt: number;
}

const DEFAULT_MAX_BYTES = 256 * 1024 * 1024;
// What an entry costs besides its body.
const OVERHEAD_BYTES = 2048;

/** Holds objects by cache key. */
export class ObjectCache {
  readonly #objects = new Map<string, CachedObject>();
  readonly #maxBytes: number;
  #bytes = 0;

  constructor(maxBytes: number = DEFAULT_MAX_BYTES) {
    this.#maxBytes = maxBytes;
  }

  get size(): number {
    return this.#objects.size;
  }

  get(key: string): CachedObject | undefined {
    const object = this.#objects.get(key);
    if (object === undefined) return undefined;
    this.#objects.delete(key);
    this.#objects.set(key, object);
    return object;
  }

  set(key: string, object: CachedObject): void {
    this.delete(key);
    this.#objects.set(key, object);
    this.#bytes += cost(object);
    for (const oldest of this.#objects.keys()) {
      if (this.#bytes <= this.#maxBytes) break;
      this.delete(oldest);
    }
  }

  delete(key: string): void {
    const object = this.#objects.get(key);
    if (object === undefined) return;
    this.#objects.delete(key);
    this.#bytes -= cost(object);
  }

  clear(): void {
    this.#objects.clear();
    this.#bytes = 0;
  }
}

function cost(object: CachedObject): number {
  return object.body.length + OVERHEAD_BYTES;
}
