// Objects that may not be in CloudFront's cache yet: every one is good for one look.
import { type Answer, cacheState } from "./answer.ts";
import { Skipped } from "./check.ts";

/** An object, and the encodings that its reader takes: those are part of the cache key. */
export interface ColdObject {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** CloudFront keeps one entry for each of them. */
const ENCODINGS: readonly string[] = ["gzip", "br", "br, gzip"];
/** Hits are passed over, so many times. */
const MAX_LOOKS = 12;
/** One refusal may be the object's; so many are not. */
const MAX_REFUSALS = 3;

/** All that may be cold: each object once, and then again by encodings. */
export function coldObjects(paths: readonly string[]): readonly ColdObject[] {
  const plain = paths.map((path) => ({ path, headers: {} }));
  const encoded = ENCODINGS.flatMap((encoding) =>
    paths.map((path) => ({ path, headers: { "accept-encoding": encoding } })),
  );
  return [...plain, ...encoded];
}

/** What a look at an object that was not in the cache came to. */
export interface Look {
  readonly object: ColdObject;
  readonly answer: Answer;
}

/** Hands out cold objects; its state is which of them nobody has got yet. */
export class ColdObjects {
  #left: readonly ColdObject[];

  constructor(objects: readonly ColdObject[]) {
    this.#left = objects;
  }

  /**
   * Asks until an object comes from S3; without any, gives the first that S3 refused. What was refused stays cold.
   * @throws Skipped when everything is in the cache
   */
  async look(ask: (object: ColdObject) => Promise<Answer>): Promise<Look> {
    const refused: Look[] = [];
    for (const object of this.#left.slice(0, MAX_LOOKS)) {
      const answer = await ask(object);
      if (cacheState(answer) === "Error") refused.push({ object, answer });
      else this.#left = this.#left.filter((other) => other !== object);
      if (answer.status === 200 && cacheState(answer) === "Miss") return { object, answer };
      if (refused.length === MAX_REFUSALS) break;
    }
    const [first] = refused;
    if (first) return first;
    throw new Skipped("nothing cold was found: give --cold-path, an object that nobody has asked for");
  }
}
