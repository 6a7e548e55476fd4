// What the parts of an operation work on: the stack's resources, and the services that make them.

import { type AccountState, emptyAccount } from "./account-state.ts";
import type { Account } from "./defaults.ts";
import { type DynamicReference, withDynamicReferences } from "./dynamic-references.ts";
import { type JsonObject, requireObject } from "./json.ts";
import { Services, type ServicesOptions } from "./services.ts";
import type { StackEvent, StackResource } from "./stack.ts";
import { HARSH, type Readings, type Removal } from "./steps.ts";

/** How a template is deployed; everything has a default. */
export interface StackOptions extends ServicesOptions {
  /** Default `us-east-1`. */
  readonly region?: string;
  /** Default `123456789012`. */
  readonly accountId?: string;
  /** Default `local`; part of every generated id. */
  readonly stackName?: string;
  readonly parameters?: Readonly<Record<string, string>>;
  /** The value of a `{{resolve:service:…}}` reference, given what stands after `resolve:`. */
  readonly dynamicReference?: DynamicReference;
  /** What else the account has; an empty one by default. */
  readonly state?: AccountState;
  readonly readings?: Partial<Readings>;
  /** Hears of everything that happens to a resource, as it happens. */
  readonly onEvent?: (event: StackEvent) => void;
}

/** Its state is the resources that the stack has, and those that it is about to delete. */
export class Workshop {
  readonly account: Account;
  readonly services: Services;
  readonly readings: Readings;
  resources: ReadonlyMap<string, StackResource> = new Map();
  leaving: readonly Removal[] = [];
  readonly #options: StackOptions;

  constructor(options: StackOptions, stackId: () => string) {
    this.#options = options;
    this.account = {
      region: options.region ?? "us-east-1",
      accountId: options.accountId ?? "123456789012",
      partition: "aws",
      stackName: options.stackName ?? "local",
    };
    this.readings = { ...HARSH, ...options.readings };
    const place = { account: this.account, stackId, resources: () => this.#everything() };
    this.services = new Services(options, place, options.state ?? emptyAccount());
  }

  set(id: string, resource: StackResource): void {
    this.resources = new Map([...this.resources, [id, resource]]);
  }

  keepOnly(ids: readonly string[]): void {
    this.resources = new Map([...this.resources].filter(([id]) => ids.includes(id)));
  }

  leave(removals: readonly Removal[]): void {
    this.leaving = [...this.leaving, ...removals];
  }

  tell(logicalId: string, type: string, status: StackEvent["status"], error?: unknown): void {
    const reason = error instanceof Error ? { reason: error.message } : {};
    this.#options.onEvent?.({ logicalId, type, status, ...reason });
  }

  /** The properties as services are told them: with the values of dynamic references. */
  async resolved(declared: JsonObject): Promise<JsonObject> {
    return requireObject(await withDynamicReferences(declared, this.#options.dynamicReference), "Properties");
  }

  #everything(): ReadonlyMap<string, StackResource> {
    return new Map([...this.leaving.map(({ id, resource }) => [id, resource] as const), ...this.resources]);
  }
}
