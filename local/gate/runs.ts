// How often each kind of function has run at the edge: what a million requests cost is counted, not believed.

/** A CloudFront Function, or a Lambda at one of its events. */
export type RunKind = "function" | "viewer-request" | "origin-request" | "origin-response";

/** Its state is a number for each kind. */
export class Runs {
  #counts = new Map<RunKind, number>();

  count(kind: RunKind): void {
    this.#counts.set(kind, this.of(kind) + 1);
  }

  of(kind: RunKind): number {
    return this.#counts.get(kind) ?? 0;
  }

  /** Runs of Lambda, at whichever event. */
  get lambda(): number {
    return this.of("viewer-request") + this.of("origin-request") + this.of("origin-response");
  }

  /** Starts anew. */
  reset(): void {
    this.#counts = new Map();
  }
}

/** The event that a Lambda is run for. */
export function eventTypeOf(event: unknown): RunKind {
  const type: unknown = Object(event).Records?.[0]?.cf?.config?.eventType;
  if (type === "viewer-request" || type === "origin-request" || type === "origin-response") return type;
  throw new Error(`no event of CloudFront's: ${type}`);
}
