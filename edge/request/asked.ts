// How a viewer asked for a path, as far as sites are concerned.
import { isForPerson } from "./audience.ts";
import { header, type ViewerRequest } from "./cloudfront.ts";
import type { Asked } from "./site.ts";

/** Reads it from the request. */
export function askedOf(request: ViewerRequest): Asked {
  return {
    isFolder: request.uri.endsWith("/"),
    isPerson: isForPerson(header(request, "sec-fetch-dest"), header(request, "accept")),
  };
}
