import { Temporal } from 'temporal-polyfill'
import { AppError } from '../errors.ts'

/** A local calendar day, `YYYY-MM-DD`. */
export type LocalDate = string

/** The half-open range of instants `[fromMs, toMs)` and the local days of `zone` that it touches, both included. */
export interface Period {
  zone: string
  firstDay: LocalDate
  lastDay: LocalDate
  fromMs: number
  toMs: number
}

export type Granularity = 'day' | 'week' | 'month'

/**
 * One bucket of a period: its first local day (for a week its Monday, even before the period) and its part of the
 * period.
 */
export interface Bucket {
  date: LocalDate
  fromMs: number
  toMs: number
}

/** From the instant `fromMs` on, local time is UTC plus `offsetSeconds`. */
export interface OffsetTransition {
  fromMs: number
  offsetSeconds: number
}

// The local days, in every zone, of the instants that can be stored.
const earliestDay = '1899-12-31'
const latestDay = '2299-12-31'

/** Reads a date strictly as `YYYY-MM-DD`. Throws VALIDATION_ERROR that names `field`. */
export function parseLocalDate(text: string, field: string): LocalDate {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) {
    throw invalid(field, `${field} must be a date in the form YYYY-MM-DD, for example 2026-05-03.`)
  }
  if (!isCalendarDay(text)) throw invalid(field, `${field} names a day that the calendar does not have.`)
  if (text < earliestDay || text > latestDay) {
    throw invalid(field, `${field} must lie between ${earliestDay} and ${latestDay}.`)
  }
  return text
}

function isCalendarDay(text: string): boolean {
  try {
    Temporal.PlainDate.from(text, { overflow: 'reject' })
    return true
  } catch {
    return false
  }
}

/**
 * Reads the name of an IANA time zone, a canonical one or an alias, in any case; gives it as the database spells it.
 * Throws VALIDATION_ERROR that names `field` for offsets (they know no daylight saving time) and unknown names.
 */
export function parseTimeZone(text: string, field = 'timezone'): string {
  const right = 'an IANA time zone name such as America/Santiago or UTC'
  if (/^([+-]|(utc|gmt)[+-]|z$)/i.test(text) && text.toUpperCase() !== 'GMT+0' && text.toUpperCase() !== 'GMT-0') {
    throw invalid(field, `${field} must be ${right}, not an offset.`)
  }
  const zone = /^[A-Za-z][A-Za-z0-9_+/-]{0,63}$/.test(text) ? knownZone(text) : undefined
  if (zone === undefined) throw invalid(field, `${field} must be ${right}.`)
  return zone
}

function knownZone(text: string): string | undefined {
  try {
    return new Temporal.ZonedDateTime(0n, text).timeZoneId
  } catch {
    return undefined
  }
}

function invalid(field: string, message: string): AppError {
  return new AppError('VALIDATION_ERROR', message, { details: [{ field, message }] })
}

/** The instant at which a local day begins: midnight, or the first instant after it where midnight is skipped. */
export function startOfDay(day: LocalDate, zone: string): number {
  return Temporal.PlainDate.from(day).toZonedDateTime(zone).epochMilliseconds
}

/**
 * The local day that holds an instant. Days are intervals between their starts: where clocks go back over midnight
 * (St John's until 2011), the repeated hour belongs to the day that had begun already.
 */
export function localDayOf(instantMs: number, zone: string): LocalDate {
  const date = zoned(instantMs, zone).toPlainDate()
  const next = date.add({ days: 1 })
  return (next.toZonedDateTime(zone).epochMilliseconds <= instantMs ? next : date).toString()
}

/** The day `count` days after `day` (before it, when negative). */
export function addDays(day: LocalDate, count: number): LocalDate {
  return Temporal.PlainDate.from(day).add({ days: count }).toString()
}

/** The number of days from `first` to `last`, both included; less than 1 when `last` is before `first`. */
export function countDays(first: LocalDate, last: LocalDate): number {
  return Temporal.PlainDate.from(first).until(last, { largestUnit: 'day' }).days + 1
}

/** Every calendar day from `first` to `last`, both included (also one that a zone skipped). */
export function localDays(first: LocalDate, last: LocalDate): LocalDate[] {
  return Array.from({ length: Math.max(0, countDays(first, last)) }, (_, index) => addDays(first, index))
}

/**
 * The period of whole local days from `firstDay` to `lastDay`, both included. `lastDay` must not be before `firstDay`.
 */
export function periodOfDays(firstDay: LocalDate, lastDay: LocalDate, zone: string): Period {
  return {
    zone,
    firstDay,
    lastDay,
    fromMs: startOfDay(firstDay, zone),
    toMs: startOfDay(addDays(lastDay, 1), zone),
  }
}

/** The period of the instants `[fromMs, toMs)`. `toMs` must be after `fromMs`. */
export function periodOfInstants(fromMs: number, toMs: number, zone: string): Period {
  return { zone, firstDay: localDayOf(fromMs, zone), lastDay: localDayOf(toMs - 1, zone), fromMs, toMs }
}

const dateTimePattern = /^(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d:\d\d(?:\.\d{1,9})?)(?:([Zz])|([+\- ])(\d\d:\d\d))?$/

/**
 * Reads an RFC 3339 time of any year from 0000 to 9999. A time without an offset is local to `zone`: a skipped local
 * time means the instant of the jump, and a repeated one means its first occurrence, so that order is preserved. A
 * space instead of the plus of the offset counts as a plus, because an unencoded plus in a URL is decoded as a space.
 * Returns milliseconds since 1970 without finer digits, or undefined for anything else.
 */
export function parseInstantIn(zone: string, text: string): number | undefined {
  const [, date, time, utc, sign, offset] = dateTimePattern.exec(text) ?? []
  if (date === undefined) return undefined
  const local = `${date}T${time}`
  try {
    if (utc !== undefined) return Temporal.Instant.from(`${local}Z`).epochMilliseconds
    if (offset === undefined) return onClock(Temporal.PlainDateTime.from(local), zone)
    return Temporal.Instant.from(`${local}${sign === '-' ? '-' : '+'}${offset}`).epochMilliseconds
  } catch {
    return undefined
  }
}

/** The first instant at which a clock in `zone` shows the time or, when the time is skipped, a later one. */
function onClock(time: Temporal.PlainDateTime, zone: string): number {
  const found = time.toZonedDateTime(zone)
  if (found.toPlainDateTime().equals(time)) return found.epochMilliseconds
  // The time was read with the offset before the jump, so it lies after the jump.
  const jump = found.add({ nanoseconds: 1 }).getTimeZoneTransition('previous')
  return (jump ?? found).epochMilliseconds
}

/** The day `count` months after `day`, or the month's last one. */
export function addMonths(day: LocalDate, count: number): LocalDate {
  return Temporal.PlainDate.from(day).add({ months: count }).toString()
}

/** Whether a period is one of whole local days. */
export function isOfWholeDays({ zone, firstDay, lastDay, fromMs, toMs }: Period): boolean {
  return startOfDay(firstDay, zone) === fromMs && startOfDay(addDays(lastDay, 1), zone) === toMs
}

/** The comparison of a period: the previous period, and the counterpart of each bucket in it. */
export interface PeriodBefore {
  period: Period
  /** Empty where the previous period is shorter or would be cut off by the present. Together they tile the period. */
  counterpartOf: (bucket: Bucket) => Bucket
}

/**
 * The period directly before `period`. It has the same number of calendar months for whole months (also quarters and
 * years), the same number of days for other whole days (so that weeks match weeks), and otherwise the same number of
 * milliseconds. A period that contains `nowMs` is compared with the same part of the previous one, up to the same time
 * of day of today's counterpart. The counterpart of an instant is that many months, days or milliseconds earlier. Days
 * that the previous month lacks have an empty counterpart; extra days of the previous month extend that of the last day.
 */
export function periodBefore(period: Period, nowMs: number): PeriodBefore {
  const { zone, fromMs, toMs } = period
  const moveBack = isOfWholeDays(period)
    ? (instantMs: number) => movedBack(instantMs, lengthOf(period), zone)
    : (instantMs: number) => instantMs - (toMs - fromMs)
  const endMs = Math.min(fromMs, moveBack(fromMs <= nowMs && nowMs < toMs ? nowMs : toMs))
  return {
    period: periodOfInstants(moveBack(fromMs), endMs, zone),
    counterpartOf(bucket) {
      const [start, end] = [bucket.fromMs, bucket.toMs].map((instantMs) => Math.min(endMs, moveBack(instantMs)))
      return { date: localDayOf(start ?? endMs, zone), fromMs: start ?? endMs, toMs: end ?? endMs }
    },
  }
}

/** The length of a period of whole days, in months when it consists of whole months. */
function lengthOf({ firstDay, lastDay }: Period): { months: number } | { days: number } {
  const [first, next] = [Temporal.PlainDate.from(firstDay), Temporal.PlainDate.from(lastDay).add({ days: 1 })]
  if (first.day !== 1 || next.day !== 1) return { days: countDays(firstDay, lastDay) }
  return { months: first.until(next, { largestUnit: 'month' }).months }
}

/** The same time of day that many days or months earlier; the end of the month when the month lacks the day. */
function movedBack(instantMs: number, length: { months: number } | { days: number }, zone: string): number {
  const today = localDayOf(instantMs, zone)
  const day = Temporal.PlainDate.from(today)
  const moved = day.subtract(length)
  if ('months' in length && moved.day < day.day) return startOfDay(moved.add({ days: 1 }).toString(), zone)
  // A day may begin after midnight.
  if (instantMs === startOfDay(today, zone)) return startOfDay(moved.toString(), zone)
  return onClock(moved.toPlainDateTime(zoned(instantMs, zone).toPlainTime()), zone)
}

/** Every bucket of a period, in order; together they tile it. Weeks begin on Monday. */
export function bucketsOf(period: Period, granularity: Granularity): Bucket[] {
  const buckets: Bucket[] = []
  let date = bucketStart(Temporal.PlainDate.from(period.firstDay), granularity)
  for (let fromMs = period.fromMs; date.toString() <= period.lastDay;) {
    const next = date.add(bucketLength[granularity])
    const toMs = Math.min(period.toMs, next.toZonedDateTime(period.zone).epochMilliseconds)
    buckets.push({ date: date.toString(), fromMs, toMs })
    date = next
    fromMs = toMs
  }
  return buckets
}

const bucketLength = { day: { days: 1 }, week: { days: 7 }, month: { months: 1 } } as const

function bucketStart(date: Temporal.PlainDate, granularity: Granularity): Temporal.PlainDate {
  if (granularity === 'week') return date.subtract({ days: date.dayOfWeek - 1 })
  return granularity === 'month' ? date.with({ day: 1 }) : date
}

/**
 * Whether a bucket is not exactly one whole unit from its `date` on: the period or `nowMs` cuts it, or it has extra
 * days.
 */
export function isPartial(bucket: Bucket, granularity: Granularity, zone: string, nowMs: number): boolean {
  const { date, fromMs, toMs } = bucket
  const next = Temporal.PlainDate.from(date).add(bucketLength[granularity])
  return fromMs !== startOfDay(date, zone) || toMs !== next.toZonedDateTime(zone).epochMilliseconds || toMs > nowMs
}

/** The offsets of `zone` over `[fromMs, toMs)`: the one at `fromMs` first, then each change. */
export function offsetTransitions(zone: string, fromMs: number, toMs: number): OffsetTransition[] {
  let at: Temporal.ZonedDateTime | null | undefined = zoned(fromMs, zone)
  const transitions = [{ fromMs, offsetSeconds: offsetOf(at) }]
  while ((at = at.getTimeZoneTransition('next')) && at.epochMilliseconds < toMs) {
    transitions.push({ fromMs: at.epochMilliseconds, offsetSeconds: offsetOf(at) })
  }
  return transitions
}

/**
 * ClickHouse SQL for the local time of `column`, a DateTime64 in UTC (nullable or not). The result is a DateTime64 that
 * reads in UTC as the local clock of the zone. The SQL contains only integers computed here, and no zone name, because
 * the engine's zone data may differ from ours.
 */
export function localTimeExpression(column: string, transitions: readonly OffsetTransition[]): string {
  const offsets = transitions.map((transition) => String(Math.trunc(transition.offsetSeconds)))
  const bounds = transitions.slice(1).map((transition) => `fromUnixTimestamp64Milli(${Math.trunc(transition.fromMs)})`)
  const branches = bounds.map((bound, index) => `${column} < ${bound}, ${offsets[index]}`)
  const last = offsets.at(-1) ?? '0'
  return `addSeconds(${column}, ${branches.length === 0 ? last : `multiIf(${branches.join(', ')}, ${last})`})`
}

/** An instant as `YYYY-MM-DD HH:mm:ss` on a clock in `zone`. */
export function formatLocalTime(instantMs: number, zone: string): string {
  return zoned(instantMs, zone).toPlainDateTime().toString({ smallestUnit: 'second' }).replace('T', ' ')
}

function zoned(instantMs: number, zone: string): Temporal.ZonedDateTime {
  return Temporal.Instant.fromEpochMilliseconds(instantMs).toZonedDateTimeISO(zone)
}

function offsetOf(time: Temporal.ZonedDateTime): number {
  return time.offsetNanoseconds / 1_000_000_000
}
