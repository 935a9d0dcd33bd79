import type { Period } from '../../domain/period.ts'
import { dayMs, dayOf, type CallDays } from './callDays.ts'

const quarterMs = 15 * 60_000
const quartersOfDay = dayMs / quarterMs
/** With more ranges than this, reading the whole period from the calls is quicker than telling the ranges apart. */
const maxCallRanges = 32

/** The bucket of what lies outside the period. */
export const outside = Number.MIN_SAFE_INTEGER

/** Where the figures of a period are read. Buckets are named by the instants at which they begin. */
export interface Sources {
  /** UTC days whose totals count for one bucket. */
  days: { day: number; version: number; bucket: number }[]
  /**
   * Parts of such days, by quarters of an hour, that belong to another bucket: what they add up to is taken from the
   * day's bucket and given to the other.
   */
  moves: { day: number; version: number; from: number; to: number; fromQuarter: number; toQuarter: number }[]
  /** What is read from the calls themselves. */
  calls: { fromMs: number; toMs: number }[]
}

/** Everything from the calls. */
export function callsOnly({ fromMs, toMs }: Period): Sources {
  return { days: [], moves: [], calls: [{ fromMs, toMs }] }
}

/**
 * Divides a period, cut into buckets at `starts`, among the totals and the calls. A day that one bucket holds is read as
 * a whole; of a day that is cut once, the shorter side is moved by its quarters of an hour (`splitsDays`); days whose totals
 * are behind, and those that are cut otherwise, are read from the calls.
 */
export function sourcesOf(
  period: Period,
  starts: readonly number[],
  { isComplete, days }: CallDays,
  { splitsDays }: { splitsDays: boolean },
): Sources {
  if (!isComplete) return callsOnly(period)
  const sources: Sources = { days: [], moves: [], calls: [] }
  // Where buckets begin, and the end, after which everything is outside.
  const cuts = [...starts, period.toMs]
  let next = 0
  let isOpen = false
  for (const { day, version } of days) {
    const startMs = day * dayMs
    while ((cuts[next] ?? Infinity) <= startMs) next++
    const cut = cuts[next] ?? Infinity
    const bucket = next === 0 || next === cuts.length ? outside : (cuts[next - 1] ?? outside)
    const isCut = cut < startMs + dayMs
    const isCutOften = isCut && (cuts[next + 1] ?? Infinity) < startMs + dayMs
    const canSplit = splitsDays && !isCutOften && (cut - startMs) % quarterMs === 0
    if (version === 0 || (isCut && !canSplit)) {
      addRange(sources, isOpen, Math.max(startMs, period.fromMs), Math.min(startMs + dayMs, period.toMs))
      isOpen = true
      continue
    }
    isOpen = false
    const after = cut === period.toMs ? outside : cut
    if (isCut) addSplit(sources, { day, version }, { bucket, after, quarter: (cut - startMs) / quarterMs })
    else sources.days.push({ day, version, bucket })
  }
  // One range over everything also holds days that come while it is read.
  const isOneRange = sources.days.length === 0 && sources.calls.length > 0
  return isOneRange || sources.calls.length > maxCallRanges ? callsOnly(period) : sources
}

/** Days between two that are read from the calls have none, so one range may hold both. */
function addRange({ calls }: Sources, isOpen: boolean, fromMs: number, toMs: number): void {
  const last = calls.at(-1)
  if (isOpen && last) last.toMs = toMs
  else calls.push({ fromMs, toMs })
}

function addSplit(
  { days, moves }: Sources,
  day: { day: number; version: number },
  { bucket, after, quarter }: { bucket: number; after: number; quarter: number },
): void {
  if (quarter * 2 <= quartersOfDay) {
    days.push({ ...day, bucket: after })
    moves.push({ ...day, from: after, to: bucket, fromQuarter: 0, toQuarter: quarter })
  } else {
    days.push({ ...day, bucket })
    moves.push({ ...day, from: bucket, to: after, fromQuarter: quarter, toQuarter: quartersOfDay })
  }
}

/** The UTC days that a period touches. */
export function daysOf({ fromMs, toMs }: Period): { firstDay: number; lastDay: number } {
  return { firstDay: dayOf(fromMs), lastDay: dayOf(toMs - 1) }
}
