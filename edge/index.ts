// The default build: exchange and signature on Node's own modules.
import { createExchange } from "./exchange.ts";
import { createGate } from "./handler.ts";
import { createSign } from "./sign.ts";

/** The configuration document, written before the bundle at deploy time. */
declare const GATEHOUSE_CONFIG: unknown;

export const { handler, originResponse } = createGate(GATEHOUSE_CONFIG, { createExchange, createSign });
