// One JSON line for each decision worth one. Never a token, cookie, credential or signature.

/** What an operator learns of one request. */
export interface LogRecord {
  readonly level: "info" | "warn" | "error";
  readonly code: string;
  readonly status: number;
  readonly requestId: string;
  readonly method: string;
  /** What S3 said, where the viewer is told something else. */
  readonly originStatus?: number;
  /** Milliseconds spent. */
  readonly ms?: number;
  /** What went wrong, as error names: messages may quote what a viewer sent. */
  readonly cause?: string;
  /** Where, for what was not foreseen. */
  readonly at?: readonly string[];
}

export type Log = (record: LogRecord) => void;

/** Writes to the function's log group in the region that served the request. */
export const consoleLog: Log = (record) => console.log(JSON.stringify(record));

/** The names of an error and its causes, outermost first. */
export function causeNames(error: unknown): string {
  if (!(error instanceof Error)) return typeof error;
  return error.cause === undefined ? error.name : `${error.name} < ${causeNames(error.cause)}`;
}

/** The innermost stack frames of an error, without its message. */
export function frames(error: unknown): readonly string[] {
  const lines = error instanceof Error ? (error.stack ?? "").split("\n") : [];
  return lines
    .filter((line) => line.trimStart().startsWith("at "))
    .slice(0, 4)
    .map((line) => line.trim());
}
