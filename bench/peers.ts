// The peers: what others run at the same place. They authorise and return the request; none of them signs.
import { execFileSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { type Handler, isForwarded, loadHandler } from "./handlers.ts";
import { withKeySet } from "./key-set.ts";
import { CLIENT_ID, USER_POOL_ID } from "./users.ts";

/** A peer that has authorised the fixture's token. */
export interface Peer {
  readonly name: string;
  readonly handler: Handler;
}

export const COGNITO_AT_EDGE = "cognito-at-edge 1.5.5";
export const HENRIST = "@henrist/cdk-cloudfront-auth 2.1.44";

const MODULES = join(import.meta.dirname, "node_modules");
const require = createRequire(import.meta.url);

/** Installs what `bench/package-lock.json` names, once. */
export function installPeers(): void {
  if (existsSync(join(MODULES, "cognito-at-edge"))) return;
  console.error("Installing the peers into bench/node_modules (npm ci) …");
  execFileSync("npm", ["--prefix", import.meta.dirname, "ci", "--silent"], { stdio: "inherit" });
}

/**
 * Loads the peers, each with its own way of configuration, and lets each authorise `event` once, during which it gets
 * the pool's keys; what is measured afterwards asks nobody.
 * @param file a further peer that is not on npm: a CommonJS file with a `handler` that reads `configuration.json`
 * @throws Error naming a peer that does not authorise the token
 */
export async function loadPeers(
  folder: string,
  jwks: object,
  event: string,
  file: string | undefined,
): Promise<readonly Peer[]> {
  // One of them calls `url.parse`; that is not this bench's to say.
  process.noDeprecation = true;
  return await withKeySet(jwks, async () => {
    const peers = [
      { name: COGNITO_AT_EDGE, handler: cognitoAtEdge() },
      { name: HENRIST, handler: configured(folder, "henrist", join(MODULES, HENRIST_HANDLER)) },
      ...(file ? [{ name: file, handler: configured(folder, "peer", file) }] : []),
    ];
    for (const { name, handler } of peers)
      if (!isForwarded(await handler(JSON.parse(event))))
        throw new Error(`${name} refuses the fixture's token`);
    return peers;
  });
}

const HENRIST_HANDLER = "@henrist/cdk-cloudfront-auth/dist/check-auth/index.js";

function cognitoAtEdge(): Handler {
  const { Authenticator } = require("cognito-at-edge");
  const authenticator = new Authenticator({
    region: "us-east-1",
    userPoolId: USER_POOL_ID,
    userPoolAppId: CLIENT_ID,
    userPoolDomain: "login.example.com",
  });
  return async (event) => await authenticator.handle(event);
}

/** Handlers that read their configuration from the folder they lie in, under one name or the other. */
function configured(folder: string, name: string, source: string): Handler {
  const place = join(folder, name);
  mkdirSync(place, { recursive: true });
  copyFileSync(source, join(place, "index.cjs"));
  for (const file of ["config.json", "configuration.json"])
    writeFileSync(join(place, file), JSON.stringify(CHECK_AUTH));
  return loadHandler(join(place, "index.cjs"));
}

const COOKIE = "Path=/; Secure; HttpOnly; SameSite=Lax";

/** The settings of the aws-samples handler, of which @henrist/cdk-cloudfront-auth is a descendant. */
const CHECK_AUTH = {
  userPoolId: USER_POOL_ID,
  userPoolArn: `arn:aws:cognito-idp:us-east-1:123456789012:userpool/${USER_POOL_ID}`,
  clientId: CLIENT_ID,
  clientSecret: "",
  oauthScopes: ["openid"],
  cognitoAuthDomain: "login.example.com",
  callbackPath: "/parseauth",
  redirectPathSignIn: "/parseauth",
  signOutRedirectTo: "/",
  redirectPathSignOut: "/",
  signOutPath: "/signout",
  refreshAuthPath: "/refreshauth",
  redirectPathAuthRefresh: "/refreshauth",
  cookieSettings: { idToken: COOKIE, accessToken: COOKIE, refreshToken: COOKIE, nonce: COOKIE },
  mode: "spaMode",
  cookieCompatibility: "amplify",
  additionalCookies: {},
  httpHeaders: {},
  logLevel: "none",
  nonceSigningSecret: "bench",
  requireGroupAnyOf: null,
  requiredGroup: "",
};
