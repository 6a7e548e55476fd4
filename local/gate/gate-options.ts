// What a gate can be told.
import type { Log, OriginTarget, Readings, Timeouts, TlsOptions } from "../aws/cloudfront/index.ts";
import type { UserPool } from "../aws/cognito/user-pool.ts";
import type { LambdaOptions } from "../aws/lambda/index.ts";
import type { S3LogEntry } from "../aws/s3/options.ts";
import type { FrontOptions } from "./front.ts";

/** What to run. */
export interface GateOptions {
  /** The port of CloudFront; 0 takes a free one. */
  readonly port: number;
  /** The folder whose files are the bucket's objects. */
  readonly assets: string;
  /** CDK context keys. */
  readonly context?: Readonly<Record<string, unknown>>;
  /** What makes the template of context keys; by default the shipped app. */
  readonly synthesize?: (context: Readonly<Record<string, unknown>>) => unknown;
  readonly readings?: Partial<Readings>;
  /** Whether S3 takes CloudFront's `x-amz-cf-id` without a signature, as AWS leaves open; yes by default. */
  readonly cfIdMayBeUnsigned?: boolean;
  readonly timeouts?: Partial<Timeouts>;
  readonly cloudFrontLog?: Log;
  /** Key and certificate: CloudFront speaks HTTPS, with HTTP/2. */
  readonly tls?: TlsOptions;
  /** User pools besides, as the context's `furtherUserPools` names them: their users bring their tokens. */
  readonly furtherUserPools?: readonly UserPool[];
  /** Where APIs of the context's areas are served on this machine, by their domain names. */
  readonly apis?: Readonly<Record<string, OriginTarget>>;
  /** What viewers call CloudFront, such as `https://assets.example.test`; that it leads to the port is their part. */
  readonly publicUrl?: string;
  /** Further origins under which viewers reach it: sign-in may come back to each of them. */
  readonly origins?: readonly string[];
  /** Where browsers and functions find the managed login; by default another site than `localhost`. */
  readonly loginHost?: "127.0.0.1" | "localhost";
  /** One round trip to Cognito and STS in milliseconds; see `slow-link.ts`. */
  readonly latencyMs?: number;
  /** `"always"`: every request meets a function that has just been started. */
  readonly coldStarts?: LambdaOptions["coldStarts"];
  /** What runs CloudFront Functions: a context of this process (the default), or Debian's njs. */
  readonly functionEngine?: FrontOptions["functionEngine"];
  /** Every event that a Lambda is run with. */
  readonly onEvent?: (event: unknown) => void;
  /** Lines that the functions write. */
  readonly functionLog?: (line: string) => void;
  /** What the embedded S3 answers. */
  readonly s3Log?: (entry: S3LogEntry) => void;
}

/** Those that are the front's. */
export function frontOptions(options: GateOptions): FrontOptions {
  const { readings, timeouts, cloudFrontLog, tls, coldStarts, functionEngine, onEvent, functionLog, apis } =
    options;
  return {
    onEvent,
    functionLog,
    ...(readings && { readings }),
    ...(timeouts && { timeouts }),
    ...(cloudFrontLog && { log: cloudFrontLog }),
    ...(tls && { tls }),
    ...(coldStarts && { coldStarts }),
    ...(apis && { apis }),
    ...(functionEngine && { functionEngine }),
  };
}
