// Where the gate is, as browsers see it, and whether a request comes from there.
import type { Config } from "../config/config.ts";
import { GateError } from "../errors.ts";
import { header, type ViewerRequest } from "../request/cloudfront.ts";
import { isConfiguredOrigin } from "./cors.ts";

const LOOPBACK = /^(localhost|127\.0\.0\.1)(:\d+)?$/;
const HOST = /^[a-z0-9.-]+(:\d+)?$/i;

/**
 * The origin that the viewer asked. CloudFront takes only the hosts of its own distribution, and serves them over TLS;
 * a gate on this machine may do without.
 * @throws GateError `invalid_request` without a plausible host
 */
export function originOf(request: ViewerRequest): string {
  const host = header(request, "host");
  if (!HOST.test(host)) throw new GateError("invalid_request");
  return `${LOOPBACK.test(host) ? "http" : "https"}://${host}`;
}

/** Whether a request that changes something comes from a page of ours or of a configured origin. */
export function isFromKnownOrigin(request: ViewerRequest, config: Config): boolean {
  const origin = header(request, "origin");
  return origin === originOf(request) || isConfiguredOrigin(origin, config);
}
