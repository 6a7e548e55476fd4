// Gives every role what the areas say of its users, and tells the owner of a given bucket what has to be allowed there.
import type { IRole } from "aws-cdk-lib/aws-iam";
import type { IBucket } from "aws-cdk-lib/aws-s3";
import type { Construct } from "constructs";
import type { Config } from "../../edge/config/config.ts";
import { type Reader, roleStatements, type Statement, sharedWhereMany } from "../access/index.ts";
import { printOwnerGrants } from "./bucket-owner.ts";
import { grantAssets, warnAboutDenial } from "./rights.ts";
import { grantShared } from "./shared-rights.ts";

/** Who gets rights to what. */
export interface Granted {
  readonly bucket: IBucket;
  readonly config: Config;
  /** The role of all signed-in users, without a name, and those of groups. */
  readonly roles: readonly (readonly [Reader, IRole])[];
  /** Roles that somebody else made: they may have other rights. */
  readonly given: ReadonlySet<unknown>;
  /** Whether the roles may carry policies in common: all of them are made here. */
  readonly canShare: boolean;
}

/** Many roles that are made here share policies; others have their rights in a policy each. */
export function grantAreas(scope: Construct, granted: Granted): void {
  const { bucket, config, roles, canShare } = granted;
  const shared = canShare ? sharedWhereMany(config) : undefined;
  if (shared) grantShared(scope, bucket, shared, roles);
  const statements = shared
    ? [
        ...Object.values(shared.policies),
        ...roles.map(([reader]) => shared.of(reader)).flatMap(({ own, further }) => [own, ...further]),
      ].flat()
    : grantEach(scope, granted);
  printOwnerGrants(
    scope,
    bucket,
    roles.map(([, role]) => role),
    statements,
  );
}

function grantEach(scope: Construct, { bucket, config, roles, given }: Granted): readonly Statement[] {
  return roles.flatMap(([reader, role]) => {
    const statements = roleStatements(config, reader);
    grantAssets(role, bucket, statements);
    if (given.has(role)) warnAboutDenial(scope, role, statements);
    return statements;
  });
}
