import type { SortTerm } from './feedRequest.ts'

/**
 * A total order of calls as numeric expressions over `calls` that all ascend; the last one is the call's number. A place in
 * it is one number for each.
 */
export type Order = readonly string[]

// Scores go from 0 to 10, so that calls without one come last both ways.
const behindEveryScore = 1000

const expressions = {
  number: { ascending: 'toInt64(number)', descending: '-toInt64(number)' },
  time: {
    ascending: 'toUnixTimestamp64Milli(started_at)',
    descending: '-toUnixTimestamp64Milli(started_at)',
  },
  score: {
    ascending: `ifNull(evaluation_score, ${behindEveryScore})`,
    descending: `ifNull(-evaluation_score, ${behindEveryScore})`,
  },
}

/** The order of the sort terms; what comes after the number, which is unique, sorts nothing. */
export function orderOf(sort: readonly SortTerm[]): Order {
  const own = sort.findIndex((term) => term.by === 'number')
  const terms: readonly SortTerm[] = own < 0 ? [...sort, { by: 'number', isDescending: false }] : sort.slice(0, own + 1)
  return terms.map(({ by, isDescending }) => expressions[by][isDescending ? 'descending' : 'ascending'])
}

/** Whether it is the order of the table's key, of which a page is a range. */
export function isByNumber(order: Order): boolean {
  return order.length === 1 && order[0] === expressions.number.ascending
}
