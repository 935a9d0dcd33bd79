/** How long all loops together may block the event loop at a time. */
const turnMs = 15

/** When the first work of this event loop iteration began; undefined before any work. */
let began: number | undefined
const waiting: (() => void)[] = []

/**
 * For long loops: returns a function that tells whether to wait for other work, once loops have blocked the event loop
 * for their shared time. Waiting loops continue one per iteration, the longest waiting first.
 */
export function yieldByTime(): () => Promise<void> | undefined {
  return () => {
    const now = performance.now()
    if (began === undefined) return begin(now)
    if (now - began < turnMs) return undefined
    return new Promise((resolve) => {
      waiting.push(resolve)
      if (waiting.length === 1) setImmediate(resumeNext)
    })
  }
}

function begin(now: number): undefined {
  began = now
  setImmediate(() => {
    began = undefined
  })
}

function resumeNext(): void {
  begin(performance.now())
  waiting.shift()?.()
  if (waiting.length > 0) setImmediate(resumeNext)
}
