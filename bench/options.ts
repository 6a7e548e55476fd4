// What `npm run bench` is told.
import { readCommandLine, UsageError } from "../infra/build/command-line.ts";

const MORE = "npm run bench -- --help says more";

export const USAGE = `npm run bench -- [options]

Measures Gatehouse beside its peers and prints one table. Peers are installed into bench/node_modules on the first run.

  --json             the table for programs
  --write            also writes what is printed into docs/performance.md
  --quick            fewer rounds and users: a first look, not figures to quote
  --peer <file.js>   a further peer: a CommonJS file with a check-auth handler, such as that of the aws-samples
  --users <n>        how many people come by one container when memory is measured (100,000)
  --parts            instead: the steps of one warm request
  --scale            instead: simulates 10^5 to 10^7 users
  --load             instead: the local stack under autocannon
  --function         instead: the CloudFront Function of the split placement, in njs
  --hostile          instead: the most expensive requests that CloudFront can deliver
  --help`;

/** What to do, and how thoroughly. */
export interface Options {
  readonly task: "table" | "parts" | "scale" | "load" | "function" | "hostile" | "help";
  readonly json: boolean;
  /** Whether docs/performance.md gets what is printed. */
  readonly write: boolean;
  readonly peer: string | undefined;
  /** Rounds in which warm containers take turns. */
  readonly rounds: number;
  /** Starts of each kind of cold container. */
  readonly starts: number;
  readonly users: number;
}

/** @throws UsageError naming an option that does not exist, or a number that is none */
export function readOptions(args: readonly string[]): Options {
  const values = readCommandLine(
    {
      json: { type: "boolean", default: false },
      write: { type: "boolean", default: false },
      quick: { type: "boolean", default: false },
      peer: { type: "string" },
      users: { type: "string" },
      parts: { type: "boolean" },
      scale: { type: "boolean" },
      load: { type: "boolean" },
      function: { type: "boolean" },
      hostile: { type: "boolean" },
      help: { type: "boolean" },
    },
    MORE,
    args,
  );
  const { json, write, quick, peer } = values;
  const task =
    (["help", "parts", "scale", "load", "function", "hostile"] as const).find((name) => values[name]) ??
    "table";
  const users = Number(values.users ?? (quick ? 5_000 : 100_000));
  if (!(Number.isSafeInteger(users) && users > 0))
    throw new UsageError(`--users: ${values.users} is no number\n${MORE}`);
  return { task, json, write, peer, rounds: quick ? 10 : 40, starts: quick ? 5 : 15, users };
}
