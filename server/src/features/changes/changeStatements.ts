import type { Collection } from '../../domain/collections/collection.ts'

/** A range of an account's change order: sequences above `after`, up to `upTo`. */
export interface Range {
  after: number
  upTo: number
}

/**
 * The condition of every statement over a range, with the parameters `accountId`, `after` and `upTo`. Without FINAL it
 * also finds sequences of superseded versions, but it reads only the table's own change order.
 */
const inRange = `account_id = {accountId:UInt32}
  AND seq > {after:UInt64}
  AND seq <= {upTo:UInt64}`

/**
 * The column by which a record is found in the table's primary order; the projection `change_order` stores it beside
 * the sequence.
 */
function findingColumn(collection: Collection): string {
  if (collection.name === 'calls') return 'number'
  return collection.isPart ? 'call_id' : 'id'
}

/**
 * Counts the first `limit` sequences of the range and returns the last of them. A rewritten row keeps its sequence when
 * readers see no difference, as a call does when its evaluation is copied into it.
 */
export function sequencesStatement(collection: Collection): string {
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
 * Finds whether the range contains a deletion that is no longer reported, because it is older than `rememberedFrom`
 * (milliseconds). The range may span many months, so only deleted rows are looked up.
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

/**
 * Selects the current rows of the range in its order, with the columns `list`. Deletions before `rememberedFrom` and
 * parts without a visible call are left out.
 */
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

/**
 * The condition for rows whose current sequence is in the range; the candidates are found by all sequences in the
 * range, optionally narrowed by `condition`.
 */
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

/** Selects ids of calls that are not deleted and have parts in the range. */
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

/** The same key hash as the server computes. */
function keyHashOf(column: string): string {
  return `reinterpretAsUInt64(reverse(substring(SHA256(${column}), 1, 6)))`
}
