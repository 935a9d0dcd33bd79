/** A signal that a waiter waits for. If it rings before the wait, the next wait ends at once. */
export interface Alarm {
  ring: () => void
  /** Resolves with true when the alarm rings or has rung; with false after `forMs` or when the signal aborts. */
  wait(forMs: number, signal: AbortSignal): Promise<boolean>
}

/** Creates an alarm that has not rung. */
export function createAlarm(): Alarm {
  let hasRung = false
  let wake: (() => void) | undefined
  return {
    ring: () => {
      hasRung = true
      wake?.()
    },
    async wait(forMs, signal) {
      if (!hasRung && !signal.aborted && forMs > 0) {
        await new Promise<void>((resolve) => {
          const end = (): void => {
            clearTimeout(timer)
            signal.removeEventListener('abort', end)
            resolve()
          }
          const timer = setTimeout(end, forMs)
          signal.addEventListener('abort', end, { once: true })
          wake = end
        })
      }
      const rang = hasRung
      hasRung = false
      return rang
    },
  }
}
