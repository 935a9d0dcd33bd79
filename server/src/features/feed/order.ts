import type { SortTerm } from './feedRequest.ts'

/**
 * A total order of calls: numeric expressions over `calls`, all ascending; the last one is the call's number. A
 * position in it is one value per expression.
 */
export type Order = readonly string[]

// Scores range from 0 to 10, so calls without a score come last in both directions.
const aboveEveryScore = 1000

const expressions = {
  number: { ascending: 'toInt64(number)', descending: '-toInt64(number)' },
  time: {
    ascending: 'toUnixTimestamp64Milli(started_at)',
    descending: '-toUnixTimestamp64Milli(started_at)',
  },
  score: {
    ascending: `ifNull(evaluation_score, ${aboveEveryScore})`,
    descending: `ifNull(-evaluation_score, ${aboveEveryScore})`,
  },
}

/** Returns the order of sort terms; terms after the number are dropped, because the number is unique. */
export function orderOf(sort: readonly SortTerm[]): Order {
  const own = sort.findIndex((term) => term.by === 'number')
  const terms: readonly SortTerm[] = own < 0 ? [...sort, { by: 'number', isDescending: false }] : sort.slice(0, own + 1)
  return terms.map(({ by, isDescending }) => expressions[by][isDescending ? 'descending' : 'ascending'])
}

/** Returns whether it is the order of the table's key, in which a page is a range of numbers. */
export function isByNumber(order: Order): boolean {
  return order.length === 1 && order[0] === expressions.number.ascending
}
