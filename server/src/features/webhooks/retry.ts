const second = 1000
const minute = 60 * second
const hour = 60 * minute

/** The pauses after the first, second, … failed attempt: seventeen attempts over three days. */
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

/** Maximum relative deviation of a pause, so that deliveries that failed together are not retried together. */
const jitter = 0.1
const maxRequestedPauseMs = 24 * hour

/**
 * Returns the time of the next attempt after `failures` failed ones, in milliseconds since 1970; undefined when the
 * delivery is given up. The pause is longer, up to a day, if the receiver asks for it.
 */
export function nextAttemptAt(failures: number, now: number, requestedPauseMs = 0): number | undefined {
  const pauseMs = retryPausesMs[failures - 1]
  if (pauseMs === undefined) return undefined
  const regularPauseMs = pauseMs * (1 - jitter + Math.random() * 2 * jitter)
  return Math.round(now + Math.max(regularPauseMs, Math.min(requestedPauseMs, maxRequestedPauseMs)))
}

/**
 * Returns the pause in milliseconds that a `Retry-After` header requests, in seconds or as a date; 0 for anything else.
 */
export function readRetryAfterMs(retryAfter: string | undefined, now: number): number {
  if (retryAfter === undefined) return 0
  if (/^\d{1,9}$/.test(retryAfter)) return Number(retryAfter) * second
  const at = Date.parse(retryAfter)
  return Number.isNaN(at) ? 0 : Math.max(0, at - now)
}
