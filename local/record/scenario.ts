// What is done to make CloudFront show its functions an event, and which of the events are kept under which name.

import type { BrowserContext, Page } from "playwright-core";
import type { Gate } from "../gate/gate.ts";
import type { EventView } from "./event.ts";

/** One event to keep: the first that fits. */
export interface Keep {
  /** Folder and name: `viewer-request/image`. */
  readonly as: string;
  readonly uri: string | RegExp;
  readonly where?: (event: EventView) => boolean;
}

/** What a scenario may use. */
export interface Tools {
  readonly gate: Gate;
  /** An ID token that verifies. */
  readonly token: string;
  readonly cookieName: string;
  /** The gate on `::1`. */
  readonly ipv6Url: string;
  /** An empty page on another site, whose origin may read the assets. */
  readonly otherSite: string;
  /** A page of a profile with the token in its cookie. */
  readonly page: Page;
  readonly context: BrowserContext;
}

/** A visit, and the events to keep of it; each starts with an empty cache at the edge and in the browser. */
export interface Scenario {
  readonly keeps: readonly Keep[];
  readonly run: (tools: Tools) => Promise<void>;
}
