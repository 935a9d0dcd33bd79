const second = 1000
const minute = 60 * second
const hour = 60 * minute

/** The pauses after the first failed attempt, the second one and so on: seventeen attempts over three days. */
export const retryPausesMs: readonly number[] = [
  5 * second,
  30 * second,
  2 * minute,
  10 * minute,
  30 * minute,
  hour,
  2 * hour,
  4 * hour,
  ...Array.from({ length: 8 }, () => 8 * hour),
]

/** How far a pause may lie beside its length, so that what failed together does not come back together. */
const jitter = 0.1
const maxAskedPauseMs = 24 * hour

/**
 * When to try again after `failures` failed attempts, in milliseconds since 1970; undefined when it is given up. A
 * receiver that asks for a longer pause gets it, up to a day.
 */
export function nextAttemptAt(failures: number, now: number, askedPauseMs = 0): number | undefined {
  const pauseMs = retryPausesMs[failures - 1]
  if (pauseMs === undefined) return undefined
  const own = pauseMs * (1 - jitter + Math.random() * 2 * jitter)
  return Math.round(now + Math.max(own, Math.min(askedPauseMs, maxAskedPauseMs)))
}

/** The pause in milliseconds that a `Retry-After` header asks for, as seconds or as a date; 0 for anything else. */
export function askedPause(retryAfter: string | undefined, now: number): number {
  if (retryAfter === undefined) return 0
  if (/^\d{1,9}$/.test(retryAfter)) return Number(retryAfter) * second
  const at = Date.parse(retryAfter)
  return Number.isNaN(at) ? 0 : Math.max(0, at - now)
}
