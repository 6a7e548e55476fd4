// A world to throw requests at: people with tokens good and bad, their sealed cookies, a Cognito, and both builds.
import { createHash } from "node:crypto";
import type { ConfigDocument } from "../../../edge/config/config.ts";
import { parseConfig } from "../../../edge/config/document.ts";
import type { RequestResult, ResponseResult } from "../../../edge/request/cloudfront.ts";
import { cookieName } from "../../../edge/request/cookies.ts";
import { sealingKeys } from "../../../edge/session/seal.ts";
import { sealedCookieName, sealSession } from "../../../edge/session/sealed-session.ts";
import type { VerifiedToken } from "../../../edge/token/token.ts";
import { AUTH_BUNDLES, loadBundle } from "../fixtures/bundle.ts";
import { type Answer, type FakeCognito, fakeCognito, json } from "../fixtures/cognito.ts";
import { CLIENT_ID, configDocument, NOW, SECOND_CLIENT_ID } from "../fixtures/config.ts";
import { ID_CLAIMS, JWKS, KEY, OTHER_KEY, token } from "../fixtures/tokens.ts";
import { GOOD_HEADER, genuine, hmacSigned } from "./forge.ts";

/** Somebody with an account. */
export interface Person {
  readonly name: string;
  readonly sub: string;
  readonly identityId: string;
  readonly clientId: string;
  readonly groups: readonly string[];
  /** The roles that the token names. */
  readonly roles: readonly string[];
  /** Good tokens, each another text. */
  readonly tokens: readonly string[];
  /** One that ends now. */
  readonly expired: string;
}

/** Whose credentials they are, and for which role. */
export interface Grant {
  readonly person: Person;
  readonly roleArn: string | undefined;
  readonly how: "exchanged" | "sealed";
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
}

export const EDITORS = "arn:aws:iam::123456789012:role/editors";
export const LEADS = "arn:aws:iam::123456789012:role/leads";
const SECONDS = NOW / 1000;
const KEYS = { current: "1".repeat(64), previous: "2".repeat(64) };

export const PEOPLE: readonly Person[] = [
  person("ada", [], []),
  person("eve", ["editors"], [EDITORS]),
  person("bob", ["leads"], []),
  person("lea", ["editors", "leads"], [EDITORS, LEADS]),
  person("zoe", ["nobodys"], [EDITORS], SECOND_CLIENT_ID),
];

function person(
  name: string,
  groups: readonly string[],
  roles: readonly string[],
  clientId = CLIENT_ID,
): Person {
  const digest = createHash("sha256").update(name).digest("hex");
  const uuid = [8, 4, 4, 4, 12]
    .map((length, index) => digest.slice(index * 12, index * 12 + length))
    .join("-");
  const sub = `sub-${uuid}`;
  const claims = {
    sub,
    aud: clientId,
    "cognito:username": name,
    "cognito:groups": groups,
    "cognito:roles": roles,
  };
  const tokens = [token(claims), token({ ...claims, jti: "another" })];
  return {
    name,
    sub,
    clientId,
    groups,
    roles,
    tokens,
    identityId: `us-east-1:${uuid}`,
    expired: token({ ...claims, exp: SECONDS }),
  };
}

const [ADA] = PEOPLE;

/** Tokens that open nothing. */
export const BAD_TOKENS: readonly string[] = [
  ...PEOPLE.map(({ expired }) => expired),
  ...PEOPLE.map(({ sub, clientId }) => token({ sub, aud: clientId }, OTHER_KEY, { kid: KEY.kid })),
  token({}, OTHER_KEY),
  token({ token_use: "access" }),
  token({ aud: "3otherclient3" }),
  token({ nbf: SECONDS + 1 }),
  token({ iss: `${ID_CLAIMS.iss}/` }),
  token({}, KEY, { crit: ["exp"] }),
  genuine({ ...GOOD_HEADER, alg: "none" }, ID_CLAIMS),
  hmacSigned("HS256", JSON.stringify(KEY.jwk)),
  `${ADA?.tokens[0]?.slice(0, -2)}AA`,
];

const GRANTS: readonly Grant[] = PEOPLE.flatMap((of) =>
  [undefined, EDITORS, LEADS].flatMap((roleArn) =>
    (["exchanged", "sealed"] as const).map((how) => grant(of, roleArn, how)),
  ),
);

function grant(of: Person, roleArn: string | undefined, how: Grant["how"]): Grant {
  const id = createHash("sha256")
    .update(`${of.name} ${roleArn} ${how}`)
    .digest("hex")
    .slice(0, 16)
    .toUpperCase();
  return {
    person: of,
    roleArn,
    how,
    accessKeyId: `ASIA${id}`,
    secretAccessKey: `SECRETKEY/${id}+`,
    sessionToken: `SESSION+TOKEN/${id}==`,
  };
}

function exchanged(identityId: unknown, roleArn: unknown): Grant | undefined {
  return GRANTS.find(
    (each) => each.person.identityId === identityId && each.roleArn === (roleArn ?? undefined),
  );
}

/** Texts that must stay where they are. */
export const SECRETS: readonly string[] = [
  ...PEOPLE.flatMap(({ tokens }) => tokens),
  ...BAD_TOKENS,
  ...GRANTS.flatMap(({ secretAccessKey, sessionToken }) => [
    secretAccessKey,
    sessionToken,
    encodeURIComponent(sessionToken),
  ]),
  ...Object.values(KEYS),
];
/** What every refresh token starts with. */
export const REFRESH = "refresh-secret-";
/** What marks all else that a viewer sends and nobody may see again. */
export const CANARY = "canary-";

/** A world with its areas. */
export class World {
  readonly document: ConfigDocument;
  /** Sealed cookies, good and bad, each as `name=value`. */
  readonly sealed: readonly string[];
  readonly logged: string[] = [];
  /** Tokens that Cognito was shown although they are not good. */
  readonly shown: string[] = [];
  readonly #cognito: FakeCognito;
  #handlers: readonly ReturnType<typeof loadBundle>[] = [];

  private constructor(changes: Partial<ConfigDocument>, cognito: FakeCognito) {
    const { url } = cognito;
    const document = configDocument();
    this.#cognito = cognito;
    this.document = {
      ...document,
      userPool: { ...document.userPool, jwks: JWKS },
      auth: { keys: KEYS },
      log: { allowed: 1 },
      endpoints: { cognitoIdentity: url, cognitoIdp: url, jwksUri: `${url}/jwks.json`, oauth: url },
      ...changes,
    };
    this.sealed = sealedCookies(this.document);
    cognito.answer = this.#answer;
    this.coldStart();
  }

  static async open(changes: Partial<ConfigDocument>): Promise<World> {
    return new World(changes, await fakeCognito(Date.now));
  }

  /** New processes of both builds. */
  coldStart(): void {
    this.#handlers = AUTH_BUNDLES.map((name) => loadBundle(name, this.document));
  }

  /** What each build answers to an event of its own, and what it logs. */
  async ask(event: unknown): Promise<readonly (RequestResult | ResponseResult)[]> {
    this.logged.length = 0;
    const results: (RequestResult | ResponseResult)[] = [];
    for (const handler of this.#handlers) results.push(await handler(structuredClone(event)));
    return results;
  }

  get managedLogin(): string {
    return this.#cognito.url;
  }

  async close(): Promise<void> {
    await this.#cognito[Symbol.asyncDispose]();
  }

  readonly #answer: Answer = (response, { action, body }) => {
    const logins: unknown = body["Logins"];
    const [shown] = typeof logins === "object" && logins !== null ? Object.values(logins) : [];
    const who = PEOPLE.find(({ tokens }) => tokens.includes(String(shown)));
    if (shown !== undefined && !who) this.shown.push(String(shown));
    if (action === "Jwks") return json(response, 200, JWKS);
    if (action === "GetId") return json(response, 200, { IdentityId: who?.identityId });
    if (action === "GetCredentialsForIdentity") return json(response, 200, credentialsOf(body));
    if (action === "GetTokensFromRefreshToken") return renewed(String(body["RefreshToken"]), response);
    return json(response, action === "/oauth2/revoke" ? 200 : 400, { error: "invalid_grant" });
  };
}

function credentialsOf(body: Readonly<Record<string, unknown>>): object {
  const found = exchanged(body["IdentityId"], body["CustomRoleArn"]);
  return {
    IdentityId: found?.person.identityId,
    Credentials: {
      AccessKeyId: found?.accessKeyId,
      SecretKey: found?.secretAccessKey,
      SessionToken: found?.sessionToken,
      Expiration: SECONDS + 3_600,
    },
  };
}

function renewed(refreshToken: string, response: Parameters<Answer>[0]): void {
  const who = PEOPLE.find(({ name }) => refreshToken === REFRESH + name);
  if (who) json(response, 200, { AuthenticationResult: { IdToken: who.tokens[1], TokenType: "Bearer" } });
  else json(response, 400, { __type: "NotAuthorizedException" });
}

/** The grant that a signed query names by its access key. */
export function grantOf(accessKeyId: string): Grant | undefined {
  return GRANTS.find((each) => each.accessKeyId === accessKeyId);
}

/** Sealed for the right user and role, under either key; for others, by others, and long ago. */
function sealedCookies(document: ConfigDocument): readonly string[] {
  const config = parseConfig(document);
  const stranger = sealingKeys(parseConfig({ ...document, auth: { keys: { current: "3".repeat(64) } } }));
  const before = sealingKeys(config).slice(1);
  return GRANTS.filter(({ how }) => how === "sealed").flatMap(
    ({ person: of, roleArn, how: _, ...credentials }) => {
      const name = cookieName(sealedCookieName(roleArn), config);
      const sealed = (keys: typeof stranger, expiresAt: number) =>
        `${name}=${sealSession(
          { identityId: of.identityId, credentials: { ...credentials, expiresAt } },
          { config, token: ownerToken(of, SECONDS + 3_600), roleArn },
          keys,
        )}`;
      const keys = sealingKeys(config);
      const good = sealed(keys, SECONDS + 3_600);
      return [
        good,
        sealed(before, SECONDS + 3_600),
        sealed(keys, SECONDS - 1),
        sealed(stranger, SECONDS + 3_600),
        `${good.slice(0, -4)}AAAA`,
        good.slice(0, 60),
      ];
    },
  );
}

function ownerToken({ clientId, sub }: Person, expiresAt: number): VerifiedToken {
  const owner: unknown = { clientId, sub, expiresAt };
  return owner as VerifiedToken;
}
