import { setTimeout as wait } from 'node:timers/promises'
import { AppError, messageOf, refusalOfEngine } from '../../errors.ts'
import { insertBatch, joinBatches } from './batchRows.ts'
import type { StoredRecord } from '../storedRecord.ts'
import type { RecordLogStores } from '../stores.ts'
import { closeEntries, retryUntilStored, type LoggedBatch } from './commit.ts'

// Small batches wait this long for company, unless a reader waits for them: a hundred inserts of one row cost a hundred
// times an insert of a hundred rows.
const lingerMs = 100
const minRows = 2000
/** Rows that may be promised and not yet inserted, before further turns wait. */
const maxRows = 40_000
/** Rows of one insert: one block of the engine, with room. */
const maxRowsPerInsert = 20_000
/** Refusals in a row from which on the store is known to be away: one may be a connection that broke. */
const tellingRefusals = 2
/** A store that is away is let be for so long; then who asks has it tried again. */
const restMs = 300
/** So long who asks waits for that. */
const maxTryMs = 1000

interface Waiting {
  logged: LoggedBatch
  records: StoredRecord[]
}

/** Brings one account's promised batches into ClickHouse, in their order, several at a time. */
export interface Inserter {
  add(logged: LoggedBatch, records: StoredRecord[]): void
  /** The last batch up to which ClickHouse shows everything that was added. */
  storedBatch(): number
  /** Resolves when everything added before is readable. Throws UNAVAILABLE or DISK_FULL soon when the store is known to refuse. */
  flush(): Promise<void>
  /** The same, however long the store is away. */
  flushWithoutDeadline(): Promise<void>
  /**
   * Ends: everything added is readable, or the store is known to be away, and what is left stays in its entries, from which
   * another process or the next start brings it in.
   */
  end(): Promise<void>
  /** Resolves when another batch may be added. Throws UNAVAILABLE soon when the store is known to be away. */
  waitForRoom(): Promise<void>
}

export function openInserter(stores: RecordLogStores, accountId: number): Inserter {
  const waiting: Waiting[] = []
  let flushRequested = Promise.withResolvers<void>()
  let running: Promise<void> | undefined
  let progress = Promise.withResolvers<void>()
  let lastAdded = 0
  let lastStored = 0
  const away = { refusals: 0, at: 0, error: undefined as unknown }
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
      away.refusals = 0
      tellProgress()
      if (lastStored >= lastAdded) flushRequested = Promise.withResolvers()
    }
    running = undefined
  }

  function tellProgress(): void {
    progress.resolve()
    progress = Promise.withResolvers()
  }

  /** Before a store is tried again: for a while, or until somebody asks for what it did not take. */
  async function pause(ms: number, error: unknown): Promise<void> {
    const refusal = refusalOfEngine(error) ?? error
    const isAway = refusal instanceof AppError && ['UNAVAILABLE', 'DISK_FULL'].includes(refusal.code)
    Object.assign(away, { refusals: isAway ? away.refusals + 1 : 0, at: performance.now(), error: refusal })
    tryAgain = Promise.withResolvers()
    tellProgress()
    if (!isEnded) await Promise.race([wait(ms), tryAgain.promise])
    if (isEnded) throw error
  }

  /** Until an insert is through or fails; of a store that is away this is found out at once. */
  async function nextProgress(): Promise<void> {
    const { promise } = progress
    if (away.refusals < tellingRefusals) return promise
    await Promise.race([promise, wait(Math.max(0, away.at + restMs - performance.now()))])
    tryAgain.resolve()
    await Promise.race([promise, wait(maxTryMs)])
    if (away.refusals >= tellingRefusals) throw away.error
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
    async waitForRoom() {
      while (rowsWaiting() >= maxRows) await nextProgress()
    },
  }
}

/** As many of the oldest batches as one insert takes. */
function nextOf(waiting: Waiting[]): Waiting[] {
  let rows = 0
  const next = waiting.findIndex(({ records }, index) => {
    rows += records.length
    return index > 0 && rows > maxRowsPerInsert
  })
  return waiting.slice(0, next < 0 ? waiting.length : next)
}
