// A CloudFront on this machine: one distribution, played by the rules that AWS documents. See README.md.

import type { Server } from "node:net";
import { ObjectCache } from "./cache.ts";
import { type Distribution, type DistributionInput, parseDistribution } from "./distribution.ts";
import type { Edge, Timeouts } from "./edge.ts";
import { type Invoke, ORIGIN_FUNCTION_TIMEOUT_MS, VIEWER_FUNCTION_TIMEOUT_MS } from "./edge-functions.ts";
import { type FunctionDefinition, inContext, inNjs } from "./function-runtime.ts";
import type { Log } from "./log.ts";
import type { OacSigner } from "./oac.ts";
import { type Connect, createAgents } from "./origin.ts";
import { policyBook } from "./policies.ts";
import { DEFAULT_READINGS, type Readings } from "./readings.ts";
import { createListener, type TlsOptions } from "./server.ts";

export type { DistributionInput } from "./distribution.ts";
export type { Timeouts } from "./edge.ts";
export type { Invoke } from "./edge-functions.ts";
export { type FunctionDefinition, hasNjs, MAX_CODE_BYTES } from "./function-runtime.ts";
export { KeyValueStore } from "./key-value-store.ts";
export type { AccessLogEntry, ErrorLogEntry, Log, LogEntry } from "./log.ts";
export { createOacSigner, type OacSigner } from "./oac.ts";
export type { Connect, OriginTarget } from "./origin.ts";
export { DEFAULT_READINGS, type Readings } from "./readings.ts";
export type { TlsOptions } from "./server.ts";

/** What one CloudFront is made of. */
export interface CloudFrontOptions {
  readonly distribution: DistributionInput;
  /** Resolved properties of the template's cache, origin request and response headers policies, by id. */
  readonly policies: Readonly<Record<string, unknown>>;
  /** Resolved properties of the template's origin access controls, by id. */
  readonly originAccessControls?: Readonly<Record<string, unknown>>;
  readonly invoke: Invoke;
  /** The CloudFront Functions of the template, by ARN. */
  readonly functions?: Readonly<Record<string, FunctionDefinition>>;
  /** What runs them: a context of this process, or Debian's njs. Default `"context"`. */
  readonly functionEngine?: "context" | "njs";
  /** Hears of each run of a CloudFront Function. */
  readonly onFunction?: (functionArn: string) => void;
  /** Where an origin's domain name is served on this machine. */
  readonly connect: Connect;
  /** Signs requests to origins with an origin access control. */
  readonly oac?: OacSigner;
  readonly readings?: Partial<Readings>;
  readonly timeouts?: Partial<Timeouts>;
  readonly log?: Log;
  /** Epoch milliseconds. */
  readonly now?: () => number;
  readonly tls?: TlsOptions;
  /** What a viewer connection without TLS counts as; default `"https"`, because a laptop has no certificate. */
  readonly plainHttpIs?: "https" | "http";
  readonly cacheMaxBytes?: number;
}

/** A running CloudFront. */
export interface CloudFront {
  /** Listens; port 0 takes a free one. Rejects when the port is taken. */
  readonly listen: (port: number, host?: string) => Promise<{ readonly port: number }>;
  /** Empties the cache, as an invalidation of everything. */
  readonly invalidate: () => void;
  /** From now on requests pass the CloudFront Functions untouched, or do not. */
  readonly skipFunctions: (skips: boolean) => void;
  /** Ends all connections. */
  readonly close: () => Promise<void>;
}

/** Reads the configuration (throws for anything it does not emulate) and returns a CloudFront that does not listen yet. */
export function createCloudFront(options: CloudFrontOptions): CloudFront {
  const edge = createEdge(options);
  const servers = new Set<Server>();
  return {
    listen: async (port, host = "127.0.0.1") => {
      const server = createListener(edge, options.tls);
      servers.add(server);
      return { port: await listening(server, port, host) };
    },
    invalidate: () => edge.cache.clear(),
    skipFunctions: (skips) => {
      edge.skipsFunctions = skips;
    },
    close: async () => {
      await Promise.all([...servers].map(closed));
      edge.agents.http.destroy();
      edge.agents.https.destroy();
    },
  };
}

function createEdge(options: CloudFrontOptions): Edge {
  const book = policyBook(options.policies);
  const distribution = parseDistribution(options.distribution, book, options.originAccessControls ?? {});
  return {
    distribution,
    functions: functionsOf(options, distribution),
    skipsFunctions: false,
    cache: new ObjectCache(options.cacheMaxBytes),
    underway: new Map(),
    invoke: options.invoke,
    connect: options.connect,
    agents: createAgents(),
    oac: options.oac,
    readings: { ...DEFAULT_READINGS, ...options.readings },
    timeouts: {
      viewerFunctionMs: VIEWER_FUNCTION_TIMEOUT_MS,
      originFunctionMs: ORIGIN_FUNCTION_TIMEOUT_MS,
      originResponseMs: undefined,
      ...options.timeouts,
    },
    now: options.now ?? Date.now,
    log: options.log ?? (() => {}),
    plainHttpIsHttps: (options.plainHttpIs ?? "https") === "https",
  };
}

/** Every function that a behaviour names, ready to run. */
function functionsOf(
  { functions = {}, functionEngine = "context", onFunction }: CloudFrontOptions,
  { behaviors }: Distribution,
): Edge["functions"] {
  const make = functionEngine === "njs" ? inNjs : inContext;
  const arns = new Set(behaviors.flatMap(({ viewerFunctionArn: arn }) => (arn === undefined ? [] : [arn])));
  return new Map(
    [...arns].map((arn) => {
      const definition = functions[arn];
      if (!definition) throw new Error(`FunctionARN: no function ${arn}`);
      const run = make(definition);
      return [
        arn,
        (event: object, query: string) => {
          onFunction?.(arn);
          return run(event, query);
        },
      ] as const;
    }),
  );
}

function listening(server: Server, port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      server.off("error", reject);
      const address = server.address();
      resolve(typeof address === "object" && address !== null ? address.port : port);
    });
  });
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    if ("closeAllConnections" in server && typeof server.closeAllConnections === "function")
      server.closeAllConnections();
  });
}
