// The template, synthesized for the servers of this machine and deployed with what an AWS account gives it.

import { type FunctionEnvironment, ManagedStack, type Stack } from "../aws/cloudformation/index.ts";
import type { UserPool } from "../aws/cognito/user-pool.ts";
import { parseRoles, type Role } from "../aws/iam/role.ts";
import type { Sessions } from "../aws/iam/sessions.ts";
import type { CallerDeps } from "../aws/json-api/caller.ts";
import { secretReference } from "../aws/secrets/reference.ts";
import type { Secrets } from "../aws/secrets/secrets.ts";
import { providers } from "./accounts.ts";
import { functionRoleOf, roleDocumentsOf } from "./resources.ts";
import { synthesize } from "./synthesis.ts";

/** What a deployment finds in the account. */
export interface Account {
  readonly userPool: UserPool;
  readonly secrets: Secrets;
  readonly sessions: Sessions;
}

/** What is deployed. */
export interface DeploymentOptions {
  readonly context: Readonly<Record<string, unknown>>;
  /** The configuration's `endpoints`. */
  readonly endpoints: Readonly<Record<string, string>>;
  /** Where the SDK's standard variables lead the functions that are not at the edge. */
  readonly apis: { readonly cognitoIdentityProvider: string; readonly secretsManager: string };
  readonly functionLog?: (line: string) => void;
  /** What makes the template of context keys. */
  readonly synthesize?: typeof synthesize;
}

const HOUR = 3600;

/** Deploys as often as it is told to; its state is the stack, the roles that exist and the count of deployments. */
export class Deployer {
  readonly #account: Account;
  #stack: ManagedStack | undefined;
  #roles: ReadonlyMap<string, Role> = new Map();
  #count = 0;

  constructor(account: Account) {
    this.#account = account;
  }

  /** For the APIs that verify signed calls. */
  get callers(): CallerDeps {
    return { sessions: this.#account.sessions, roles: () => this.#roles, now: Date.now };
  }

  /**
   * Creates the stack, and updates it from then on; a failure is taken back.
   * @throws ConfigError for the context, and Error for what does not deploy.
   */
  async deploy({ context, endpoints, ...options }: DeploymentOptions): Promise<Stack> {
    this.#count += 1;
    const template = (options.synthesize ?? synthesize)({ ...context, endpoints }, `local-${this.#count}`);
    this.#stack ??= this.#createStack(options);
    return await this.#stack.deploy(template);
  }

  #createStack({ apis, functionLog }: Pick<DeploymentOptions, "apis" | "functionLog">): ManagedStack {
    const { userPool, secrets } = this.#account;
    return new ManagedStack({
      providers: providers(userPool, secrets),
      dynamicReference: (reference) => secretReference(secrets, reference),
      functionEnvironment: this.#environmentOf(apis),
      log: (_, line) => functionLog?.(line.message),
    });
  }

  /** Credentials of the function's role, as it stands when the function runs: a policy that comes later is too late. */
  #environmentOf(apis: DeploymentOptions["apis"]): FunctionEnvironment {
    return async (functionArn, resources) => {
      this.#roles = parseRoles(roleDocumentsOf(resources));
      const credentials = await this.#account.sessions.mint({
        roleArn: functionRoleOf(resources, functionArn),
        sessionName: functionArn.split(":")[6] ?? "",
        durationSeconds: HOUR,
      });
      return {
        AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER: apis.cognitoIdentityProvider,
        AWS_ENDPOINT_URL_SECRETS_MANAGER: apis.secretsManager,
        AWS_ACCESS_KEY_ID: credentials.accessKeyId,
        AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
        AWS_SESSION_TOKEN: credentials.sessionToken,
      };
    };
  }
}
