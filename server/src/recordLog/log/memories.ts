import type { AccountQueue } from './accountQueue.ts'

/** Rows that are held in memory over all accounts, by their length; as objects they take several times as much. */
const maxCachedBytes = 24 * 1024 * 1024
const betweenBoundsMs = 1000

export interface Memories {
  /** Keeps what is held in memory below its limit; to be called by an account between its commits. */
  bound(queue: AccountQueue): void
}

/** Memory goes to the accounts that wrote last: of those at rest, the one that wrote longest ago gives its own first. */
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
        // One that commits at this moment relies on what it holds.
        if (isRunning) continue
        bytes -= memory.cache.bytes
        memory.trim(0, inserter.storedBatch())
        bytes += memory.cache.bytes
      }
    },
  }
}
