// The functions of an account as Lambda keeps them: the unpublished code, numbered versions, and replicas at the edge.

import { AwsError } from "../cloudformation/aws-error.ts";
import type { JsonObject } from "../cloudformation/json.ts";

/** How replicas go; everything has a default. */
export interface FunctionsOptions {
  /** The clock, in milliseconds. */
  readonly now?: () => number;
  /** How long replicas outlive the last distribution that named their version; four hours by default. */
  readonly replicaLifeMs?: number;
}

interface StoredFunction {
  readonly properties: JsonObject;
  readonly versions: ReadonlyMap<number, JsonObject>;
  /** The number of the next version: numbers are not used again. */
  readonly next: number;
}

/** Of a version that has been at the edge: the distributions that name it, and when the last one let go of it. */
interface Replica {
  readonly distributions: ReadonlySet<string>;
  readonly releasedAt: number;
}

/**
 * "It can take a few hours": four is between the quickest and the slowest that people report.
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/lambda-edge-delete-replicas.html
 */
const REPLICA_LIFE_MS = 4 * 60 * 60 * 1000;

/** What a version does not hold: it is the function's alone. */
const NOT_PUBLISHED = ["FunctionName", "Tags"];

/** Outlives every stack; its state is the functions by ARN, their versions, and which of them have replicas. */
export class Functions {
  readonly #functions = new Map<string, StoredFunction>();
  readonly #replicas = new Map<string, Replica>();
  readonly #now: () => number;
  readonly #replicaLifeMs: number;

  constructor({ now = Date.now, replicaLifeMs = REPLICA_LIFE_MS }: FunctionsOptions = {}) {
    this.#now = now;
    this.#replicaLifeMs = replicaLifeMs;
  }

  /** Makes a function, or changes what is unpublished of it. */
  put(functionArn: string, properties: JsonObject): void {
    const { versions = new Map(), next = 1 } = this.#functions.get(functionArn) ?? {};
    this.#functions.set(functionArn, { properties, versions, next });
  }

  /**
   * Makes a version of what is unpublished. "Lambda doesn't publish a version if the function's configuration and code
   * haven't changed since the last version", which CloudFormation reports as a failure.
   * https://docs.aws.amazon.com/lambda/latest/api/API_PublishVersion.html
   * @throws AwsError AlreadyExists
   */
  publish(functionArn: string): number {
    const stored = this.#stored(functionArn);
    const [last] = [...stored.versions.keys()].toSorted((a, b) => b - a);
    if (last !== undefined && published(stored.versions.get(last) ?? {}) === published(stored.properties))
      throw new AwsError(
        "AlreadyExists",
        `A version for this Lambda function exists ( ${last} ). Modify the function to create a new version.`,
      );
    const versions = new Map([...stored.versions, [stored.next, stored.properties]]);
    this.#functions.set(functionArn, { ...stored, versions, next: stored.next + 1 });
    return stored.next;
  }

  /** The function's properties as they are now; @throws AwsError NotFound. */
  unpublished(functionArn: string): JsonObject {
    return this.#stored(functionArn).properties;
  }

  /** The function's properties as they were published; undefined when there is no such version. */
  published(versionArn: string): JsonObject | undefined {
    const [functionArn, number] = splitVersion(versionArn);
    return this.#functions.get(functionArn)?.versions.get(number);
  }

  /** How many versions of a function there are. */
  count(functionArn: string): number {
    return this.#functions.get(functionArn)?.versions.size ?? 0;
  }

  /** The versions that a distribution names from now on: they are replicated, and those that it named let go. */
  associate(distribution: string, versionArns: readonly string[]): void {
    for (const arn of versionArns) if (!this.published(arn)) throw missing(arn);
    const before = [...this.#replicas].filter(([, { distributions }]) => distributions.has(distribution));
    for (const [arn, replica] of before) {
      const distributions = new Set([...replica.distributions].filter((id) => id !== distribution));
      this.#replicas.set(arn, { distributions, releasedAt: this.#now() });
    }
    for (const arn of versionArns) {
      const distributions = new Set([...(this.#replicas.get(arn)?.distributions ?? []), distribution]);
      this.#replicas.set(arn, { distributions, releasedAt: this.#now() });
    }
  }

  /** @throws AwsError for a version with replicas. */
  removeVersion(versionArn: string): void {
    this.#refuseReplicated(versionArn);
    const [functionArn, number] = splitVersion(versionArn);
    const stored = this.#functions.get(functionArn);
    if (!stored) return;
    const versions = new Map([...stored.versions].filter(([at]) => at !== number));
    this.#functions.set(functionArn, { ...stored, versions });
  }

  /** Removes a function with all its versions; @throws AwsError when one of them has replicas. */
  remove(functionArn: string): void {
    const numbers = [...(this.#functions.get(functionArn)?.versions.keys() ?? [])];
    for (const number of numbers) this.#refuseReplicated(`${functionArn}:${number}`);
    this.#functions.delete(functionArn);
  }

  #refuseReplicated(versionArn: string): void {
    const replica = this.#replicas.get(versionArn);
    if (!replica) return;
    if (replica.distributions.size === 0 && this.#now() - replica.releasedAt >= this.#replicaLifeMs) return;
    throw new AwsError(
      "InvalidRequest",
      `Lambda was unable to delete ${versionArn} because it is a replicated function. Please see our documentation for Deleting Lambda@Edge Functions and Replicas.`,
    );
  }

  #stored(functionArn: string): StoredFunction {
    const stored = this.#functions.get(functionArn);
    if (!stored) throw missing(functionArn);
    return stored;
  }
}

function missing(arn: string): AwsError {
  return new AwsError("NotFound", `Function not found: ${arn}`);
}

function published(properties: JsonObject): string {
  const kept = Object.entries(properties).filter(([name]) => !NOT_PUBLISHED.includes(name));
  return JSON.stringify(kept.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

// arn:aws:lambda:region:account:function:name:version
function splitVersion(versionArn: string): [functionArn: string, number: number] {
  const parts = versionArn.split(":");
  return [parts.slice(0, 7).join(":"), Number(parts[7])];
}
