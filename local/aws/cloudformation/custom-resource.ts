// Custom resources: the function behind the ServiceToken really runs, and answers through a ResponseURL.

import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { createLambda, type FunctionDefinition, type LogLine } from "../lambda/index.ts";
import type { Created } from "./defaults.ts";
import { type JsonObject, objectOf, requireObject, requireString } from "./json.ts";

/** Whether a resource type is answered by a function of the template. */
export function isCustomResource(type: string): boolean {
  return type === "AWS::CloudFormation::CustomResource" || type.startsWith("Custom::");
}

/** One custom resource to create. */
export interface CustomResourceRequest {
  readonly logicalId: string;
  readonly type: string;
  readonly properties: JsonObject;
  readonly stackId: string;
  readonly definition: FunctionDefinition;
  readonly log: (line: LogLine) => void;
}

// "Custom resource response objects": "The response data can't exceed 4096 bytes".
const MAX_RESPONSE_BYTES = 4096;

/** Invokes the function with RequestType Create; throws with its reason when it answers FAILED, or not at all. */
export async function createCustomResource(request: CustomResourceRequest): Promise<Created> {
  const mailbox = await openMailbox();
  const lambda = createLambda(request.definition, { log: request.log });
  try {
    await lambda.invoke(createEvent(request, mailbox.url));
    return processResponse(request.logicalId, mailbox.received());
  } finally {
    await Promise.all([lambda.close(), mailbox.close()]);
  }
}

function createEvent(request: CustomResourceRequest, responseUrl: string): JsonObject {
  return {
    RequestType: "Create",
    ServiceToken: request.properties["ServiceToken"],
    ResponseURL: responseUrl,
    StackId: request.stackId,
    RequestId: randomUUID(),
    ResourceType: request.type,
    LogicalResourceId: request.logicalId,
    ResourceProperties: stringified(request.properties),
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
    throw new Error(`${logicalId}: the function ended without answering the ResponseURL`);
  if (Buffer.byteLength(body) > MAX_RESPONSE_BYTES)
    throw new Error(`${logicalId}: Response object is too long.`);
  const response = requireObject(JSON.parse(body), `${logicalId}: response`);
  if (response["Status"] !== "SUCCESS") {
    throw new Error(`${logicalId}: ${requireString(response["Reason"] ?? "no reason given", "Reason")}`);
  }
  return {
    ref: requireString(response["PhysicalResourceId"], `${logicalId}: PhysicalResourceId`),
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
