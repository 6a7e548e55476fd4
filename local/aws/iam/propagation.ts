// What IAM has been told takes a while to count everywhere.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot.html#troubleshoot_general_eventual-consistency

import type { RoleDocument } from "./role.ts";

/** How slow it is. */
export interface PropagationOptions {
  /** The clock, in milliseconds. */
  readonly now: () => number;
  /** How long a new role, trust or policy does not count. */
  readonly delayMs: number;
}

interface Told {
  readonly atMs: number;
  /** Undefined: there was no such role any more. */
  readonly role: RoleDocument | undefined;
}

/** Its state is what has been told of each role, and when. */
export class Propagation {
  readonly #options: PropagationOptions;
  readonly #told = new Map<string, readonly Told[]>();

  constructor(options: PropagationOptions) {
    this.#options = options;
  }

  /** The roles as they have been written by now, all of them. */
  tell(roles: ReadonlyMap<string, RoleDocument>): void {
    const atMs = this.#options.now();
    for (const arn of new Set([...this.#told.keys(), ...roles.keys()])) {
      const told = this.#told.get(arn) ?? [];
      const role = roles.get(arn);
      if (JSON.stringify(told.at(-1)?.role) !== JSON.stringify(role))
        this.#told.set(arn, [...told, { atMs, role }]);
    }
  }

  /** The roles as they count now. */
  roles(): ReadonlyMap<string, RoleDocument> {
    const until = this.#options.now() - this.#options.delayMs;
    return new Map(
      [...this.#told].flatMap(([arn, told]) => {
        const role = told.findLast(({ atMs }) => atMs <= until)?.role;
        return role ? [[arn, role] as const] : [];
      }),
    );
  }
}
