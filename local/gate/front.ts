// CloudFront in front of the bucket, with the template's functions behind its events.

import { functionDefinition, type Stack } from "../aws/cloudformation/index.ts";
import { requireObject, requireString } from "../aws/cloudformation/json.ts";
import {
  type CloudFront,
  type CloudFrontOptions,
  createCloudFront,
  createOacSigner,
  type FunctionDefinition,
  type OriginTarget,
} from "../aws/cloudfront/index.ts";
import type { Sessions } from "../aws/iam/sessions.ts";
import { createLambda, type LambdaFunction, type LambdaOptions } from "../aws/lambda/index.ts";
import type { Closables } from "./closables.ts";
import type { KeyValueStores } from "./key-value-stores.ts";
import {
  bucketOrigin,
  edgeFunctionArns,
  functionRoleOf,
  list,
  ofType,
  only,
  propertiesByRef,
} from "./resources.ts";
import { eventTypeOf, type Runs } from "./runs.ts";
import type { ObjectStore } from "./store.ts";

/** How it is run; everything has a default. */
export interface FrontOptions extends Pick<CloudFrontOptions, "readings" | "timeouts" | "log" | "tls"> {
  /** Every event that a function is run with. */
  readonly onEvent: ((event: unknown) => void) | undefined;
  /** Lines that the functions write. */
  readonly functionLog: ((line: string) => void) | undefined;
  readonly coldStarts?: LambdaOptions["coldStarts"];
  /** Where further origins are served on this machine, by their domain names. */
  readonly apis?: Readonly<Record<string, OriginTarget>>;
  readonly functionEngine?: CloudFrontOptions["functionEngine"];
}

/** What it stands in front of. */
export interface Behind {
  readonly stack: Stack;
  readonly store: ObjectStore;
  readonly sessions: Sessions;
  readonly keyValueStores: KeyValueStores;
  /** Counts what runs at the edge. */
  readonly runs: Runs;
}

/** The `DistributionConfig` of the stack's distribution. */
export function distributionConfig({ resources }: Stack): unknown {
  return only(resources, "AWS::CloudFront::Distribution").properties["DistributionConfig"];
}

/** A CloudFront that does not listen yet; its functions are closed with everything else that runs. */
export function createFront(options: FrontOptions, behind: Behind, running: Closables): CloudFront {
  const { resources } = behind.stack;
  const { ref, attributes } = only(resources, "AWS::CloudFront::Distribution");
  const config = distributionConfig(behind.stack);
  const { domainName } = bucketOrigin(config);
  const domain = requireString(attributes["DomainName"], "DomainName");
  const originAccessControls = propertiesByRef(resources, "AWS::CloudFront::OriginAccessControl");
  return createCloudFront({
    distribution: { id: ref, domainName: domain, config },
    policies: {
      ...propertiesByRef(resources, "AWS::CloudFront::CachePolicy"),
      ...propertiesByRef(resources, "AWS::CloudFront::OriginRequestPolicy"),
      ...propertiesByRef(resources, "AWS::CloudFront::ResponseHeadersPolicy"),
    },
    originAccessControls,
    ...(Object.keys(originAccessControls).length > 0 && {
      oac: createOacSigner(behind.store.serviceKeys(`arn:aws:cloudfront::123456789012:distribution/${ref}`)),
    }),
    invoke: invoker(options, behind, running),
    functions: viewerFunctions(behind),
    onFunction: () => behind.runs.count("function"),
    ...(options.functionEngine && { functionEngine: options.functionEngine }),
    connect: (origin) => {
      const target = origin === domainName ? behind.store.target : options.apis?.[origin];
      if (!target) throw new Error(`nothing serves ${origin} here`);
      return target;
    },
    ...(options.readings && { readings: options.readings }),
    ...(options.timeouts && { timeouts: options.timeouts }),
    ...(options.log && { log: options.log }),
    ...(options.tls && { tls: options.tls }),
  });
}

function invoker(options: FrontOptions, behind: Behind, running: Closables): CloudFrontOptions["invoke"] {
  const functions = new Map<string, Promise<LambdaFunction>>();
  for (const arn of edgeFunctionArns(distributionConfig(behind.stack)))
    functions.set(
      arn,
      edgeFunction(arn, options, behind).then((edge) => running.add(edge)),
    );
  return async (arn, event) => {
    const edge = await functions.get(arn);
    if (!edge) throw new Error(`no function ${arn}`);
    options.onEvent?.(event);
    behind.runs.count(eventTypeOf(event));
    return edge.invoke(event);
  };
}

/** The CloudFront Functions of the stack, by ARN, each with its store. */
function viewerFunctions({
  stack: { resources },
  keyValueStores,
}: Behind): Readonly<Record<string, FunctionDefinition>> {
  return Object.fromEntries(
    ofType(resources, "AWS::CloudFront::Function").map(({ attributes, properties }) => {
      const [association] = list(
        requireObject(properties["FunctionConfig"], "FunctionConfig")["KeyValueStoreAssociations"],
      ).map((item) => requireObject(item, "KeyValueStoreAssociation"));
      const store = association && keyValueStores.at(requireString(association["KeyValueStoreARN"], "Arn"));
      const code = requireString(properties["FunctionCode"], "FunctionCode");
      return [requireString(attributes["FunctionARN"], "FunctionARN"), { code, store }];
    }),
  );
}

const TWELVE_HOURS = 12 * 60 * 60;

/** As on Lambda, the environment holds credentials of the function's own role. */
async function edgeFunction(
  arn: string,
  { functionLog, coldStarts }: FrontOptions,
  { stack: { resources }, sessions }: Behind,
): Promise<LambdaFunction> {
  const definition = functionDefinition(resources, arn);
  const credentials = await sessions.mint({
    roleArn: functionRoleOf(resources, arn),
    sessionName: definition.functionName,
    durationSeconds: TWELVE_HOURS,
  });
  const environment = {
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    AWS_SESSION_TOKEN: credentials.sessionToken,
    ...definition.environment,
  };
  return createLambda(
    { ...definition, environment },
    { log: (line) => functionLog?.(line.message), ...(coldStarts && { coldStarts }) },
  );
}
