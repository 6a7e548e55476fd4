// The functions of one gate: what each is for, and what it runs.
import type { Role } from "aws-cdk-lib/aws-iam";
import type { Construct } from "constructs";
import type { EdgeCodes } from "./edge-codes.ts";
import { createEdgeRole, EdgeFunction, type EdgeFunctionProps } from "./edge-function.ts";

const VIEWER_REQUEST = "Gatehouse: verifies, exchanges and signs every viewer request";
const API_REQUEST = "Gatehouse: verifies every request to an API and hands the token on";
const ORIGIN_RESPONSE = "Gatehouse: replaces S3's errors and puts active content into a sandbox";

/** The functions at the edge. */
export interface EdgeFunctions {
  readonly viewerRequest: EdgeFunction;
  /** With APIs. */
  readonly apiRequest: EdgeFunction | undefined;
  readonly originResponse: EdgeFunction;
}

/** The role of the functions that exchange tokens. */
export function createViewerRequestRole(scope: Construct): Role {
  return createEdgeRole(scope, "ViewerRequestRole", VIEWER_REQUEST);
}

/** Makes them; those that verify tokens have the role. */
export function createEdgeFunctions(
  scope: Construct,
  codes: EdgeCodes,
  role: Role,
  common: Pick<EdgeFunctionProps, "config" | "deployment">,
): EdgeFunctions {
  const { viewerRequest, apiRequest, originResponse } = codes;
  const create = (id: string, props: Omit<EdgeFunctionProps, keyof typeof common>) =>
    new EdgeFunction(scope, id, { ...props, ...common });
  return {
    viewerRequest: create("ViewerRequest", { description: VIEWER_REQUEST, ...viewerRequest, role }),
    apiRequest: apiRequest && create("ApiRequest", { description: API_REQUEST, ...apiRequest, role }),
    originResponse: create("OriginResponse", { description: ORIGIN_RESPONSE, ...originResponse }),
  };
}
