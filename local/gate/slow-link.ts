// A link with latency before a server on this machine: what a far region costs is round trips, not work.

import { connect, createServer, type Server, type Socket } from "node:net";
import { setTimeout as pause } from "node:timers/promises";

/** One link. */
export interface SlowLinkOptions {
  /** The port on 127.0.0.1 that it leads to. */
  readonly to: number;
  /** One round trip, in milliseconds. */
  readonly latencyMs: number;
}

/** A link that is open. */
export interface SlowLink {
  readonly port: number;
  close(): Promise<void>;
}

/**
 * What a new connection costs before its first request: a round trip for TCP, and one for TLS 1.3, which the real
 * service has and this one plays. A connection that is kept costs neither.
 */
const SETUP_ROUND_TRIPS = 2;

/** Opens a link at a free port on 127.0.0.1. Bytes are late, never less: bandwidth is not limited. */
export async function startSlowLink({ to, latencyMs }: SlowLinkOptions): Promise<SlowLink> {
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (near) => {
    const far = connect({ port: to, host: "127.0.0.1", allowHalfOpen: true });
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.setNoDelay(true).on("close", () => sockets.delete(socket));
    }
    const oneWayMs = latencyMs / 2;
    carry(near, far, { oneWayMs, readyAt: performance.now() + SETUP_ROUND_TRIPS * latencyMs });
    carry(far, near, { oneWayMs, readyAt: 0 });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { port: portOf(server), close: () => closed(server, sockets) };
}

interface Delay {
  readonly oneWayMs: number;
  /** When the first byte can start, on the clock of `performance.now()`. */
  readonly readyAt: number;
}

/** Everything that happens on one side happens later on the other, in the same order. */
function carry(from: Socket, to: Socket, { oneWayMs, readyAt }: Delay): void {
  let last = Promise.resolve();
  const later = (act: () => void): void => {
    const due = Math.max(performance.now(), readyAt) + oneWayMs;
    last = last.then(() => pause(Math.max(0, due - performance.now()))).then(act);
  };
  from.on("data", (chunk) => later(() => void to.write(chunk)));
  from.on("end", () => later(() => void to.end()));
  from.on("error", () => later(() => void to.destroy()));
  from.on("close", (hadError) => later(() => void (hadError && to.destroy())));
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("not listening on a port");
  return address.port;
}

function closed(server: Server, sockets: ReadonlySet<Socket>): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    for (const socket of sockets) socket.destroy();
  });
}
