// A call to another machine: boxed in time, and repeated with growing pauses.

/** How long one call may take, and how long to wait before each further try. */
export interface Limits {
  readonly timeoutMs: number;
  /** As many further tries as there are pauses. */
  readonly pausesMs: readonly number[];
}

/**
 * For what is seconds old: a right may take most of a minute to reach every part of AWS, and a user pool that was just
 * made may not answer at once. 45 seconds of pauses, and no more than 85 with calls that never end.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot.html#troubleshoot_general_eventual-consistency
 */
export const PATIENCE: Limits = {
  timeoutMs: 5_000,
  pausesMs: [1_000, 2_000, 4_000, 8_000, 10_000, 10_000, 10_000],
};

/**
 * Runs a call, and again after each pause as long as it fails.
 * @throws what the last try throws.
 */
export async function attempt<T>(
  { timeoutMs, pausesMs: [pauseMs, ...pausesMs] }: Limits,
  call: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  try {
    return await call(AbortSignal.timeout(timeoutMs));
  } catch (error) {
    if (pauseMs === undefined) throw error;
    await new Promise((resume) => setTimeout(resume, pauseMs));
    return attempt({ timeoutMs, pausesMs }, call);
  }
}

/** Why a call failed, in words; `fetch` hides the reason in `cause`. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message}: ${reasonOf(error.cause)}` : error.message;
}
