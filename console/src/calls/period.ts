import type { CallsView } from './view.ts'

/** A named period, or local days. */
export type ChosenPeriod = Pick<CallsView, 'period' | 'from' | 'to'>

type Days = readonly [from: string, to: string]

/** The named periods: their first and last day, from today's. */
const periods = {
  today: (today) => [today, today],
  yesterday: (today) => [daysBefore(today, 1), daysBefore(today, 1)],
  last7Days: (today) => [daysBefore(today, 6), today],
  last14Days: (today) => [daysBefore(today, 13), today],
  last30Days: (today) => [daysBefore(today, 29), today],
  last90Days: (today) => [daysBefore(today, 89), today],
  thisMonth: (today) => [firstOfMonth(today), today],
  lastMonth: (today) => {
    const end = daysBefore(firstOfMonth(today), 1)
    return [firstOfMonth(end), end]
  },
} satisfies Record<string, (today: string) => Days>

type PeriodName = keyof typeof periods

/** The named periods in the order in which they are offered. */
export const periodNames = Object.keys(periods).filter(isPeriodName)

export function isPeriodName(text: string): text is PeriodName {
  return text in periods
}

/** The first and last local day of a view's period; undefined for an open end. */
export function boundsOf(
  { period, from, to }: ChosenPeriod,
  timezone: string,
  now = new Date(),
): { from: string; to: string } {
  if (period === 'custom') return { from, to }
  if (!isPeriodName(period)) return { from: '', to: '' }
  const [first, last] = periods[period](localDay(now, timezone))
  return { from: first, to: last }
}

/** The day of an instant in a time zone, as `2026-05-31`. */
export function localDay(instant: Date, timezone: string): string {
  const parts = new Intl.DateTimeFormat('en', {
    timeZone: timezone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
  }).formatToParts(instant)
  const part = (type: string) => parts.find((entry) => entry.type === type)?.value ?? ''
  return `${part('year')}-${part('month')}-${part('day')}`
}

/** Calendar days have no time zone, so they are counted in UTC. */
function daysBefore(day: string, count: number): string {
  const date = new Date(`${day}T00:00:00Z`)
  date.setUTCDate(date.getUTCDate() - count)
  return date.toISOString().slice(0, 10)
}

/** The last day of a day's month. */
export function lastOfMonth(day: string): string {
  const date = new Date(`${firstOfMonth(day)}T00:00:00Z`)
  date.setUTCMonth(date.getUTCMonth() + 1)
  return daysBefore(date.toISOString().slice(0, 10), 1)
}

function firstOfMonth(day: string): string {
  return `${day.slice(0, 7)}-01`
}
