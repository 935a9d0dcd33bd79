import type { Ports } from '../../ports.ts'
import { isUnfinished, whereOf, type Conditions } from './conditions.ts'
import { isByNumber, type Order } from './order.ts'

/** The start of a page and its limits. */
export interface PageBounds {
  conditions: Conditions
  order: Order
  /** Whether the page stops at the first unfinished call; requires the order of numbers. */
  isConsecutive: boolean
  afterNumber: number
  /** The account's watermark. */
  upTo: number
  perPage: number
  /** Position after which the page begins; empty for the first call. */
  position: readonly number[]
  /** Calls to skip from there. */
  skip: number
}

/** The calls of a page, and what rendering them requires. */
export interface SelectedPage {
  numbers: number[]
  /** Position of the last call; the starting position when the page is empty. */
  position: readonly number[]
  hasMore: boolean
  /** The first unfinished call, if the search met it. */
  stop: number | undefined
  agentIds: string[]
  queueIds: string[]
  /** All times of the page are in `[fromMs, toMs]`. */
  fromMs: number
  toMs: number
}

// In the order of numbers the search reads a window of numbers, and larger windows while too few calls match.
const minWindow = 2048
const windowGrowth = 4

/**
 * Selects the calls of a page by the few columns that this needs; the other columns are then read for these calls
 * alone.
 */
export async function selectPage(ports: Ports, bounds: PageBounds): Promise<SelectedPage> {
  if (!isByNumber(bounds.order) || bounds.skip > 0) return pageOf(bounds, [await scanAll(ports, bounds)])
  const found: Candidates[] = []
  let from = Math.max(bounds.afterNumber, bounds.position[0] ?? 0)
  let width = Math.max(minWindow, Math.ceil(bounds.perPage * 1.25))
  while (from < bounds.upTo) {
    const to = Math.min(bounds.upTo, from + width)
    const candidates = await readCandidates(ports, bounds, { from, to, position: [], skip: 0 })
    found.push(candidates)
    const count = found.reduce((sum, { terms }) => sum + countOf(terms), 0)
    if (candidates.stop > 0 || count > bounds.perPage) break
    from = to
    width *= windowGrowth
  }
  return pageOf(bounds, found)
}

/** Searches the whole range; needed for other orders and for pages that can be found only by counting. */
async function scanAll(ports: Ports, bounds: PageBounds): Promise<Candidates> {
  const { conditions, afterNumber, upTo, position, skip } = bounds
  const stop = bounds.isConsecutive
    ? await findFirstUnfinished(ports, conditions, { from: afterNumber, to: upTo })
    : undefined
  const to = stop === undefined ? upTo : stop - 1
  return readCandidates(ports, { ...bounds, isConsecutive: false }, { from: afterNumber, to, position, skip })
}

interface Candidates {
  /** Positions of the matching calls in order: one list per expression of the order. */
  terms: number[][]
  /** The first unfinished call; 0 without one. */
  stop: number
  agents: string[]
  queues: string[]
  fromMs: number
  toMs: number
}

interface Window {
  /** Call numbers `(from, to]`. */
  from: number
  to: number
  position: readonly number[]
  skip: number
}

async function readCandidates(
  ports: Ports,
  { conditions, order, isConsecutive, perPage }: PageBounds,
  { from, to, position, skip }: Window,
): Promise<Candidates> {
  const matches = conditions.matching.length === 0 ? '1' : conditions.matching.join(' AND ')
  const stops = isConsecutive ? isUnfinished : '0'
  const after = position.map((_, index) => `{position${index}:Float64}`).join(', ')
  const where = [
    ...conditions.within,
    'number > {from:UInt64}',
    'number <= {to:UInt64}',
    ...(position.length === 0 ? [] : [`(${order.join(', ')}) > (${after})`]),
    isConsecutive ? `(${isUnfinished} OR (${matches}))` : matches,
  ]
  const [row] = await ports.clickhouse.rows<Candidates>(
    `SELECT
       [${order.map((_, index) => `groupArrayIf(term_${index}, NOT stops)`).join(', ')}] AS terms,
       minIf(number, stops) AS stop,
       groupUniqArray(ifNull(agent_id, '')) AS agents,
       groupUniqArray(ifNull(queue_id, '')) AS queues,
       toUnixTimestamp64Milli(min(started_at)) AS fromMs,
       toUnixTimestamp64Milli(max(ifNull(ended_at, started_at))) AS toMs
     FROM (
       SELECT
         number,
         ${stops} AS stops,
         ${order.map((expression, index) => `toFloat64(${expression}) AS term_${index}`).join(', ')},
         agent_id,
         queue_id,
         started_at,
         ended_at
       FROM calls FINAL
       ${whereOf(where)}
       ORDER BY ${order.join(', ')}
       LIMIT {limit:UInt64} OFFSET {skip:UInt64}
     )`,
    {
      ...conditions.parameters,
      ...Object.fromEntries(position.map((value, index) => [`position${index}`, value])),
      from,
      to,
      skip,
      limit: perPage + 1,
    },
  )
  return row ?? { terms: [], stop: 0, agents: [], queues: [], fromMs: 0, toMs: 0 }
}

/** Builds the page from the candidates: those before the first unfinished call, up to the page size. */
function pageOf({ order, perPage, position }: PageBounds, found: readonly Candidates[]): SelectedPage {
  const stop = found.map((candidates) => candidates.stop).find((number) => number > 0)
  const filled = found.filter(({ terms }) => countOf(terms) > 0)
  const terms = order.map((_, index) => filled.flatMap((candidates) => candidates.terms[index] ?? []))
  // The last value of a position is the number of the call, negated where numbers descend.
  const numbers = (terms.at(-1) ?? []).map(Math.abs)
  const matching = stop === undefined ? numbers.length : numbers.filter((number) => number < stop).length
  const count = Math.min(matching, perPage)
  return {
    numbers: numbers.slice(0, count),
    position: count === 0 ? position : terms.map((values) => values[count - 1] ?? 0),
    hasMore: matching > perPage,
    stop,
    agentIds: [...new Set(found.flatMap(({ agents }) => agents))].filter((id) => id !== ''),
    queueIds: [...new Set(found.flatMap(({ queues }) => queues))].filter((id) => id !== ''),
    fromMs: Math.min(...filled.map(({ fromMs }) => fromMs)),
    toMs: Math.max(...filled.map(({ toMs }) => toMs)),
  }
}

function countOf(terms: readonly number[][]): number {
  return terms[0]?.length ?? 0
}

/**
 * Finds the first unfinished call with a number in `(from, to]` within the time range; the other filters do not apply.
 */
export async function findFirstUnfinished(
  ports: Ports,
  { within, parameters }: Conditions,
  { from, to }: { from: number; to: number },
): Promise<number | undefined> {
  if (from >= to) return undefined
  const [row] = await ports.clickhouse.rows<{ stop: number }>(
    `SELECT min(number) AS stop
     FROM calls FINAL
     ${whereOf([...within, 'number > {from:UInt64}', 'number <= {to:UInt64}', isUnfinished])}`,
    { ...parameters, from, to },
  )
  return row && row.stop > 0 ? row.stop : undefined
}

/** Counts the matching calls with a number in `(from, to]`. */
export async function countCalls(
  ports: Ports,
  { within, matching, parameters }: Conditions,
  { from, to }: { from: number; to: number },
): Promise<number> {
  if (from >= to) return 0
  const [row] = await ports.clickhouse.rows<{ total: number }>(
    `SELECT count() AS total
     FROM calls FINAL
     ${whereOf([...within, ...matching, 'number > {from:UInt64}', 'number <= {to:UInt64}'])}`,
    { ...parameters, from, to },
  )
  return row?.total ?? 0
}
