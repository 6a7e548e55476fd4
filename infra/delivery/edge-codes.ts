// Which of the built files each function at the edge runs.
import type { Area } from "../../edge/config/config.ts";
import { readBuiltFile } from "../build/built-file.ts";
import { edgeBundleName } from "../build/edge-bundles.ts";
import type { EdgeCode } from "./edge-function.ts";

/** What each function runs. */
export interface EdgeCodes {
  readonly viewerRequest: EdgeCode;
  /** With APIs. */
  readonly apiRequest: EdgeCode | undefined;
  readonly originResponse: EdgeCode;
}

/** The build that the props ask for. */
export function edgeCodes(
  {
    exchange,
    sdk,
    auth,
  }: {
    readonly exchange?: string;
    readonly sdk?: boolean;
    readonly auth?: object;
  },
  areas: readonly Area[],
): EdgeCodes {
  const build = { sts: exchange === "sts", sdk: sdk === true, auth: auth !== undefined };
  const bundle = (sdk: boolean) => readBuiltFile(`edge/${edgeBundleName({ ...build, sdk })}.js`);
  return {
    viewerRequest: { bundle: bundle(build.sdk), exportName: "handler" },
    // The same in both builds, and further copies of the large one would not fit into a template.
    apiRequest: areas.some(({ api }) => api)
      ? { bundle: bundle(false), exportName: "apiRequest" }
      : undefined,
    originResponse: { bundle: bundle(false), exportName: "originResponse" },
  };
}
