// Listening on loopback only, for every server of the local stack.

import type { Server } from "node:http";
import { createServer, type Server as NetServer } from "node:net";

/** Where a server listens, and how to stop it. */
export interface Listening {
  readonly port: number;
  close(): Promise<void>;
}

/** A port that is held for a server which starts later: nobody else can take it in between. */
export interface ReservedPort {
  readonly port: number;
  readonly holder: NetServer;
  /** Lets go of the port; nothing happens when a server that took it over has closed. */
  close(): Promise<void>;
}

/** Holds a free port on 127.0.0.1, for a server whose address has to be known before it can start. */
export async function reservePort(): Promise<ReservedPort> {
  const holder = createServer();
  await new Promise<void>((resolve) => holder.listen(0, "127.0.0.1", resolve));
  return { port: portOf(holder), holder, close: async () => void holder.close() };
}

/**
 * Starts a server on 127.0.0.1; port 0 takes a free one, a reserved one is taken over.
 * @throws the system's error, such as EADDRINUSE.
 */
export async function loopback(server: Server, place: number | ReservedPort = 0): Promise<Listening> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    if (typeof place === "number") server.listen(place, "127.0.0.1", resolve);
    else server.listen(place.holder, resolve);
  });
  return { port: portOf(server), close: () => closed(server) };
}

function portOf(server: NetServer): number {
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("not listening on a port");
  return address.port;
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
