// The configuration's shape: one JSON document, parsed where it is made (document.ts). The function trusts it.
import type { Jwks } from "./jwk-set.ts";
import type { Texts } from "./text-names.ts";

/** Which object keys a set of viewers may read; the first area whose `path` matches wins. */
export interface Area {
  /** A key, or a literal prefix with `/*`, both with a leading slash and written decoded: `/team/*`, `/*`. */
  readonly path: string;
  /** The user-pool groups whose members may read; without it, every signed-in user. */
  readonly groups: readonly string[] | undefined;
  /** The scopes of which a machine's token needs one; without it, no machine may read. Who may read as a user is not changed. */
  readonly scopes: readonly string[] | undefined;
  /**
   * A private folder for each user, or for all users with the same claim: the key prefix that the path stands for, such as
   * `users/{identityId}/` or `tenants/{claim:custom:tenant}/`. It ends with `{identityId}`, `{sub}`, `{group}` or the name
   * of a claim that no user can write, or with two of them. The first folder behind the path names the group, one of the
   * user's: the path `/teams/{group}/*` is short for `/teams/*` with the owner `teams/{group}/`.
   */
  readonly owner: string | undefined;
  /** Readable without signing in; served by a behaviour without the function. */
  readonly public: boolean;
  /** An API in the place of keys: it gets what signed-in users ask, with their ID token, from a function of its own. */
  readonly api: boolean;
  /** Lets HTML, SVG and XML of this area run scripts with the reader's session; they are sandboxed otherwise. */
  readonly trusted: boolean;
  /** Shows the objects' own metadata, `x-amz-meta-*`, to whoever may read them. */
  readonly metadata: boolean;
  /** Lets `?versionId=` name a version of an object, and shows which version an object is. */
  readonly versions: boolean;
  /** Lets `?download=name.pdf` save an object under that name. */
  readonly downloads: boolean;
  /** Seconds that browsers may keep an object without asking again. */
  readonly browserMaxAge: number;
  /** Serves a static site or an app: folders, pages without `.html`, a fallback and a 404 page; `true` for defaults. */
  readonly site: Site | undefined;
  /** Lets whoever may read a file make a link that opens it, or its folder, for a time and without a session. */
  readonly links: Links | undefined;
  /** Lets whoever may read here store files, which go to S3 directly. */
  readonly uploads: Uploads | undefined;
}

/** For how long a link may open something. */
export interface Links {
  /** Seconds, 3,600 at most: a link ends with the token and the credentials that it was made with. */
  readonly maxSeconds: number;
}

/** What may be stored. */
export interface Uploads {
  /** Bytes of one file, 5 GiB at most, which is what S3 takes in one request. */
  readonly maxBytes: number;
  /**
   * Types such as `image/png` or `image/*`; without any, all that browsers run no scripts in. HTML, SVG, XML and scripts
   * are taken only where they are named in full.
   */
  readonly types: readonly string[];
}

/** How paths of a site become keys. */
export interface Site {
  /** The page of a folder. */
  readonly index: string;
  /**
   * Whether `/about` shows `about.html`, to which `/about.html` then leads; without it, `/about` leads to the folder
   * `/about/`. On by default, unless there is a `fallback`.
   */
  readonly cleanUrls: boolean;
  /** The key, with a leading slash, that an app shows for every path of its own: `/app/index.html`. */
  readonly fallback: string | undefined;
  /** The key, with a leading slash, that is shown with status 404; by default `404.html` in the area's folder. */
  readonly notFound: string;
}

/** How a verified token becomes credentials when no identity pool does it: the function assumes a role itself. */
export interface StsExchange {
  readonly kind: "sts";
  /** The role of every signed-in user. */
  readonly roleArn: string;
}

/** Sign-in for browsers, and sessions that need no round trip; without it, apps bring tokens that they obtained. */
export interface Auth {
  /** Where the endpoints are: `/.gatehouse/`, or another path with slashes at both ends. */
  readonly basePath: string;
  /** The app client that people sign in with; undefined for the first of `userPool.clientIds`. */
  readonly clientId: string | undefined;
  /** The secret of that client, if it has one; whoever may read the function's code can read it. */
  readonly clientSecret: string | undefined;
  /** What is asked for at sign-in; `openid` makes it return an ID token. */
  readonly scopes: readonly string[];
  /** What cookies are sealed with: 32 bytes in hex, and the keys before them, or `none`. */
  readonly keys: { readonly current: string; readonly previous: string };
  /** Tokens issued earlier are refused; seconds since the epoch, 0 for none. */
  readonly notBefore: number;
  /** How long browsers keep a session, in seconds; the refresh token may end before. */
  readonly maxAge: number;
  /** The name over every page. */
  readonly title: string;
  /** A picture over every page: an `https://` or `data:image/` URL. */
  readonly logo: string | undefined;
  /** Where people sign in unless a link says otherwise: an identity provider of the user pool, by its name. */
  readonly identityProvider: string | undefined;
  /** Lets `login?screen_hint=signup` lead to the page where people sign up. */
  readonly screenHint: boolean;
  /** What pages say instead, by language (`de`, `ar`) and name; a language that is new may leave out what is to stay English. */
  readonly texts: Readonly<Record<string, Partial<Texts>>>;
}

/** How the gate's own cookies are set. */
export interface Cookies {
  /** Further cookies in which a token may be; whoever can write them chooses whose it is, where no session of ours is. */
  readonly names: readonly string[];
  /** Whether a token may also be in the cookies that Amplify writes, of which the same is true. */
  readonly amplify: boolean;
  /** `None` for assets that pages of other sites embed. `Strict` would lose a sign-in on its way back. */
  readonly sameSite: "Lax" | "None";
  /** Keeps a session for each site that embeds the assets (CHIPS); browsers that block third-party cookies want it. */
  readonly partitioned: boolean;
  /** Shares the session with all hosts below a domain; without it no other host can read or plant it. */
  readonly domain: string | undefined;
}

/** Which pages of other origins may read objects, with credentials. */
export interface Cors {
  /** Exact ones, `https://*.example.com`, and those of apps such as `capacitor://localhost`. */
  readonly origins: readonly string[];
  /** Request headers besides those that browsers and common libraries send, such as `x-app-version`. */
  readonly allowHeaders: readonly string[];
  /** Response headers besides those of every object, such as `x-amz-meta-title`. */
  readonly exposeHeaders: readonly string[];
}

/** What is logged besides every refusal. */
export interface Logging {
  /** The share of allowed requests that get a line each: 0 for none, 1 for all. */
  readonly allowed: number;
}

/** Two points of CloudFront's origin request that AWS leaves open; `docs/aws-unknowns.md` says how to settle them. */
export interface Signing {
  /** Whether `x-amz-cf-id` (CloudFront's request id) is part of the signature. */
  readonly cfId: "unsigned" | "signed";
  /** The method S3 sees when a viewer sends HEAD for an object that is not cached. */
  readonly head: "HEAD" | "GET";
}

/** Replacements for AWS endpoints: `https://` anywhere, `http://` on loopback only. */
export interface Endpoints {
  /** The bucket, where the function reads it by itself, instead of `https://<bucket>.s3.<region>.amazonaws.com`. */
  readonly s3: string | undefined;
  /** Cognito identity pools, instead of `https://cognito-identity.<region>.amazonaws.com`. */
  readonly cognitoIdentity: string | undefined;
  /** The security token service, instead of `https://sts.<region>.amazonaws.com`. */
  readonly sts: string | undefined;
  /** The user pool's API, instead of `https://cognito-idp.<region>.amazonaws.com`. */
  readonly cognitoIdp: string | undefined;
  /** The managed login, instead of `https://<userPool.domain>`. */
  readonly oauth: string | undefined;
  /** The user pool's key set, instead of `https://cognito-idp.<region>.amazonaws.com/<id>/.well-known/jwks.json`. */
  readonly jwksUri: string | undefined;
}

/** A user pool whose tokens count besides those of `userPool`, where an app brings them. */
export interface FurtherUserPool {
  readonly id: string;
  /** Its app clients whose ID tokens are accepted. */
  readonly clientIds: readonly string[];
  /** The pool's keys at deploy time; without them the first request with one of its tokens fetches. */
  readonly jwks: Jwks | undefined;
  /** Its key set, instead of `https://cognito-idp.<region>.amazonaws.com/<id>/.well-known/jwks.json`. */
  readonly jwksUri: string | undefined;
}

/** The parsed configuration of one gate. */
export interface Config {
  /**
   * Who decides on each request: `lambda`, the viewer-request function; `split`, a CloudFront Function, so that only what
   * is not cached runs a Lambda. The latter needs `auth`.
   */
  readonly placement: "lambda" | "split";
  /** Whether passes and tokens can be revoked by name, in a KeyValueStore; needs `placement: "split"`. */
  readonly revocation: boolean;
  readonly userPool: {
    readonly id: string;
    readonly clientIds: readonly string[];
    /** App clients whose access tokens are accepted for themselves (OAuth's client credentials grant); for `exchange`. */
    readonly machineClientIds: readonly string[];
    /** The host of the managed login, such as `login.example.com`; `auth` needs it. */
    readonly domain: string | undefined;
    /** The pool's keys at deploy time; without them the first request fetches. */
    readonly jwks: Jwks | undefined;
  };
  /**
   * Further user pools, whose users bring their tokens: sign-in, renewal and sign-out are those of `userPool` alone. Areas
   * and `groups` name their groups by pool, `us-east-1_Sub1/editors`.
   */
  readonly userPools: readonly FurtherUserPool[];
  /** Exactly one of `identityPool` and `exchange` is there. */
  readonly identityPool: { readonly id: string } | undefined;
  readonly exchange: StsExchange | undefined;
  readonly origin: {
    readonly bucket: string;
    readonly region: string;
    /** Key prefix before every object key, such as `/site`; empty for none. */
    readonly path: string;
  };
  readonly areas: readonly Area[];
  /** User-pool groups by name, each with the IAM role of its members. */
  readonly groups: Readonly<Record<string, { readonly roleArn: string }>>;
  /** Scopes by name, each with the IAM role in which machines that have it read. */
  readonly scopes: Readonly<Record<string, { readonly roleArn: string }>>;
  /** Whether `/.gatehouse/list/<path>/` lists the keys below a path of the caller's. */
  readonly listing: { readonly enabled: boolean };
  readonly signing: Signing;
  readonly cookies: Cookies;
  /** Undefined for a gate that only checks tokens. */
  readonly auth: Auth | undefined;
  readonly cors: Cors;
  /** Further origins whose pages may show an object in a frame, such as a PDF in the app's own page. */
  readonly frameAncestors: readonly string[];
  readonly log: Logging;
  readonly endpoints: Endpoints;
}

/** What a person writes of an area: its path, and what differs from the defaults. */
export type AreaDocument = Pick<Area, "path"> &
  Partial<Omit<Area, "site" | "uploads">> & {
    readonly site?: boolean | Partial<Site> | undefined;
    readonly uploads?: (Pick<Uploads, "maxBytes"> & Partial<Uploads>) | undefined;
  };

/** What a person writes of sign-in: the keys, and what differs from the defaults. */
export type AuthDocument = Partial<Omit<Auth, "keys">> & {
  readonly keys: { readonly current: string; readonly previous?: string };
};

/** What a person writes: the same document with its defaults left out. */
export interface ConfigDocument {
  readonly placement?: Config["placement"];
  readonly revocation?: boolean;
  readonly userPool: {
    readonly id: string;
    readonly clientIds: readonly string[];
    readonly machineClientIds?: readonly string[];
    readonly domain?: string;
    readonly jwks?: unknown;
  };
  readonly userPools?: readonly (Pick<FurtherUserPool, "id" | "clientIds"> & {
    readonly jwks?: unknown;
    readonly jwksUri?: string | undefined;
  })[];
  readonly identityPool?: { readonly id: string };
  readonly exchange?: StsExchange;
  readonly origin: { readonly bucket: string; readonly region: string; readonly path?: string };
  readonly areas?: readonly AreaDocument[];
  readonly groups?: Config["groups"];
  readonly scopes?: Config["scopes"];
  readonly listing?: Partial<Config["listing"]>;
  readonly signing?: Partial<Signing>;
  readonly cookies?: Partial<Cookies>;
  readonly auth?: AuthDocument;
  readonly cors?: Partial<Cors>;
  readonly frameAncestors?: readonly string[];
  readonly log?: Partial<Logging>;
  readonly endpoints?: Partial<Endpoints>;
}
