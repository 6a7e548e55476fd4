// The whole chain on one machine: the synthesized template, deployed onto local servers.
import { joinGroups, poolOptions, providers } from "./accounts.ts";
import { deploy, type Stack } from "./cloudformation/index.ts";
import type { CloudFront, Log, Readings, Timeouts } from "./cloudfront/index.ts";
import { IdentityPool } from "./cognito/identity-pool.ts";
import { type IdentityPoolServer, startIdentityPoolServer } from "./cognito/identity-pool-server.ts";
import { type StsServer, startStsServer } from "./cognito/sts-server.ts";
import { UserPool } from "./cognito/user-pool.ts";
import { startUserPoolServer, type UserPoolServer } from "./cognito/user-pool-server.ts";
import { createFront, distributionConfig } from "./front.ts";
import { type ReservedPort, reservePort } from "./iam/loopback.ts";
import { parseRoles } from "./iam/role.ts";
import { Sessions } from "./iam/sessions.ts";
import { groupsOf, identityPoolOf } from "./identity-resources.ts";
import { bucketOrigin, bucketPolicyOf, roleDocumentsOf } from "./resources.ts";
import type { RgwServer } from "./rgw/server.ts";
import { Running } from "./running.ts";
import type { S3LogEntry, S3Server } from "./s3/server.ts";
import { embeddedStore, type ObjectStore, rgwStore, type StorePlan } from "./store.ts";
import { synthesize } from "./synthesis.ts";

/** What to run. */
export interface GateOptions {
  /** The port of CloudFront; 0 takes a free one. */
  readonly port: number;
  /** The folder whose files are the bucket's objects. */
  readonly assets: string;
  /** CDK context keys. */
  readonly context?: Readonly<Record<string, unknown>>;
  readonly readings?: Partial<Readings>;
  /** Whether S3 takes CloudFront's `x-amz-cf-id` without a signature, as AWS leaves open; yes by default. */
  readonly cfIdMayBeUnsigned?: boolean;
  readonly timeouts?: Partial<Timeouts>;
  readonly cloudFrontLog?: Log;
  /** Every event that a function is run with. */
  readonly onEvent?: (event: unknown) => void;
  /** Lines that the functions write. */
  readonly functionLog?: (line: string) => void;
  /** What the embedded S3 answers. */
  readonly s3Log?: (entry: S3LogEntry) => void;
}

/** A running gate, whatever its S3 is. */
export interface AnyGate {
  /** Where viewers go. */
  readonly url: string;
  readonly stack: Stack;
  readonly userPool: UserPool;
  readonly userPoolServer: UserPoolServer;
  /** Knows nobody when the template has no identity pool. */
  readonly identityPool: IdentityPool;
  readonly identityPoolServer: IdentityPoolServer;
  /** Refuses everybody when the template lets no function assume roles. */
  readonly stsServer: StsServer;
  readonly sessions: Sessions;
  readonly store: ObjectStore;
  readonly cloudFront: CloudFront;
  /** What a user's own folder is called. */
  readonly identityIdOf: (username: string) => string;
  readonly close: () => Promise<void>;
}

/** A running gate with the embedded S3. */
export interface Gate extends AnyGate {
  readonly s3: S3Server;
}

/** Synthesizes, deploys and starts everything; when a part fails, the parts before it are stopped. */
export async function startGate(options: GateOptions): Promise<Gate> {
  return await started(options, async (running, plan, sessions) => {
    const mayBeUnsigned = (options.cfIdMayBeUnsigned ?? true) ? ["x-amz-cf-id"] : [];
    const onAnswer = options.s3Log && { onAnswer: options.s3Log };
    const store = await embeddedStore(plan, sessions, { mayBeUnsigned, ...onAnswer });
    return { s3: running.add(store.server), store };
  });
}

/** The same with a RADOS Gateway in the place of the embedded S3; the gateway stays with its caller. */
export async function startGateOn(rgw: RgwServer, options: GateOptions): Promise<AnyGate> {
  return await started(options, async (_running, plan) => ({ store: await rgwStore(plan, rgw) }));
}

type MakeStore<Made> = (running: Running, plan: StorePlan, sessions: Sessions) => Promise<Made>;

async function started<Made extends { readonly store: ObjectStore }>(
  options: GateOptions,
  makeStore: MakeStore<Made>,
): Promise<AnyGate & Made> {
  const running = new Running();
  try {
    return await start(options, makeStore, running);
  } catch (error) {
    await running.close();
    throw error;
  }
}

async function start<Made extends { readonly store: ObjectStore }>(
  options: GateOptions,
  makeStore: MakeStore<Made>,
  running: Running,
): Promise<AnyGate & Made> {
  const userPool = await UserPool.create(poolOptions(options.context ?? {}));
  const userPoolServer = running.add(await startUserPoolServer(userPool));
  const ports = { identityPool: running.add(await reservePort()), sts: running.add(await reservePort()) };
  const stack = await deployed(options, userPool, userPoolServer, ports);
  joinGroups(userPool, groupsOf(stack.resources));
  const sessions = new Sessions();
  const made = await makeStore(running, planOf(options, stack), sessions);
  const identity = await startIdentity({ stack, userPool, sessions, store: made.store }, ports, running);
  const cloudFront = running.add(
    createFront(frontOptions(options), { stack, store: made.store, sessions }, running),
  );
  const { port } = await cloudFront.listen(options.port);
  return {
    url: `http://localhost:${port}`,
    stack,
    userPool,
    userPoolServer,
    sessions,
    cloudFront,
    ...identity,
    ...made,
    close: () => running.close(),
  };
}

interface Ports {
  readonly identityPool: ReservedPort;
  readonly sts: ReservedPort;
}

async function deployed(
  options: GateOptions,
  userPool: UserPool,
  { jwksUri }: UserPoolServer,
  ports: Ports,
): Promise<Stack> {
  const endpoints = {
    jwksUri,
    cognitoIdentity: `http://127.0.0.1:${ports.identityPool.port}`,
    sts: `http://127.0.0.1:${ports.sts.port}`,
  };
  return await deploy(synthesize({ ...options.context, endpoints }), {
    providers: providers(userPool),
    log: (_, line) => options.functionLog?.(line.message),
  });
}

function planOf({ assets, context }: GateOptions, stack: Stack): StorePlan {
  const { bucket, region } = bucketOrigin(distributionConfig(stack));
  const originPath = String(context?.["originPath"] ?? "");
  return {
    bucket,
    region,
    roles: roleDocumentsOf(stack.resources),
    policy: bucketPolicyOf(stack.resources),
    assets,
    prefix: originPath === "" ? "" : `${originPath.slice(1)}/`,
  };
}

function frontOptions(options: GateOptions) {
  const { readings, timeouts, cloudFrontLog, onEvent, functionLog } = options;
  return {
    onEvent,
    functionLog,
    ...(readings && { readings }),
    ...(timeouts && { timeouts }),
    ...(cloudFrontLog && { log: cloudFrontLog }),
  };
}

interface IdentityParts {
  readonly stack: Stack;
  readonly userPool: UserPool;
  readonly sessions: Sessions;
  readonly store: ObjectStore;
}

/** Both ways to credentials are always there; the template says which of them leads anywhere. */
async function startIdentity(
  { stack, userPool, sessions, store }: IdentityParts,
  ports: Ports,
  running: Running,
): Promise<Pick<AnyGate, "identityPool" | "identityPoolServer" | "stsServer" | "identityIdOf">> {
  const roles = parseRoles(roleDocumentsOf(stack.resources));
  const described = identityPoolOf(stack.resources, roles);
  const nobodys = { identityPoolId: "", clientIds: [], serverSideTokenCheck: true, roles };
  const identityPool = new IdentityPool(described ?? nobodys, { userPool, mint: store.mint });
  const sts = { roles, mint: store.mint, sessions, region: "us-east-1", now: Date.now };
  const subOf = (username: string) => userPool.users.get(username).sub;
  return {
    identityPool,
    identityPoolServer: running.add(
      await startIdentityPoolServer(identityPool, { port: ports.identityPool }),
    ),
    stsServer: running.add(await startStsServer(sts, { port: ports.sts })),
    identityIdOf: (username) => (described ? identityPool.identityIdOf(subOf(username)) : subOf(username)),
  };
}
