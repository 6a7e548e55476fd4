// The SDK build: exchange and signature on the AWS SDK's packages.
import { createGate } from "./handler.ts";
import { createExchange, createSign } from "./sdk.ts";

/** The configuration document, written before the bundle at deploy time. */
declare const GATEHOUSE_CONFIG: unknown;

export const { handler, originResponse } = createGate(GATEHOUSE_CONFIG, { createExchange, createSign });
