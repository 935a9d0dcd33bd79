import type { Period } from '../../domain/period.ts'
import { dayMs, dayOf, type CallDays } from './callDays.ts'

const quarterMs = 15 * 60_000
const quartersOfDay = dayMs / quarterMs
/** With more ranges than this, reading the whole period from the calls is faster than checking the ranges. */
const maxCallRanges = 32

/** The bucket for everything outside the period. */
export const outside = Number.MIN_SAFE_INTEGER

/** The sources of a period's values. Buckets are identified by the instants at which they begin. */
export interface Sources {
  /** UTC days whose totals belong to one bucket. */
  days: { day: number; version: number; bucket: number }[]
  /**
   * Quarter hours of such days that belong to another bucket: their sums are subtracted from the day's bucket and added
   * to the other.
   */
  moves: { day: number; version: number; from: number; to: number; fromQuarter: number; toQuarter: number }[]
  /** The ranges that are read from the calls. */
  calls: { fromMs: number; toMs: number }[]
}

/** Reads everything from the calls. */
export function callsOnly({ fromMs, toMs }: Period): Sources {
  return { days: [], moves: [], calls: [{ fromMs, toMs }] }
}

/**
 * Divides a period with buckets at `starts` among totals and calls. A day within one bucket uses its totals; for a day
 * with one boundary the shorter side is moved by its quarter hours (`splitsDays`); out-of-date days and days with other
 * boundaries are read from the calls.
 */
export function sourcesOf(
  period: Period,
  starts: readonly number[],
  { isComplete, days }: CallDays,
  { splitsDays }: { splitsDays: boolean },
): Sources {
  if (!isComplete) return callsOnly(period)
  const sources: Sources = { days: [], moves: [], calls: [] }
  // The starts of buckets, and the end, after which everything is outside.
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
  // A single range over the whole period includes days that appear during the reading.
  const isOneRange = sources.days.length === 0 && sources.calls.length > 0
  return isOneRange || sources.calls.length > maxCallRanges ? callsOnly(period) : sources
}

/** Days between two ranges have no calls, so one range can cover both. */
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

/** Returns the UTC days that a period touches. */
export function daysOf({ fromMs, toMs }: Period): { firstDay: number; lastDay: number } {
  return { firstDay: dayOf(fromMs), lastDay: dayOf(toMs - 1) }
}
