// The AWS commands that the pages name: which options each takes and needs, and what it would print.
// Checked against the API models of the AWS CLI (botocore 1.43) in 2026-11.

/** One command of the AWS CLI. */
export interface AwsCommand {
  readonly required: readonly string[];
  readonly optional?: readonly string[];
  /** What follows the command without an option, such as a file and a bucket. */
  readonly operands?: number;
  /** A stand-in for what AWS prints, by a word of the command line; the empty one is for any other. */
  readonly prints?: Readonly<Record<string, string>>;
}

/** Options of every command. */
export const GLOBAL_OPTIONS: readonly string[] = ["region", "query", "output", "profile", "max-items"];

const user = ["user-pool-id", "username"];
/** The key before the one that is made. */
export const OLD_KEY = "a".repeat(64);

/** By service and command. */
export const AWS_COMMANDS: Readonly<Record<string, AwsCommand>> = {
  "cloudformation continue-update-rollback": { required: ["stack-name"], optional: ["resources-to-skip"] },
  "cloudformation deploy": {
    required: ["stack-name", "template-file"],
    optional: ["s3-bucket", "capabilities"],
  },
  "cloudformation delete-stack": { required: ["stack-name"], optional: ["retain-resources"] },
  "cloudformation describe-stacks": {
    required: [],
    optional: ["stack-name"],
    prints: {
      "--output json": '[{"OutputKey":"CachePolicy","OutputValue":"11111111-2222-4333-8444-555555555555"}]',
    },
  },
  "cloudformation describe-stack-resources": {
    required: [],
    optional: ["stack-name"],
    prints: { "": "arn:aws:secretsmanager:us-east-1:123456789012:secret:Example" },
  },
  "cloudformation describe-stack-events": { required: ["stack-name"] },
  "acm describe-certificate": { required: ["certificate-arn"] },
  "acm request-certificate": { required: ["domain-name"], optional: ["validation-method"] },
  "acm wait": { required: ["certificate-arn"], operands: 1 },
  "cloudfront create-invalidation": {
    required: ["distribution-id"],
    optional: ["paths", "invalidation-batch"],
  },
  "cloudfront get-distribution-config": {
    required: ["id"],
    prints: { ETag: "E2QWRUHEXAMPLE", "": '{"CallerReference": "x", "Enabled": true}' },
  },
  "cloudfront-keyvaluestore describe-key-value-store": {
    required: ["kvs-arn"],
    prints: { ETag: "ETVPDKIKX0DER", "": "ETVPDKIKX0DER" },
  },
  "cloudfront-keyvaluestore put-key": { required: ["kvs-arn", "key", "value", "if-match"] },
  "cloudfront wait": { required: ["id"], operands: 1 },
  "cloudfront update-distribution": { required: ["id", "distribution-config"], optional: ["if-match"] },
  "cloudtrail create-trail": {
    required: ["name", "s3-bucket-name"],
    optional: ["is-multi-region-trail", "enable-log-file-validation"],
  },
  "cloudtrail put-event-selectors": { required: ["trail-name"], optional: ["advanced-event-selectors"] },
  "cloudtrail start-logging": { required: ["name"] },
  "cognito-idp admin-add-user-to-group": { required: [...user, "group-name"] },
  // AWS needs the user alone; without the others the password would go by SMS, to nobody.
  "cognito-idp admin-create-user": {
    required: [...user, "user-attributes", "desired-delivery-mediums"],
    optional: ["temporary-password"],
  },
  "cognito-idp admin-get-user": { required: user, prints: { "": "11111111-2222-4333-8444-555555555555" } },
  "cognito-idp admin-disable-user": { required: user },
  "cognito-idp admin-update-user-attributes": { required: [...user, "user-attributes"] },
  "cognito-idp admin-user-global-sign-out": { required: user },
  "cognito-idp list-users": { required: ["user-pool-id"], optional: ["filter"], prints: { "": "ada\nbob" } },
  "cognito-idp describe-user-pool-client": { required: ["user-pool-id", "client-id"] },
  "ec2 describe-regions": { required: [], prints: { "": "eu-west-1\tus-east-1" } },
  "lambda delete-function": { required: ["function-name"], optional: ["qualifier"] },
  "lambda get-account-settings": { required: [] },
  "logs describe-log-groups": {
    required: [],
    optional: ["log-group-name-prefix"],
    prints: { "": "/aws/lambda/us-east-1.Gatehouse-AssetsExample" },
  },
  "logs filter-log-events": { required: [], optional: ["log-group-name", "filter-pattern"] },
  "logs get-query-results": { required: ["query-id"] },
  "logs put-retention-policy": { required: ["log-group-name", "retention-in-days"] },
  "logs start-query": { required: ["start-time", "end-time", "query-string"], optional: ["log-group-name"] },
  "route53 change-resource-record-sets": { required: ["hosted-zone-id", "change-batch"] },
  "route53 list-hosted-zones-by-name": { required: [], optional: ["dns-name"] },
  "s3 cp": { required: [], operands: 2, optional: ["recursive"] },
  "s3 rm": { required: [], operands: 1, optional: ["recursive"] },
  "s3 sync": { required: [], operands: 2, optional: ["exclude", "include", "cache-control", "delete"] },
  "s3api create-bucket": { required: ["bucket"], optional: ["create-bucket-configuration"] },
  "s3api get-bucket-cors": { required: ["bucket"] },
  "s3api put-bucket-cors": { required: ["bucket", "cors-configuration"] },
  "s3api put-bucket-policy": { required: ["bucket", "policy"] },
  "secretsmanager get-secret-value": {
    required: ["secret-id"],
    optional: ["version-id", "version-stage"],
    prints: { "": JSON.stringify({ current: OLD_KEY, previous: "none" }) },
  },
  "service-quotas list-service-quotas": { required: ["service-code"] },
  "secretsmanager put-secret-value": { required: ["secret-id"], optional: ["secret-string"] },
};

/** Options without a value. */
const SWITCHES = new Set(["recursive", "delete", "is-multi-region-trail", "enable-log-file-validation"]);
/** Options with several values. */
const LISTS = new Set(["user-attributes", "resources-to-skip"]);

/** What a command line says. @throws Error naming what AWS would not understand */
export function parseAwsCommand(args: readonly string[]): {
  readonly name: string;
  readonly options: ReadonlyMap<string, string>;
} {
  const [service = "", operation = "", ...rest] = args;
  const name = `${service} ${operation}`;
  const command = AWS_COMMANDS[name];
  if (!command) throw new Error(`aws ${name}: not in test/docs/aws-commands.ts`);
  const { options, operands } = readOptions(name, rest);
  const known = new Set([...GLOBAL_OPTIONS, ...command.required, ...(command.optional ?? [])]);
  for (const option of options.keys())
    if (!known.has(option)) throw new Error(`aws ${name}: no option --${option}`);
  for (const option of command.required)
    if (!options.has(option)) throw new Error(`aws ${name}: needs --${option}`);
  if (operands !== (command.operands ?? 0)) throw new Error(`aws ${name}: ${operands} operands`);
  return { name, options };
}

function readOptions(name: string, args: readonly string[]) {
  const options = new Map<string, string>();
  let operands = 0;
  for (let at = 0; at < args.length; at += 1) {
    const [, option] = /^--([a-z0-9-]+)$/.exec(args[at] ?? "") ?? [];
    const value = args[at + 1];
    if (option === undefined) operands += 1;
    else if (SWITCHES.has(option)) options.set(option, "");
    else if (value === undefined || value.startsWith("--"))
      throw new Error(`aws ${name}: --${option} needs a value`);
    else {
      const next = args.findIndex((text, index) => index > at && text.startsWith("--"));
      const end = LISTS.has(option) ? (next === -1 ? args.length : next) : at + 2;
      options.set(option, args.slice(at + 1, end).join(" "));
      at = end - 1;
    }
  }
  return { options, operands };
}
