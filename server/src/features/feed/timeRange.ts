import { clampInstant } from '../../domain/instant.ts'
import { bucketsOf, localDayOf, parseInstantIn, periodOfDays, startOfDay } from '../../domain/period.ts'
import { AppError } from '../../errors.ts'
import type { FeedRequest, NamedPeriod } from './feedRequest.ts'

/** A range `[fromMs, toMs)` for the starts of calls; undefined leaves an end open. */
export interface TimeRange {
  fromMs?: number
  toMs?: number
}

const hourMs = 3_600_000
const rollingHours = { last24hours: 24, last7days: 7 * 24, last30days: 30 * 24, last365days: 365 * 24 } as const

/** Returns the intersection of `fromTime`, `toTime` and `period`. Throws VALIDATION_ERROR for an invalid time. */
export function timeRange(
  { fromTime, toTime, period }: Pick<FeedRequest, 'fromTime' | 'toTime' | 'period'>,
  zone: string,
  nowMs: number,
): TimeRange {
  const fromMs = fromTime === undefined ? undefined : readTime('fromTime', fromTime, zone)
  const toMs = toTime === undefined ? undefined : readTime('toTime', toTime, zone)
  if (period === undefined) return { fromMs, toMs }
  // A period has no end, because readers that follow call numbers must not miss a call whose start is slightly ahead of
  // the server's clock.
  return { fromMs: Math.max(startOf(period, zone, nowMs), fromMs ?? Number.NEGATIVE_INFINITY), toMs }
}

function readTime(field: 'fromTime' | 'toTime', text: string, zone: string): number {
  const instant = parseInstantIn(zone, text)
  if (instant !== undefined) return clampInstant(instant)
  const message = `${field} must be a time as in RFC 3339, for example 2026-05-03T00:00:00Z`
  throw new AppError('VALIDATION_ERROR', `${message}.`, { details: [{ field, message }] })
}

function startOf(period: NamedPeriod, zone: string, nowMs: number): number {
  const today = localDayOf(nowMs, zone)
  switch (period) {
    case 'today':
      return startOfDay(today, zone)
    case 'thisWeek':
      return startOfDay(firstDayOf(today, zone, 'week'), zone)
    case 'thisMonth':
      return startOfDay(firstDayOf(today, zone, 'month'), zone)
    case 'thisYear':
      return startOfDay(`${today.slice(0, 4)}-01-01`, zone)
    default:
      return nowMs - rollingHours[period] * hourMs
  }
}

function firstDayOf(today: string, zone: string, granularity: 'week' | 'month'): string {
  return bucketsOf(periodOfDays(today, today, zone), granularity)[0]?.date ?? today
}
