// Which of the built files each function at the edge runs.
import { readBuiltFile } from "../build/built-file.ts";
import { edgeBundleName } from "../build/edge-bundles.ts";
import type { EdgeCode } from "./edge-function.ts";

/** What each function runs. */
export interface EdgeCodes {
  readonly viewerRequest: EdgeCode;
  readonly originResponse: EdgeCode;
}

/** The build that the props ask for. */
export function edgeCodes({
  exchange,
  sdk,
  auth,
}: {
  readonly exchange?: string;
  readonly sdk?: boolean;
  readonly auth?: object;
}): EdgeCodes {
  const build = { sts: exchange === "sts", sdk: sdk === true, auth: auth !== undefined };
  const bundle = (sdk: boolean) => readBuiltFile(`edge/${edgeBundleName({ ...build, sdk })}.js`);
  return {
    viewerRequest: { bundle: bundle(build.sdk), exportName: "handler" },
    // The same in both builds, and a second copy of the large one would not fit into a template.
    originResponse: { bundle: bundle(false), exportName: "originResponse" },
  };
}
