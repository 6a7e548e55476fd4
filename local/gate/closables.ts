// Keeps what has been started, so that it can be stopped, the last one first.

/** Something that runs until it is closed. */
export interface Closable {
  readonly close: () => Promise<void>;
}

/** What has been started; its state is that list. */
export class Closables {
  readonly #parts: Closable[] = [];

  add<Part extends Closable>(part: Part): Part {
    this.#parts.push(part);
    return part;
  }

  async close(): Promise<void> {
    for (const part of this.#parts.splice(0).reverse()) await part.close();
  }
}
