// The SDK build: exchange and signature on the AWS SDK's packages.
import type { Config } from "./config.ts";
import { createGate } from "./handler.ts";
import { createExchange } from "./sdk-exchange.ts";
import { createSign } from "./sdk-sign.ts";

/** The parsed configuration, written before the bundle where it is built. */
declare const GATEHOUSE_CONFIG: Config;

export const { handler, originResponse } = createGate(GATEHOUSE_CONFIG, { createExchange, createSign });
