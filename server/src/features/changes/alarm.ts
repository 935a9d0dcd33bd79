/** Something that one waits for. It may ring before: then the next wait is over at once. */
export interface Alarm {
  ring: () => void
  /** Resolves with true when it rings or has rung; with false after so long, or with the signal. */
  wait(forMs: number, signal: AbortSignal): Promise<boolean>
}

/** An alarm that has not rung. */
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
