// What the managed login remembers, in the form oidc-provider asks for; app clients are read from the pool each time.

import type { Adapter, AdapterFactory, AdapterPayload } from "oidc-provider";
import { type AppClient, STANDARD_SCOPES } from "./app-client.ts";
import type { UserPool } from "./user-pool.ts";

const AT_MOST = 5_000;

interface Stored {
  readonly payload: AdapterPayload;
  /** Milliseconds. */
  readonly expiresAt: number;
}

/** Makes the stores of one managed login: one per kind of thing, bounded, forgotten when the process ends. */
export function loginStores(pool: UserPool): AdapterFactory {
  const everything = new Set<Store>();
  return (name) => {
    if (name === "Client") return new ClientStore(pool);
    const store = new Store(everything);
    everything.add(store);
    return store;
  };
}

/** Sessions, codes or tokens; its state is the newest 5,000. */
class Store implements Adapter {
  readonly #stored = new Map<string, Stored>();
  readonly #everything: ReadonlySet<Store>;

  constructor(everything: ReadonlySet<Store>) {
    this.#everything = everything;
  }

  async upsert(id: string, payload: AdapterPayload, expiresIn?: number): Promise<void> {
    const expiresAt = expiresIn === undefined ? Number.POSITIVE_INFINITY : Date.now() + expiresIn * 1000;
    this.#stored.delete(id);
    this.#stored.set(id, { payload, expiresAt });
    const oldest = this.#stored.keys().next().value;
    if (this.#stored.size > AT_MOST && oldest !== undefined) this.#stored.delete(oldest);
  }

  async find(id: string): Promise<AdapterPayload | undefined> {
    const stored = this.#stored.get(id);
    return stored && stored.expiresAt > Date.now() ? stored.payload : undefined;
  }

  async findByUid(uid: string): Promise<AdapterPayload | undefined> {
    return [...this.#stored.values()].find(({ payload }) => payload.uid === uid)?.payload;
  }

  async findByUserCode(): Promise<undefined> {
    return undefined;
  }

  async consume(id: string): Promise<void> {
    const stored = this.#stored.get(id);
    if (stored) stored.payload.consumed = Math.floor(Date.now() / 1000);
  }

  async destroy(id: string): Promise<void> {
    this.#stored.delete(id);
  }

  async revokeByGrantId(grantId: string): Promise<void> {
    for (const store of this.#everything) store.forget(grantId);
  }

  /** Deletes what a grant gave. */
  forget(grantId: string): void {
    for (const [id, { payload }] of this.#stored) if (payload.grantId === grantId) this.#stored.delete(id);
  }
}

/** The pool's app clients, read-only. */
class ClientStore implements Adapter {
  readonly #pool: UserPool;

  constructor(pool: UserPool) {
    this.#pool = pool;
  }

  async find(id: string): Promise<AdapterPayload | undefined> {
    const client = this.#pool.client(id);
    return client && metadataOf(client);
  }

  async upsert(): Promise<void> {
    throw new Error("app clients are the pool's");
  }

  async findByUid(): Promise<undefined> {
    return undefined;
  }

  async findByUserCode(): Promise<undefined> {
    return undefined;
  }

  async consume(): Promise<void> {}

  async destroy(): Promise<void> {}

  async revokeByGrantId(): Promise<void> {}
}

/** A public client, or one with a secret; of the flows that Cognito has all but the implicit one are played. */
function metadataOf({
  clientId,
  clientSecret,
  callbackUrls,
  oauthFlows,
  oauthScopes,
}: AppClient): AdapterPayload {
  const hasCode = oauthFlows.includes("code");
  const scopes = oauthScopes.filter((scope) => STANDARD_SCOPES.includes(scope));
  const isMachine = oauthFlows.includes("client_credentials");
  return {
    client_id: clientId,
    ...(clientSecret === undefined
      ? { token_endpoint_auth_method: "none" }
      : { token_endpoint_auth_method: "client_secret_basic", client_secret: clientSecret }),
    grant_types: [
      ...(hasCode ? ["authorization_code"] : []),
      ...(isMachine ? ["client_credentials"] : []),
      "refresh_token",
    ],
    response_types: hasCode ? ["code"] : [],
    redirect_uris: [...callbackUrls],
    // Custom ones are looked at where tokens for them are made.
    ...(scopes.length > 0 && { scope: scopes.join(" ") }),
  };
}
