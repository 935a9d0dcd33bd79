import type { Context } from '../../context.ts'
import { dimensions, type DimensionName } from './dimensions.ts'

/** Reads the names of ids from their records; an id without a record is its own name. */
export async function readNames(
  { ports, accountId }: Context,
  dimension: DimensionName,
  ids: readonly string[],
): Promise<(id: string) => string> {
  if (ids.length === 0) return (id) => id
  const rows = await ports.clickhouse.rows<{ id: string; name: string }>(
    `SELECT
       id,
       name
     FROM ${dimensions[dimension].namedBy} FINAL
     WHERE account_id = {accountId:UInt32}
       AND removed = 0
       AND id IN {ids:Array(String)}`,
    { accountId, ids },
  )
  const names = new Map(rows.map((row) => [row.id, row.name]))
  return (id) => names.get(id) || id
}
