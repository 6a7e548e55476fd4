// What sign-in can be given.
import type { Texts } from "../../edge/config/text-names.ts";
import type { ClientSecretProps } from "../deployment/client-secret.ts";

/** How browsers sign in; every part may be left out. */
export interface SignInProps {
  /**
   * Where the endpoints are, with slashes at both ends; no asset is served from there.
   * @default "/.gatehouse/"
   */
  readonly basePath?: string;

  /**
   * Which of the existing user pool's clients people sign in with.
   * @default - the first of `userPoolClients`
   */
  readonly clientId?: string;

  /**
   * Where Secrets Manager keeps that client's secret, for one that has one. It becomes part of the function's code, as the
   * sealing keys do; a new version of it takes effect with the next deployment.
   * @default - a client without a secret
   */
  readonly clientSecret?: ClientSecretProps;

  /**
   * The OAuth scopes that are asked for; `openid` must be among them.
   * @default - `["openid"]`, with which the ID token holds every attribute that the client may read
   */
  readonly scopes?: readonly string[];

  /**
   * Tokens that were issued earlier are refused, in seconds since the epoch: browsers are renewed, if the pool still
   * takes their refresh token, and everybody else signs in again.
   * @default 0
   */
  readonly notBefore?: number;

  /**
   * How long browsers keep a session, in seconds; the client's refresh tokens may end before.
   * @default 2592000 (30 days)
   */
  readonly maxAge?: number;

  /**
   * The name over every page.
   * @default "Private files"
   */
  readonly title?: string;

  /**
   * A picture over every page: an `https://` or `data:image/` URL.
   * @default - none
   */
  readonly logo?: string;

  /**
   * Where people sign in unless a link to `login` says otherwise: an identity provider of the user pool, by its name.
   * @default - the managed login lets them choose
   */
  readonly identityProvider?: string | undefined;

  /**
   * Who can sign in at the client that is made: the names of identity providers, which have to be there before it, and
   * `COGNITO` for the user pool's own users.
   * @default - `COGNITO`, and the providers that CDK knows of the user pool
   */
  readonly supportedIdentityProviders?: readonly string[];

  /**
   * Lets `login?screen_hint=signup` lead to the page where people sign up, for a user pool in which they may.
   * @default false
   */
  readonly screenHint?: boolean;

  /**
   * What pages say instead, by language and name: `{ de: { start_page: "Zur Bibliothek" } }`. A language that the gate does not
   * come with may leave out what is to stay English.
   * @default - English, French, German, Japanese, Portuguese and Spanish, as the browser asks
   */
  readonly texts?: Readonly<Record<string, Partial<Texts>>>;

  /**
   * Web origins at which people reach the gate besides the distribution's own domain and `distribution.domainNames`, such
   * as that of a proxy in front of it (`https://assets.example.com`) or of a test (`http://localhost:8080`).
   * @default - none
   */
  readonly origins?: readonly string[];

  /**
   * Whether people sign in at the distribution's own domain. Without it the app client gets its URLs from the template
   * directly, since all are known, and no custom resource changes it afterwards.
   * @default - only if the distribution has no domain names of its own
   */
  readonly distributionOrigin?: boolean;
}
