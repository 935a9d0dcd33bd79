import type { Context } from '../../context.ts'
import type { Collection } from '../../domain/collections/collection.ts'

/** Calls that are expired in one commit, and the approximate number of their records. */
export interface Batch<Call extends { id: string } = DueCall> {
  calls: Call[]
  records: number
}

export interface DueCall {
  id: string
  number: number
}

/**
 * Maximum records per commit, for any number of calls; a single call may have more. Senders of the account wait for the
 * commit, so it must be short; but small commits spend more time on their fixed costs.
 */
const maxRecords = 8000

/** Splits calls into batches; `parts` holds the number of other records per call. */
export function batchesOf<Call extends { id: string }>(
  calls: readonly Call[],
  parts: ReadonlyMap<string, number>,
): Batch<Call>[] {
  const batches: Batch<Call>[] = []
  for (const call of calls) {
    const records = 1 + (parts.get(call.id) ?? 0)
    const last = batches.at(-1)
    if (last && last.records + records <= maxRecords) {
      last.calls.push(call)
      last.records += records
    } else batches.push({ calls: [call], records })
  }
  return batches
}

/** Counts the parts of calls in these collections, by call id; calls without any are left out. */
export async function countParts(
  { ports, accountId }: Context,
  collections: readonly Collection[],
  callIds: string[],
): Promise<Map<string, number>> {
  if (callIds.length === 0) return new Map()
  const counts = collections.map(
    ({ table }) => `
      SELECT call_id, count() AS parts
      FROM ${table} FINAL
      WHERE account_id = {accountId:UInt32}
        AND call_id IN {callIds:Array(String)}
        AND removed != 1
      GROUP BY call_id`,
  )
  const rows = await ports.clickhouse.rows<{ id: string; parts: number }>(
    `SELECT call_id AS id, sum(parts) AS parts
     FROM
     (${counts.join('\n      UNION ALL')}
     )
     GROUP BY call_id`,
    { accountId, callIds },
  )
  return new Map(rows.map(({ id, parts }) => [id, parts]))
}
