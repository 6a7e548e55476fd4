// Stands in for `https` and `stream` under aws-jwt-verify, so that no TLS module loads unless a call is made.
import type { ClientRequest, IncomingMessage } from "node:http";
import type { RequestOptions } from "node:https";
import type { pipeline as Pipeline } from "node:stream";

export const request = (
  url: string,
  options: RequestOptions,
  onResponse: (response: IncomingMessage) => void,
): ClientRequest => process.getBuiltinModule("node:https").request(url, options, onResponse);

export const pipeline = (...streams: Parameters<typeof Pipeline>) =>
  process.getBuiltinModule("node:stream").pipeline(...streams);
