// The policies of a configuration as JSON, for those who deploy without CDK.
import type { Config } from "../../edge/config/config.ts";
import {
  machinesWith,
  publicResources,
  type Reader,
  roleStatements,
  type Statement,
} from "../access/index.ts";

/** A policy document in IAM's words. */
interface PolicyDocument {
  readonly Version: "2012-10-17";
  readonly Statement: readonly object[];
}

/** What each role needs, and what public areas need. */
export interface PolicyDocuments {
  /** Of the role of every signed-in user. */
  readonly signedIn: PolicyDocument;
  /** Of the role of each group. */
  readonly groups: Readonly<Record<string, PolicyDocument>>;
  /** Of the role of machines with each scope. */
  readonly scopes: Readonly<Record<string, PolicyDocument>>;
  /** What the bucket's policy lets CloudFront read: the ARNs of public keys. */
  readonly publicResources: readonly string[];
}

/** The same statements that the construct adds to its roles, for the configuration's own bucket. */
export function policyDocuments(config: Config): PolicyDocuments {
  const bucketArn = `arn:aws:s3:::${config.origin.bucket}`;
  const documentFor = (reader: Reader): PolicyDocument => ({
    Version: "2012-10-17",
    Statement: roleStatements(config, reader).map((statement) => statementJson(statement, bucketArn)),
  });
  const { groups, scopes } = config;
  return {
    signedIn: documentFor(undefined),
    groups: Object.fromEntries(Object.keys(groups).map((name) => [name, documentFor(name)])),
    scopes: Object.fromEntries(Object.keys(scopes).map((name) => [name, documentFor(machinesWith(name))])),
    publicResources: publicResources(config).map((resource) => `${bucketArn}${resource}`),
  };
}

function statementJson(statement: Statement, bucketArn: string): object {
  const { effect, actions, resources, notResources, conditions } = statement;
  const arns = (list: readonly string[]) => list.map((resource) => `${bucketArn}${resource}`);
  return {
    Effect: effect,
    Action: actions,
    ...(resources && { Resource: arns(resources) }),
    ...(notResources && { NotResource: arns(notResources) }),
    ...(conditions && { Condition: conditions }),
  };
}
