// The only file that knows the shape of CloudFront Functions' events.
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/functions-event-structure.html

/** A header, cookie or parameter; several of one name are in `multiValue`. */
export interface FunctionValue {
  readonly value: string;
  readonly multiValue?: readonly { readonly value: string }[];
}

/** By name; those of headers are in lower case. */
export type FunctionValues = Readonly<Record<string, FunctionValue>>;

/** A viewer's request. Nothing in it is trusted. */
export interface FunctionRequest {
  readonly method: string;
  readonly uri: string;
  readonly querystring: FunctionValues;
  readonly headers: FunctionValues;
  readonly cookies: FunctionValues;
  /** The query as the viewer sent it, without `?`. */
  readonly rawQueryString: () => string;
}

/** What CloudFront hands over. */
export interface FunctionEvent {
  readonly context: { readonly requestId: string };
  readonly request: FunctionRequest;
}

/** The request that goes on. */
export type FunctionForward = Omit<FunctionRequest, "rawQueryString">;

/** An answer of ours. */
export interface FunctionResponse {
  readonly statusCode: number;
  readonly headers: FunctionValues;
  readonly body?: { readonly encoding: "text"; readonly data: string };
}

/** All values of a name, but for empty ones. */
export function valuesOf(values: FunctionValues, name: string): readonly string[] {
  const found = values[name];
  if (!found) return [];
  return (found.multiValue || [found]).map((each) => each.value).filter((value) => value !== "");
}

/** The first value of a header; empty when there is none. */
export function header(request: FunctionRequest, name: string): string {
  const found = request.headers[name];
  return found ? found.value : "";
}
