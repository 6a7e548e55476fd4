// Listening on loopback only, for every server of the local stack.

import type { Server } from "node:http";

/** Where a server listens, and how to stop it. */
export interface Listening {
  readonly port: number;
  close(): Promise<void>;
}

/**
 * Starts a server on 127.0.0.1; port 0 takes a free one.
 * @throws the system's error, such as EADDRINUSE.
 */
export async function loopback(server: Server, port = 0): Promise<Listening> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject).listen(port, "127.0.0.1", resolve);
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("not listening on a port");
  return { port: address.port, close: () => closed(server) };
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
