// A small HTTP server on this machine: stands for the user pool's key set and for CloudFormation's answer URL.
import { createServer, type IncomingHttpHeaders } from "node:http";
import { onTestFinished } from "vitest";

export interface Received {
  readonly method: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface Reply {
  readonly status?: number;
  readonly body?: string;
  readonly location?: string;
  /** Never answer. */
  readonly hang?: boolean;
}

export interface Loopback {
  readonly url: string;
  readonly received: Received[];
}

/** Answers the first request with the first reply and so on; the last one stays. Ends with the test. */
export async function serve(first: Reply, ...others: readonly Reply[]): Promise<Loopback> {
  const replies = [first, ...others];
  const received: Received[] = [];
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    const {
      status = 200,
      body: text = "",
      location,
      hang,
    } = replies[received.length] ?? replies.at(-1) ?? {};
    received.push({ method: request.method ?? "", headers: request.headers, body });
    if (hang) return;
    response.writeHead(status, location === undefined ? {} : { location }).end(text);
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  if (typeof address !== "object" || address === null) throw new Error("the server has no port");
  return { url: `http://127.0.0.1:${address.port}/`, received };
}
