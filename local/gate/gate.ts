// The whole chain on one machine: the synthesized template, deployed onto local servers.

import type { Stack } from "../aws/cloudformation/index.ts";
import { UserPool } from "../aws/cognito/user-pool.ts";
import { startUserPoolServer, type UserPoolServer } from "../aws/cognito/user-pool-server.ts";
import { Sessions } from "../aws/iam/sessions.ts";
import { Secrets } from "../aws/secrets/secrets.ts";
import { type SecretsServer, startSecretsServer } from "../aws/secrets/server.ts";
import { startRgwFront } from "../rgw/front.ts";
import type { RgwServer } from "../rgw/server.ts";
import { joinGroups, poolOptions } from "./accounts.ts";
import { Closables } from "./closables.ts";
import { Deployer } from "./deployment.ts";
import { distributionConfig } from "./front.ts";
import { frontOptions, type GateOptions } from "./gate-options.ts";
import type { AnyGate, Gate } from "./gate-types.ts";
import { startIdentity } from "./identity.ts";
import { groupsOf } from "./identity-resources.ts";
import { KeyValueStores } from "./key-value-stores.ts";
import { Listener } from "./listener.ts";
import { registerUrls, startLogin } from "./login.ts";
import { type Places, reservePlaces } from "./places.ts";
import { bucketCorsOf, bucketOrigin, bucketPolicyOf, roleDocumentsOf } from "./resources.ts";
import { Runs } from "./runs.ts";
import { embeddedStore, type ObjectStore, rgwStore, type StorePlan } from "./store.ts";

export type { GateOptions } from "./gate-options.ts";
export type { AnyGate, Gate } from "./gate-types.ts";

/** Synthesizes, deploys and starts everything; when a part fails, the parts before it are stopped. */
export async function startGate(options: GateOptions): Promise<Gate> {
  return await started(options, async (running, plan, sessions, { s3 }) => {
    const mayBeUnsigned = (options.cfIdMayBeUnsigned ?? true) ? ["x-amz-cf-id"] : [];
    const onAnswer = options.s3Log && { onAnswer: options.s3Log };
    const store = await embeddedStore(plan, sessions, { mayBeUnsigned, port: s3.port, ...onAnswer });
    return { s3: running.add(store.server), store };
  });
}

/** The same with a RADOS Gateway in the place of the embedded S3; the gateway stays with its caller. */
export async function startGateOn(rgw: RgwServer, options: GateOptions): Promise<AnyGate> {
  const front = await startRgwFront(rgw.endpoint);
  const start = started({ ...options, s3Url: front.url }, async (running, plan) => {
    running.add(front);
    return { store: await rgwStore(plan, rgw) };
  });
  return await start.catch(async (error: unknown) => {
    await front.close();
    throw error;
  });
}

type MakeStore<Made> = (
  running: Closables,
  plan: StorePlan,
  sessions: Sessions,
  places: Places,
) => Promise<Made>;

/** What a gate is told, and where its functions find an S3 that runs already. */
type Options = GateOptions & { readonly s3Url?: string };

async function started<Made extends { readonly store: ObjectStore }>(
  options: Options,
  makeStore: MakeStore<Made>,
): Promise<AnyGate & Made> {
  const running = new Closables();
  try {
    return await start(options, makeStore, running);
  } catch (error) {
    await running.close();
    throw error;
  }
}

async function start<Made extends { readonly store: ObjectStore }>(
  options: Options,
  makeStore: MakeStore<Made>,
  running: Closables,
): Promise<AnyGate & Made> {
  const { deploy, stack, parts, made } = await startServices(options, makeStore, running);
  const [keyValueStores, runs] = [new KeyValueStores(), new Runs()];
  const behind = { stack, store: made.store, sessions: parts.sessions, keyValueStores, runs };
  const front = running.add(await Listener.open(frontOptions(options), behind, options.port));
  const url = registered(options, parts.userPool, front);
  return {
    ...parts,
    ...made,
    keyValueStores,
    runs,
    url,
    port: front.port,
    get stack() {
      return front.stack;
    },
    get cloudFront() {
      return front.cloudFront;
    },
    redeploy: async (context) => {
      await front.replace(await deploy(context));
      registered(options, parts.userPool, front);
    },
    close: () => running.close(),
  };
}

/** Everything that is not the front. */
async function startServices<Made extends { readonly store: ObjectStore }>(
  options: Options,
  makeStore: MakeStore<Made>,
  running: Closables,
) {
  const { places, deploy, ...account } = await openAccount(options, running);
  const { userPool, sessions } = account;
  const stack = await deploy();
  joinGroups(userPool, groupsOf(stack.resources));
  const made = await makeStore(running, planOf(options, stack), sessions, places);
  const managedLogin = running.add(await startLogin(userPool, stack, places.managedLogin));
  const { furtherUserPools = [] } = options;
  const found = { stack, userPool, furtherUserPools, sessions, store: made.store };
  const identity = await startIdentity(found, places, running);
  return { deploy, stack, made, parts: { ...account, ...identity, managedLogin } };
}

/** Where viewers go, once sign-in may come back to it. */
function registered(
  { publicUrl, tls, origins = [] }: GateOptions,
  userPool: UserPool,
  front: Listener,
): string {
  const url = publicUrl ?? `${tls ? "https" : "http"}://localhost:${front.port}`;
  registerUrls(userPool, front.stack, [url, ...origins]);
  return url;
}

type Context = Readonly<Record<string, unknown>>;

interface OpenAccount {
  readonly userPool: UserPool;
  readonly userPoolServer: UserPoolServer;
  readonly sessions: Sessions;
  readonly secrets: Secrets;
  readonly secretsServer: SecretsServer;
  readonly places: Places;
  readonly deploy: (changed?: Context) => Promise<Stack>;
}

/** What a deployment needs to find, and talks to while it runs. */
async function openAccount(options: Options, running: Closables): Promise<OpenAccount> {
  const { context = {}, functionLog, synthesize } = options;
  const places = await reservePlaces(running, options);
  const sessions = new Sessions();
  const secrets = new Secrets();
  const userPool = await UserPool.create(poolOptions(context));
  const deployer = new Deployer({ userPool, secrets, sessions });
  const secretsServer = running.add(await startSecretsServer(secrets, deployer.callers));
  const userPoolServer = running.add(
    await startUserPoolServer(userPool, {
      port: places.userPool.port,
      domain: places.managedLogin.url,
      callers: deployer.callers,
    }),
  );
  const apis = { cognitoIdentityProvider: places.userPool.url, secretsManager: secretsServer.endpoint };
  const endpoints = { ...endpointsOf(places, userPool), s3: options.s3Url ?? places.s3.url };
  const deploy = (changed: Context = context) =>
    deployer.deploy({
      context: changed,
      endpoints,
      apis,
      ...(functionLog && { functionLog }),
      ...(synthesize && { synthesize }),
    });
  return { userPool, userPoolServer, sessions, secrets, secretsServer, places, deploy };
}

function endpointsOf(places: Places, { id }: UserPool): Readonly<Record<string, string>> {
  return {
    jwksUri: `${places.userPool.url}/${id}/.well-known/jwks.json`,
    cognitoIdp: places.userPool.url,
    cognitoIdentity: places.identityPool.url,
    sts: places.sts.url,
    oauth: places.managedLogin.url,
  };
}

function planOf({ assets, context }: GateOptions, stack: Stack): StorePlan {
  const { bucket, region } = bucketOrigin(distributionConfig(stack));
  const originPath = String(context?.["originPath"] ?? "");
  return {
    bucket,
    region,
    roles: roleDocumentsOf(stack.resources),
    policy: bucketPolicyOf(stack.resources),
    cors: bucketCorsOf(stack.resources),
    assets,
    prefix: originPath === "" ? "" : `${originPath.slice(1)}/`,
  };
}
