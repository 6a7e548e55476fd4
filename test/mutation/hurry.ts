// Time goes ten times as fast, so that what waits for a time box can be tried against each mutant.
const FACTOR = 10;
/** All test files share one process, and each brings this file. */
const DONE = Symbol.for("gatehouse: time is hurried");

if (!Reflect.has(globalThis, DONE)) {
  Reflect.set(globalThis, DONE, true);
  const { setTimeout } = globalThis;
  const timeout = AbortSignal.timeout.bind(AbortSignal);
  const hurried = (callback: (...values: unknown[]) => void, ms = 0, ...values: unknown[]) =>
    setTimeout(callback, ms / FACTOR, ...values);
  globalThis.setTimeout = Object.assign(hurried, setTimeout);
  AbortSignal.timeout = (ms) => timeout(Math.ceil(ms / FACTOR));
}
