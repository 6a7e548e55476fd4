// The default build: exchange and signature on Node's own modules.
import type { Config } from "./config.ts";
import { createExchange } from "./exchange.ts";
import { createGate } from "./handler.ts";
import { createSign } from "./sign.ts";

/** The parsed configuration, written before the bundle where it is built. */
declare const GATEHOUSE_CONFIG: Config;

export const { handler, originResponse } = createGate(GATEHOUSE_CONFIG, { createExchange, createSign });
