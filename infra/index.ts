// What the package exports.
export type { AreaDocument, Config, ConfigDocument, Endpoints, Signing } from "../edge/config/config.ts";
export { ConfigError } from "../edge/config/document.ts";
export { amplifyStorageAreas } from "./bucket/amplify-storage.ts";
export { type AlarmOptions, Alarms, type AlarmsProps } from "./delivery/alarms.ts";
export type { GateDistributionProps } from "./delivery/distribution.ts";
export type { EdgeFunction } from "./delivery/edge-function.ts";
export type { Deployment } from "./deployment/deployment.ts";
export type { AreaProps, SignedInAssetsProps, SignedInBehaviorsProps } from "./props.ts";
export { SignedInAssets } from "./signed-in-assets.ts";
export { SignedInBehaviors } from "./signed-in-behaviors.ts";
export type { ClientUrls } from "./users/client-urls.ts";
export type { FurtherUserPoolProps } from "./users/further-user-pools.ts";
export type { SignInProps } from "./users/sign-in-props.ts";
export type { SignInUrls } from "./users/sign-in-urls.ts";
