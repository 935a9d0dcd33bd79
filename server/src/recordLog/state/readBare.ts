import { partCollections } from '../../domain/collections/all.ts'
import { calls } from '../../domain/collections/calls.ts'
import type { Collection } from '../../domain/collections/collection.ts'
import type { ClickHouse } from '../../store/clickhouse/clickhouse.ts'
import { decodeRow } from '../rows/rowFormat.ts'
import { removal, type StoredRecord } from '../storedRecord.ts'

/** Calls by their numbers, without deleted ones; only the values that a deletion needs. */
export async function readBareCalls(
  clickhouse: ClickHouse,
  accountId: number,
  numbers: ReadonlySet<number>,
): Promise<StoredRecord[]> {
  if (numbers.size === 0) return []
  const rows = await clickhouse.rows<Record<string, unknown>>(
    `SELECT
       id,
       number,
       toUnixTimestamp64Milli(ended_at) AS ended_at_ms,
       legal_hold,
       external_endpoint,
       seq,
       toUnixTimestamp64Milli(created_at) AS created_at_ms,
       toUnixTimestamp64Milli(updated_at) AS updated_at_ms,
       removed
     FROM calls FINAL
     WHERE account_id = {accountId:UInt32}
       AND number IN {numbers:Array(UInt64)}
       AND removed = ${removal.none}`,
    { accountId, numbers: [...numbers] },
  )
  return rows.map((row) => decodeRow(calls, row))
}

/** The parts of a call in one collection as parallel lists, which take a tenth of the text of one row per part. */
interface KeysRow {
  name: string
  callId: string
  ids: string[]
  createdAts: number[]
  updatedAts: number[]
}

/** The parts of calls, without deleted ones and without values: what a deletion needs. */
export async function readPartKeys(
  clickhouse: ClickHouse,
  accountId: number,
  needed: ReadonlyMap<string, readonly Collection[]>,
): Promise<StoredRecord[]> {
  const asked = partCollections.flatMap((collection) => {
    const callIds = [...needed].filter(([, parts]) => parts.includes(collection)).map(([callId]) => callId)
    return callIds.length === 0 ? [] : [{ collection, callIds }]
  })
  if (asked.length === 0) return []
  const rows = await clickhouse.rows<KeysRow>(asked.map(({ collection }) => keysOf(collection)).join('\nUNION ALL\n'), {
    accountId,
    ...Object.fromEntries(asked.map(({ collection, callIds }) => [`${collection.name}_calls`, callIds])),
  })
  // A UNION returns rows in any order; deletions are numbered collection by collection.
  return asked.flatMap(({ collection }) =>
    rows.filter(({ name }) => name === collection.name).flatMap((row) => recordsOf(collection, row)),
  )
}

function keysOf({ name, table, key }: Collection): string {
  return `
    SELECT
      '${name}' AS name,
      call_id AS callId,
      groupArray(${key === 'id' ? 'id' : 'call_id'}) AS ids,
      groupArray(toUnixTimestamp64Milli(created_at)) AS createdAts,
      groupArray(toUnixTimestamp64Milli(updated_at)) AS updatedAts
    FROM ${table} FINAL
    WHERE account_id = {accountId:UInt32}
      AND call_id IN {${name}_calls:Array(String)}
      AND removed != ${removal.deleted}
    GROUP BY call_id`
}

function recordsOf(collection: Collection, { callId, ids, createdAts, updatedAts }: KeysRow): StoredRecord[] {
  return ids.map((key, index) => ({
    collection,
    key,
    callId,
    values: {},
    derived: {},
    revisions: {},
    number: 0,
    seq: 0,
    firstSeq: 0,
    createdAt: createdAts[index] ?? 0,
    updatedAt: updatedAts[index] ?? 0,
    removed: removal.none,
    evaluation: undefined,
    survey: undefined,
    reached: 0,
    knownEndpoint: undefined,
    isEarly: false,
    hasKey: true,
    rowBytes: 0,
  }))
}
