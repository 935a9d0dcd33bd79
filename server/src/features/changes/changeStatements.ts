import type { Collection } from '../../domain/collections/collection.ts'

/** A part of an account's change order: places above `after`, up to `upTo`. */
export interface Range {
  after: number
  upTo: number
}

/**
 * What bounds every statement over a range, for the parameters `accountId`, `after` and `upTo`. Without FINAL it also
 * finds places that a later version has left, but it reads the table's own change order alone.
 */
const inRange = `account_id = {accountId:UInt32}
  AND seq > {after:UInt64}
  AND seq <= {upTo:UInt64}`

/** What a record is found by in the table's own order; the projection `change_order` holds it beside the place. */
function findingColumn(collection: Collection): string {
  if (collection.name === 'calls') return 'number'
  return collection.isPart ? 'call_id' : 'id'
}

/**
 * Counts the first `limit` places of the range and gives the last of them. A row that was written again keeps its place
 * when no reader sees a difference, as a call does when its evaluation is copied.
 */
export function placesStatement(collection: Collection): string {
  return `SELECT
  count() AS found,
  max(seq) AS last
FROM
(
  SELECT seq
  FROM ${collection.table}
  WHERE ${inRange}
  ORDER BY account_id, seq
  LIMIT 1 BY seq
  LIMIT {limit:UInt32}
)`
}

/**
 * Whether a deletion in the range was forgotten: it is older than `rememberedFrom` (milliseconds). The range may be of many
 * months, so only what was deleted is looked up.
 */
export function forgottenStatement(collection: Collection): string {
  const deleted = `
      AND removed != 0
      AND updated_at < fromUnixTimestamp64Milli({rememberedFrom:Int64}, 'UTC')`
  return `SELECT 1 AS forgotten
FROM ${collection.table} AS record FINAL
WHERE ${currentInRange(collection, deleted)}
  AND record.removed != 0
  AND record.updated_at < fromUnixTimestamp64Milli({rememberedFrom:Int64}, 'UTC')
LIMIT 1`
}

/** The current rows of the range in its order, as `list`; deletions from `rememberedFrom` on, parts of calls that are there. */
export function changesStatement(collection: Collection, list: string, settings: string): string {
  return `${list}
FROM ${collection.table} AS record FINAL
WHERE ${currentInRange(collection)}
  AND ${
    collection.isPart
      ? `(record.removed != 0 OR record.call_id IN (
    ${visibleCalls(collection)}
  ))`
      : 'true'
  }
  AND (record.removed = 0 OR record.updated_at >= fromUnixTimestamp64Milli({rememberedFrom:Int64}, 'UTC'))
ORDER BY record.seq
SETTINGS ${settings}`
}

/** The rows whose current place is in the range, found by the places that it holds, or by those that `condition` leaves. */
function currentInRange(collection: Collection, condition = ''): string {
  const column = findingColumn(collection)
  return `record.account_id = {accountId:UInt32}
  AND record.seq > {after:UInt64}
  AND record.seq <= {upTo:UInt64}
  AND record.${column} IN (
    SELECT ${column}
    FROM ${collection.table}
    WHERE ${inRange}${condition}
  )`
}

/** Ids of the calls, not deleted, whose parts have places in the range. */
function visibleCalls(collection: Collection): string {
  return `SELECT calls.id
    FROM calls FINAL
    WHERE calls.account_id = {accountId:UInt32}
      AND calls.removed = 0
      AND calls.number IN (
        SELECT number
        FROM record_keys
        WHERE account_id = {accountId:UInt32}
          AND collection = 'calls'
          AND id_hash IN (
            SELECT ${keyHashOf('call_id')}
            FROM ${collection.table}
            WHERE ${inRange}
          )
      )`
}

/** The same hash as the program makes of a key. */
function keyHashOf(column: string): string {
  return `reinterpretAsUInt64(reverse(substring(SHA256(${column}), 1, 6)))`
}
