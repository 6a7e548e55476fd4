// Where the servers of the local stack will be: the template names them before they can start.

import { type ReservedPort, reservePort } from "../aws/iam/loopback.ts";
import type { Closables } from "./closables.ts";
import { startSlowLink } from "./slow-link.ts";

/** A place for one server. */
export interface Place {
  /** The port that the server takes over. */
  readonly port: ReservedPort;
  /** How it is reached: directly, or over a link with latency. */
  readonly url: string;
}

/** The servers whose addresses go into the configuration. */
export interface Places {
  readonly userPool: Place;
  readonly managedLogin: Place;
  readonly identityPool: Place;
  readonly sts: Place;
  /** The embedded S3, as functions reach it. */
  readonly s3: Place;
}

/** Holds a port for each server; with a latency each gets a link before it. */
export async function reservePlaces(
  running: Closables,
  { latencyMs, loginHost = "127.0.0.1" }: { readonly latencyMs?: number; readonly loginHost?: string },
): Promise<Places> {
  const place = async (host = "127.0.0.1"): Promise<Place> => {
    const port = running.add(await reservePort());
    const link =
      latencyMs === undefined ? undefined : running.add(await startSlowLink({ to: port.port, latencyMs }));
    return { port, url: `http://${host}:${link?.port ?? port.port}` };
  };
  return {
    userPool: await place(),
    managedLogin: await place(loginHost),
    identityPool: await place(),
    sts: await place(),
    s3: await place(),
  };
}
