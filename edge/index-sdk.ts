// The SDK build: tokens, exchange and signature on AWS's packages.
import { signIn } from "./auth/index.ts";
import type { Config } from "./config/config.ts";
import { createGate } from "./handler.ts";
import { originRequest as decideMiss } from "./origin-request.ts";
import { createExchange } from "./sdk/exchange.ts";
import { createSign } from "./sdk/sign.ts";
import { createVerifyJwt } from "./sdk/verify-jwt.ts";

/** The parsed configuration, written before the bundle where it is built. */
declare const GATEHOUSE_CONFIG: Config;
/** Whether the build has sign-in; a constant, so that the others do without its code. */
declare const GATEHOUSE_AUTH: boolean;

export const { handler, apiRequest, originRequest, originResponse } = createGate(GATEHOUSE_CONFIG, {
  createVerifyJwt,
  createExchange,
  createSign,
  signIn: GATEHOUSE_AUTH ? signIn : undefined,
  originRequest: GATEHOUSE_AUTH ? decideMiss : undefined,
});
