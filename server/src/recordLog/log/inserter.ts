import { setTimeout as wait } from 'node:timers/promises'
import { AppError, messageOf, refusalOfEngine } from '../../errors.ts'
import { insertBatch, joinBatches } from './batchRows.ts'
import type { StoredRecord } from '../storedRecord.ts'
import type { RecordLogStores } from '../stores.ts'
import { closeEntries, retryUntilStored, type LoggedBatch } from './commit.ts'

// A small batch waits this long for further batches, unless a reader waits: a hundred inserts of one row cost a hundred
// times as much as one insert of a hundred rows.
const lingerMs = 100
const minRows = 2000
/** The number of logged rows that may wait for their insert before further commits wait. */
const maxRows = 40_000
/** The maximum number of rows of one insert, which stays below one block of the engine. */
const maxRowsPerInsert = 20_000
/** Consecutive failures after which the store counts as unreachable: a single one may be a broken connection. */
const failuresUntilAway = 2
/** The minimum pause between two tries while the store is unreachable; after it, a caller triggers the next try. */
const retryPauseMs = 300
/** How long a caller waits for the result of that try. */
const maxTryMs = 1000

interface Waiting {
  logged: LoggedBatch
  records: StoredRecord[]
}

/** Inserts one account's logged batches into ClickHouse, in their order, several at a time. */
export interface Inserter {
  add(logged: LoggedBatch, records: StoredRecord[]): void
  /** ClickHouse shows every added batch up to this one. */
  storedBatch(): number
  /**
   * Resolves when everything added before is readable. Throws UNAVAILABLE or DISK_FULL soon while the store is failing.
   */
  flush(): Promise<void>
  /** The same, without an error however long the store is unreachable. */
  flushWithoutDeadline(): Promise<void>
  /**
   * Stops the inserter when everything added is readable. While the store is failing it stops without that: the rest
   * stays in its entries, and another process or the next start inserts it.
   */
  end(): Promise<void>
  /** Resolves when another batch may be added. Throws UNAVAILABLE soon while the store is failing. */
  waitForFreeSlots(): Promise<void>
}

export function openInserter(stores: RecordLogStores, accountId: number): Inserter {
  const waiting: Waiting[] = []
  let flushRequested = Promise.withResolvers<void>()
  let running: Promise<void> | undefined
  let progress = Promise.withResolvers<void>()
  let lastAdded = 0
  let lastStored = 0
  const away = { failures: 0, at: 0, error: undefined as unknown }
  let tryAgain = Promise.withResolvers<void>()
  let isEnded = false

  const rowsWaiting = (): number => waiting.reduce((sum, { records }) => sum + records.length, 0)

  async function run(): Promise<void> {
    while (waiting.length > 0) {
      if (rowsWaiting() < minRows) await Promise.race([wait(lingerMs), flushRequested.promise])
      const group = nextOf(waiting)
      const rows = joinBatches(group.map(({ logged }) => logged.rows))
      await retryUntilStored(stores, () => insertBatch(stores.clickhouse, rows), { pause })
      const batches = group.map(({ logged }) => logged.counters.batch)
      await retryUntilStored(stores, () => closeEntries(stores, accountId, batches), { pause })
      waiting.splice(0, group.length)
      lastStored = batches.at(-1) ?? lastStored
      away.failures = 0
      notifyProgress()
      if (lastStored >= lastAdded) flushRequested = Promise.withResolvers()
    }
    running = undefined
  }

  function notifyProgress(): void {
    progress.resolve()
    progress = Promise.withResolvers()
  }

  /** Waits before the next try, or until a caller needs the rows. */
  async function pause(ms: number, error: unknown): Promise<void> {
    const refusal = refusalOfEngine(error) ?? error
    const isAway = refusal instanceof AppError && ['UNAVAILABLE', 'DISK_FULL'].includes(refusal.code)
    Object.assign(away, { failures: isAway ? away.failures + 1 : 0, at: performance.now(), error: refusal })
    tryAgain = Promise.withResolvers()
    notifyProgress()
    if (!isEnded) await Promise.race([wait(ms), tryAgain.promise])
    if (isEnded) throw error
  }

  /** Waits until an insert succeeds or fails; while the store is unreachable, it triggers the next try itself. */
  async function nextProgress(): Promise<void> {
    const { promise } = progress
    if (away.failures < failuresUntilAway) return promise
    await Promise.race([promise, wait(Math.max(0, away.at + retryPauseMs - performance.now()))])
    tryAgain.resolve()
    await Promise.race([promise, wait(maxTryMs)])
    if (away.failures >= failuresUntilAway) throw away.error
  }

  return {
    add(logged, records) {
      lastAdded = logged.counters.batch
      waiting.push({ logged, records })
      if (rowsWaiting() >= minRows) flushRequested.resolve()
      running ??= run()
    },
    storedBatch: () => lastStored,
    async flush() {
      const upTo = lastAdded
      if (lastStored >= upTo) return
      flushRequested.resolve()
      while (lastStored < upTo) await nextProgress()
    },
    async flushWithoutDeadline() {
      const upTo = lastAdded
      if (lastStored >= upTo) return
      flushRequested.resolve()
      while (lastStored < upTo) await progress.promise
    },
    async end() {
      try {
        await this.flush()
      } catch (error) {
        isEnded = true
        tryAgain.resolve()
        await running?.catch(() => {})
        stores.log.warn(
          { accountId, reason: messageOf(error) },
          'records stay in their entries until the store is back',
        )
      }
    },
    async waitForFreeSlots() {
      while (rowsWaiting() >= maxRows) await nextProgress()
    },
  }
}

/** The oldest batches that fit into one insert. */
function nextOf(waiting: Waiting[]): Waiting[] {
  let rows = 0
  const next = waiting.findIndex(({ records }, index) => {
    rows += records.length
    return index > 0 && rows > maxRowsPerInsert
  })
  return waiting.slice(0, next < 0 ? waiting.length : next)
}
