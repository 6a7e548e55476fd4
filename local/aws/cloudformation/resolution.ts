// What a template says in a place and time: references resolved against the resources that are there.

import { conditionReader } from "./conditions.ts";
import type { Account } from "./defaults.ts";
import { NO_VALUE, references, resolve, type Scope } from "./intrinsics.ts";
import { type JsonObject, requireObject, requireString } from "./json.ts";
import type { DeployedResource } from "./stack.ts";
import type { Template, TemplateResource } from "./template.ts";

/** What references are resolved with. */
export interface ResolutionDeps {
  readonly account: Account;
  readonly stackId: string;
  readonly parameters: Readonly<Record<string, string>>;
  /** The resources as they stand when a value is resolved. */
  readonly resources: () => ReadonlyMap<string, DeployedResource>;
}

/** One template with what it refers to; its state is the resources that it is given. */
export class Resolution {
  readonly #template: Template;
  readonly #deps: ResolutionDeps;
  readonly #scope: Scope;

  constructor(template: Template, deps: ResolutionDeps) {
    this.#template = template;
    this.#deps = deps;
    this.#scope = {
      ref: (name, where) => this.#ref(name, where),
      attribute: (id, attribute, where) => this.#attribute(id, attribute, where),
      condition: conditionReader(template.conditions, (value, where) => resolve(value, this.#scope, where)),
      mappings: template.mappings,
    };
  }

  /** A resource's properties; dynamic references stay text. */
  declared(id: string, { properties }: TemplateResource): JsonObject {
    return requireObject(resolve(properties, this.#scope, `Resources.${id}.Properties`), id);
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

  /** What each resource that is wanted comes after. */
  dependencies(): Map<string, Set<string>> {
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

  #ref(name: string, where: string): unknown {
    const { region, accountId, partition, stackName } = this.#deps.account;
    const pseudo: Record<string, unknown> = {
      "AWS::Region": region,
      "AWS::AccountId": accountId,
      "AWS::Partition": partition,
      "AWS::URLSuffix": "amazonaws.com",
      "AWS::StackName": stackName,
      "AWS::StackId": this.#deps.stackId,
      "AWS::NotificationARNs": [],
      "AWS::NoValue": NO_VALUE,
    };
    if (name in pseudo) return pseudo[name];
    if (this.#template.parameters.has(name)) return this.#parameter(name);
    return this.#resource(name, where).ref;
  }

  #parameter(name: string): unknown {
    const value = this.#deps.parameters[name] ?? this.#template.parameters.get(name);
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
    const resource = this.#deps.resources().get(name);
    if (resource === undefined) throw new Error(`${where}: nothing in the template is called ${name}`);
    return resource;
  }
}
