/** Allows commits to begin while it is open; closing it pauses them. */
export interface CommitGate {
  /** Resolves when a commit may begin; call `leave` when the commit ends. */
  enter(): Promise<void>
  leave(): void
  /** Stops new commits and resolves when none is running; returns the function that opens the gate again. */
  close(): Promise<() => void>
}

export function openCommitGate(): CommitGate {
  let open: Promise<void> = Promise.resolve()
  let inside = 0
  let whenEmpty: (() => void)[] = []
  return {
    async enter() {
      // Another caller may have closed the gate again while this commit waited for it to open.
      for (let awaited; awaited !== open;) await (awaited = open)
      inside++
    },
    leave() {
      if (--inside > 0) return
      for (const resolve of whenEmpty) resolve()
      whenEmpty = []
    },
    async close() {
      const before = open
      const { promise, resolve } = Promise.withResolvers<void>()
      open = promise
      await before
      if (inside > 0) await new Promise<void>((empty) => whenEmpty.push(empty))
      return resolve
    },
  }
}
