// The bucket itself: nobody gets past the gate.
import { type Answer, header, summary, text } from "../answer.ts";
import { type Check, type Finding, judge, Skipped } from "../check.ts";
import { send } from "../http.ts";
import { parseListing } from "../listing.ts";
import type { Subject } from "../subject.ts";

async function askBucket({ options: { bucket } }: Subject, path: string): Promise<Answer> {
  if (!bucket) throw new Skipped("give --bucket and --region");
  const host = `${bucket.name}.s3.${bucket.region}.amazonaws.com`;
  const answer = await send(bucket.endpoint, path, { headers: { host } });
  const region = header(answer, "x-amz-bucket-region");
  if (region !== "" && region !== bucket.region)
    throw new Skipped(`the bucket is in ${region}: set --region`);
  return answer;
}

async function object(subject: Subject): Promise<Finding> {
  const { path } = subject.places.object;
  const key = path.endsWith("/") ? `${path}index.html` : path;
  const answer = await askBucket(subject, `${subject.options.bucket?.originPath ?? ""}${key}`);
  return judge(summary(answer), [["403", answer.status === 403]]);
}

async function list(subject: Subject): Promise<Finding> {
  const answer = await askBucket(subject, "/?list-type=2&max-keys=1");
  return judge(summary(answer), [["403", answer.status === 403 && !parseListing(text(answer))]]);
}

const SET = "Block Public Access on the bucket, and no Principal * in its policy beyond public areas";

/** In the order in which they are made. */
export const BUCKET: readonly Check[] = [
  {
    id: "bucket.object",
    does: "asks S3 itself for the object, unsigned",
    means: "the bucket is public: everybody can go past the gate",
    set: SET,
    run: object,
  },
  {
    id: "bucket.list",
    does: "asks S3 itself for a list, unsigned",
    means: "everybody can list the bucket past the gate",
    set: SET,
    run: list,
  },
];
