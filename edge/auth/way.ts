// The way back, inside `state` itself: where a browser wanted to go is known even when its cookie is gone.
import { randomBytes } from "node:crypto";
import type { Config } from "../config/config.ts";
import { opened, seal, sealingKeys } from "../session/seal.ts";
import { deflated, inflated } from "./deflate.ts";

/** Where a sign-in leads, and how often the gate has started it again by itself. */
export interface Way {
  /** A path of this origin, as `returnTo` of place.ts reads it. */
  readonly returnTo: string;
  readonly restarts: number;
}

/** `<time and random>.<sealed way>`; the first part names the attempt and its cookie. */
const STATE = /^([0-9a-z]{9}-[\w-]{22})\.([\w-]+)$/;
/** Identity providers behind the user pool get it inside a state of Cognito's own, and some take 2,000 characters. */
const MAX_STATE = 1_024;
/** How long a page of the managed login leads back to where one wanted to go, in milliseconds: a long weekend and more. */
const WAY_MS = 7 * 24 * 3_600_000;

/** A new `state` (RFC 6749 §10.12); a way that is too long for it is kept without its query. `now` is in milliseconds. */
export function stateOf({ returnTo, restarts }: Way, config: Config, now: number): string {
  // The time in the name makes names sort by age.
  const id = `${now.toString(36).padStart(9, "0")}-${randomBytes(16).toString("base64url")}`;
  const [path = "/"] = returnTo.split("?", 1);
  const states = [returnTo, path, "/"].map((place) => {
    const plain = deflated(`${restarts}${place}`);
    return `${id}.${seal(plain, purposeOf(id), sealingKeys(config))}`;
  });
  return states.find((state) => state.length <= MAX_STATE) ?? id;
}

/** The name of the attempt that a `state` belongs to; undefined for what is none of ours by its form. */
export function idOf(state: string): string | undefined {
  return STATE.exec(state)?.[1];
}

/** The way that this gate has written into a `state`, whichever browser brings it. `now` is in milliseconds. */
export function wayOf(state: string, config: Config, now: number): Way | undefined {
  const [, id = "", sealed = ""] = STATE.exec(state) ?? [];
  const [plain] = opened([sealed], purposeOf(id), sealingKeys(config));
  if (!plain || now >= Number.parseInt(id.slice(0, 9), 36) + WAY_MS) return undefined;
  const text = inflated(plain);
  return { restarts: Number(text.slice(0, 1)), returnTo: text.slice(1) };
}

function purposeOf(id: string): string {
  return `way ${id}`;
}
