// What browsers do not send, or S3 does not answer by itself: by curl, and with faults.

import type { S3Fault } from "../aws/s3/server.ts";
import { curl } from "./curl.ts";
import type { Keep, Scenario, Tools } from "./scenario.ts";

const TEXT = "/documents/opening-hours.txt";
const LIST = "/.gatehouse/list/documents/";

/** Asks with the token in a header; further arguments are curl's. */
function asking(path: string, ...args: readonly string[]): Scenario["run"] {
  return ({ gate, token }) => curl(...bearer(token), ...args, `${gate.url}${path}`);
}

function bearer(token: string): readonly string[] {
  return ["--header", `Authorization: Bearer ${token}`];
}

/** Asks while S3 fails. */
function failing(fault: S3Fault): Scenario["run"] {
  return async (tools: Tools) => {
    tools.gate.s3.setFault(fault);
    await asking(TEXT)(tools);
    tools.gate.s3.setFault();
  };
}

const request = (name: string, uri: string): Keep => ({ as: `viewer-request/${name}`, uri });
const response = (name: string, uri: string): Keep => ({ as: `origin-response/${name}`, uri });

export const CURL_SCENARIOS: readonly Scenario[] = [
  {
    run: asking(TEXT),
    keeps: [request("authorization-header", TEXT), response("text", TEXT)],
  },
  { run: asking(TEXT, "--head"), keeps: [request("head", TEXT), response("head", TEXT)] },
  {
    run: ({ gate, token, cookieName }) =>
      curl(
        ...["--header", "Cookie: theme=dark", "--header", `cookie: ${cookieName}=${token}; locale=en`],
        `${gate.url}${TEXT}`,
      ),
    keeps: [request("http1-split-cookies", TEXT)],
  },
  {
    run: ({ ipv6Url, token }) => curl(...bearer(token), `${ipv6Url}${TEXT}`),
    keeps: [request("ipv6", TEXT), response("ipv6", TEXT)],
  },
  { run: asking("/"), keeps: [request("root", "/")] },
  {
    run: asking(`${TEXT}?name=a+b%20c&name=%C3%BC&empty=&flag`),
    keeps: [request("query", TEXT)],
  },
  {
    run: asking(`${LIST}?max-keys=2&delimiter=/`),
    keeps: [request("listing", LIST), response("listing", "/")],
  },
  { run: asking(TEXT, "--range", "-20"), keeps: [request("range-suffix", TEXT)] },
  {
    run: asking(TEXT, "--time-cond", "Wed, 31 Dec 2025 12:00:00 GMT"),
    keeps: [request("conditional-date", TEXT)],
  },
  { run: asking(TEXT, "--request", "OPTIONS"), keeps: [request("options", TEXT)] },
  {
    run: asking("/documents//none.txt", "--path-as-is"),
    keeps: [request("double-slash", "/documents//none.txt"), response("missing", "/documents//none.txt")],
  },
  {
    run: asking("/odd%20names/gr%c3%bc%c3%9fe.svg", "--path-as-is"),
    keeps: [request("odd-name-lower-case-escapes", "/odd%20names/gr%c3%bc%c3%9fe.svg")],
  },
  {
    run: asking(TEXT, "--range", "999999-"),
    keeps: [response("range-not-satisfiable", TEXT)],
  },
  {
    run: asking(TEXT, "--header", 'If-Match: "another"'),
    keeps: [response("precondition-failed", TEXT)],
  },
  { run: failing("InternalError"), keeps: [response("internal-error", TEXT)] },
  { run: failing("SlowDown"), keeps: [response("slow-down", TEXT)] },
];
