import type { Ports } from '../../ports.ts'
import { onEachShard } from '../../store/clickhouse/clickhouse.ts'
import type { Watermark } from '../../recordLog/watermark.ts'
import type { Condition } from './textSearch.ts'

const maxKept = 2000

/** Counts of one process, by what was counted; each holds as long as its account stands at `seq`. */
type Counts = Map<string, { seq: number; count: Promise<number> }>

const countsOfApps = new WeakMap<Ports, Counts>()

/**
 * How many calls fulfil a condition. Every change of an account takes a place in its change order, so as long as the
 * account has not moved on, a count made there holds, and pages of one list count once.
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
  // A failure is not remembered.
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
