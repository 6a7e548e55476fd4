// The KeyValueStores of an account: what is in them outlives a deployment.

import { KeyValueStore } from "../aws/cloudfront/index.ts";

/** Its state is the stores by ARN. */
export class KeyValueStores {
  readonly #stores = new Map<string, KeyValueStore>();

  /** The store with this ARN, empty when nobody has asked for it before. */
  at(arn: string): KeyValueStore {
    const store = this.#stores.get(arn) ?? new KeyValueStore();
    this.#stores.set(arn, store);
    return store;
  }

  /** The only one; throws when there are none or several. */
  get only(): KeyValueStore {
    const [store, ...others] = this.#stores.values();
    if (!store || others.length > 0) throw new Error(`${others.length + (store ? 1 : 0)} KeyValueStores`);
    return store;
  }
}
