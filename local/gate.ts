// The whole chain on one machine: the synthesized template, deployed onto local servers.
import { createServer } from "node:http";
import { deploy, functionDefinition, type Provider, type Stack } from "./cloudformation/index.ts";
import { requireString } from "./cloudformation/json.ts";
import {
  type CloudFront,
  createCloudFront,
  type Log,
  type Readings,
  type Timeouts,
} from "./cloudfront/index.ts";
import { IdentityPool } from "./cognito/identity-pool.ts";
import { type IdentityPoolServer, startIdentityPoolServer } from "./cognito/identity-pool-server.ts";
import { UserPool, type UserPoolOptions } from "./cognito/user-pool.ts";
import { startUserPoolServer, type UserPoolServer } from "./cognito/user-pool-server.ts";
import { loopback } from "./iam/loopback.ts";
import { Sessions } from "./iam/sessions.ts";
import { createLambda, type LambdaFunction } from "./lambda/index.ts";
import {
  bucketOrigin,
  bucketPolicyOf,
  edgeFunctionArns,
  identityPoolOf,
  only,
  propertiesByRef,
  rolesOf,
} from "./resources.ts";
import { type S3LogEntry, type S3Server, startS3 } from "./s3/server.ts";
import { synthesize } from "./synthesis.ts";

const USER_POOL_ID = "us-east-1_LocalPool";
const CLIENT_ID = "localclient";
const IDENTITY_POOL_ID = "us-east-1:00000000-0000-4000-8000-00000000a11a";
const BUCKET = "local-assets";

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
  readonly s3Log?: (entry: S3LogEntry) => void;
}

/** A running gate. */
export interface Gate {
  /** Where viewers go. */
  readonly url: string;
  readonly stack: Stack;
  readonly userPool: UserPool;
  readonly userPoolServer: UserPoolServer;
  readonly identityPoolServer: IdentityPoolServer;
  readonly sessions: Sessions;
  readonly s3: S3Server;
  readonly cloudFront: CloudFront;
  readonly close: () => Promise<void>;
}

/** Synthesizes, deploys and starts everything; when a part fails, the parts before it are stopped. */
export async function startGate(options: GateOptions): Promise<Gate> {
  const running = new Running();
  try {
    return await start(options, running);
  } catch (error) {
    await running.close();
    throw error;
  }
}

interface Closable {
  readonly close: () => Promise<void>;
}

/** What has been started; its state is that list, so that it can be closed, the last one first. */
class Running {
  readonly #parts: Closable[] = [];

  add<Part extends Closable>(part: Part): Part {
    this.#parts.push(part);
    return part;
  }

  async close(): Promise<void> {
    for (const part of this.#parts.splice(0).reverse()) await part.close();
  }
}

async function start(options: GateOptions, running: Running): Promise<Gate> {
  const userPool = await UserPool.create(poolOptions(options.context ?? {}));
  const userPoolServer = running.add(await startUserPoolServer(userPool));
  const identityPort = await freePort();
  const endpoints = { jwksUri: userPoolServer.jwksUri, cognitoIdentity: `http://127.0.0.1:${identityPort}` };
  const stack = await deploy(synthesize({ ...options.context, endpoints }), {
    providers: providers(userPool),
    log: (_, line) => options.functionLog?.(line.message),
  });
  const sessions = new Sessions();
  const identityPool = new IdentityPool(identityPoolOf(stack.resources), { userPool, mint: sessions.mint });
  const identityPoolServer = running.add(await startIdentityPoolServer(identityPool, { port: identityPort }));
  const s3 = running.add(await startBucket(options, stack, sessions));
  const cloudFront = running.add(frontOf(options, stack, s3, running));
  const { port } = await cloudFront.listen(options.port);
  return {
    url: `http://localhost:${port}`,
    stack,
    userPool,
    userPoolServer,
    identityPoolServer,
    sessions,
    s3,
    cloudFront,
    close: () => running.close(),
  };
}

/** The pool that context names, or one made up; with a user of each kind to try. */
function poolOptions(context: Readonly<Record<string, unknown>>): UserPoolOptions {
  const { userPoolId = USER_POOL_ID, userPoolClientIds = CLIENT_ID } = context;
  return {
    id: String(userPoolId),
    clients: String(userPoolClientIds)
      .split(",")
      .map((clientId) => ({ clientId })),
    users: [
      { username: "ada", password: "ada" },
      { username: "bob", password: "bob" },
    ],
  };
}

/** Resources whose ids must be known before the template is deployed. */
function providers(userPool: UserPool): Record<string, Provider> {
  return {
    "AWS::Cognito::UserPool": () => ({
      ref: userPool.id,
      attributes: {
        Arn: `arn:aws:cognito-idp:${userPool.region}:123456789012:userpool/${userPool.id}`,
        ProviderName: userPool.providerName,
      },
    }),
    "AWS::Cognito::UserPoolClient": () => ({ ref: userPool.clients[0]?.clientId ?? "", attributes: {} }),
    "AWS::Cognito::IdentityPool": () => ({ ref: IDENTITY_POOL_ID, attributes: { Name: "local" } }),
    "AWS::S3::Bucket": () => ({
      ref: BUCKET,
      attributes: {
        Arn: `arn:aws:s3:::${BUCKET}`,
        RegionalDomainName: `${BUCKET}.s3.us-east-1.amazonaws.com`,
      },
    }),
  };
}

/** The embedded S3 under the name and region that the distribution's origin has. */
async function startBucket(options: GateOptions, stack: Stack, sessions: Sessions): Promise<S3Server> {
  const { bucket, region } = bucketOrigin(distributionConfig(stack));
  return startS3({
    bucket: {
      name: bucket,
      folder: options.assets,
      versioning: true,
      policy: bucketPolicyOf(stack.resources),
    },
    region,
    roles: rolesOf(stack.resources),
    sessions,
    mayBeUnsigned: (options.cfIdMayBeUnsigned ?? true) ? ["x-amz-cf-id"] : [],
    ...(options.s3Log && { onAnswer: options.s3Log }),
  });
}

function frontOf(options: GateOptions, stack: Stack, s3: S3Server, running: Running): CloudFront {
  const { resources } = stack;
  const { ref, attributes } = only(resources, "AWS::CloudFront::Distribution");
  const config = distributionConfig(stack);
  const functions = new Map(
    edgeFunctionArns(config).map((arn) => [arn, running.add(edgeFunction(arn, options, stack))]),
  );
  return createCloudFront({
    distribution: { id: ref, domainName: requireString(attributes["DomainName"], "DomainName"), config },
    policies: {
      ...propertiesByRef(resources, "AWS::CloudFront::CachePolicy"),
      ...propertiesByRef(resources, "AWS::CloudFront::OriginRequestPolicy"),
      ...propertiesByRef(resources, "AWS::CloudFront::ResponseHeadersPolicy"),
    },
    invoke: async (arn, event) => {
      const edge = functions.get(arn);
      if (!edge) throw new Error(`no function ${arn}`);
      options.onEvent?.(event);
      return edge.invoke(event);
    },
    connect: () => ({ protocol: "http", host: "127.0.0.1", port: s3.port }),
    ...(options.readings && { readings: options.readings }),
    ...(options.timeouts && { timeouts: options.timeouts }),
    ...(options.cloudFrontLog && { log: options.cloudFrontLog }),
  });
}

function edgeFunction(arn: string, options: GateOptions, { resources }: Stack): LambdaFunction {
  return createLambda(functionDefinition(resources, arn), {
    log: (line) => options.functionLog?.(line.message),
  });
}

function distributionConfig({ resources }: Stack): unknown {
  return only(resources, "AWS::CloudFront::Distribution").properties["DistributionConfig"];
}

/** A port that was free a moment ago: the configuration names it before its server can start. */
async function freePort(): Promise<number> {
  const { port, close } = await loopback(createServer());
  await close();
  return port;
}
