// What the local CloudFront reports: one access line per request, and the reason behind each error page.

/** One line of the access log; field names after "Standard log file fields". */
export interface AccessLogEntry {
  readonly type: "access";
  readonly time: number;
  readonly requestId: string;
  readonly clientIp: string;
  readonly method: string;
  readonly host: string;
  /** cs-uri-stem and cs-uri-query; which query is a reading. */
  readonly uri: string;
  readonly query: string;
  readonly status: number;
  /** x-edge-result-type. */
  readonly resultType: string;
  readonly pathPattern: string;
  readonly httpVersion: string;
}

/** Why CloudFront answered with an error of its own. */
export interface ErrorLogEntry {
  readonly type: "error";
  readonly requestId: string;
  readonly status: number;
  readonly resultType: string;
  readonly reason: string;
  readonly cause: unknown;
}

export type LogEntry = AccessLogEntry | ErrorLogEntry;
export type Log = (entry: LogEntry) => void;
