// A gate that is open: its address, and every part for tests and demos to look into.
import type { Stack } from "../aws/cloudformation/index.ts";
import type { CloudFront } from "../aws/cloudfront/index.ts";
import type { ManagedLogin } from "../aws/cognito/managed-login.ts";
import type { UserPool } from "../aws/cognito/user-pool.ts";
import type { UserPoolServer } from "../aws/cognito/user-pool-server.ts";
import type { Sessions } from "../aws/iam/sessions.ts";
import type { S3Server } from "../aws/s3/server.ts";
import type { Secrets } from "../aws/secrets/secrets.ts";
import type { SecretsServer } from "../aws/secrets/server.ts";
import type { IdentityServers } from "./identity.ts";
import type { KeyValueStores } from "./key-value-stores.ts";
import type { Runs } from "./runs.ts";
import type { ObjectStore } from "./store.ts";

/** A running gate, whatever its S3 is. */
export interface AnyGate extends IdentityServers {
  /** Where viewers go. */
  readonly url: string;
  /** The port of CloudFront on 127.0.0.1. */
  readonly port: number;
  /** The latest deployment. */
  readonly stack: Stack;
  readonly userPool: UserPool;
  readonly userPoolServer: UserPoolServer;
  /** For apps of their own too; the clients' settings say who may sign in there, and where to come back to. */
  readonly managedLogin: Pick<ManagedLogin, "endpoint">;
  readonly sessions: Sessions;
  readonly secrets: Secrets;
  readonly secretsServer: SecretsServer;
  readonly store: ObjectStore;
  /** What CloudFront Functions read. */
  readonly keyValueStores: KeyValueStores;
  /** How often functions have run at the edge. */
  readonly runs: Runs;
  /** That of the latest deployment. */
  readonly cloudFront: CloudFront;
  /**
   * Updates the stack, with the keys and secrets of now: functions start anew, and CloudFront with an empty cache at the
   * same port. When the update fails it is taken back, and the gate goes on as it was. A context takes the place of the
   * one that the gate was started with.
   */
  readonly redeploy: (context?: Readonly<Record<string, unknown>>) => Promise<void>;
  readonly close: () => Promise<void>;
}

/** A running gate with the embedded S3. */
export interface Gate extends AnyGate {
  readonly s3: S3Server;
}
