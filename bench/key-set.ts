// The user pool's key set for peers that can only fetch it from Cognito: served on loopback while they load.
import http, { createServer, type IncomingMessage } from "node:http";
import https from "node:https";

/** Runs a function during which `https` requests to Cognito get this key set, and no other host is reached. */
export async function withKeySet<T>(jwks: object, run: () => Promise<T>): Promise<T> {
  const server = createServer((_, response) => {
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(jwks));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address ? address.port : 0;
  const { request, get } = https;
  const standIn = (...args: readonly unknown[]) => {
    const callback = args.find((arg) => typeof arg === "function");
    const onResponse = (response: IncomingMessage) => callback?.(response);
    return http.request({ host: "127.0.0.1", port, path: "/jwks.json" }, onResponse);
  };
  Object.assign(https, { request: standIn, get: (...args: readonly unknown[]) => standIn(...args).end() });
  try {
    return await run();
  } finally {
    Object.assign(https, { request, get });
    server.closeAllConnections();
    server.close();
  }
}
