import { offsetTransitions, type OffsetTransition } from '../../domain/period.ts'
import { type Campaign, campaigns } from './company.ts'
import { at, clamp, Random } from './random.ts'

const zone = 'America/Santiago'
const hourMs = 3_600_000
const dayMs = 24 * hourMs

// Calls by local hour, 0 to 23: customers call all day with a peak at lunch; the company calls from 9 to 20.
const inboundHours = [
  12, 8, 6, 5, 5, 8, 20, 50, 90, 115, 125, 120, 130, 145, 130, 110, 110, 115, 120, 105, 80, 55, 35, 20,
]
const outboundHours = [0, 0, 0, 0, 0, 0, 0, 0, 0, 90, 120, 125, 100, 70, 80, 110, 120, 120, 115, 90, 30, 0, 0, 0]
// By weekday, Sunday first. Nobody is called on a Sunday.
const inboundDays = [0.16, 1.15, 1.02, 1, 0.98, 1, 0.5]
const outboundDays = [0, 1, 1.02, 1, 1, 0.95, 0.33]
// Holidays that fall on the same day every year, as month × 100 + day.
const holidays = new Set([101, 501, 521, 716, 815, 918, 919, 1101, 1225])
const growth = 0.25
const outageLoad = 3.2

/** One local hour of the period. */
export interface Hour {
  /** Local hour, 0 to 23. */
  hour: number
  /** Minutes of the local clock ahead of UTC, in milliseconds. */
  offsetMs: number
  /** Part of the period that has gone by, 0 to 1. */
  progress: number
  isOutage: boolean
  /** How likely each campaign is, in the order of `campaigns`. */
  weights: readonly number[]
}

/** When calls come in: later indices later, dense where the company is busy. */
export interface Rhythm {
  /** The start of the call with this index; `chance` in [0, 1) is its place in its share of the time. */
  startOf: (index: number, chance: number) => number
  hourOf: (instant: number) => Hour
}

/** Lays `calls` over the `days` before `endsAt` by hours, weekdays, a slow growth and some bad days. */
export function planRhythm(options: { seed: number; calls: number; days: number; endsAt: number }): Rhythm {
  const { calls, days, endsAt } = options
  const startsAt = endsAt - days * dayMs
  const firstHour = Math.floor(startsAt / hourMs)
  const count = Math.ceil(endsAt / hourMs) - firstHour
  const outages = outageDays(options.seed, days, startsAt)
  const transitions = offsetTransitions(zone, startsAt, endsAt)
  const hours = Array.from({ length: count }, (_, index) =>
    describeHour((firstHour + index) * hourMs, index / count, transitions, outages),
  )
  const ends = cumulate(hours, (index) => {
    const from = Math.max(startsAt, (firstHour + index) * hourMs)
    return (Math.min(endsAt, (firstHour + index + 1) * hourMs) - from) / hourMs
  })
  const total = ends.at(-1) ?? 0
  return {
    hourOf: (instant) => at(hours, clamp(Math.floor(instant / hourMs) - firstHour, 0, count - 1)),
    startOf: (index, chance) => {
      const target = ((index + chance) / calls) * total
      const place = firstAbove(ends, target)
      const before = place === 0 ? 0 : (ends[place - 1] ?? 0)
      const part = (target - before) / ((ends[place] ?? 0) - before || 1)
      const from = Math.max(startsAt, (firstHour + place) * hourMs)
      const to = Math.min(endsAt, (firstHour + place + 1) * hourMs)
      return Math.floor(from + clamp(part, 0, 1) * (to - from - 1))
    },
  }
}

function describeHour(
  instant: number,
  progress: number,
  transitions: readonly OffsetTransition[],
  outages: ReadonlySet<number>,
): Hour {
  const offset = transitions.findLast((transition) => transition.fromMs <= instant) ?? transitions[0]
  const offsetMs = (offset?.offsetSeconds ?? 0) * 1000
  const local = new Date(instant + offsetMs)
  const hour = local.getUTCHours()
  const isHoliday = holidays.has((local.getUTCMonth() + 1) * 100 + local.getUTCDate())
  const weekday = isHoliday ? 0 : local.getUTCDay()
  const isOutage = hour >= 10 && hour < 18 && outages.has(Math.floor((instant + offsetMs) / dayMs))
  const weights = campaigns.map((campaign) => weightOf(campaign, hour, weekday, isOutage) * (1 + growth * progress))
  return { hour, offsetMs, progress, isOutage, weights }
}

function weightOf(campaign: Campaign, hour: number, weekday: number, isOutage: boolean): number {
  const isInbound = campaign.direction === 'inbound'
  const byHour = at(isInbound ? inboundHours : outboundHours, hour)
  const byDay = at(isInbound ? inboundDays : outboundDays, weekday)
  return campaign.share * byHour * byDay * (isOutage && campaign.key === 'support' ? outageLoad : 1)
}

/** The bad days, as days since 1970: about one in three weeks, at least one, all on working days. */
function outageDays(seed: number, days: number, startsAt: number): Set<number> {
  const random = new Random(seed, 'choice', -1)
  const first = Math.ceil(startsAt / dayMs)
  const chosen = new Set<number>()
  const wanted = days < 3 ? 0 : Math.max(1, Math.round(days / 20))
  for (let attempt = 0; chosen.size < wanted && attempt < wanted * 20; attempt++) {
    const day = first + random.whole(0, Math.max(0, Math.floor(days) - 2))
    const weekday = (day + 4) % 7
    if (weekday !== 0 && weekday !== 6) chosen.add(day)
  }
  return chosen
}

function cumulate(hours: readonly Hour[], partOf: (index: number) => number): Float64Array {
  const ends = new Float64Array(hours.length)
  let sum = 0
  for (const [index, hour] of hours.entries()) {
    for (const weight of hour.weights) sum += weight * partOf(index)
    ends[index] = sum
  }
  return ends
}

/** The first place whose value is above `target`, by halving. */
function firstAbove(ends: Float64Array, target: number): number {
  let low = 0
  let high = ends.length - 1
  while (low < high) {
    const middle = (low + high) >> 1
    if ((ends[middle] ?? 0) > target) high = middle
    else low = middle + 1
  }
  return low
}
