// What browsers talk to in front of a RADOS Gateway, which verifies the signature of a preflight, where S3 looks at none.
import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from "node:http";
import { request as httpsRequest } from "node:https";
import { type Listening, loopback } from "../aws/iam/loopback.ts";
import { targetOf } from "./server.ts";

/** Passes every request on as it is, but for the query of a preflight: for that the gateway has no answer. */
export async function startRgwFront(endpoint: string): Promise<Listening & { readonly url: string }> {
  const server = createServer((message, response) => passOn(message, response, endpoint));
  const listening = await loopback(server, 0);
  return { ...listening, url: `http://127.0.0.1:${listening.port}` };
}

function passOn(message: IncomingMessage, response: ServerResponse, endpoint: string): void {
  const { protocol, host, port } = targetOf(endpoint);
  const { method = "GET", url = "/", headers } = message;
  const path = method === "OPTIONS" ? url.split("?")[0] : url;
  const open = protocol === "https" ? httpsRequest : httpRequest;
  const onward = open({ host, port, method, path, headers }, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
    answer.pipe(response);
  });
  onward.on("error", () => response.destroy());
  response.on("close", () => onward.destroy());
  message.pipe(onward);
}
