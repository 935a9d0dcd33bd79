import type { Ports } from '../../ports.ts'
import { keyHash } from '../../domain/keyHash.ts'
import { shownCall, shownColumns, type ShownCall } from './callColumns.ts'

/** Two concurrent queries keep two cores busy and leave connections for others. */
const maxQueries = 2
/** Minimum waiting callers that justify a second query; fewer wait for the first to end. */
const minIdsForSecondQuery = 24
/**
 * Callers that were answered together usually ask again within this time, so waiting for it lets them share the next
 * query.
 */
const batchingDelayMs = 1
/** Maximum calls per query: more take longer without being cheaper per call. */
const maxIds = 64

type Waiter = PromiseWithResolvers<ShownCall | undefined>

/**
 * Reads single calls in batches: while queries run, further callers are collected for the next one. A query costs
 * several times what one more call in it costs.
 */
class CallReader {
  private readonly ports: Ports
  private readonly waiting = new Map<number, Map<string, Waiter>>()
  private running = 0
  private isScheduled = false
  /** Number of calls in the previous query. */
  private lastSize = 0

  constructor(ports: Ports) {
    this.ports = ports
  }

  read(accountId: number, id: string): Promise<ShownCall | undefined> {
    const ofAccount = this.waiting.get(accountId) ?? new Map<string, Waiter>()
    this.waiting.set(accountId, ofAccount)
    const waiter = ofAccount.get(id) ?? Promise.withResolvers<ShownCall | undefined>()
    ofAccount.set(id, waiter)
    this.schedule()
    return waiter.promise
  }

  /** Batches requests of one event loop iteration, and of concurrent callers. */
  private schedule(): void {
    if (this.isScheduled || !this.mayRead()) return
    this.isScheduled = true
    const read = (): void => {
      this.isScheduled = false
      while (this.mayRead()) void this.readNext()
    }
    if (this.lastSize > 1) setTimeout(read, batchingDelayMs)
    else setImmediate(read)
  }

  private mayRead(): boolean {
    if (this.waiting.size === 0 || this.running >= maxQueries) return false
    const waiting = [...this.waiting.values()].reduce((sum, { size }) => sum + size, 0)
    return this.running === 0 || waiting >= minIdsForSecondQuery
  }

  private async readNext(): Promise<void> {
    const [accountId, waiters] = this.takeNext()
    this.running++
    this.lastSize = waiters.size
    try {
      const found = await readCalls(this.ports, accountId, [...waiters.keys()])
      for (const [id, waiter] of waiters) waiter.resolve(found.get(id))
    } catch (error) {
      for (const waiter of waiters.values()) waiter.reject(error)
    } finally {
      this.running--
      this.schedule()
    }
  }

  /** Takes calls of the account that has waited longest; its remaining calls move to the end of the queue. */
  private takeNext(): [accountId: number, waiters: Map<string, Waiter>] {
    const [accountId, all] = this.waiting.entries().next().value ?? [0, new Map<string, Waiter>()]
    this.waiting.delete(accountId)
    const entries = [...all]
    if (entries.length > maxIds) this.waiting.set(accountId, new Map(entries.slice(maxIds)))
    return [accountId, new Map(entries.slice(0, maxIds))]
  }
}

const readers = new WeakMap<Ports, CallReader>()

/**
 * Reads one call of an account; undefined when it does not exist. Changes that must be included must be readable
 * already.
 */
export function readCall(ports: Ports, accountId: number, id: string): Promise<ShownCall | undefined> {
  const reader = readers.get(ports) ?? new CallReader(ports)
  readers.set(ports, reader)
  return reader.read(accountId, id)
}

async function readCalls(ports: Ports, accountId: number, ids: string[]): Promise<Map<string, ShownCall>> {
  const rows = await ports.clickhouse.rows<Record<string, unknown>>(
    `SELECT
       ${shownColumns}
     FROM calls FINAL
     WHERE calls.account_id = {accountId:UInt32}
       AND calls.removed = 0
       AND calls.id IN {ids:Array(String)}
       AND calls.number IN
       (
         SELECT number
         FROM record_keys
         WHERE account_id = {accountId:UInt32}
           AND collection = 'calls'
           AND id_hash IN {hashes:Array(UInt64)}
       )
     -- A few granules: further threads would cost more than they do.
     SETTINGS max_threads = 1`,
    { accountId, ids, hashes: ids.map(keyHash) },
  )
  return new Map(rows.map(shownCall).map((call) => [call.id, call]))
}
