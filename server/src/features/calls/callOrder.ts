import type { Parameters } from '../../store/clickhouse/clickhouse.ts'
import type { Condition } from './textSearch.ts'

/** By what calls are listed. `number` is the order in which they came, which no correction changes. */
export type SortField = 'startedAt' | 'durationSeconds' | 'number'

export interface CallOrder {
  field: SortField
  direction: 'asc' | 'desc'
}

/** A place in an order: the sort key of a call (milliseconds, seconds, or null where there is none) and its number. */
export interface SortPosition {
  key: number | null
  number: number
}

/** The key of each order. While a call is active it shows no duration, so it has none here either. */
const keys: Record<SortField, { column: string; told: string; type: string }> = {
  startedAt: {
    column: 'calls.started_at',
    told: 'toUnixTimestamp64Milli(calls.started_at)',
    type: "fromUnixTimestamp64Milli({key:Int64}, 'UTC')",
  },
  durationSeconds: {
    column: "if(calls.status = 'active', NULL, calls.duration_seconds)",
    told: "if(calls.status = 'active', NULL, calls.duration_seconds)",
    type: '{key:Float64}',
  },
  number: { column: 'calls.number', told: 'calls.number', type: '{key:UInt64}' },
}

/** The sort key as `Place` holds it. */
export function keyColumn({ field }: CallOrder): string {
  return keys[field].told
}

/** ORDER BY: what has no key comes last either way, and every order ends in the number. */
export function orderBy({ field, direction }: CallOrder): string {
  const { column } = keys[field]
  const way = direction.toUpperCase()
  return field === 'number' ? `${column} ${way}` : `${column} ${way} NULLS LAST, calls.number ${way}`
}

/** The condition that a call comes after a position. */
export function afterPosition({ field, direction }: CallOrder, { key, number }: SortPosition): Condition {
  const { column, type } = keys[field]
  const sign = direction === 'desc' ? '<' : '>'
  const isLater = `calls.number ${sign} {placeNumber:UInt64}`
  const parameters: Parameters = { placeNumber: number }
  if (field === 'number') return { sql: isLater, parameters }
  if (key === null) return { sql: `${column} IS NULL AND ${isLater}`, parameters }
  parameters['key'] = key
  const beyond = `(${column} ${sign} ${type} OR (${column} = ${type} AND ${isLater}))`
  // Said apart, so that the index of starts can be used.
  if (field === 'startedAt') return { sql: `${column} ${sign}= ${type}\n       AND ${beyond}`, parameters }
  return { sql: `(${column} IS NULL OR ${beyond})`, parameters }
}

/** How many numbers next to the beginning of a page are looked at for its likely end. */
const nearby = 32_768

/**
 * A bound that the first `count` calls of the order fulfil: the key of the last of as many among the numbers next to the
 * beginning. Starts follow numbers, so the bound leaves a small part of the table; where they do not, or too few of
 * those calls match, it leaves more and nothing gets lost. Undefined where it could not help.
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
