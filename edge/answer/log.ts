// One JSON line for each decision worth one. Never a token, cookie, credential or signature.
import { hash } from "node:crypto";

/** What is said of every request. */
export interface Described {
  readonly requestId: string;
  readonly method: string;
  /** Milliseconds spent. */
  readonly ms?: number;
  /** Who, once that is known: the same user has the same word here, which says nothing else. */
  readonly user?: string;
  /** The path of the area that was asked for. */
  readonly area?: string;
}

/** What an operator learns of one request. */
export interface LogRecord extends Described {
  readonly level: "info" | "warn" | "error";
  /** `allowed`, or the code of the refusal. */
  readonly code: string;
  /** What the viewer got, where the function answered. */
  readonly status?: number;
  /** What S3 said, where the viewer is told something else. */
  readonly originStatus?: number;
  /** What went wrong, as error names: messages may quote what a viewer sent. */
  readonly cause?: string;
  /** Where, for what was not foreseen. */
  readonly at?: readonly string[];
}

export type Log = (record: LogRecord) => void;

/** Writes to the function's log group in the region that served the request. */
export const consoleLog: Log = (record) => console.log(JSON.stringify(record));

/** A pseudonym for a user's `sub`, to find one user's lines by (64 bits in hex). */
export function userHash(sub: string): string {
  return hash("sha256", sub, "hex").slice(0, 16);
}

/** The names of an error and its causes, outermost first. */
export function causeNames(error: unknown): string {
  if (!(error instanceof Error)) return typeof error;
  return error.cause === undefined ? error.name : `${error.name} < ${causeNames(error.cause)}`;
}

/** The innermost stack frames of an error, without its message. */
export function frames(error: unknown): readonly string[] {
  const lines = error instanceof Error ? String(error.stack).split("\n") : [];
  return lines
    .filter((line) => line.trimStart().startsWith("at "))
    .slice(0, 4)
    .map((line) => line.trim());
}
