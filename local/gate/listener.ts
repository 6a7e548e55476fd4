// The CloudFront of the latest deployment, at a port that stays.
import type { Stack } from "../aws/cloudformation/index.ts";
import type { CloudFront } from "../aws/cloudfront/index.ts";
import { Closables } from "./closables.ts";
import { type Behind, createFront, type FrontOptions } from "./front.ts";

/** Listens until it is closed; its state is the deployment that it serves. */
export class Listener {
  readonly #options: FrontOptions;
  #current: Current;
  #port = 0;

  private constructor(options: FrontOptions, behind: Behind) {
    this.#options = options;
    this.#current = create(options, behind);
  }

  /** Rejects when the port is taken; 0 takes a free one. */
  static async open(options: FrontOptions, behind: Behind, port: number): Promise<Listener> {
    const front = new Listener(options, behind);
    try {
      await front.#listen(port);
      return front;
    } catch (error) {
      await front.close();
      throw error;
    }
  }

  get port(): number {
    return this.#port;
  }

  get stack(): Stack {
    return this.#current.behind.stack;
  }

  get cloudFront(): CloudFront {
    return this.#current.cloudFront;
  }

  /** Serves another deployment, unless its distribution is none that can be played; connections end. */
  async replace(stack: Stack): Promise<void> {
    const next = create(this.#options, { ...this.#current.behind, stack });
    await this.close();
    this.#current = next;
    await this.#listen(this.#port);
  }

  async close(): Promise<void> {
    await this.#current.running.close();
  }

  async #listen(port: number): Promise<void> {
    this.#port = (await this.#current.cloudFront.listen(port)).port;
  }
}

/** One deployment's CloudFront, with what is stopped together with it. */
interface Current {
  readonly behind: Behind;
  readonly cloudFront: CloudFront;
  readonly running: Closables;
}

function create(options: FrontOptions, behind: Behind): Current {
  const running = new Closables();
  return { behind, cloudFront: running.add(createFront(options, behind, running)), running };
}
