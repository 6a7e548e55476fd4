// How long policies are to IAM, which counts characters without white space.
import type { Statement } from "./statement.ts";

/** The longest that `arn:aws:s3:::<bucket>` can be. */
const BUCKET_ARN_LENGTH = 76;

/** IAM takes 10,240 characters for all inline policies of a role; CDK splits beyond 10,000. */
export const MAX_POLICY_LENGTH = 10_000;

/** What IAM counts for these statements, of a bucket with the longest name. */
export function policyLength(statements: readonly Statement[]): number {
  const resources = statements.flatMap(({ resources = [], notResources = [] }) => [
    ...resources,
    ...notResources,
  ]);
  return JSON.stringify(statements).length + resources.length * BUCKET_ARN_LENGTH;
}

/** The same resources in lists, each of them of no more than `limit` characters in a statement. */
export function inChunks(resources: readonly string[], limit: number): readonly (readonly string[])[] {
  return chunksOf(resources, limit, BUCKET_ARN_LENGTH);
}

/** Policies that say together what the statements say, each of about `limit` characters at most. */
export function inPolicies(
  statements: readonly Statement[],
  limit: number,
): readonly (readonly Statement[])[] {
  return statements.flatMap((statement) => partsOf(statement, limit)).map((part) => [part]);
}

function partsOf(statement: Statement, limit: number): readonly Statement[] {
  const { resources = [], conditions } = statement;
  const prefixes = conditions?.["StringLike"]?.["s3:prefix"];
  if (!prefixes) return inChunks(resources, limit).map((some) => ({ ...statement, resources: some }));
  return chunksOf(prefixes, limit, 0).map((some) => ({
    ...statement,
    conditions: { ...conditions, StringLike: { "s3:prefix": some } },
  }));
}

function chunksOf(texts: readonly string[], limit: number, before: number): readonly (readonly string[])[] {
  const chunks: string[][] = [];
  let room = 0;
  for (const text of texts) {
    const length = before + JSON.stringify(text).length + 1;
    if (length > room) {
      chunks.push([]);
      room = limit;
    }
    chunks.at(-1)?.push(text);
    room -= length;
  }
  return chunks;
}
