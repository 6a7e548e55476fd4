// The SDK build with the exchange by STS.
import type { Config } from "./config.ts";
import { createGate } from "./handler.ts";
import { createSign, signPost } from "./sdk-sign.ts";
import { createStsExchange } from "./sts.ts";

/** The parsed configuration, written before the bundle where it is built. */
declare const GATEHOUSE_CONFIG: Config;

export const { handler, originResponse } = createGate(GATEHOUSE_CONFIG, {
  createExchange: (config, http, now) => createStsExchange(config, http, now, signPost, process.env),
  createSign,
});
