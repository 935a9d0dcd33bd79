/** How long loops hold the event loop between two of its turns, all of them together. */
const turnMs = 15

/** When the work of this turn of the event loop began; undefined when there was none in it yet. */
let began: number | undefined
const waiting: (() => void)[] = []

/**
 * For long loops: a function that says whether to wait, so that other work runs, when loops have held the event loop for
 * their time. They share it, however many there are: each turn goes to the one that waits longest.
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
