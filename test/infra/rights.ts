// An account of AWS as a template leaves it: its roles, its bucket, its key, and what each principal may do there.
import type { Template } from "aws-cdk-lib/assertions";
import { type AccessRequest, decide, type Principal } from "../../local/aws/iam/decide.ts";
import { parsePolicy } from "../../local/aws/iam/parse.ts";
import type { Policy } from "../../local/aws/iam/policy.ts";
import { ACTIONS } from "./aws-actions.ts";
import { json, type ResourceJson, resolve, type TemplateJson } from "./synth.ts";

export const ACCOUNT = "111122223333";
/** Whose bucket and key may be, too. */
export const OTHER_ACCOUNT = "999999999999";
export const ME = "us-east-1:11111111-1111-4111-8111-111111111111";
export const OTHER = "us-east-1:22222222-2222-4222-8222-222222222222";
export const DISTRIBUTION = `arn:aws:cloudfront::${ACCOUNT}:distribution/AssetsDistribution`;
const BUCKET = "arn:aws:s3:::assets";
/** The key of the bucket, where it has one. */
const KEY = `arn:aws:kms:us-east-1:${ACCOUNT}:key/bucket`;
/** The key of the other account's bucket. */
export const OTHER_ACCOUNTS_KEY = `arn:aws:kms:eu-central-1:${OTHER_ACCOUNT}:key/bucket`;

/** A role by what it is for. */
const ROLES = [
  ["ViewerRequest", /ViewerRequestRole/],
  ["OriginResponse", /OriginResponseRole/],
  ["Deployment", /DeploymentRole/],
  ["ClientUrls", /ClientUrlsRole/],
  ["guests", /UnauthenticatedRole/],
  ["signed in", /AuthenticatedRole/],
  ["editors", /GroupRoleeditors/],
] as const;
const nameOf = (id: string) => ROLES.find(([, pattern]) => pattern.test(id))?.[0] ?? `unknown: ${id}`;

/** The role of a name, as `ROLES` has it. */
export const roleArn = (name: string) => `arn:aws:iam::${ACCOUNT}:role/${name.replace(" ", "-")}`;

/** What a reference stands for once it is deployed. */
function deployed(reference: string): string {
  const [id = "", attribute] = reference.split(".");
  const name = id.replace(/[0-9A-F]{8}$/, "");
  if (id.startsWith("AWS::"))
    return { "AWS::AccountId": ACCOUNT, "AWS::Partition": "aws" }[id] ?? "us-east-1";
  if (/SealingKeys/.test(id)) return `arn:aws:secretsmanager:us-east-1:${ACCOUNT}:secret:${name}`;
  if (/Logs$/.test(name)) return `arn:aws:logs:us-east-1:${ACCOUNT}:log-group:${name}:*`;
  if (/UserPool$/.test(name) && attribute === "Arn")
    return `arn:aws:cognito-idp:us-east-1:${ACCOUNT}:userpool/us-east-1_Pool`;
  if (/Bucket$/.test(name) && attribute === "Arn") return BUCKET;
  if (/BucketKey$/.test(name) && attribute === "Arn") return KEY;
  if (/Role/.test(name) && attribute === "Arn") return roleArn(nameOf(id));
  return name;
}

/** One resource of each kind that is ours, its neighbours, and somebody else's. */
export const RESOURCES: Readonly<Record<string, string>> = {
  "*": "*",
  bucket: BUCKET,
  "another bucket": `${BUCKET}-of-others`,
  ...Object.fromEntries(
    [
      "",
      "index.html",
      "pub/logo.svg",
      "public",
      "site/a.html",
      "site",
      "sites/a",
      "team/plan.pdf",
      "team",
      "teams/a",
      "me/a.txt",
      "users/a.txt",
      `users/${ME}/a.txt`,
      `users/${ME}/../${OTHER}/a.txt`,
      `users/${OTHER}/a.txt`,
      `users/${ME}x/a.txt`,
    ].map((key) => [`/${key}`, `${BUCKET}/${key}`]),
  ),
  "/site/a of another bucket": `${BUCKET}-of-others/site/a.html`,
  "own logs": "own",
  "logs of ViewerRequest": logGroup("eu-west-3", "us-east-1.AssetsViewerRequestFunction"),
  "logs of OriginResponse": logGroup("ap-south-1", "us-east-1.AssetsOriginResponseFunction"),
  "logs of another function": logGroup("eu-west-3", "us-east-1.Payments"),
  "logs of a longer name": logGroup("eu-west-3", "us-east-1.AssetsViewerRequestFunction2"),
  "logs of Deployment": `arn:aws:logs:us-east-1:${ACCOUNT}:log-group:AssetsDeploymentLogs:log-stream:s`,
  "logs of ClientUrls": `arn:aws:logs:us-east-1:${ACCOUNT}:log-group:AssetsClientUrlsLogs:log-stream:s`,
  "the sealing keys": `arn:aws:secretsmanager:us-east-1:${ACCOUNT}:secret:AssetsSealingKeys`,
  "another secret": `arn:aws:secretsmanager:us-east-1:${ACCOUNT}:secret:Database`,
  "the user pool": `arn:aws:cognito-idp:us-east-1:${ACCOUNT}:userpool/us-east-1_Pool`,
  "another user pool": `arn:aws:cognito-idp:us-east-1:${ACCOUNT}:userpool/us-east-1_Other`,
  "the identity pool": `arn:aws:cognito-identity:us-east-1:${ACCOUNT}:identitypool/us-east-1:pool`,
  ...Object.fromEntries(ROLES.map(([name]) => [`role ${name}`, roleArn(name)])),
  "role of an administrator": roleArn("Admin"),
  "the function": `arn:aws:lambda:us-east-1:${ACCOUNT}:function:AssetsViewerRequestFunction`,
  "another function": `arn:aws:lambda:us-east-1:${ACCOUNT}:function:Payments`,
  "the distribution": DISTRIBUTION,
  "the bucket's key": KEY,
  "the other account's key of the bucket": OTHER_ACCOUNTS_KEY,
  "another key": `arn:aws:kms:us-east-1:${ACCOUNT}:key/1`,
  "another key of the other account": `arn:aws:kms:eu-central-1:${OTHER_ACCOUNT}:key/1`,
  "a stack": `arn:aws:cloudformation:us-east-1:${ACCOUNT}:stack/Gatehouse/1`,
  "a parameter": `arn:aws:ssm:us-east-1:${ACCOUNT}:parameter/secret`,
};

function logGroup(region: string, name: string): string {
  return `arn:aws:logs:${region}:${ACCOUNT}:log-group:/aws/lambda/${name}:log-stream:s`;
}

/** The prefixes that a list may be asked for, beside none. */
const PREFIXES = [
  "",
  "site/",
  "site/a/",
  "sit",
  "team/",
  "team",
  "users/",
  `users/${ME}/`,
  `users/${OTHER}/`,
];

/** A user's session over TLS, in which both exchanges say who the user is. */
export const SESSION = {
  "cognito-identity.amazonaws.com:sub": ME,
  "aws:PrincipalTag/identityId": ME,
  "aws:SecureTransport": "true",
};

export interface AccountRole {
  readonly name: string;
  /** A role that was given has its own, which is not known here. */
  readonly trust: Policy;
  readonly policies: readonly Policy[];
}

export interface Account {
  readonly roles: readonly AccountRole[];
  /** Once its owner has added what the outputs say. */
  readonly bucketPolicy: Policy;
  /** Likewise. */
  readonly keyPolicy: Policy;
  /** Whether bucket and key are the other account's: then both sides have to allow. */
  readonly bucketIsForeign: boolean;
  readonly documents: readonly unknown[];
  readonly resources: readonly ResourceJson[];
}

export const NO_POLICY: Policy = { variables: true, statements: [] };

/** Decisions made so far, each on an action, a resource and who asks. */
export const made = { decisions: 0 };

/** What the template makes, and what its outputs ask of others. */
export function accountOf(template: Template): Account {
  const parts = json(template);
  const resources = Object.entries(parts.Resources);
  const documents = policyDocuments(resources);
  return {
    roles: rolesOf(resources, documents),
    bucketPolicy: joined([
      ...policiesOf(resources, "AWS::S3::BucketPolicy", "PolicyDocument"),
      ...told(parts, "BucketPolicyStatements"),
      ...told(parts, "PublicBucketPolicyStatement"),
    ]),
    keyPolicy: joined([
      ...policiesOf(resources, "AWS::KMS::Key", "KeyPolicy"),
      ...told(parts, "KeyPolicyStatements"),
      ...told(parts, "PublicKeyPolicyStatement"),
    ]),
    bucketIsForeign: told(parts, "BucketPolicyStatements").length > 0,
    documents: documents.map((it) => it.document),
    resources: resources.map(([, resource]) => resource),
  };
}

type Resources = readonly (readonly [id: string, resource: ResourceJson])[];

const ofType = (resources: Resources, type: string) =>
  resources.filter(([, resource]) => resource.Type === type);

/** The policies of roles, each with what says whose it is. */
function policyDocuments(
  resources: Resources,
): readonly { readonly roles: string; readonly document: unknown }[] {
  return ofType(resources, "AWS::IAM::Policy").map(([, { Properties }]) => ({
    roles: JSON.stringify(Properties["Roles"]),
    document: resolve(Properties["PolicyDocument"], deployed),
  }));
}

/** The roles that are made, and those that are given and get a policy. */
function rolesOf(
  resources: Resources,
  documents: ReturnType<typeof policyDocuments>,
): readonly AccountRole[] {
  const attachedTo = (id: string) =>
    documents
      .filter(({ roles }) => roles.includes(`"${id}"`))
      .map((it) => parsePolicy(it.document, "identity"));
  const made = ofType(resources, "AWS::IAM::Role").map(([id, { Properties }]) => ({
    name: nameOf(id),
    trust: parsePolicy(resolve(Properties["AssumeRolePolicyDocument"], deployed), "trust"),
    policies: attachedTo(id),
  }));
  const given = ROLES.map(([name]) => ({
    name,
    trust: NO_POLICY,
    policies: attachedTo(name.replace(" ", "-")),
  }));
  return [...made, ...given.filter(({ policies }) => policies.length > 0)];
}

function policiesOf(resources: Resources, type: string, name: string): readonly Policy[] {
  return ofType(resources, type).map(([, { Properties }]) =>
    parsePolicy(resolve(Properties[name], deployed), "resource"),
  );
}

/** What an output asks the owner of bucket or key to add to its policy. */
function told({ Outputs = {} }: TemplateJson, output: string): readonly Policy[] {
  return Object.entries(Outputs)
    .filter(([id]) => id.startsWith(`Assets${output}`))
    .map(([, { Value }]) => [JSON.parse(String(resolve(Value, deployed)))].flat())
    .map((Statement) => parsePolicy({ Version: "2012-10-17", Statement }, "resource"));
}

function joined(policies: readonly Policy[]): Policy {
  return { variables: true, statements: policies.flatMap(({ statements }) => statements) };
}

/** Who asks, and with which policies of their own. */
interface Asker {
  readonly principal: Principal;
  readonly identity?: readonly Policy[];
  readonly session?: Readonly<Record<string, string>>;
}

/** Shapes of the app have most of their roles and policies in common. */
const known = new Map<string, readonly string[]>();

/** Everything that a principal may do in an account, as `action resource`. */
export function rightsOf(account: Account, asker: Asker, actions = ACTIONS): readonly string[] {
  const { bucketPolicy, keyPolicy, bucketIsForeign } = account;
  const question = JSON.stringify([bucketPolicy, keyPolicy, bucketIsForeign, asker, actions]);
  const rights = known.get(question) ?? decided(account, asker, actions);
  known.set(question, rights);
  return rights;
}

function decided(
  account: Account,
  { principal, identity = [], session = SESSION }: Asker,
  actions: readonly string[],
): readonly string[] {
  const may = (action: string, resource: string, more: Readonly<Record<string, string>> = {}) =>
    isAllowed(
      account,
      { principal, action, resource, context: { ...viaS3(action, resource), ...session, ...more } },
      identity,
    );
  return actions.flatMap((action) => {
    const found = Object.entries(RESOURCES)
      .filter(([, arn]) => may(action, arn))
      .map(([name]) => `${action} ${name}`);
    if (action !== "s3:ListBucket") return found;
    const lists = PREFIXES.filter((prefix) => may(action, BUCKET, { "s3:prefix": prefix }));
    return [...found, ...lists.map((prefix) => `s3:ListBucket ${prefix}*`)];
  });
}

/** A key is asked for by S3 of its region, where the object is, unless something else is said. */
function viaS3(action: string, resource: string): Readonly<Record<string, string>> {
  if (!action.startsWith("kms:")) return {};
  return { "kms:ViaService": `s3.${resource.split(":")[3]}.amazonaws.com` };
}

function isAllowed(account: Account, request: AccessRequest, identity: readonly Policy[]): boolean {
  made.decisions += 1;
  const resource = resourcePolicy(account, request.resource);
  if (!account.bucketIsForeign || !resource || request.principal.kind !== "role")
    return decide(request, { identity, resource }) === "allow";
  return decide(request, { identity }) === "allow" && decide(request, { resource }) === "allow";
}

/** The policy that stands before a resource, if one does. A key's says `*` and means the key. */
function resourcePolicy(account: Account, resource: string): Policy | undefined {
  if (resource === BUCKET || resource.startsWith(`${BUCKET}/`)) return account.bucketPolicy;
  return resource === (account.bucketIsForeign ? OTHER_ACCOUNTS_KEY : KEY) ? account.keyPolicy : undefined;
}

export function rolePrincipal(name: string): Principal {
  return {
    kind: "role",
    arn: roleArn(name),
    sessionArn: `arn:aws:sts::${ACCOUNT}:assumed-role/${name}/session`,
  };
}
