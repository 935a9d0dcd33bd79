/** Lets turns begin, unless they are held for a moment. */
export interface CommitGate {
  /** Resolves when a turn may begin; to be left again when it ends. */
  enter(): Promise<void>
  leave(): void
  /** Holds new turns and resolves when none is under way; gives the function that lets them go on. */
  close(): Promise<() => void>
}

export function openCommitGate(): CommitGate {
  let open: Promise<void> = Promise.resolve()
  let inside = 0
  let whenEmpty: (() => void)[] = []
  return {
    async enter() {
      // Another one may have closed it while this turn waited for the first to open it.
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
