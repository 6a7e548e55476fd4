// The names of a gate's props, for programs that no compiler looks at; the compiler holds the lists to the types.
import type { NamesOf } from "../edge/config/names.ts";
import type { SignedInAssetsProps, SignedInBehaviorsProps } from "./props.ts";

const BEHAVIORS: NamesOf<SignedInBehaviorsProps> = {
  areas: true,
  groups: true,
  listing: true,
  exchange: true,
  userPool: true,
  userPoolClients: true,
  furtherUserPools: true,
  machineClients: true,
  identityPool: true,
  authenticatedRole: true,
  bucket: true,
  originPath: true,
  auth: true,
  userPoolDomain: true,
  cookies: true,
  cors: true,
  frameAncestors: true,
  log: true,
  signing: true,
  endpoints: true,
  placement: true,
  revocation: true,
  sdk: true,
  deploymentId: true,
};

const ASSETS: NamesOf<SignedInAssetsProps> = {
  ...BEHAVIORS,
  distribution: true,
  alarms: true,
  outputs: true,
};

/** The props of `SignedInBehaviors`. */
export const BEHAVIORS_PROPS: readonly string[] = Object.keys(BEHAVIORS);

/** The props of `SignedInAssets`. */
export const ASSETS_PROPS: readonly string[] = Object.keys(ASSETS);
