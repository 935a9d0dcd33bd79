import type { Collection } from '../domain/collections/collection.ts'
import type { ClickHouse } from '../store/clickhouse/clickhouse.ts'
import { decodeRow, selectList } from './rows/rowFormat.ts'
import { loadRecords } from './state/loadRecords.ts'
import { noNeeds } from './state/needs.ts'
import { removal, type StoredRecord } from './storedRecord.ts'

/** A record by its key, and for a call its parts in the given collections; without removed records. */
export async function readRecordWithParts(
  clickhouse: ClickHouse,
  accountId: number,
  { collection, key, parts }: { collection: Collection; key: string; parts: readonly Collection[] },
): Promise<StoredRecord[]> {
  const { records } = await loadRecords(clickhouse, accountId, {
    ...noNeeds(),
    records: new Map([[collection.name, new Map([[key, undefined]])]]),
    wholeCalls: new Map(parts.length > 0 ? [[key, parts]] : []),
  })
  return records.filter((record) => !record.removed)
}

/**
 * The records of a collection that match the conditions (SQL with bound parameters), in the given order (SQL), without
 * removed records. The account bounds the statement; `limit` is the maximum number of rows.
 */
export async function selectRecords(
  clickhouse: ClickHouse,
  collection: Collection,
  { conditions, order, parameters }: { conditions: string[]; order: string; parameters: SelectParameters },
): Promise<StoredRecord[]> {
  const rows = await clickhouse.rows<Record<string, unknown>>(
    `SELECT
       ${selectList(collection)}
     FROM ${collection.table} FINAL
     WHERE account_id = {accountId:UInt32}
       AND removed = ${removal.none}
       ${conditions.map((condition) => `AND ${condition}`).join('\n       ')}
     ORDER BY ${order}
     LIMIT {limit:UInt32}`,
    parameters,
  )
  return rows.map((row) => decodeRow(collection, row))
}

type SelectParameters = { accountId: number; limit: number } & Record<string, unknown>
