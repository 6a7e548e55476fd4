// The SDK build with the exchange by STS.
import { signIn } from "./auth/index.ts";
import type { Config } from "./config/config.ts";
import { createGate } from "./handler.ts";
import { originRequest as decideMiss } from "./origin-request.ts";
import { createSign, signPost } from "./sdk/sign.ts";
import { createVerifyJwt } from "./sdk/verify-jwt.ts";
import { createStsExchange } from "./session/sts.ts";

/** The parsed configuration, written before the bundle where it is built. */
declare const GATEHOUSE_CONFIG: Config;
/** Whether the build has sign-in; a constant, so that the others do without its code. */
declare const GATEHOUSE_AUTH: boolean;

export const { handler, apiRequest, originRequest, originResponse } = createGate(GATEHOUSE_CONFIG, {
  createVerifyJwt,
  createExchange: (config, http, now) => createStsExchange(config, http, now, signPost, process.env),
  createSign,
  signIn: GATEHOUSE_AUTH ? signIn : undefined,
  originRequest: GATEHOUSE_AUTH ? decideMiss : undefined,
});
