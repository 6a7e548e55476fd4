// What the gate and the browser may know when a request comes, and the request that shows it.

import type { Answer } from "../fixtures/browser.ts";
import { CLIENT_ID } from "../fixtures/config.ts";
import { ID_COOKIE, REFRESH_COOKIE, SEALED_COOKIE } from "../fixtures/gate.ts";
import { OTHER_KEY, signingKey } from "../fixtures/tokens.ts";
import type { Stage } from "./stage.ts";

/** Brings a stage into a state; returns the request that is to meet the fault. */
export type State = (stage: Stage) => Promise<() => Promise<Answer>>;

const HOUR = 3_600_000;
const image = (stage: Stage) => () => stage.ask("/a.txt", { dest: "image" });
const keep = (stage: Stage, token: string) => stage.browser.jar.set(ID_COOKIE, token);

export const STATES = {
  "nothing known": async (stage) => {
    keep(stage, stage.aws.idToken());
    return image(stage);
  },
  "identity known": async (stage) => {
    keep(stage, stage.aws.idToken());
    // Too short-lived to sign with again.
    stage.aws.credentialSeconds = 200;
    await image(stage)();
    return image(stage);
  },
  "memory live": async (stage) => {
    keep(stage, stage.aws.idToken());
    await image(stage)();
    return image(stage);
  },
  "sealed live": async (stage) => {
    await stage.signIn();
    stage.coldStart();
    return image(stage);
  },
  "sealed expired": async (stage) => {
    await stage.signIn();
    stage.passTime(2 * HOUR);
    keep(stage, stage.aws.idToken());
    stage.coldStart();
    return image(stage);
  },
  "keys an hour old": async (stage) => {
    stage.passTime(HOUR + 1);
    keep(stage, stage.aws.idToken());
    return image(stage);
  },
  "key unknown": async (stage) => {
    stage.aws.published = [...stage.aws.published, OTHER_KEY];
    stage.aws.signingKey = OTHER_KEY;
    keep(stage, stage.aws.idToken());
    return image(stage);
  },
  "key unknown, on a kept connection": async (stage) => {
    const { published } = stage.aws;
    stage.aws.signingKey = NOBODYS_KEY;
    keep(stage, stage.aws.idToken());
    await image(stage)();
    stage.passTime(HOUR);
    stage.aws.published = [...published, OTHER_KEY];
    stage.aws.signingKey = OTHER_KEY;
    keep(stage, stage.aws.idToken());
    return image(stage);
  },
  "token expired, refresh token": async (stage) => {
    keep(stage, stage.aws.idToken({ exp: Math.floor(Date.now() / 1000) - 1 }));
    stage.browser.jar.set(REFRESH_COOKIE, "secret-refresh");
    return image(stage);
  },
  callback: async (stage) => {
    const query = await stage.startSignIn();
    return () => stage.ask(`/.gatehouse/callback?${query}`);
  },
  finish: async (stage) => {
    const { location } = await stage.ask(`/.gatehouse/callback?${await stage.startSignIn()}`);
    return () => stage.ask(location);
  },
  "hand-over": async (stage) => () =>
    stage.ask("/.gatehouse/session", {
      method: "POST",
      dest: "empty",
      headers: { Authorization: stage.aws.idToken({ aud: CLIENT_ID }), Origin: "https://app.example.com" },
      body: JSON.stringify({ refreshToken: "secret-refresh" }),
    }),
  logout: async (stage) => {
    await stage.signIn();
    return () =>
      stage.ask("/.gatehouse/logout", {
        method: "POST",
        headers: { Origin: "https://d111111abcdef8.cloudfront.net" },
      });
  },
} as const satisfies Record<string, State>;

export type StateName = keyof typeof STATES;

/** Never in any key set. */
const NOBODYS_KEY = signingKey("key-of-nobody");

/** What of a session an answer sets, and whether it removes any of it. */
export function cookiesOf({ cookies }: Answer): string {
  const names = { [ID_COOKIE]: "id", [REFRESH_COOKIE]: "refresh", [SEALED_COOKIE]: "sealed" };
  return Object.entries(names)
    .flatMap(([name, short]) => {
      const line = cookies.find((cookie) => cookie.startsWith(`${name}=`));
      return line === undefined ? [] : line.startsWith(`${name}=;`) ? `-${short}` : `+${short}`;
    })
    .join(" ");
}
