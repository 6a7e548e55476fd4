// What is deployed, by name: Lambda publishes no code twice, so that content which comes back needs a name of its own.
import { createHash } from "node:crypto";

/** A hash of the content, and a salt that tells apart the times that it came. */
const CONTENT_ID = /^[0-9a-f]{64}-[0-9a-f]{16}$/;

/**
 * The id of this content: the given one if it is of the same content, else a new one, in the request's name.
 *
 * A failed update leaves its version of the function published. When its content comes again, code and description have
 * to differ from that version's: Lambda publishes nothing that equals what it published last, and CloudFormation then
 * fails for good with "A version for this Lambda function exists". The id is the custom resource's physical one, which
 * CloudFormation hands back after a rollback: what is rolled back to keeps its id, and so its version.
 * https://docs.aws.amazon.com/lambda/latest/api/API_PublishVersion.html
 */
export function contentId(parts: readonly string[], given: string | undefined, requestId: string): string {
  const content = createHash("sha256").update(parts.join("\n")).digest("hex");
  if (given?.startsWith(`${content}-`) && CONTENT_ID.test(given)) return given;
  return `${content}-${createHash("sha256").update(requestId).digest("hex").slice(0, 16)}`;
}
