import type { Context } from '../../context.ts'
import type { Collection } from '../../domain/collections/collection.ts'

/** Calls that go together in one turn, and about how many records go with them. */
export interface Batch<Call extends { id: string } = DueCall> {
  calls: Call[]
  records: number
}

export interface DueCall {
  id: string
  number: number
}

/**
 * Records of one turn, however many calls they make; a single call may have more. The account's senders wait for a turn,
 * so it must not be long; and the fewer there are, the more time goes into beginning them.
 */
const maxRecords = 8000

/** Cuts calls into batches; `parts` says how many records go with a call beside itself. */
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

/** How many parts of these collections calls have; those without any are left out. By the call's id. */
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
