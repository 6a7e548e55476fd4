// Sign-in around a gate: the managed login as the template has it, and the URLs that it may send browsers back to.

import type { Stack } from "../aws/cloudformation/index.ts";
import { requireObject, requireString } from "../aws/cloudformation/json.ts";
import { type ManagedLogin, startManagedLogin } from "../aws/cognito/managed-login.ts";
import type { UserPool } from "../aws/cognito/user-pool.ts";
import { SIGN_IN_HINT } from "./accounts.ts";
import { distributionConfig } from "./front.ts";
import type { Place } from "./places.ts";
import { cacheBehaviors, list, ofType, type Resources } from "./resources.ts";

/** Starts the managed login in its place; it is there for apps of their own, too. */
export async function startLogin(
  userPool: UserPool,
  { resources }: Stack,
  place: Place,
): Promise<ManagedLogin> {
  const branded = brandedClients(resources);
  const options = { port: place.port, hint: SIGN_IN_HINT, ...(branded && { branded }) };
  const { close } = await startManagedLogin(userPool, options);
  return { endpoint: place.url, close };
}

/** With version 2 of the managed login only clients with a branding style have pages; with version 1 all have. */
function brandedClients(resources: Resources): readonly string[] | undefined {
  const [domain] = ofType(resources, "AWS::Cognito::UserPoolDomain");
  if (Number(domain?.properties["ManagedLoginVersion"] ?? 1) !== 2) return undefined;
  return ofType(resources, "AWS::Cognito::ManagedLoginBranding").map(({ properties }) =>
    requireString(properties["ClientId"], "ClientId"),
  );
}

/**
 * Lets sign-in come back to local addresses, too, as if whoever set up the clients had registered them. Nothing else
 * of the clients changes: whether they may sign in at all, and where on the distribution's own domain, is the stack's.
 */
export function registerUrls(userPool: UserPool, stack: Stack, origins: readonly string[]): void {
  const basePath = loginBasePath(distributionConfig(stack));
  if (basePath === undefined) return;
  const callbackUrls = origins.map((origin) => `${new URL(origin).origin}${basePath}callback`);
  const logoutUrls = origins.map((origin) => `${new URL(origin).origin}${basePath}logout`);
  for (const { clientId } of userPool.clients) userPool.addUrls(clientId, { callbackUrls, logoutUrls });
}

/** Where the own endpoints are: the behaviour whose function is given bodies. */
export function loginBasePath(distributionConfig: unknown): string | undefined {
  const found = cacheBehaviors(distributionConfig).find((behavior) =>
    list(behavior["LambdaFunctionAssociations"]).some(
      (item) => requireObject(item, "LambdaFunctionAssociation")["IncludeBody"] === true,
    ),
  );
  const pattern = found?.["PathPattern"];
  return typeof pattern === "string" ? pattern.replace(/\*$/, "") : undefined;
}
