// A proxy on loopback before one endpoint of AWS's: it passes calls on, or breaks them as networks and services do.
import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { text } from "node:stream/consumers";

/** One call that has arrived, with what the endpoint behind the proxy says to it. */
export interface Call {
  readonly socket: Socket;
  readonly response: ServerResponse;
  /** How many calls this connection has carried, with this one. */
  readonly nth: number;
  readonly good: Good;
}

/** A complete answer. */
export interface Good {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

/** What a proxy does with a call. */
export type Fault = (call: Call) => void | Promise<void>;

/** A proxy; `refuse` closes its port, so that nothing listens there any more. */
export interface FaultProxy extends AsyncDisposable {
  readonly url: string;
  /** Calls that have arrived. */
  readonly tries: number;
  fault: Fault;
  refuse(): Promise<void>;
}

/** Nothing is wrong. */
export const pass: Fault = ({ response, good }) => {
  response.writeHead(good.status, { "content-type": good.contentType }).end(good.body);
};

/** A proxy on a port of its own before `upstream`, which hands on the path and everything else of a call. */
export async function startProxy(upstream: string): Promise<FaultProxy> {
  const carried = new WeakMap<Socket, number>();
  let tries = 0;
  const server = createServer({ keepAliveTimeout: 60_000 }, (incoming, response) => {
    tries += 1;
    const { socket } = incoming;
    const nth = (carried.get(socket) ?? 0) + 1;
    carried.set(socket, nth);
    void ask(upstream, incoming).then(
      (good) => proxy.fault({ socket, response, nth, good }),
      // The stage was taken down while a caller that had given up was still served.
      () => socket.destroy(),
    );
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const { port } = server.address() as AddressInfo;
  const refuse = async () => {
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections();
    await closed;
  };
  const proxy: FaultProxy = {
    url: `http://127.0.0.1:${port}`,
    get tries() {
      return tries;
    },
    fault: pass,
    refuse,
    [Symbol.asyncDispose]: refuse,
  };
  return proxy;
}

async function ask(upstream: string, incoming: IncomingMessage): Promise<Good> {
  const { method, url = "", headers } = incoming;
  const body = await text(incoming);
  return await new Promise((resolve, reject) => {
    const call = request(`${upstream}${url}`, { method, headers, agent: false }, async (response) => {
      const contentType = String(response.headers["content-type"]);
      resolve({ status: response.statusCode ?? 0, contentType, body: await text(response) });
    });
    call.on("error", reject).end(body);
  });
}
