import { setTimeout as wait } from 'node:timers/promises'
import { insertBatch, joinBatches } from './batchRows.ts'
import type { StoredRecord } from './storedRecord.ts'
import type { IngestStores } from './stores.ts'
import { closeEntries, untilTaken, type PromisedBatch } from './turn.ts'

// Small batches wait this long for company, unless a reader waits for them: a hundred inserts of one row cost a hundred
// times an insert of a hundred rows.
const lingerMs = 100
const enoughRows = 2000
/** Rows that may be promised and not yet inserted, before further turns wait. */
const mostRows = 40_000
/** Rows of one insert: one block of the engine, with room. */
const mostRowsAtOnce = 20_000

interface Waiting {
  promised: PromisedBatch
  records: StoredRecord[]
}

/** Brings one account's promised batches into ClickHouse, in their order, several at a time. */
export interface Inserter {
  add(promised: PromisedBatch, records: StoredRecord[]): void
  /** Records that ClickHouse may not show yet, oldest first. */
  pending(): StoredRecord[]
  /** Resolves when everything added before is readable. */
  flush(): Promise<void>
  /** Resolves when another batch may be added. */
  room(): Promise<void>
}

export function openInserter(stores: IngestStores, accountId: number): Inserter {
  const waiting: Waiting[] = []
  let hurry = Promise.withResolvers<void>()
  let running: Promise<void> | undefined
  let progress = Promise.withResolvers<void>()
  let last = 0
  let kept = 0

  const rowsWaiting = (): number => waiting.reduce((sum, { records }) => sum + records.length, 0)

  async function run(): Promise<void> {
    while (waiting.length > 0) {
      if (rowsWaiting() < enoughRows) await Promise.race([wait(lingerMs), hurry.promise])
      const taken = nextOf(waiting)
      const rows = joinBatches(taken.map(({ promised }) => promised.rows))
      await untilTaken(stores, () => insertBatch(stores.clickhouse, rows))
      const upTo = taken.at(-1)?.promised.places.batch ?? 0
      await untilTaken(stores, () => closeEntries(stores, accountId, upTo))
      waiting.splice(0, taken.length)
      kept = upTo
      progress.resolve()
      progress = Promise.withResolvers()
      if (kept >= last) hurry = Promise.withResolvers()
    }
    running = undefined
  }

  return {
    add(promised, records) {
      last = promised.places.batch
      waiting.push({ promised, records })
      if (rowsWaiting() >= enoughRows) hurry.resolve()
      running ??= run()
    },
    pending: () => waiting.flatMap(({ records }) => records),
    async flush() {
      const upTo = last
      if (kept >= upTo) return
      hurry.resolve()
      while (kept < upTo) await progress.promise
    },
    async room() {
      while (rowsWaiting() >= mostRows) await progress.promise
    },
  }
}

/** As many of the oldest batches as one insert takes. */
function nextOf(waiting: Waiting[]): Waiting[] {
  let rows = 0
  const next = waiting.findIndex(({ records }, index) => {
    rows += records.length
    return index > 0 && rows > mostRowsAtOnce
  })
  return waiting.slice(0, next < 0 ? waiting.length : next)
}
