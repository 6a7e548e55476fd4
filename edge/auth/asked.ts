// What apps ask for a file of their user: a link to it, or a way to store it.

import { isFromKnownOrigin } from "../answer/own-origin.ts";
import { type Access, keyPath, tokenFor } from "../areas.ts";
import { basePathOf } from "../config/aws-names.ts";
import { GateError } from "../errors.ts";
import { bodyText, type ViewerRequest } from "../request/cloudfront.ts";
import { canonicalPath } from "../request/path.ts";
import { prefixed } from "../s3/others.ts";
import type { Session } from "../session/exchange.ts";
import type { SignInParts } from "../sign-in.ts";
import { tokenPlaces } from "../token/candidates.ts";
import type { VerifiedToken } from "../token/token.ts";
import { parsed } from "./json-body.ts";
import { HOP_MS, sayingOf } from "./session-cookies.ts";

/** A request for a path that its user may read. */
export interface Asked {
  readonly body: Readonly<Record<string, unknown>>;
  readonly token: VerifiedToken;
  /** The canonical path. */
  readonly path: string;
  readonly access: Access;
}

/**
 * Reads a request for a path, which a page of another site must not send, and somebody without a token cannot.
 * @throws GateError `origin_not_allowed`, `token_*`, `invalid_request`, `invalid_path`, `body_too_large`, `access_denied`
 */
export async function asked(request: ViewerRequest, parts: SignInParts, deadline: number): Promise<Asked> {
  const { config, tokens, areas } = parts;
  if (!isFromKnownOrigin(request, config)) throw new GateError("origin_not_allowed");
  const token = await tokens.verifyFirst(tokenPlaces(request, config), deadline);
  const body = parsed(bodyText(request));
  const path = pathIn(body["path"]);
  if (path.startsWith(basePathOf(config))) throw new GateError("access_denied");
  return { body, token, path, access: areas.accessTo(path, token) };
}

/** The canonical path in a body, where it is written as in a URL; a query would be part of the key. */
export function pathIn(value: unknown): string {
  if (typeof value !== "string") throw new GateError("invalid_request");
  if (/[?#]/.test(value)) throw new GateError("invalid_path");
  return canonicalPath(value);
}

/** The user's session in the role that the path asks for, with credentials that last for long. */
export async function sessionFor(
  { token, access }: Asked,
  request: ViewerRequest,
  { sessions, now }: SignInParts,
  deadline: number,
): Promise<Session> {
  const { roleArn } = access;
  const until = Math.min(deadline, now() + HOP_MS);
  const input = { token: tokenFor(access, token), roleArn, request, deadline: until };
  return await sessions.renew(input, sayingOf(token));
}

/** The path of the key at S3. */
export function keyOf({ access, path }: Asked, { identityId }: Session, parts: SignInParts): string {
  return prefixed(keyPath(access, path, identityId), parts.config);
}
