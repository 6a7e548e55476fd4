// Starts a RADOS Gateway and says how to run the local stack on it, until Ctrl-C.

import { type Rgw, startRgw } from "./cluster.ts";
import { rgwMissing } from "./installed.ts";

const REGION = "us-east-1";

const [unknown] = process.argv.slice(2);
const missing = rgwMissing();
const problem =
  unknown === undefined
    ? missing && `RADOS Gateway cannot run here: ${missing}`
    : `Unexpected argument '${unknown}'\nusage: npm run rgw`;
if (problem === undefined) await run();
else {
  console.error(problem);
  process.exitCode = 1;
}

async function run(): Promise<void> {
  // Leaving ends the gateway's processes and removes its folder, while it starts too.
  const leave = () => process.exit();
  process.on("SIGINT", leave).on("SIGTERM", leave);
  console.log("Starting a RADOS Gateway; this takes about 15 seconds.");
  console.log(introduction(await startRgw({ region: REGION })));
}

function introduction({ endpoint, admin, cloudfront }: Rgw): string {
  return `
A RADOS Gateway answers at ${endpoint}. It keeps everything in memory.

In another terminal:

export S3_ADMIN_ACCESS_KEY_ID=${admin.accessKeyId}
export S3_ADMIN_SECRET_ACCESS_KEY=${admin.secretAccessKey}
export S3_CLOUDFRONT_ACCESS_KEY_ID=${cloudfront.accessKeyId}
export S3_CLOUDFRONT_SECRET_ACCESS_KEY=${cloudfront.secretAccessKey}
npm start -- --s3 ${endpoint}

Stop it with Ctrl-C.
`;
}
