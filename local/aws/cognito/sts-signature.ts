// Who calls the security token service, or the refusal in its own codes.

import {
  SignatureError,
  type SignatureProblem,
  type SignedMessage,
  type SignatureDeps as SignerDeps,
  callerOf as signerOf,
} from "../iam/request-signature.ts";
import type { Session } from "../iam/sessions.ts";
import { StsError, type StsErrorCode } from "./sts-errors.ts";

/** What verification depends on. */
export type SignatureDeps = Omit<SignerDeps, "service">;

const CODES: Readonly<Record<SignatureProblem, StsErrorCode>> = {
  missing: "MissingAuthenticationToken",
  malformed: "IncompleteSignature",
  wrong: "SignatureDoesNotMatch",
  "unknown-key": "InvalidClientTokenId",
  "expired-key": "ExpiredToken",
};

/**
 * The session that signed the call.
 * @throws StsError for a signature that is missing, malformed, expired, unknown or wrong.
 */
export async function callerOf(message: SignedMessage, deps: SignatureDeps): Promise<Session> {
  try {
    return await signerOf(message, { ...deps, service: "sts" });
  } catch (error) {
    if (error instanceof SignatureError) throw new StsError(CODES[error.problem], error.message);
    throw error;
  }
}
