// An account in which a gate is deployed: its stack, its pool with keys, its secrets, and a clock that a test turns.
import {
  type AccountState,
  emptyAccount,
  ManagedStack,
  type OperationChoices,
  type Readings,
  type ResourceProvider,
  type Stack,
  type StackEvent,
} from "../../../local/aws/cloudformation/index.ts";
import { requireString } from "../../../local/aws/cloudformation/json.ts";
import { parseClientSettings } from "../../../local/aws/cognito/client-settings.ts";
import { SigningKeys } from "../../../local/aws/cognito/signing-keys.ts";
import { UserPool } from "../../../local/aws/cognito/user-pool.ts";
import { startUserPoolServer } from "../../../local/aws/cognito/user-pool-server.ts";
import { Propagation } from "../../../local/aws/iam/propagation.ts";
import { parseRoles } from "../../../local/aws/iam/role.ts";
import { Sessions } from "../../../local/aws/iam/sessions.ts";
import { runHere } from "../../../local/aws/lambda/run-here.ts";
import { secretText } from "../../../local/aws/secrets/generate.ts";
import { secretReference } from "../../../local/aws/secrets/reference.ts";
import { Secrets } from "../../../local/aws/secrets/secrets.ts";
import { startSecretsServer } from "../../../local/aws/secrets/server.ts";
import { providers } from "../../../local/gate/accounts.ts";
import { Closables } from "../../../local/gate/closables.ts";
import { functionRoleOf, roleDocumentsOf } from "../../../local/gate/resources.ts";

/** How the account behaves. */
export interface WorldOptions {
  readonly readings?: Partial<Readings>;
  /** How long what IAM is told does not count yet. */
  readonly iamDelayMs: number;
}

/** How long CloudFormation takes for one resource. */
const RESOURCE_MS = 2_000;
const HOUR_MS = 60 * 60 * 1000;
/** A pool's keys take a fifth of a second to make, and thousands of pools are. */
const KEYS = SigningKeys.create();
const POOL_ID = "us-east-1_Deployed1";
const POOL_KEYS = `https://cognito-idp.us-east-1.amazonaws.com/${POOL_ID}/.well-known/jwks.json`;

/** Its state is the account's. */
export class World {
  readonly userPool: UserPool;
  readonly state: AccountState;
  readonly secrets = new Secrets();
  readonly stack: ManagedStack;
  /** What happened to resources, the newest last. */
  readonly events: StackEvent[] = [];
  /** What the functions of custom resources wrote. */
  readonly lines: string[] = [];
  readonly #running = new Closables();
  readonly #propagation: Propagation;
  readonly #sessions: Sessions;
  #nowMs = Date.now();
  #clients = 0;
  #environment: Readonly<Record<string, string>> = {};
  #keySet = "";

  private constructor(userPool: UserPool, { readings = {}, iamDelayMs }: WorldOptions) {
    const now = () => this.#nowMs;
    this.userPool = userPool;
    this.state = emptyAccount({ now });
    this.#sessions = new Sessions({ now });
    this.#propagation = new Propagation({ now, delayMs: iamDelayMs });
    this.stack = new ManagedStack({
      readings,
      state: this.state,
      stackName: "Gatehouse",
      providers: this.#providers(),
      dynamicReference: (reference) => secretReference(this.secrets, reference),
      functionEnvironment: (arn, resources) => this.#environmentOf(arn, resources),
      run: (definition, event, log) =>
        runHere(definition, event, log, {
          clock: { now, pass: (ms) => this.pass(ms) },
          fetch: (input, init) => fetch(String(input) === POOL_KEYS ? this.#keySet : input, init),
        }),
      log: (_, { message }) => this.lines.push(message),
      onEvent: (event) => this.#heard(event),
    });
  }

  static async open(options: WorldOptions): Promise<World> {
    const keys = (await KEYS).copy();
    const users = [{ username: "ada", password: "ada" }];
    const world = new World(await UserPool.create({ id: POOL_ID, clients: [], users, keys }), options);
    await world.#start();
    return world;
  }

  pass(ms: number): void {
    this.#nowMs += ms;
  }

  async deploy(template: unknown, choices: OperationChoices = {}): Promise<Stack> {
    this.pass(HOUR_MS);
    this.events.length = 0;
    return await this.stack.deploy(template, choices);
  }

  async close(): Promise<void> {
    await this.#running.close();
  }

  async #start(): Promise<void> {
    const callers = {
      sessions: this.#sessions,
      roles: () => parseRoles(this.#propagation.roles()),
      now: () => this.#nowMs,
    };
    const pool = this.#running.add(await startUserPoolServer(this.userPool, { callers }));
    const secrets = this.#running.add(await startSecretsServer(this.secrets, callers));
    this.#keySet = pool.jwksUri;
    this.#environment = {
      AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER: pool.endpoint,
      AWS_ENDPOINT_URL_SECRETS_MANAGER: secrets.endpoint,
    };
  }

  #heard(event: StackEvent): void {
    this.events.push(event);
    this.pass(RESOURCE_MS);
    if (event.type.startsWith("AWS::IAM::"))
      this.#propagation.tell(roleDocumentsOf(this.stack.stack.resources));
  }

  async #environmentOf(
    functionArn: string,
    resources: Stack["resources"],
  ): Promise<Readonly<Record<string, string>>> {
    const credentials = await this.#sessions.mint({
      roleArn: functionRoleOf(resources, functionArn),
      sessionName: functionArn.split(":")[6] ?? "",
      durationSeconds: 3600,
    });
    return {
      ...this.#environment,
      AWS_ACCESS_KEY_ID: credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
      AWS_SESSION_TOKEN: credentials.sessionToken,
    };
  }

  #providers(): Record<string, ResourceProvider> {
    const common = providers(this.userPool, this.secrets);
    const of = (type: string) => ({ create: common[type] ?? (() => undefined) });
    return {
      "AWS::Cognito::UserPool": of("AWS::Cognito::UserPool"),
      "AWS::Cognito::UserPoolDomain": of("AWS::Cognito::UserPoolDomain"),
      "AWS::Cognito::ManagedLoginBranding": of("AWS::Cognito::ManagedLoginBranding"),
      "AWS::Cognito::UserPoolClient": {
        create: (_, properties) => {
          this.#clients += 1;
          const clientId = `client${this.#clients}`;
          this.userPool.updateClient(parseClientSettings(clientId, properties));
          return { ref: clientId, attributes: { ClientId: clientId } };
        },
        update: (_, properties, { ref, attributes }) => {
          this.userPool.updateClient(parseClientSettings(ref, properties));
          return { ref, attributes };
        },
      },
      "AWS::SecretsManager::Secret": {
        create: (logicalId, properties) => {
          const name = `${logicalId}-${this.secrets.all.length}`;
          const arn = `arn:aws:secretsmanager:us-east-1:123456789012:secret:${name}-AbCdEf`;
          this.secrets.create(arn, name, secretText(properties));
          return { ref: arn, attributes: { Id: arn } };
        },
        update: (_, __, { ref, attributes }) => ({ ref, attributes }),
        remove: (_, { ref }) => this.secrets.remove(requireString(ref, "Ref")),
      },
    };
  }
}
