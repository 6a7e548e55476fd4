// Both builds side by side, in front of a loopback Cognito, on a clock that the test moves.
import { afterEach, beforeEach, vi } from "vitest";
import type { ConfigDocument } from "../../../edge/config/config.ts";
import { AUTH_BUNDLES, type BundleName, loadBundle, refusalOf } from "../fixtures/bundle.ts";
import { type FakeCognito, fakeCognito, json, working } from "../fixtures/cognito.ts";
import { configDocument, NOW } from "../fixtures/config.ts";
import { viewerEvent } from "../fixtures/events.ts";
import { JWKS } from "../fixtures/tokens.ts";

type Handler = ReturnType<typeof loadBundle>;

/** What both builds have said to the same request; a test fails where they differ. */
export interface Verdict {
  readonly status: number | "signed";
  readonly code?: string;
  readonly message?: string;
}

/** A refusal for the code, as every build answers it. */
export const REFUSED = {
  token_invalid: { status: 401, code: "token_invalid", message: "The token is not valid here." },
  token_expired: { status: 401, code: "token_expired", message: "The session has expired." },
  token_missing: { status: 401, code: "token_missing", message: "Sign in to see this." },
  id_token_required: {
    status: 401,
    code: "id_token_required",
    message: "An ID token is required; an access token was sent.",
  },
  keys_unavailable: { status: 503, code: "keys_unavailable", message: "The token cannot be checked now." },
} as const satisfies Record<string, Verdict>;

/** The gates of one test. */
export class Gates {
  readonly cognito: FakeCognito;
  /** What the pool publishes, whatever was baked in. */
  published: object = JWKS;
  readonly logged: string[] = [];
  readonly #changes: Partial<ConfigDocument>;
  #handlers: readonly (readonly [BundleName, Handler])[] = [];

  constructor(cognito: FakeCognito, changes: Partial<ConfigDocument>) {
    this.cognito = cognito;
    this.#changes = changes;
    const pool = working(Date.now);
    cognito.answer = (response, call) =>
      call.action === "Jwks" ? json(response, 200, this.published) : pool(response, call);
    this.coldStart();
  }

  /** New processes, with other keys baked in. */
  coldStart(jwks: object = JWKS): void {
    const document = configDocument();
    const { url } = this.cognito;
    const config = {
      ...document,
      ...this.#changes,
      userPool: { ...document.userPool, jwks },
      auth: { keys: { current: "1".repeat(64) } },
      endpoints: { cognitoIdentity: url, cognitoIdp: url, jwksUri: `${url}/jwks.json`, oauth: url },
    };
    this.#handlers = AUTH_BUNDLES.map((name) => [name, loadBundle(name, config)]);
  }

  /** What each build answers to an event. */
  async ask(event: object): Promise<void> {
    for (const [, handler] of this.#handlers) await handler(event);
  }

  /** What each build says to a request for a file with this token. */
  async verdicts(token: string): Promise<readonly Verdict[]> {
    const verdicts: Verdict[] = [];
    for (const [, handler] of this.#handlers)
      verdicts.push(verdictOf(await handler(viewerEvent({ headers: { Authorization: token } }))));
    return verdicts;
  }

  /** What each build makes of the token's claims: the profile, or the code of the refusal. */
  async profiles(token: string): Promise<readonly unknown[]> {
    const profiles: unknown[] = [];
    for (const [, handler] of this.#handlers) {
      const event = viewerEvent({ uri: "/.gatehouse/me", headers: { Authorization: token } });
      const { status, body } = refusalOf(await handler(event));
      profiles.push(status === 200 ? JSON.parse(body) : JSON.parse(body).code);
    }
    return profiles;
  }

  /** What was asked of Cognito, by action. */
  get actions(): readonly string[] {
    return this.cognito.calls.map(({ action }) => action);
  }
}

function verdictOf(result: Awaited<ReturnType<Handler>>): Verdict {
  if (!("status" in result)) return { status: "signed" };
  const { code, message } = JSON.parse(result.body ?? "{}");
  return { status: Number(result.status), code, message };
}

/** Registers the hooks that make the gates of each test; the function returns them. */
export function useGates(changes: Partial<ConfigDocument> = {}): () => Gates {
  let gates: Gates | undefined;
  beforeEach(async () => {
    vi.useFakeTimers({ toFake: ["Date"], now: NOW });
    const made = new Gates(await fakeCognito(Date.now), changes);
    vi.spyOn(console, "log").mockImplementation((line: string) => made.logged.push(line));
    gates = made;
  });
  afterEach(async () => {
    vi.useRealTimers();
    vi.restoreAllMocks();
    await gates?.cognito[Symbol.asyncDispose]();
  });
  return () => {
    if (!gates) throw new Error("outside a test");
    return gates;
  };
}
