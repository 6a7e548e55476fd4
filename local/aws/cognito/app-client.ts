// An app client of a user pool: what its settings allow, whoever has set them.

/** An app client; the URLs count to the letter. */
export interface AppClient {
  readonly clientId: string;
  /** Undefined for a public client. */
  readonly clientSecret: string | undefined;
  readonly callbackUrls: readonly string[];
  readonly logoutUrls: readonly string[];
  /** Empty: the client may not use managed login. */
  readonly oauthFlows: readonly string[];
  readonly oauthScopes: readonly string[];
  /** Who can sign in at managed login: `COGNITO` stands for the pool's own users. */
  readonly identityProviders: readonly string[];
  readonly explicitAuthFlows: readonly string[];
  /** Seconds that tokens live. */
  readonly idTokenSeconds: number;
  readonly accessTokenSeconds: number;
  readonly refreshTokenSeconds: number;
  /** Refresh-token rotation, and how long an old token still works. */
  readonly rotation: { readonly graceSeconds: number } | undefined;
  /** Whether refresh tokens can be revoked. */
  readonly canRevoke: boolean;
}

/** Some settings of a client; the others are those of a client that somebody has set up for everything. */
export type NewAppClient = Partial<AppClient> & Pick<AppClient, "clientId">;

const HOUR = 3600;
const DAY = 24 * HOUR;

/** The scopes that every pool knows. */
export const STANDARD_SCOPES = ["openid", "email", "phone", "profile", "aws.cognito.signin.user.admin"];

/** A complete client. */
export function appClient(settings: NewAppClient): AppClient {
  return {
    clientSecret: undefined,
    callbackUrls: [],
    logoutUrls: [],
    oauthFlows: ["code"],
    oauthScopes: STANDARD_SCOPES,
    identityProviders: ["COGNITO"],
    explicitAuthFlows: ["ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
    idTokenSeconds: HOUR,
    accessTokenSeconds: HOUR,
    refreshTokenSeconds: 30 * DAY,
    rotation: undefined,
    canRevoke: true,
    ...settings,
  };
}
