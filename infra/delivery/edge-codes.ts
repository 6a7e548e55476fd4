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

/**
 * In the split placement one function serves both events of requests: endpoints before the cache, misses behind it. Two
 * would be the same code twice, of which a template has no room for the larger builds.
 */
const BOTH_REQUESTS =
  'module.exports.request=e=>module.exports[e.Records[0].cf.config.eventType==="origin-request"?"originRequest":"handler"](e);';

/** The build that the props ask for. */
export function edgeCodes(
  {
    exchange,
    sdk,
    auth,
    placement,
  }: {
    readonly exchange?: string;
    readonly sdk?: boolean;
    readonly auth?: object;
    readonly placement?: string;
  },
  areas: readonly Area[],
): EdgeCodes {
  const build = { sts: exchange === "sts", sdk: sdk === true, auth: auth !== undefined };
  const bundle = (sdk: boolean) => readBuiltFile(`edge/${edgeBundleName({ ...build, sdk })}.js`);
  return {
    viewerRequest:
      placement === "split"
        ? { bundle: `${bundle(build.sdk)}\n${BOTH_REQUESTS}`, exportName: "request" }
        : { bundle: bundle(build.sdk), exportName: "handler" },
    // The same in both builds, and further copies of the large one would not fit into a template.
    apiRequest: areas.some(({ api }) => api)
      ? { bundle: bundle(false), exportName: "apiRequest" }
      : undefined,
    originResponse: { bundle: bundle(false), exportName: "originResponse" },
  };
}
