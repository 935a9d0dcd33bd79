import type { FaultCounts, FaultSeen, Ports } from '../../ports.ts'
import { messageOf } from '../../errors.ts'
import { sql, type Queryable } from '../../store/postgres/postgres.ts'

const hourMs = 3_600_000
const flushAfterMs = 1000

/**
 * Kinds of faults that are counted separately per account and hour. The limit exists because senders can create kinds
 * with field names of their own.
 */
const maxKinds = 200

interface Counted extends FaultSeen {
  hour: number
  lastAt: number
}

export function openFaultCounts(stores: Pick<Ports, 'postgres' | 'log' | 'now'>): FaultCounts {
  let pending = new Map<string, Counted>()
  let writing = Promise.resolve()
  let timer: NodeJS.Timeout | undefined
  const kinds = openKinds()

  async function write(): Promise<void> {
    const counted = pending
    if (counted.size === 0) return
    pending = new Map()
    try {
      await store(stores.postgres, counted)
    } catch (error) {
      stores.log.warn({ reason: messageOf(error) }, 'ingestion faults not stored yet; the server tries again')
      for (const [name, entry] of counted) add(pending, name, entry)
      flushLater()
    }
  }

  function flushLater(): void {
    timer ??= setTimeout(() => void flush(), flushAfterMs).unref()
  }

  function flush(): Promise<void> {
    clearTimeout(timer)
    timer = undefined
    writing = writing.then(write)
    return writing
  }

  return {
    note(seen) {
      const lastAt = stores.now()
      const hour = Math.floor(lastAt / hourMs) * hourMs
      const kind = kinds.limit(seen, hour)
      add(pending, nameOf(kind, hour), { ...kind, hour, lastAt })
      flushLater()
    },
    flush,
  }
}

/** Deletes faults that are older than the fault list shows. */
export async function deleteOldFaults(stores: Pick<Ports, 'postgres' | 'now'>): Promise<void> {
  await stores.postgres.run(sql`
    DELETE FROM ingest_faults
    WHERE hour < ${new Date(stores.now() - faultsKeptDays * 24 * hourMs)}`)
}

/** Days that faults are kept. */
export const faultsKeptDays = 30

/** Tracks the kinds of the current hour; kinds beyond the maximum are counted as one. */
function openKinds() {
  let currentHour = 0
  let accounts = new Map<number, Set<string>>()
  return {
    limit(seen: FaultSeen, hour: number): FaultSeen {
      if (hour !== currentHour) accounts = new Map()
      currentHour = hour
      const names = accounts.get(seen.accountId) ?? new Set()
      accounts.set(seen.accountId, names)
      const name = nameOf(seen, hour)
      if (names.has(name)) return seen
      if (names.size >= maxKinds) return { ...seen, field: '', rule: 'Other faults; the answers name them.' }
      names.add(name)
      return seen
    },
  }
}

function nameOf({ accountId, source, path, code, field, rule }: FaultSeen, hour: number): string {
  return JSON.stringify([accountId, hour, source, path, code, field, rule])
}

function add(to: Map<string, Counted>, name: string, entry: Counted): void {
  const known = to.get(name)
  if (!known) return void to.set(name, { ...entry })
  known.refused += entry.refused
  known.lastAt = Math.max(known.lastAt, entry.lastAt)
}

/** Writes all rows in one statement, ordered by their key, so that two processes cannot deadlock. */
async function store(on: Queryable, counted: Map<string, Counted>): Promise<void> {
  const names = [...counted.keys()].toSorted()
  const rows = names.flatMap((name) => counted.get(name) ?? [])
  const column = <Value>(valueOf: (row: Counted) => Value) => rows.map(valueOf)
  await on.run(sql`
    INSERT INTO ingest_faults AS known
      (account_id, hour, source, path, collection, code, field, rule, counts_records, refused, last_at)
    SELECT *
    FROM unnest(
      ${column((row) => row.accountId)}::integer[],
      ${column((row) => new Date(row.hour))}::timestamptz[],
      ${column((row) => row.source)}::text[],
      ${column((row) => row.path)}::text[],
      ${column((row) => row.collection)}::text[],
      ${column((row) => row.code)}::text[],
      ${column((row) => row.field)}::text[],
      ${column((row) => row.rule)}::text[],
      ${column((row) => row.countsRecords)}::boolean[],
      ${column((row) => row.refused)}::bigint[],
      ${column((row) => new Date(row.lastAt))}::timestamptz[])
    ON CONFLICT (account_id, hour, source, path, code, field, rule) DO UPDATE
    SET refused = known.refused + excluded.refused,
        last_at = greatest(known.last_at, excluded.last_at)`)
}
