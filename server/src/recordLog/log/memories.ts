import type { AccountQueue } from './accountQueue.ts'

/** The maximum length of the rows cached for all accounts; as objects they take several times as much memory. */
const maxCachedBytes = 24 * 1024 * 1024
const betweenBoundsMs = 1000

export interface Memories {
  /** Keeps the cached rows below their limit; an account calls this between its commits. */
  bound(queue: AccountQueue): void
}

/** Trims the idle account with the oldest write first, so that the most recent writers keep their records in memory. */
export function boundMemories(accounts: ReadonlyMap<number, AccountQueue>): Memories {
  let lookedAt = 0
  return {
    bound(own) {
      own.memory.trim(maxCachedBytes, own.inserter.storedBatch())
      if (performance.now() - lookedAt < betweenBoundsMs) return
      lookedAt = performance.now()
      let bytes = 0
      for (const { memory } of accounts.values()) bytes += memory.cache.bytes
      for (const { memory, inserter, isRunning } of accounts.values()) {
        if (bytes <= maxCachedBytes) return
        // An account that is committing at this moment needs its memory.
        if (isRunning) continue
        bytes -= memory.cache.bytes
        memory.trim(0, inserter.storedBatch())
        bytes += memory.cache.bytes
      }
    },
  }
}
