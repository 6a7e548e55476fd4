// A stage for the tests: an origin server, a CloudFront in front of it, a plain client, and a clock that only tests move.

import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";
import {
  type CloudFrontOptions,
  createCloudFront,
  type KeyValueStore,
  type LogEntry,
  type Readings,
} from "../../../../local/aws/cloudfront/index.ts";

/** One answer as a client sees it; header names in lower case. */
export interface Answer {
  readonly status: number;
  readonly statusMessage: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly rawHeaders: readonly string[];
  readonly body: Buffer;
  readonly text: string;
}

/** One request as the origin saw it. */
export interface Seen {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly names: readonly string[];
  readonly body: string;
}

export type OriginHandler = (seen: Seen, response: ServerResponse, request: IncomingMessage) => void;
export type EdgeFunction = (event: never) => unknown;

export interface StageOptions {
  readonly origin?: OriginHandler;
  readonly behavior?: Record<string, unknown>;
  readonly behaviors?: readonly Record<string, unknown>[];
  readonly originConfig?: Record<string, unknown>;
  readonly config?: Record<string, unknown>;
  readonly policies?: Record<string, unknown>;
  readonly viewerRequest?: (event: ViewerRequestEvent) => unknown;
  readonly originRequest?: (event: OriginRequestEvent) => unknown;
  readonly originResponse?: (event: OriginResponseEvent) => unknown;
  /** The code of a CloudFront Function at viewer-request. */
  readonly viewerFunction?: string;
  readonly store?: KeyValueStore;
  readonly includeBody?: boolean;
  readonly readings?: Partial<Readings>;
  readonly cloudFront?: Partial<CloudFrontOptions>;
}

interface EventHeader {
  readonly key: string;
  readonly value: string;
}

/** What test functions read of an event. */
export interface ViewerRequestEvent {
  Records: {
    cf: {
      config: Record<string, string>;
      request: {
        clientIp: string;
        method: string;
        uri: string;
        querystring: string;
        headers: Record<string, EventHeader[]>;
        body?: { data: string; inputTruncated: boolean; action: string; encoding: string };
      };
    };
  }[];
}

export interface OriginRequestEvent {
  Records: {
    cf: {
      config: Record<string, string>;
      request: ViewerRequestEvent["Records"][number]["cf"]["request"] & { origin: unknown };
    };
  }[];
}

export interface OriginResponseEvent {
  Records: {
    cf: {
      config: Record<string, string>;
      request: ViewerRequestEvent["Records"][number]["cf"]["request"] & { origin: unknown };
      response: { status: string; statusDescription: string; headers: Record<string, EventHeader[]> };
    };
  }[];
}

export const CACHE_ALL = "cache-all";
export const CACHE_NONE = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad";
export const FORWARD_QUERY = "forward-query";

/** A cache policy's properties; `settings` overrides the parameters of the key. */
export function cachePolicy(
  ttl: readonly [number, number, number],
  settings: Record<string, unknown> = {},
): unknown {
  const [MinTTL, DefaultTTL, MaxTTL] = ttl;
  return {
    CachePolicyConfig: {
      Name: "test",
      MinTTL,
      DefaultTTL,
      MaxTTL,
      ParametersInCacheKeyAndForwardedToOrigin: {
        EnableAcceptEncodingGzip: false,
        EnableAcceptEncodingBrotli: false,
        HeadersConfig: { HeaderBehavior: "none" },
        CookiesConfig: { CookieBehavior: "none" },
        QueryStringsConfig: { QueryStringBehavior: "none" },
        ...settings,
      },
    },
  };
}

/** An origin request policy's properties. */
export function originRequestPolicy(settings: Record<string, unknown>): unknown {
  return {
    OriginRequestPolicyConfig: {
      Name: "test",
      HeadersConfig: { HeaderBehavior: "none" },
      CookiesConfig: { CookieBehavior: "none" },
      QueryStringsConfig: { QueryStringBehavior: "none" },
      ...settings,
    },
  };
}

const YEAR = 31_536_000;
const VERSION_ARN = "arn:aws:lambda:us-east-1:123456789012:function:gate:1";
const REQUEST_ARN = "arn:aws:lambda:us-east-1:123456789012:function:gate-request:1";
export const FUNCTION_ARN = "arn:aws:cloudfront::123456789012:function/gate";
const RESPONSE_ARN = "arn:aws:lambda:us-east-1:123456789012:function:gate-response:1";

export class Stage {
  /** Whether requests pass the CloudFront Function untouched. */
  skipFunctions: (skips: boolean) => void = () => {};
  readonly seen: Seen[] = [];
  readonly log: LogEntry[] = [];
  /** Milliseconds; advance it to let objects age. */
  clock = Date.parse("2026-01-01T00:00:00Z");
  port = 0;

  /** Seconds pass. */
  wait(seconds: number): void {
    this.clock += seconds * 1000;
  }

  get(path: string, headers: Readonly<Record<string, string | string[]>> = {}): Promise<Answer> {
    return this.send("GET", path, headers);
  }

  send(
    method: string,
    path: string,
    headers: Readonly<Record<string, string | string[]>> = {},
    body?: Buffer | string,
  ): Promise<Answer> {
    return send(this.port, method, path, headers, body);
  }

  /** X-Cache of a GET. */
  async xCache(path: string, headers: Record<string, string> = {}): Promise<string | undefined> {
    return (await this.get(path, headers)).headers["x-cache"];
  }

  /** The reasons of error pages so far. */
  reasons(): string[] {
    return this.log.flatMap((entry) => (entry.type === "error" ? [entry.reason] : []));
  }
}

/** Starts origin and CloudFront; both end with the test. */
export async function stage(options: StageOptions = {}): Promise<Stage> {
  const result = new Stage();
  const origin = createServer((incoming, response) => {
    void seenBy(incoming).then((seen) => {
      result.seen.push(seen);
      (options.origin ?? ((_seen, answer) => answer.end("hello")))(seen, response, incoming);
    });
  });
  await new Promise<void>((resolve) => origin.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    origin.closeAllConnections();
    origin.close();
  });
  const cloudFront = createCloudFront(cloudFrontOptions(options, portOf(origin.address()), result));
  result.skipFunctions = cloudFront.skipFunctions;
  result.port = (await cloudFront.listen(0)).port;
  onTestFinished(() => cloudFront.close());
  return result;
}

/** Options of a CloudFront with one S3 origin and, where given, the two functions. */
export function cloudFrontOptions(
  options: StageOptions,
  originPort: number,
  result: Stage,
): CloudFrontOptions {
  const associations = [
    ...(options.viewerRequest
      ? [
          {
            EventType: "viewer-request",
            LambdaFunctionARN: VERSION_ARN,
            IncludeBody: options.includeBody ?? false,
          },
        ]
      : []),
    ...(options.originRequest ? [{ EventType: "origin-request", LambdaFunctionARN: REQUEST_ARN }] : []),
    ...(options.originResponse ? [{ EventType: "origin-response", LambdaFunctionARN: RESPONSE_ARN }] : []),
  ];
  const behavior = {
    TargetOriginId: "s3",
    ViewerProtocolPolicy: "redirect-to-https",
    AllowedMethods: ["GET", "HEAD", "OPTIONS"],
    CachePolicyId: CACHE_ALL,
    LambdaFunctionAssociations: associations,
    ...(options.viewerFunction !== undefined && {
      FunctionAssociations: [{ EventType: "viewer-request", FunctionARN: FUNCTION_ARN }],
    }),
    ...options.behavior,
  };
  const s3 = {
    Id: "s3",
    DomainName: "bucket.s3.eu-west-1.amazonaws.com",
    S3OriginConfig: { OriginAccessIdentity: "" },
    ...options.originConfig,
  };
  return {
    distribution: {
      id: "EDFDVBD6EXAMPLE",
      domainName: "d111111abcdef8.cloudfront.net",
      config: {
        Enabled: true,
        Origins: [s3],
        DefaultCacheBehavior: behavior,
        CacheBehaviors: (options.behaviors ?? []).map((changes) => ({
          ...behavior,
          LambdaFunctionAssociations: [],
          ...changes,
        })),
        ...options.config,
      },
    },
    policies: {
      [CACHE_ALL]: cachePolicy([0, 86_400, YEAR]),
      [FORWARD_QUERY]: originRequestPolicy({ QueryStringsConfig: { QueryStringBehavior: "all" } }),
      ...options.policies,
    },
    invoke: async (functionArn, event) => {
      const copy = JSON.parse(JSON.stringify(event));
      const run =
        functionArn === VERSION_ARN
          ? options.viewerRequest
          : functionArn === REQUEST_ARN
            ? options.originRequest
            : options.originResponse;
      const answer = run?.(copy);
      return JSON.parse(JSON.stringify((await answer) ?? null));
    },
    functions: { [FUNCTION_ARN]: { code: options.viewerFunction ?? "", store: options.store } },
    connect: () => ({ protocol: "http", host: "127.0.0.1", port: originPort }),
    readings: options.readings ?? {},
    log: (entry) => result.log.push(entry),
    now: () => result.clock,
    ...options.cloudFront,
  };
}

function portOf(address: AddressInfo | string | null): number {
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}

async function seenBy(incoming: IncomingMessage): Promise<Seen> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(Buffer.from(chunk));
  return {
    method: incoming.method ?? "",
    url: incoming.url ?? "",
    headers: Object.fromEntries(
      Object.entries(incoming.headers).map(([name, value]) => [name, String(value)]),
    ),
    names: incoming.rawHeaders.filter((_, i) => i % 2 === 0),
    body: Buffer.concat(chunks).toString(),
  };
}

// A flat list keeps spelling and repeated lines, which Node would otherwise join.
function rawHeaders(
  port: number,
  headers: Readonly<Record<string, string | string[]>>,
  body: Buffer | string | undefined,
): string[] {
  const lines = Object.entries(headers).flatMap(([name, value]) =>
    [value].flat().flatMap((line) => [name, line]),
  );
  const hasHost = Object.keys(headers).some((name) => name.toLowerCase() === "host");
  return [
    ...(hasHost ? [] : ["Host", `127.0.0.1:${port}`]),
    ...lines,
    ...(body === undefined ? [] : ["Content-Length", String(Buffer.byteLength(body))]),
  ];
}

/** One request on a connection of its own. */
export function send(
  port: number,
  method: string,
  path: string,
  headers: Readonly<Record<string, string | string[]>>,
  body?: Buffer | string,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const outgoing = request(
      { host: "127.0.0.1", port, method, path, headers: rawHeaders(port, headers, body), agent: false },
      (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("error", reject);
        response.on("end", () => {
          const bytes = Buffer.concat(chunks);
          resolve({
            status: response.statusCode ?? 0,
            statusMessage: response.statusMessage ?? "",
            headers: Object.fromEntries(
              Object.entries(response.headers).map(([name, value]) => [name, String(value)]),
            ),
            rawHeaders: response.rawHeaders,
            body: bytes,
            text: bytes.toString(),
          });
        });
      },
    );
    outgoing.on("error", reject);
    outgoing.end(body);
  });
}
