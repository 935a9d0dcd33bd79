import type { Ports } from '../../ports.ts'
import { onEachShard } from '../../store/clickhouse/clickhouse.ts'
import type { Watermark } from '../../recordLog/watermark.ts'
import type { Condition } from './textSearch.ts'

const maxKept = 2000

/** Cached counts of one process; each is valid while its account's sequence is `seq`. */
type Counts = Map<string, { seq: number; count: Promise<number> }>

const countsOfApps = new WeakMap<Ports, Counts>()

/**
 * Counts the calls that fulfil a condition. Every change of an account increases its sequence, so a count stays valid
 * while the sequence is the same, and the pages of one list count once.
 */
export async function countCalls(ports: Ports, watermark: Watermark, condition: Condition): Promise<number> {
  const counts = countsOfApps.get(ports) ?? (new Map() satisfies Counts)
  countsOfApps.set(ports, counts)
  const { lastNumber: _, ...asked } = condition.parameters
  const name = JSON.stringify([condition.sql, asked])
  const known = counts.get(name)
  if (known?.seq === watermark.seq) return known.count
  const count = readCount(ports, condition)
  counts.delete(name)
  counts.set(name, { seq: watermark.seq, count })
  for (const oldest of counts.keys()) {
    if (counts.size <= maxKept) break
    counts.delete(oldest)
  }
  // Errors are not cached.
  count.catch(() => counts.get(name)?.count === count && counts.delete(name))
  return count
}

async function readCount(ports: Ports, { sql, parameters }: Condition): Promise<number> {
  const [row] = await ports.clickhouse.rows<{ count: number }>(
    `SELECT count() AS count
     FROM calls FINAL
     WHERE ${sql}
     SETTINGS ${onEachShard}`,
    parameters,
  )
  return row?.count ?? 0
}
