// What a deployment leaves behind.
import type { Created } from "./defaults.ts";
import type { JsonObject } from "./json.ts";

/** One created resource. */
export interface DeployedResource extends Created {
  readonly type: string;
  readonly properties: JsonObject;
}

/** The result of a deployment. */
export interface Stack {
  readonly resources: ReadonlyMap<string, DeployedResource>;
  readonly outputs: Readonly<Record<string, string>>;
}
