import { randomUUID } from 'node:crypto'
import { hasEmbeddedEngine } from '../config.ts'
import type { AccountQueue } from './log/accountQueue.ts'
import { recoverBatches } from './log/commit.ts'
import { openCommitGate } from './log/commitGate.ts'
import { onFlushRequest } from './log/flushRequests.ts'
import { openInserter } from './log/inserter.ts'
import { boundMemories } from './log/memories.ts'
import { runCommits } from './log/runCommits.ts'
import { AccountMemory } from './state/accountMemory.ts'
import type { RecordLog } from '../ports.ts'
import type { RecordLogStores } from './stores.ts'

/**
 * Opens the record log of the program. With embedded engines it first stores the batches that a dead process had
 * logged. With servers it answers the flush requests of other processes. `stop` ends the recovery and throws its
 * reason.
 */
export async function startRecordLog(
  stores: RecordLogStores,
  stop: AbortSignal | undefined,
): Promise<{ recordLog: RecordLog; close: () => Promise<void> }> {
  const recordLog = openRecordLog(stores)
  if (hasEmbeddedEngine(stores.config)) {
    // Every open entry belongs to a dead process, because only one process uses the data folder.
    await recoverBatches(stores, { signal: stop })
    return { recordLog, close: () => recordLog.drain() }
  }
  const endListening = await onFlushRequest({ ...stores, recordLog })
  const close = async (): Promise<void> => {
    await endListening()
    await recordLog.drain()
  }
  return { recordLog, close }
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
      // Move the account to the end: the map orders accounts by their last write.
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
