// What lies under the requests: TLS, and clocks that agree.
import { header, summary } from "../answer.ts";
import { type Check, type Finding, judge, pass, Skipped } from "../check.ts";
import { NoAnswer, send } from "../http.ts";
import { ask, type Subject } from "../subject.ts";

/** Half of the five minutes for which a signature is good. */
const MAX_SKEW_SECONDS = 150;

/** Asked without a token, which plain HTTP would show to everybody on the way. */
async function plain(subject: Subject): Promise<Finding> {
  const { url } = subject.options;
  if (url.protocol !== "https:") throw new Skipped("the gate is on plain HTTP itself");
  try {
    const answer = await send(new URL(`http://${url.hostname}`), subject.places.object.path);
    return judge(summary(answer), [["403", answer.status === 403]]);
  } catch (error) {
    if (error instanceof NoAnswer) return pass(`no answer: ${error.message}`);
    throw error;
  }
}

/** On a generated answer, so that the date is not that of a cached object. */
async function clock(subject: Subject): Promise<Finding> {
  const startedAt = Date.now();
  const answer = await ask(subject, subject.places.object.path);
  const date = Date.parse(header(answer, "date"));
  if (Number.isNaN(date)) throw new Skipped("the answer has no date");
  const skew = Math.round((date - (startedAt + answer.at) / 2) / 1000);
  const side = skew < 0 ? "behind" : "ahead of";
  return judge(Math.abs(skew) < 2 ? "the same" : `${Math.abs(skew)} s ${side} this machine's`, [
    [`within ${MAX_SKEW_SECONDS} s`, Math.abs(skew) <= MAX_SKEW_SECONDS],
  ]);
}

/** In the order in which they are made. */
export const TRANSPORT: readonly Check[] = [
  {
    id: "transport.http",
    does: "asks over plain HTTP",
    means: "tokens travel in the clear, be it only before a redirect",
    set: "the viewer protocol policy: https-only",
    run: plain,
  },
  {
    id: "clock.date",
    does: "compares the gate's clock with this machine's",
    means:
      "tokens and signatures are judged by clocks that differ: valid ones are refused, or ended ones taken",
    set: "the time of this machine, or of the one that serves the gate",
    run: clock,
  },
];
