// The services behind a stack: makes, changes and deletes one resource, with what that means for its account.

import { type FunctionDefinition, type LogLine, parseFunctionProperties } from "../lambda/index.ts";
import { runOnce } from "../lambda/run-once.ts";
import type { AccountState } from "./account-state.ts";
import { checkCloudFrontFunction } from "./cloudfront-function.ts";
import { askCustomResource, type CustomResourceOperation, isCustomResource } from "./custom-resource.ts";
import { type Account, type Created, createDefault } from "./defaults.ts";
import { type JsonObject, objectOf, requireString } from "./json.ts";
import type { DeployedResource } from "./stack.ts";

/** Makes one resource; undefined leaves it to the default. */
export type Provider = (
  logicalId: string,
  properties: JsonObject,
) => Created | undefined | Promise<Created | undefined>;

/** How resources of a type are made, changed and deleted. */
export interface ResourceProvider {
  readonly create: Provider;
  /** `create` by default, as for what is the same to make and to change. */
  readonly update?: (
    logicalId: string,
    properties: JsonObject,
    before: DeployedResource,
  ) => ReturnType<Provider>;
  /** Nothing by default. */
  readonly remove?: (logicalId: string, resource: DeployedResource) => void | Promise<void>;
}

type Environment = Readonly<Record<string, string>>;

/** The variables of one function, such as the credentials of its role. */
export type FunctionEnvironment = (
  functionArn: string,
  resources: ReadonlyMap<string, DeployedResource>,
) => Promise<Environment>;

/** What the services are told; everything has a default. */
export interface ServicesOptions {
  /** By resource type; a provider of a `Custom::` type replaces the function's run. */
  readonly providers?: Readonly<Record<string, Provider | ResourceProvider>>;
  /**
   * Environment variables added to the functions of custom resources, such as `AWS_ENDPOINT_URL`; those that depend on
   * the function are asked for with what has been made so far.
   */
  readonly functionEnvironment?: Environment | FunctionEnvironment;
  /** Runs a function of a custom resource; by default in an instance of its own. */
  readonly run?: (
    definition: FunctionDefinition,
    event: JsonObject,
    log: (line: LogLine) => void,
  ) => Promise<void>;
  /** Lines that the functions of custom resources write. */
  readonly log?: (logicalId: string, line: LogLine) => void;
}

/** Where resources are made. */
export interface Place {
  readonly account: Account;
  readonly stackId: () => string;
  /** Everything that the stack has, also what it is about to delete. */
  readonly resources: () => ReadonlyMap<string, DeployedResource>;
}

/** One resource, told to a service. */
export interface Target {
  readonly logicalId: string;
  readonly type: string;
  readonly properties: JsonObject;
}

/** Its state is how many resources have been made under a logical id; that of the account is its own. */
export class Services {
  readonly #options: ServicesOptions;
  readonly #place: Place;
  readonly #state: AccountState;
  readonly #made = new Map<string, number>();

  constructor(options: ServicesOptions, place: Place, state: AccountState) {
    this.#options = options;
    this.#place = place;
    this.#state = state;
  }

  async create(target: Target): Promise<Created> {
    const { logicalId, type, properties } = target;
    this.#state.names.check(type, properties);
    checkCloudFrontFunction(type, properties);
    const made = (await this.#provider(type)?.create(logicalId, properties)) ?? (await this.#make(target));
    const created = this.#afterWrite(type, made, properties);
    this.#state.names.take(type, properties);
    return created;
  }

  /** `told` are the properties that a custom resource was told last, when those were not reached. */
  async update(target: Target, before: DeployedResource, told = before.properties): Promise<Created> {
    const { logicalId, type, properties } = target;
    this.#state.names.check(type, properties, before.properties);
    checkCloudFrontFunction(type, properties);
    const { create, update = create } = this.#provider(type) ?? {};
    const changed =
      (await update?.(logicalId, properties, before)) ?? (await this.#change(target, before, told));
    const created = this.#afterWrite(type, changed, properties);
    this.#state.names.release(type, before.properties);
    this.#state.names.take(type, properties);
    return created;
  }

  async remove(logicalId: string, resource: DeployedResource): Promise<void> {
    const { type, ref, properties } = resource;
    const { functions, names } = this.#state;
    if (type === "AWS::CloudFront::Distribution") functions.associate(ref, []);
    if (type === "AWS::Lambda::Version") functions.removeVersion(ref);
    if (type === "AWS::Lambda::Function") functions.remove(arnOf(resource));
    const provider = this.#provider(type);
    if (provider) await provider.remove?.(logicalId, resource);
    else if (isCustomResource(type))
      await this.#ask({ logicalId, type, properties }, { kind: "Delete", physicalId: ref });
    names.release(type, properties);
  }

  /** Runs a function of the stack that nobody waits for; what it throws is for its log. */
  async invoke(logicalId: string, functionArn: string, event: JsonObject): Promise<void> {
    const { run = runOnce, log } = this.#options;
    try {
      await run(await this.#definition(functionArn), event, (line) => log?.(logicalId, line));
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      log?.(logicalId, { level: "ERROR", message, requestId: "" });
    }
  }

  #provider(type: string): ResourceProvider | undefined {
    const provider = this.#options.providers?.[type];
    return typeof provider === "function" ? { create: provider } : provider;
  }

  async #make(target: Target): Promise<Created> {
    const { logicalId, type, properties } = target;
    if (isCustomResource(type)) return await this.#ask(target, { kind: "Create" });
    const generation = this.#made.get(logicalId) ?? 0;
    this.#made.set(logicalId, generation + 1);
    return createDefault(type, logicalId, properties, this.#place.account, generation);
  }

  async #change(
    target: Target,
    { ref, attributes }: DeployedResource,
    oldProperties: JsonObject,
  ): Promise<Created> {
    if (!isCustomResource(target.type)) return { ref, attributes };
    return await this.#ask(target, { kind: "Update", physicalId: ref, oldProperties });
  }

  /** What a resource is besides its ids: code that is stored, a version that is published, replicas. */
  #afterWrite(type: string, created: Created, properties: JsonObject): Created {
    const { functions } = this.#state;
    if (type === "AWS::Lambda::Function") functions.put(arnOf(created), properties);
    if (type === "AWS::CloudFront::Distribution") functions.associate(created.ref, versionArns(properties));
    if (type !== "AWS::Lambda::Version") return created;
    const number = functions.publish(created.ref);
    const ref = `${created.ref}:${number}`;
    const attributes = { FunctionArn: ref, Version: String(number) };
    return { ref, attributes, published: functions.published(ref) ?? {} };
  }

  async #ask(target: Target, operation: CustomResourceOperation): Promise<Created> {
    const { logicalId, type, properties } = target;
    const token = requireString(properties["ServiceToken"], `Resources.${logicalId}.ServiceToken`);
    const definition = await this.#definition(token);
    const { run = runOnce, log } = this.#options;
    return await askCustomResource({
      operation,
      logicalId,
      type,
      properties,
      stackId: this.#place.stackId(),
      invoke: (event) => run(definition, event, (line) => log?.(logicalId, line)),
    });
  }

  async #definition(functionArn: string): Promise<FunctionDefinition> {
    const definition = parseFunctionProperties(this.#state.functions.unpublished(functionArn), {
      functionName: functionArn.split(":")[6] ?? "",
      functionArn,
    });
    const { functionEnvironment = {} } = this.#options;
    const environment =
      typeof functionEnvironment === "function"
        ? await functionEnvironment(functionArn, this.#place.resources())
        : functionEnvironment;
    return { ...definition, environment: { ...definition.environment, ...environment } };
  }
}

function arnOf({ attributes }: Created): string {
  return requireString(attributes["Arn"], "Arn");
}

/** The versions that a distribution's behaviours run. */
function versionArns(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.flatMap(versionArns);
  return Object.entries(objectOf(value) ?? {}).flatMap(([key, item]) =>
    key === "LambdaFunctionARN" && typeof item === "string" ? [item] : versionArns(item),
  );
}
