// What is deployed, by name: Lambda publishes no code twice, so that content which comes back needs a name of its own.
import { createHash } from "node:crypto";

/** The content's id, and the deployments that it came with and took the place of. */
const PHYSICAL_ID = /^([0-9a-f]{64}-[0-9a-f]{16})-([0-9a-f]{8})-([0-9a-f]{8})$/;

/** What decides whether content has come anew. */
export interface Arrival {
  /** The custom resource's physical id; none before it is made. */
  readonly given: string | undefined;
  readonly requestId: string;
  /** The deployment that is made now, and the one whose place it takes. */
  readonly deployment: unknown;
  readonly before: unknown;
}

/** How content is called: in code and descriptions, and by CloudFormation. */
export interface ContentIds {
  /** A hash of the content, and a salt that tells apart the times that it came. */
  readonly contentId: string;
  readonly physicalId: string;
}

/**
 * The ids of this content: the given ones if it is of the same content, else new ones, in the request's name.
 *
 * A failed update leaves its version of the function published. When its content comes again, code and description have
 * to differ from that version's: Lambda publishes nothing that equals what it published last, and CloudFormation then
 * fails for good with "A version for this Lambda function exists". So content is called anew after a roll-back, which a
 * custom resource has to notice by itself: keys are read as they are now, so that what is rolled back to may be the same
 * content again. It shows in the deployment, which is one that this content came with or took the place of.
 * https://docs.aws.amazon.com/lambda/latest/api/API_PublishVersion.html
 */
export function contentIds(parts: readonly string[], arrival: Arrival): ContentIds {
  const content = sha256(parts.join("\n"));
  const { given = "", requestId, deployment, before } = arrival;
  const [, contentId, ...deployments] = PHYSICAL_ID.exec(given) ?? [];
  const isRollback = deployments.includes(tag(deployment));
  if (contentId?.startsWith(content) && !isRollback) return { contentId, physicalId: given };
  const anew = `${content}-${sha256(requestId).slice(0, 16)}`;
  return { contentId: anew, physicalId: `${anew}-${tag(deployment)}-${tag(before)}` };
}

function tag(deployment: unknown): string {
  return sha256(String(deployment)).slice(0, 8);
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
