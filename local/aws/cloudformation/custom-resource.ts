// Custom resources: the function behind the ServiceToken really runs, and answers through a ResponseURL.

import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import type { Created } from "./defaults.ts";
import { type JsonObject, objectOf, requireObject, requireString } from "./json.ts";

/** Whether a resource type is answered by a function of the template. */
export function isCustomResource(type: string): boolean {
  return type === "AWS::CloudFormation::CustomResource" || type.startsWith("Custom::");
}

/**
 * What CloudFormation asks a custom resource for.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-requests.html
 */
export type CustomResourceOperation =
  | { readonly kind: "Create" }
  | { readonly kind: "Update"; readonly physicalId: string; readonly oldProperties: JsonObject }
  | { readonly kind: "Delete"; readonly physicalId: string };

/** One request to a custom resource. */
export interface CustomResourceRequest {
  readonly operation: CustomResourceOperation;
  readonly logicalId: string;
  readonly type: string;
  readonly properties: JsonObject;
  readonly stackId: string;
  /** Runs the function with an event, and returns when it has ended. */
  readonly invoke: (event: JsonObject) => Promise<void>;
}

/** What a function answered that did not do what it was asked for. */
export class CustomResourceFailure extends Error {
  override readonly name = "CustomResourceFailure";
  /** The id that it gave all the same: CloudFormation asks it to delete that. */
  readonly physicalId: string | undefined;

  constructor(message: string, physicalId?: string) {
    super(message);
    this.physicalId = physicalId;
  }
}

// "Custom resource response objects": "The response data can't exceed 4096 bytes".
const MAX_RESPONSE_BYTES = 4096;

/** Invokes the function; throws with its reason when it answers FAILED, or not at all. */
export async function askCustomResource(request: CustomResourceRequest): Promise<Created> {
  const mailbox = await openMailbox();
  try {
    await request.invoke(eventOf(request, mailbox.url));
    return processResponse(request.logicalId, mailbox.received());
  } finally {
    await mailbox.close();
  }
}

function eventOf(
  { operation, logicalId, type, properties, stackId }: CustomResourceRequest,
  responseUrl: string,
): JsonObject {
  return {
    RequestType: operation.kind,
    ServiceToken: properties["ServiceToken"],
    ResponseURL: responseUrl,
    StackId: stackId,
    RequestId: randomUUID(),
    ResourceType: type,
    LogicalResourceId: logicalId,
    ...(operation.kind !== "Create" && { PhysicalResourceId: operation.physicalId }),
    ResourceProperties: stringified(properties),
    ...(operation.kind === "Update" && { OldResourceProperties: stringified(operation.oldProperties) }),
  };
}

// CloudFormation hands numbers and booleans of the template over as strings.
function stringified(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(stringified);
  const object = objectOf(value);
  if (object === undefined) return value === null ? value : String(value);
  return Object.fromEntries(Object.entries(object).map(([key, item]) => [key, stringified(item)]));
}

function processResponse(logicalId: string, body: string | undefined): Created {
  if (body === undefined)
    throw new CustomResourceFailure(`${logicalId}: the function ended without answering the ResponseURL`);
  if (Buffer.byteLength(body) > MAX_RESPONSE_BYTES)
    throw new CustomResourceFailure(`${logicalId}: Response object is too long.`);
  const response = requireObject(JSON.parse(body), `${logicalId}: response`);
  const { PhysicalResourceId: id, Reason: reason = "no reason given" } = response;
  if (response["Status"] !== "SUCCESS")
    throw new CustomResourceFailure(
      `${logicalId}: ${requireString(reason, "Reason")}`,
      typeof id === "string" ? id : undefined,
    );
  return {
    ref: requireString(id, `${logicalId}: PhysicalResourceId`),
    attributes: requireObject(response["Data"] ?? {}, `${logicalId}: Data`),
  };
}

interface Mailbox {
  readonly url: string;
  readonly received: () => string | undefined;
  readonly close: () => Promise<void>;
}

async function openMailbox(): Promise<Mailbox> {
  let received: string | undefined;
  const server = createServer((request, response) => {
    void readBody(request).then((body) => {
      if (request.method === "PUT") received = body;
      response.writeHead(request.method === "PUT" ? 200 : 405).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${portOf(server.address())}/response?id=${randomUUID()}`,
    received: () => received,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function portOf(address: AddressInfo | string | null): number {
  if (address === null || typeof address === "string") throw new Error("ResponseURL: no TCP port");
  return address.port;
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString();
}
