import type { Ports } from '../../ports.ts'
import { isUnfinished, whereOf, type Conditions } from './conditions.ts'
import { isByNumber, type Order } from './order.ts'

/** Where a page begins and what it may hold. */
export interface PageBounds {
  conditions: Conditions
  order: Order
  /** Stop at the first unfinished call; only in the order of numbers. */
  isConsecutive: boolean
  afterNumber: number
  /** The account's watermark. */
  upTo: number
  perPage: number
  /** Place after which the page begins; empty: at the first call. */
  place: readonly number[]
  /** Calls to pass over from there. */
  skip: number
}

/** The calls of a page, and what rendering them needs to know beforehand. */
export interface PickedPage {
  numbers: number[]
  /** Place of the last one; where the page began when there is none. */
  place: readonly number[]
  hasMore: boolean
  /** The first unfinished call, if the search for the page came upon it. */
  stop: number | undefined
  agentIds: string[]
  queueIds: string[]
  /** All times in the page lie in `[fromMs, toMs]`. */
  fromMs: number
  toMs: number
}

// Of calls in the order of numbers a window is read, and a wider one when it held too few that match.
const minWindow = 2048
const widening = 4

/** Chooses the calls of a page by the few columns that it takes; what they hold is read afterwards for them alone. */
export async function pickPage(ports: Ports, bounds: PageBounds): Promise<PickedPage> {
  if (!isByNumber(bounds.order) || bounds.skip > 0) return cut(bounds, [await pickAnywhere(ports, bounds)])
  const found: Candidates[] = []
  let from = Math.max(bounds.afterNumber, bounds.place[0] ?? 0)
  let width = Math.max(minWindow, Math.ceil(bounds.perPage * 1.25))
  while (from < bounds.upTo) {
    const to = Math.min(bounds.upTo, from + width)
    const candidates = await readCandidates(ports, bounds, { from, to, place: [], skip: 0 })
    found.push(candidates)
    const count = found.reduce((sum, { terms }) => sum + countOf(terms), 0)
    if (candidates.stop > 0 || count > bounds.perPage) break
    from = to
    width *= widening
  }
  return cut(bounds, found)
}

/** A page of another order, or one that can only be found by counting: everything is looked through. */
async function pickAnywhere(ports: Ports, bounds: PageBounds): Promise<Candidates> {
  const { conditions, afterNumber, upTo, place, skip } = bounds
  const stop = bounds.isConsecutive ? await findStop(ports, conditions, { from: afterNumber, to: upTo }) : undefined
  const to = stop === undefined ? upTo : stop - 1
  return readCandidates(ports, { ...bounds, isConsecutive: false }, { from: afterNumber, to, place, skip })
}

interface Candidates {
  /** The places of calls that match, in order: for each term of the order a list. */
  terms: number[][]
  /** The first unfinished call; 0 when there is none. */
  stop: number
  agents: string[]
  queues: string[]
  fromMs: number
  toMs: number
}

interface Window {
  /** Numbers `(from, to]`. */
  from: number
  to: number
  place: readonly number[]
  skip: number
}

async function readCandidates(
  ports: Ports,
  { conditions, order, isConsecutive, perPage }: PageBounds,
  { from, to, place, skip }: Window,
): Promise<Candidates> {
  const matches = conditions.matching.length === 0 ? '1' : conditions.matching.join(' AND ')
  const stops = isConsecutive ? isUnfinished : '0'
  const after = place.map((_, index) => `{place${index}:Float64}`).join(', ')
  const where = [
    ...conditions.within,
    'number > {from:UInt64}',
    'number <= {to:UInt64}',
    ...(place.length === 0 ? [] : [`(${order.join(', ')}) > (${after})`]),
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
      ...Object.fromEntries(place.map((value, index) => [`place${index}`, value])),
      from,
      to,
      skip,
      limit: perPage + 1,
    },
  )
  return row ?? { terms: [], stop: 0, agents: [], queues: [], fromMs: 0, toMs: 0 }
}

/** The page out of what was read: what lies before the stop, and no more than it may hold. */
function cut({ order, perPage, place }: PageBounds, found: readonly Candidates[]): PickedPage {
  const stop = found.map((candidates) => candidates.stop).find((number) => number > 0)
  const filled = found.filter(({ terms }) => countOf(terms) > 0)
  const terms = order.map((_, index) => filled.flatMap((candidates) => candidates.terms[index] ?? []))
  // A place ends in the call's number, below zero where numbers descend.
  const numbers = (terms.at(-1) ?? []).map(Math.abs)
  const matching = stop === undefined ? numbers.length : numbers.filter((number) => number < stop).length
  const count = Math.min(matching, perPage)
  return {
    numbers: numbers.slice(0, count),
    place: count === 0 ? place : terms.map((values) => values[count - 1] ?? 0),
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

/** The first unfinished call with a number in `(from, to]` within the time range; the other filters do not count. */
export async function findStop(
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

/** How many calls with a number in `(from, to]` match. */
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
