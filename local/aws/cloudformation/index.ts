// Deploys a synthesized template on this machine: resolves it, creates its resources in order, runs its custom resources.

import type { LogLine } from "../lambda/index.ts";
import { conditionReader } from "./conditions.ts";
import { createCustomResource, isCustomResource } from "./custom-resource.ts";
import { type Account, type Created, createDefault } from "./defaults.ts";
import { type DynamicReference, withDynamicReferences } from "./dynamic-references.ts";
import { functionDefinition } from "./functions.ts";
import { NO_VALUE, references, resolve, type Scope } from "./intrinsics.ts";
import { type JsonObject, requireObject, requireString } from "./json.ts";
import { creationOrder } from "./order.ts";
import type { DeployedResource, Stack } from "./stack.ts";
import { parseTemplate, type Template, type TemplateResource } from "./template.ts";

export type { Created } from "./defaults.ts";
export { functionDefinition } from "./functions.ts";
export type { DeployedResource, Stack } from "./stack.ts";

/** Creates one resource; undefined leaves it to the default. */
export type Provider = (
  logicalId: string,
  properties: JsonObject,
) => Created | undefined | Promise<Created | undefined>;

type Environment = Readonly<Record<string, string>>;

/** The variables of one function, such as the credentials of its role. */
export type FunctionEnvironment = (
  functionArn: string,
  resources: ReadonlyMap<string, DeployedResource>,
) => Promise<Environment>;

/** How a template is deployed. Only `template` matters; everything here has a default. */
export interface DeployOptions {
  /** Default `us-east-1`. */
  readonly region?: string;
  /** Default `123456789012`. */
  readonly accountId?: string;
  /** Default `local`; part of every generated id. */
  readonly stackName?: string;
  readonly parameters?: Readonly<Record<string, string>>;
  /** By resource type; a provider of a `Custom::` type replaces the function's run. */
  readonly providers?: Readonly<Record<string, Provider>>;
  /**
   * Environment variables added to the functions of custom resources, such as `AWS_ENDPOINT_URL`; those that depend on
   * the function are asked for with what has been made so far.
   */
  readonly functionEnvironment?: Environment | FunctionEnvironment;
  /** The value of a `{{resolve:service:…}}` reference, given what stands after `resolve:`. */
  readonly dynamicReference?: DynamicReference;
  /** Lines that the functions of custom resources write. */
  readonly log?: (logicalId: string, line: LogLine) => void;
}

/** Deploys the template; throws naming the place of the first thing that does not resolve or create. */
export async function deploy(template: unknown, options: DeployOptions = {}): Promise<Stack> {
  const deployment = new Deployment(parseTemplate(template), options);
  await deployment.create();
  return { resources: deployment.resources, outputs: deployment.outputs() };
}

/** Holds the resources created so far, which later ones refer to. */
class Deployment {
  readonly resources = new Map<string, DeployedResource>();
  readonly #template: Template;
  readonly #options: DeployOptions;
  readonly #account: Account;
  readonly #stackId: string;
  readonly #scope: Scope;

  constructor(template: Template, options: DeployOptions) {
    this.#template = template;
    this.#options = options;
    this.#account = {
      region: options.region ?? "us-east-1",
      accountId: options.accountId ?? "123456789012",
      partition: "aws",
      stackName: options.stackName ?? "local",
    };
    const { region, accountId, stackName } = this.#account;
    this.#stackId = `arn:aws:cloudformation:${region}:${accountId}:stack/${stackName}/00000000-0000-4000-8000-000000000000`;
    this.#scope = {
      ref: (name, where) => this.#ref(name, where),
      attribute: (id, attribute, where) => this.#attribute(id, attribute, where),
      condition: conditionReader(template.conditions, (value, where) => resolve(value, this.#scope, where)),
      mappings: template.mappings,
    };
  }

  async create(): Promise<void> {
    for (const id of creationOrder(this.#dependencies())) {
      const resource = this.#template.resources.get(id);
      if (resource === undefined) continue;
      const resolved = resolve(resource.properties, this.#scope, `Resources.${id}.Properties`);
      const properties = requireObject(
        await withDynamicReferences(resolved, this.#options.dynamicReference),
        id,
      );
      const created = await this.#createOne(id, resource.type, properties);
      this.resources.set(id, { type: resource.type, properties, ...created });
    }
  }

  outputs(): Record<string, string> {
    const outputs: Record<string, string> = {};
    for (const [id, output] of this.#template.outputs) {
      if (output.condition !== undefined && !this.#scope.condition(output.condition)) continue;
      const where = `Outputs.${id}.Value`;
      outputs[id] = requireString(resolve(output.value, this.#scope, where), where);
    }
    return outputs;
  }

  #dependencies(): Map<string, Set<string>> {
    const wanted = [...this.#template.resources].filter(([, resource]) => this.#isWanted(resource));
    const ids = new Set(wanted.map(([id]) => id));
    const of = (id: string, resource: TemplateResource): Set<string> => {
      const names = references(resource.properties, this.#scope.condition);
      for (const name of resource.dependsOn) {
        if (!this.#template.resources.has(name))
          throw new Error(`Resources.${id}.DependsOn: no resource ${name}`);
        names.add(name);
      }
      return new Set([...names].filter((name) => ids.has(name)));
    };
    return new Map(wanted.map(([id, resource]) => [id, of(id, resource)]));
  }

  #isWanted(resource: TemplateResource): boolean {
    return resource.condition === undefined || this.#scope.condition(resource.condition);
  }

  async #createOne(logicalId: string, type: string, properties: JsonObject): Promise<Created> {
    const provided = await this.#options.providers?.[type]?.(logicalId, properties);
    if (provided !== undefined) return provided;
    if (!isCustomResource(type)) return createDefault(type, logicalId, properties, this.#account);
    const token = requireString(properties["ServiceToken"], `Resources.${logicalId}.ServiceToken`);
    const definition = functionDefinition(this.resources, token);
    const environment = { ...definition.environment, ...(await this.#environmentOf(token)) };
    return createCustomResource({
      logicalId,
      type,
      properties,
      stackId: this.#stackId,
      definition: { ...definition, environment },
      log: (line) => this.#options.log?.(logicalId, line),
    });
  }

  async #environmentOf(functionArn: string): Promise<Environment> {
    const { functionEnvironment = {} } = this.#options;
    return typeof functionEnvironment === "function"
      ? await functionEnvironment(functionArn, this.resources)
      : functionEnvironment;
  }

  #ref(name: string, where: string): unknown {
    const { region, accountId, partition, stackName } = this.#account;
    const pseudo: Record<string, unknown> = {
      "AWS::Region": region,
      "AWS::AccountId": accountId,
      "AWS::Partition": partition,
      "AWS::URLSuffix": "amazonaws.com",
      "AWS::StackName": stackName,
      "AWS::StackId": this.#stackId,
      "AWS::NotificationARNs": [],
      "AWS::NoValue": NO_VALUE,
    };
    if (name in pseudo) return pseudo[name];
    if (this.#template.parameters.has(name)) return this.#parameter(name);
    return this.#resource(name, where).ref;
  }

  #parameter(name: string): unknown {
    const value = this.#options.parameters?.[name] ?? this.#template.parameters.get(name);
    if (value === undefined) throw new Error(`Parameters.${name}: has no default and was not given`);
    return value;
  }

  #attribute(id: string, attribute: string, where: string): unknown {
    const resource = this.#resource(id, where);
    const value = resource.attributes[attribute];
    if (value === undefined) {
      throw new Error(
        `${where}: ${id} (${resource.type}) has no attribute ${attribute} here; give it a provider`,
      );
    }
    return value;
  }

  #resource(name: string, where: string): DeployedResource {
    const resource = this.resources.get(name);
    if (resource === undefined) throw new Error(`${where}: nothing in the template is called ${name}`);
    return resource;
  }
}
