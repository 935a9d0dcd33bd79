import { randomUUID } from 'node:crypto'
import type { Command, IngestCounts } from './command.ts'
import type { AccountQueue } from './log/accountQueue.ts'
import { openCommitGate } from './log/commitGate.ts'
import { openInserter } from './log/inserter.ts'
import { boundMemories } from './log/memories.ts'
import { runCommits } from './log/runCommits.ts'
import { AccountMemory } from './state/accountMemory.ts'
import type { RecordLogStores } from './stores.ts'

/**
 * The write path: commits the records of each account in order. Requests that arrive during a commit share the next one.
 */
export interface RecordLog {
  /** Applies the command in the account's next commit; resolves once its records are durable. */
  submit(accountId: number, command: Omit<Command, 'resolve' | 'reject'>): Promise<IngestCounts>
  /** Resolves when everything acknowledged here before can be read. Throws UNAVAILABLE when a store does not answer. */
  flush(accountId: number): Promise<void>
  /** Resolves when no commit is running and everything can be read, or the store is known not to answer. */
  drain(): Promise<void>
  /** Holds new commits; resolves when everything acknowledged can be read. Returns the function that lets commits go on. */
  pause(): Promise<() => void>
}

export function openRecordLog(stores: RecordLogStores): RecordLog {
  const accounts = new Map<number, AccountQueue>()
  const running = new Set<Promise<void>>()
  const gate = openCommitGate()
  const processId = randomUUID()
  const memories = boundMemories(accounts)
  const flushAllWithoutDeadline = () =>
    Promise.all([...accounts.values()].map(({ inserter }) => inserter.flushWithoutDeadline()))
  const queueOf = (accountId: number): AccountQueue => {
    const known = accounts.get(accountId)
    if (known) {
      // The accounts stand in the order in which they last wrote.
      accounts.delete(accountId)
      accounts.set(accountId, known)
      return known
    }
    const inserter = openInserter(stores, accountId)
    const queue: AccountQueue = {
      waiting: [],
      isRunning: false,
      counters: undefined,
      inserter,
      memory: new AccountMemory(),
      processId,
    }
    accounts.set(accountId, queue)
    return queue
  }
  return {
    submit: (accountId, work) =>
      new Promise((resolve, reject) => {
        const queue = queueOf(accountId)
        queue.waiting.push({ ...work, resolve, reject })
        if (queue.isRunning) return
        queue.isRunning = true
        const run = runCommits(stores, accountId, queue, { gate, memories }).finally(() => running.delete(run))
        running.add(run)
      }),
    flush: async (accountId) => {
      await accounts.get(accountId)?.inserter.flush()
    },
    drain: async () => {
      while (running.size > 0) await Promise.all(running)
      for (const { memory } of accounts.values()) memory.close()
      await Promise.all([...accounts.values()].map(({ inserter }) => inserter.end()))
    },
    pause: async () => {
      const release = await gate.close()
      try {
        await flushAllWithoutDeadline()
        return release
      } catch (error) {
        release()
        throw error
      }
    },
  }
}
