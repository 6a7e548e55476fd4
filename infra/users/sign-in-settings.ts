// The settings of sign-in as they are given: what the function's configuration takes, and what only the stack knows.
import { Token } from "aws-cdk-lib";
import type { IUserPoolClient } from "aws-cdk-lib/aws-cognito";
import type { Auth } from "../../edge/config/config.ts";
import { NO_KEYS } from "../deployment/sealing-keys.ts";
import { hasSecret, isClientSecret } from "./client-secret.ts";
import type { SignInProps } from "./sign-in-props.ts";

/** What the configuration says of sign-in: the settings without those of the stack, with a stand-in for the keys. */
export function authDocument(auth: unknown): unknown {
  if (!isObject(auth)) return auth;
  const { origins: _origins, distributionOrigin: _own, clientSecret: _secret, ...settings } = auth;
  return { ...settings, keys: NO_KEYS };
}

/** The settings once they are checked: what was parsed, and those of the stack. */
export function signInProps(
  { keys: _keys, clientSecret: _secret, ...parsed }: Auth,
  given: unknown,
): SignInProps {
  const { origins, distributionOrigin, clientSecret } = isObject(given) ? given : {};
  return {
    ...parsed,
    ...(isClientSecret(clientSecret) && { clientSecret }),
    origins: isOrigins(origins) ? origins : [],
    ...(typeof distributionOrigin === "boolean" && { distributionOrigin }),
  };
}

/** What the configuration's parser cannot see. */
export function signInProblems({
  auth,
  userPool,
  userPoolClients,
  userPoolDomain,
}: Given): readonly string[] {
  const settings = isObject(auth) ? auth : {};
  const { origins, distributionOrigin, clientSecret } = settings;
  const clients: readonly IUserPoolClient[] = Array.isArray(userPoolClients) ? userPoolClients : [];
  const client = clients.find((each) => each.userPoolClientId === settings["clientId"]) ?? clients[0];
  const rules: readonly (readonly [broken: boolean, problem: string])[] = [
    [
      !!userPoolDomain && !userPool,
      "userPoolDomain: the user pool that is made gets a managed login of its own",
    ],
    [!!userPoolDomain && !!userPool && !auth, "userPoolDomain: the managed login is for auth, which is off"],
    ["keys" in settings, "auth.keys: the stack makes them"],
    [
      clientSecret !== undefined && !isClientSecret(clientSecret),
      "auth.clientSecret: expected { secretArn, field? } of a secret in Secrets Manager, never the client's secret itself",
    ],
    [clientSecret !== undefined && !userPool, "auth.clientSecret: the app client that is made has no secret"],
    [
      !!auth && clientSecret === undefined && client !== undefined && hasSecret(client),
      "auth.clientSecret: the app client that people sign in with has a secret; put it into Secrets Manager and name it here, or give auth.clientId of one without",
    ],
    [origins !== undefined && !isOrigins(origins), `auth.origins: expected ${ORIGINS}`],
    [
      distributionOrigin !== undefined && typeof distributionOrigin !== "boolean",
      "auth.distributionOrigin: expected true or false",
    ],
    [
      distributionOrigin === false && (origins === undefined || (isOrigins(origins) && origins.length === 0)),
      "auth.origins: expected at least one, where sign-in is not at the distribution's own domain",
    ],
  ];
  return rules.filter(([broken]) => broken).map(([, problem]) => problem);
}

/** What decides about sign-in. */
interface Given {
  readonly auth?: unknown;
  readonly userPool?: unknown;
  readonly userPoolClients?: unknown;
  readonly userPoolDomain?: unknown;
}

const ORIGINS = "a list of origins such as https://assets.example.com, or http://localhost:8080";

function isOrigins(origins: unknown): origins is readonly string[] {
  return Array.isArray(origins) && origins.every(isWebOrigin);
}

/** Cognito takes plain HTTP for `localhost` alone. https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_UpdateUserPoolClient.html */
function isWebOrigin(origin: unknown): boolean {
  if (Token.isUnresolved(origin)) return true;
  if (typeof origin !== "string" || !URL.canParse(origin)) return false;
  const url = new URL(origin);
  const allowed = url.protocol === "https:" || (url.protocol === "http:" && url.hostname === "localhost");
  return allowed && url.origin === origin;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
