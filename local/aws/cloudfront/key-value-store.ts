// A KeyValueStore: pairs of text that CloudFront Functions read, and that change without a deployment.
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/kvs-with-functions.html

/** "Quotas on key value stores": 512 bytes for a key, 1 KB for a value. */
const MAX_KEY_BYTES = 512;
const MAX_VALUE_BYTES = 1024;

/** Its state is the pairs, and whether it fails; changes are seen at once, at the edge within seconds. */
export class KeyValueStore {
  readonly #pairs = new Map<string, string>();
  #fails = false;

  /** @throws for a key or value that is longer than CloudFront takes. */
  put(key: string, value: string): void {
    if (Buffer.byteLength(key) > MAX_KEY_BYTES || Buffer.byteLength(value) > MAX_VALUE_BYTES)
      throw new Error(`KeyValueStore: "${key}" is too long, or its value is`);
    this.#pairs.set(key, value);
  }

  delete(key: string): void {
    this.#pairs.delete(key);
  }

  /** From now on every read fails, or none does. */
  fail(fails: boolean): void {
    this.#fails = fails;
  }

  /** What a function may read; undefined for a store that fails. */
  get pairs(): ReadonlyMap<string, string> | undefined {
    return this.#fails ? undefined : this.#pairs;
  }
}
