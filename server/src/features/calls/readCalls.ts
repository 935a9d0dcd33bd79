import type { Ports } from '../../ports.ts'
import { keyHash } from '../../domain/keyHash.ts'
import { shownCall, shownColumns, type ShownCall } from './callColumns.ts'

/** Two at a time keep two cores busy and leave connections to others. */
const maxQueries = 2
/** So many callers make a second query worth its while; fewer wait for the first to end. */
const enoughIds = 24
/** Those who were answered together ask for the next within this, and go together again. */
const gatheringMs = 1
/** Calls of one query: more take longer without being cheaper each. */
const maxIds = 64

type Waiter = PromiseWithResolvers<ShownCall | undefined>

/**
 * Reads single calls, those that are asked for at the same time with one query: while queries run, further callers
 * gather for the next. A query costs several times what one more call in it does.
 */
class CallReader {
  private readonly ports: Ports
  private readonly waiting = new Map<number, Map<string, Waiter>>()
  private running = 0
  private isScheduled = false
  /** Calls of the query before. */
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

  /** Requests that arrive in one turn of the event loop go together, and those of callers who ask side by side. */
  private schedule(): void {
    if (this.isScheduled || !this.mayRead()) return
    this.isScheduled = true
    const read = (): void => {
      this.isScheduled = false
      while (this.mayRead()) void this.readNext()
    }
    if (this.lastSize > 1) setTimeout(read, gatheringMs)
    else setImmediate(read)
  }

  private mayRead(): boolean {
    if (this.waiting.size === 0 || this.running >= maxQueries) return false
    const waiting = [...this.waiting.values()].reduce((sum, { size }) => sum + size, 0)
    return this.running === 0 || waiting >= enoughIds
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

  /** Some calls of the account that has waited longest; what is left of it goes to the end of the line. */
  private takeNext(): [accountId: number, waiters: Map<string, Waiter>] {
    const [accountId, all] = this.waiting.entries().next().value ?? [0, new Map<string, Waiter>()]
    this.waiting.delete(accountId)
    const entries = [...all]
    if (entries.length > maxIds) this.waiting.set(accountId, new Map(entries.slice(maxIds)))
    return [accountId, new Map(entries.slice(0, maxIds))]
  }
}

const readers = new WeakMap<Ports, CallReader>()

/** One call of an account, undefined when it is not there. Everything that must be in it must be readable already. */
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
