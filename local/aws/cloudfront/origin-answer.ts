// What comes back from a trip to the origin.
import type { Readable } from "node:stream";
import type { Header } from "./headers.ts";

/** What an origin trip ends with: the answer after function and compression, and how long it may be kept. */
export interface OriginAnswer {
  readonly status: number;
  readonly statusDescription: string;
  readonly headers: Map<string, readonly Header[]>;
  readonly body: Buffer | Readable;
  /** Seconds; undefined for not at all. */
  readonly ttl: number | undefined;
}
