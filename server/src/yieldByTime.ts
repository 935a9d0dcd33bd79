import { setImmediate } from 'node:timers/promises'

/** For long loops: a function that lets other work run when the loop has held the event loop for `milliseconds`. */
export function yieldByTime(milliseconds = 15): () => Promise<void> | undefined {
  let since = performance.now()
  return () => {
    if (performance.now() - since < milliseconds) return undefined
    return setImmediate().then(() => {
      since = performance.now()
    })
  }
}
