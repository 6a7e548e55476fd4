// A gate whose every endpoint is behind a proxy, with a clock of its own, and a browser before it.
import { vi } from "vitest";
import type { ConfigDocument } from "../../../edge/config/config.ts";
import type { EdgeBundleName } from "../../../infra/build/edge-bundles.ts";
import { type Answer, type Asking, Browser, ORIGIN } from "../fixtures/browser.ts";
import { configDocument } from "../fixtures/config.ts";
import { APP, KEYS } from "../fixtures/gate.ts";
import { JWKS } from "../fixtures/tokens.ts";
import { Aws } from "./aws.ts";
import { coldStart, type Handler } from "./build.ts";
import { ENDPOINTS, type Endpoint } from "./faults.ts";
import { type FaultProxy, startProxy } from "./proxy.ts";

const ROLE = "arn:aws:iam::123456789012:role/readers";
/** The log of every stage, by request id. */
const logs = new Map<string, string[]>();
const realNow = Date.now;
let stages = 0;

/** Sends each log line to the stage that it belongs to; what belongs to none is lost in `stray`. */
export function collectLogs(stray: string[]): void {
  vi.spyOn(console, "log").mockImplementation((line: string) => {
    (logs.get(JSON.parse(line).requestId) ?? stray).push(line);
  });
  vi.stubEnv("AWS_ACCESS_KEY_ID", "function-key");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "secret-function");
  vi.stubEnv("AWS_SESSION_TOKEN", "secret-function-token");
}

/** Its state is its clock, the endpoints with their proxies, the browser and the log. */
export class Stage implements AsyncDisposable {
  readonly bundle: EdgeBundleName;
  readonly aws = new Aws();
  readonly browser: Browser;
  readonly logged: string[] = [];
  /** How far the edge's clock is ahead of the real one, in milliseconds. */
  offset = 0;
  /** Where the real clock stands still, in milliseconds since the epoch; undefined where it goes. */
  stoppedAt: number | undefined;
  readonly #id: string;
  readonly #proxies = new Map<Endpoint, FaultProxy>();

  constructor(bundle: EdgeBundleName) {
    stages += 1;
    this.bundle = bundle;
    this.#id = `stage-${stages}`;
    logs.set(this.#id, this.logged);
    this.browser = new Browser(() => Promise.reject(new Error("not started")));
  }

  async start(changes: Partial<ConfigDocument> = {}): Promise<this> {
    await this.aws.start();
    for (const endpoint of ENDPOINTS) this.#proxies.set(endpoint, await startProxy(this.aws.url));
    this.coldStart(changes);
    return this;
  }

  /** What stands before an endpoint. */
  proxy(endpoint: Endpoint): FaultProxy {
    const proxy = this.#proxies.get(endpoint);
    if (!proxy) throw new Error("not started");
    return proxy;
  }

  /** The edge's time, in milliseconds since the epoch. */
  readonly now = (): number => (this.stoppedAt ?? realNow()) + this.offset;

  /** Time goes by for the edge and for AWS, in milliseconds. */
  passTime(ms: number): void {
    this.offset += ms;
    this.aws.now = this.now;
  }

  /** A fresh process of the function; the browser asks it from now on. */
  coldStart(changes: Partial<ConfigDocument> = {}, now: () => number = this.now): Handler {
    const handle = coldStart(this.bundle, this.#config(changes), now);
    const handler: Handler = (event) => handle(named(event, this.#id));
    this.browser.handler = handler;
    return handler;
  }

  ask(url: string, asking?: Asking): Promise<Answer> {
    return this.browser.ask(url, asking);
  }

  /** The way through the managed login, as far as the query of the way back. */
  async startSignIn(): Promise<string> {
    const { location } = await this.ask("/.gatehouse/login?return_to=/a.txt");
    const { state = "", nonce = "" } = Object.fromEntries(new URL(location).searchParams);
    return String(new URLSearchParams({ code: nonce, state }));
  }

  /** A complete sign-in. */
  async signIn(): Promise<void> {
    const back = await this.ask(`/.gatehouse/callback?${await this.startSignIn()}`);
    await this.ask(back.location.replace(ORIGIN, ""));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const proxy of this.#proxies.values()) await proxy[Symbol.asyncDispose]();
    await this.aws[Symbol.asyncDispose]();
    logs.delete(this.#id);
  }

  #config(changes: Partial<ConfigDocument>): ConfigDocument {
    const { identityPool, ...document } = configDocument();
    const exchange = this.bundle.includes("-sts")
      ? { exchange: { kind: "sts", roleArn: ROLE } as const }
      : identityPool && { identityPool };
    return {
      ...document,
      ...exchange,
      userPool: { ...document.userPool, jwks: JWKS },
      auth: { keys: KEYS },
      cors: { origins: [APP] },
      endpoints: {
        cognitoIdentity: this.proxy("pool").url,
        sts: this.proxy("sts").url,
        jwksUri: this.proxy("keys").url,
        oauth: this.proxy("login").url,
        cognitoIdp: this.proxy("api").url,
      },
      ...changes,
    };
  }
}

/** The event under another request id. */
function named(event: unknown, requestId: string): unknown {
  return JSON.parse(JSON.stringify(event), (key, value) => (key === "requestId" ? requestId : value));
}
