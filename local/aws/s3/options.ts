// What the embedded S3 is given: its bucket, who may call, and what to tell.
import type { ReservedPort } from "../iam/loopback.ts";
import type { Role } from "../iam/role.ts";
import type { Sessions } from "../iam/sessions.ts";
import type { BucketOptions } from "./bucket.ts";
import type { CorsRule } from "./cors.ts";

/** What one server serves. */
export interface S3Options {
  readonly bucket: BucketOptions & { readonly policy?: unknown; readonly cors?: readonly CorsRule[] };
  readonly region: string;
  readonly roles: ReadonlyMap<string, Role>;
  readonly sessions: Pick<Sessions, "find">;
  /** 0, the default, takes a free one; a reserved one is taken over. */
  readonly port?: number | ReservedPort;
  readonly secureTransport?: boolean;
  /**
   * Headers that need no signature although they start with `x-amz-`; none by default. What S3 does with CloudFront's
   * own `x-amz-cf-id` is not documented: presigned URLs work behind CloudFront, so there it seems to be one.
   */
  readonly mayBeUnsigned?: readonly string[];
  /** The clock, in milliseconds. */
  readonly now?: () => number;
  /** Told of each answer, for logs and for tests that count fetches. */
  readonly onAnswer?: (entry: S3LogEntry) => void;
}

/** One line of the access log; it holds no query, which would be a secret. */
export interface S3LogEntry {
  readonly method: string;
  readonly path: string;
  readonly status: number;
  /** S3's error code. */
  readonly code?: string;
}
