import type { Parameters } from '../../store/clickhouse/clickhouse.ts'
import type { Condition } from './textSearch.ts'

/** A sort field. `number` is the order of arrival, which corrections do not change. */
export type SortField = 'startedAt' | 'durationSeconds' | 'number'

export interface CallOrder {
  field: SortField
  direction: 'asc' | 'desc'
}

/** A position in an order: the sort key of a call (milliseconds or seconds; null without one) and its number. */
export interface SortPosition {
  key: number | null
  number: number
}

/** The key of each order. An active call shows no duration, so it has no duration key. */
const keys: Record<SortField, { column: string; shown: string; type: string }> = {
  startedAt: {
    column: 'calls.started_at',
    shown: 'toUnixTimestamp64Milli(calls.started_at)',
    type: "fromUnixTimestamp64Milli({key:Int64}, 'UTC')",
  },
  durationSeconds: {
    column: "if(calls.status = 'active', NULL, calls.duration_seconds)",
    shown: "if(calls.status = 'active', NULL, calls.duration_seconds)",
    type: '{key:Float64}',
  },
  number: { column: 'calls.number', shown: 'calls.number', type: '{key:UInt64}' },
}

/** Returns the expression of the sort key as `SortPosition` holds it. */
export function keyColumn({ field }: CallOrder): string {
  return keys[field].shown
}

/**
 * Returns the ORDER BY terms: calls without a key come last in both directions, and every order ends with the number.
 */
export function orderBy({ field, direction }: CallOrder): string {
  const { column } = keys[field]
  const way = direction.toUpperCase()
  return field === 'number' ? `${column} ${way}` : `${column} ${way} NULLS LAST, calls.number ${way}`
}

/** The condition that a call comes after a position. */
export function afterPosition({ field, direction }: CallOrder, { key, number }: SortPosition): Condition {
  const { column, type } = keys[field]
  const sign = direction === 'desc' ? '<' : '>'
  const isLater = `calls.number ${sign} {positionNumber:UInt64}`
  const parameters: Parameters = { positionNumber: number }
  if (field === 'number') return { sql: isLater, parameters }
  if (key === null) return { sql: `${column} IS NULL AND ${isLater}`, parameters }
  parameters['key'] = key
  const beyond = `(${column} ${sign} ${type} OR (${column} = ${type} AND ${isLater}))`
  // A separate condition, so that the index of starts can be used.
  if (field === 'startedAt') return { sql: `${column} ${sign}= ${type}\n       AND ${beyond}`, parameters }
  return { sql: `(${column} IS NULL OR ${beyond})`, parameters }
}

/** How many call numbers near the beginning of a page are examined to estimate its end. */
const nearby = 32_768

/**
 * Returns a bound that the first `count` calls of the order fulfil: the key of the last of `count` calls among the
 * numbers near the beginning. Starts correlate with numbers, so the bound usually leaves a small part of the table;
 * otherwise it leaves more but loses no call. Undefined if it cannot help.
 */
export function boundOf(
  order: CallOrder,
  matching: string,
  { count, lastNumber, position }: { count: number; lastNumber: number; position: SortPosition | undefined },
): Condition | undefined {
  const { field, direction } = order
  if (field === 'durationSeconds' || count > nearby) return undefined
  const isDescending = direction === 'desc'
  const last = position?.number ?? (isDescending ? lastNumber : 0)
  const [nearFrom, nearTo] = isDescending ? [Math.max(0, last - nearby), last] : [last, last + nearby]
  const { column } = keys[field]
  const farthest = {
    startedAt: {
      asc: "toDateTime64('2299-12-31 00:00:00', 3, 'UTC')",
      desc: "toDateTime64('1900-01-01 00:00:00', 3, 'UTC')",
    },
    number: { asc: 'toUInt64(18446744073709551615)', desc: 'toUInt64(0)' },
  }
  return {
    sql: `${column} ${isDescending ? '>=' : '<='} ifNull(
         (
           SELECT ${column}
           FROM calls FINAL
           WHERE ${matching}
             AND calls.number >= {nearFrom:UInt64}
             AND calls.number <= {nearTo:UInt64}
           ORDER BY ${orderBy(order)}
           LIMIT 1 OFFSET {beforeLast:UInt64}
         ),
         ${farthest[field][direction]}
       )`,
    parameters: { nearFrom, nearTo, beforeLast: count - 1 },
  }
}
