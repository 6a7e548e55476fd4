// What the loader needs of a function: parsed from a template's resolved AWS::Lambda::Function properties.

/** One function as Lambda knows it. */
export interface FunctionDefinition {
  readonly functionName: string;
  readonly functionVersion: string;
  readonly functionArn: string;
  /** `file.export`, as in the template. */
  readonly handler: string;
  /** The text of `index.js` (CommonJS). */
  readonly code: string;
  readonly runtime: string;
  readonly memoryMb: number;
  readonly timeoutMs: number;
  readonly environment: Readonly<Record<string, string>>;
}

// Lambda's own defaults: "AWS::Lambda::Function", docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-lambda-function.html
const DEFAULT_MEMORY_MB = 128;
const DEFAULT_TIMEOUT_SECONDS = 3;
const DEFAULT_RUNTIME = "nodejs24.x";

/** Reads resolved template properties; throws naming the property that does not fit. */
export function parseFunctionProperties(
  properties: unknown,
  identity: {
    readonly functionName: string;
    readonly functionArn: string;
    readonly functionVersion?: string;
  },
): FunctionDefinition {
  const record = asRecord(properties, "Properties");
  const code = asRecord(record["Code"], "Code")["ZipFile"];
  if (typeof code !== "string") {
    throw new Error(`${identity.functionName}: Code.ZipFile: only inline code can be run locally`);
  }
  const variables = record["Environment"] === undefined ? {} : asRecord(record["Environment"], "Environment");
  return {
    functionName: identity.functionName,
    functionArn: identity.functionArn,
    functionVersion: identity.functionVersion ?? "$LATEST",
    handler: optionalString(record["Handler"], "Handler") ?? "index.handler",
    code,
    runtime: optionalString(record["Runtime"], "Runtime") ?? DEFAULT_RUNTIME,
    memoryMb: optionalNumber(record["MemorySize"], "MemorySize") ?? DEFAULT_MEMORY_MB,
    timeoutMs: (optionalNumber(record["Timeout"], "Timeout") ?? DEFAULT_TIMEOUT_SECONDS) * 1000,
    environment: stringRecord(variables["Variables"]),
  };
}

function asRecord(value: unknown, name: string): Record<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new Error(`${name}: must be an object`);
  }
  return Object.fromEntries(Object.entries(value));
}

function optionalString(value: unknown, name: string): string | undefined {
  if (value !== undefined && typeof value !== "string") throw new Error(`${name}: must be a string`);
  return value;
}

// CloudFormation accepts numbers written as strings.
function optionalNumber(value: unknown, name: string): number | undefined {
  if (value === undefined) return undefined;
  const number = typeof value === "string" ? Number(value) : value;
  if (typeof number !== "number" || !Number.isFinite(number)) throw new Error(`${name}: must be a number`);
  return number;
}

function stringRecord(value: unknown): Record<string, string> {
  if (value === undefined) return {};
  return Object.fromEntries(
    Object.entries(asRecord(value, "Environment.Variables")).map(([k, v]) => [k, String(v)]),
  );
}
