// What the package exports.
export type { AreaDocument, Config, ConfigDocument, Endpoints, Signing } from "../edge/config.ts";
export { ConfigError } from "../edge/config.ts";
export { type AlarmOptions, Alarms, type AlarmsProps } from "./alarms.ts";
export { amplifyStorageAreas } from "./amplify-storage.ts";
export type { ClientUrls } from "./client-urls.ts";
export type { Deployment } from "./deployment.ts";
export type { GateDistributionProps } from "./distribution.ts";
export type { EdgeFunction } from "./edge-function.ts";
export type { SignedInAssetsProps, SignedInBehaviorsProps } from "./props.ts";
export type { SignInProps } from "./sign-in-props.ts";
export type { SignInUrls } from "./sign-in-urls.ts";
export { SignedInAssets } from "./signed-in-assets.ts";
export { SignedInBehaviors } from "./signed-in-behaviors.ts";
