// The settings of sign-in as they are given: what the function's configuration takes, and what only the stack knows.
import { Token } from "aws-cdk-lib";
import type { IUserPoolClient } from "aws-cdk-lib/aws-cognito";
import { Construct } from "constructs";
import type { Auth } from "../../edge/config/config.ts";
import { isRecord } from "../../edge/config/json.ts";
import { type NamesOf, unknownNames } from "../../edge/config/names.ts";
import { hasSecret, isClientSecret } from "../deployment/client-secret.ts";
import { NO_KEYS } from "../deployment/sealing-keys.ts";
import type { SignInProps } from "./sign-in-props.ts";

const SETTINGS: NamesOf<Omit<SignInProps, keyof StackSettings>> = {
  basePath: true,
  clientId: true,
  scopes: true,
  notBefore: true,
  maxAge: true,
  title: true,
  logo: true,
  identityProvider: true,
  screenHint: true,
  texts: true,
};

/** What only the stack knows. */
type StackSettings = Pick<
  SignInProps,
  "origins" | "distributionOrigin" | "supportedIdentityProviders" | "clientSecret"
>;

const NAMES: NamesOf<SignInProps> = {
  ...SETTINGS,
  origins: true,
  distributionOrigin: true,
  supportedIdentityProviders: true,
  clientSecret: true,
};

/** What the configuration says of sign-in: the settings without those of the stack, with a stand-in for the keys. */
export function authDocument(auth: unknown): unknown {
  if (!isRecord(auth)) return auth;
  const settings = Object.entries(auth).filter(([name]) => Object.hasOwn(SETTINGS, name));
  return { ...Object.fromEntries(settings), keys: NO_KEYS };
}

/** The settings once they are checked: what was parsed, and those of the stack. */
export function signInProps(
  { keys: _keys, clientSecret: _secret, ...parsed }: Auth,
  given: unknown,
): SignInProps {
  const { origins, distributionOrigin, clientSecret, supportedIdentityProviders } = isRecord(given)
    ? given
    : {};
  return {
    ...parsed,
    ...(isClientSecret(clientSecret) && { clientSecret }),
    origins: isOrigins(origins) ? origins : [],
    ...(isProviders(supportedIdentityProviders) && { supportedIdentityProviders }),
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
  const settings = isRecord(auth) ? auth : {};
  const { origins, distributionOrigin, clientSecret } = settings;
  const { supportedIdentityProviders: providers, identityProvider } = settings;
  const given: readonly IUserPoolClient[] = Array.isArray(userPoolClients) ? userPoolClients : [];
  // The context names them by their ids, which show nothing.
  const clients = given.filter((each) => Construct.isConstruct(each));
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
    [
      providers !== undefined && !isProviders(providers),
      "auth.supportedIdentityProviders: expected a list of names, such as COGNITO and Google",
    ],
    [
      providers !== undefined && !!userPool,
      "auth.supportedIdentityProviders: for the client that is made; that of an existing user pool has its own",
    ],
    [
      isProviders(providers) &&
        identityProvider !== undefined &&
        !providers.includes(String(identityProvider)),
      `auth.identityProvider: "${identityProvider}" is not in auth.supportedIdentityProviders`,
    ],
  ];
  return [
    ...unknownNames(
      Object.keys(settings).filter((name) => name !== "keys"),
      Object.keys(NAMES),
      "auth.",
    ),
    ...rules.filter(([broken]) => broken).map(([, problem]) => problem),
  ];
}

/** What decides about sign-in. */
interface Given {
  readonly auth?: unknown;
  readonly userPool?: unknown;
  readonly userPoolClients?: unknown;
  readonly userPoolDomain?: unknown;
}

const ORIGINS = "a list of origins such as https://assets.example.com, or http://localhost:8080";

function isProviders(providers: unknown): providers is readonly string[] {
  return (
    Array.isArray(providers) &&
    providers.length > 0 &&
    providers.every((name) => typeof name === "string" && name !== "")
  );
}

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
