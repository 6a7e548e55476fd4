// What a built bundle makes of a viewer's request, ready to be sent to S3 by hand, as it is or tampered with.

import type { ConfigDocument } from "../../edge/config/config.ts";
import { distributionConfig } from "../../local/gate/front.ts";
import type { AnyGate } from "../../local/gate/gate.ts";
import { identityPoolOf } from "../../local/gate/identity-resources.ts";
import { bucketOrigin } from "../../local/gate/resources.ts";
import { type Answer, send } from "../local/aws/s3/presign.ts";
import { type BundleName, forwardedOf, loadBundle } from "../unit/fixtures/bundle.ts";
import { viewerEvent } from "../unit/fixtures/events.ts";

/** A request that S3 would be sent; path and query are percent-encoded. */
export interface SignedRequest {
  readonly method: string;
  readonly host: string;
  readonly path: string;
  readonly query: string;
}

/** Signs the request of a user for a path, with an optional query of the viewer's. */
export type SignAs = (token: string, method: string, uri: string, query?: string) => Promise<SignedRequest>;

/** The configuration of a gate's function, by its parts. */
export function configOf(gate: AnyGate, changes: Partial<ConfigDocument> = {}): ConfigDocument {
  const { bucket, region } = originOf(gate);
  const identityPoolId = identityPoolOf(gate.stack.resources, new Map())?.identityPoolId ?? "";
  return {
    userPool: {
      id: gate.userPool.id,
      clientIds: gate.userPool.clients.map(({ clientId }) => clientId),
      jwks: gate.userPool.jwks(),
    },
    identityPool: { id: identityPoolId },
    origin: { bucket, region },
    areas: [{ path: "/*", versions: true, downloads: true }],
    endpoints: { cognitoIdentity: gate.identityPoolServer.endpoint },
    ...changes,
  };
}

/** Where the gate's objects are. */
export function originOf(gate: AnyGate): ReturnType<typeof bucketOrigin> {
  return bucketOrigin(distributionConfig(gate.stack));
}

/** A cold start of a bundle before this gate's identity pool and bucket. */
export function signer(name: BundleName, gate: AnyGate, changes: Partial<ConfigDocument> = {}): SignAs {
  const handle = loadBundle(name, configOf(gate, changes));
  const { domainName: host } = originOf(gate);
  return async (token, method, uri, querystring = "") => {
    const event = viewerEvent({ method, uri, querystring, headers: { authorization: `Bearer ${token}` } });
    const forwarded = forwardedOf(await handle(event));
    return { method, host, path: forwarded.uri, query: forwarded.querystring };
  };
}

/** Sends a request to S3, past CloudFront and the function. */
export function sendTo(port: number, { method, host, path, query }: SignedRequest): Promise<Answer> {
  return send(port, query === "" ? path : `${path}?${query}`, { host }, method);
}
