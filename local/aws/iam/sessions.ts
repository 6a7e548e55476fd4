// Temporary credentials: a store that mints role sessions as STS would and tells the embedded S3 who they are.

import { randomBytes } from "node:crypto";
import type { Principal } from "./decide.ts";
import { parsePolicy } from "./parse.ts";
import type { Policy } from "./policy.ts";

/** One set of temporary credentials. */
export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  /** Epoch seconds. */
  readonly expiresAt: number;
}

/** What AssumeRole is asked for, with what the identity provider vouched for. */
export interface MintRequest {
  readonly roleArn: string;
  readonly sessionName: string;
  readonly durationSeconds: number;
  /** Principal tags (`aws:PrincipalTag/...`). */
  readonly tags?: Readonly<Record<string, string>>;
  /** Further condition keys of the session, such as `cognito-identity.amazonaws.com:sub`. */
  readonly context?: Readonly<Record<string, string | readonly string[]>>;
  /** Session policy documents, which can only take rights away. */
  readonly sessionPolicies?: readonly unknown[];
}

/** Makes credentials for a role: this file's store, or the STS of a real server. */
export type Mint = (request: MintRequest) => Promise<Credentials>;

/** What the holder of an access key is. */
export interface Session {
  readonly credentials: Credentials;
  readonly principal: Principal;
  readonly context: Readonly<Record<string, string | readonly string[]>>;
  readonly sessionPolicies: readonly Policy[] | undefined;
}

const AT_MOST = 10_000;
/** About as long as AWS's own: it has to fit URLs and cookies, so a short one would prove nothing. */
const TOKEN_BYTES = 900;

/** The sessions minted so far; its state is the newest 10,000 of them, expired ones included. */
export class Sessions {
  readonly #sessions = new Map<string, Session>();
  readonly #now: () => number;

  /** @param options.now the clock, in milliseconds. */
  constructor(options: { readonly now?: () => number } = {}) {
    this.#now = options.now ?? Date.now;
  }

  /** Mints a session of a role; checking who may have it is the caller's part. */
  readonly mint: Mint = async (request) => {
    const session = roleSession(request, this.#credentials(request.durationSeconds));
    return this.#keep(session);
  };

  /** Credentials of an AWS service, as CloudFront's origin access control signs with. */
  mintForService(
    name: string,
    context: Session["context"],
    durationSeconds: number = 12 * 60 * 60,
  ): Credentials {
    const principal: Principal = { kind: "service", name };
    const credentials = this.#credentials(durationSeconds);
    return this.#keep({ credentials, principal, context, sessionPolicies: undefined });
  }

  /** The session of an access key, also when it has expired. */
  find(accessKeyId: string): Session | undefined {
    return this.#sessions.get(accessKeyId);
  }

  #credentials(durationSeconds: number): Credentials {
    return {
      accessKeyId: `LOCALASIA${randomBytes(6).toString("hex").toUpperCase()}`,
      secretAccessKey: `local-secret-${randomBytes(20).toString("base64url")}`,
      sessionToken: `LocalSessionToken//${randomBytes(TOKEN_BYTES).toString("base64")}`,
      expiresAt: Math.floor(this.#now() / 1000) + durationSeconds,
    };
  }

  #keep(session: Session): Credentials {
    this.#sessions.set(session.credentials.accessKeyId, session);
    const oldest = this.#sessions.keys().next().value;
    if (this.#sessions.size > AT_MOST && oldest !== undefined) this.#sessions.delete(oldest);
    return session.credentials;
  }
}

function roleSession(request: MintRequest, credentials: Credentials): Session {
  const [, , , , account = "", name = ""] = request.roleArn.split(":");
  const roleName = name.split("/").at(-1) ?? "";
  const sessionArn = `arn:aws:sts::${account}:assumed-role/${roleName}/${request.sessionName}`;
  const tags = Object.entries(request.tags ?? {});
  return {
    credentials,
    principal: { kind: "role", arn: request.roleArn, sessionArn },
    context: {
      "aws:PrincipalArn": request.roleArn,
      "aws:PrincipalAccount": account,
      "aws:PrincipalType": "AssumedRole",
      "aws:userid": `LOCALAROA${roleName.toUpperCase().slice(0, 12)}:${request.sessionName}`,
      ...Object.fromEntries(tags.map(([key, value]) => [`aws:PrincipalTag/${key}`, value])),
      ...request.context,
    },
    sessionPolicies: request.sessionPolicies?.map((policy) => parsePolicy(policy, "identity")),
  };
}
