import {
  addDays,
  addMonths,
  localDayOf,
  parseInstantIn,
  parseLocalDate,
  parseTimeZone,
  periodOfDays,
  periodOfInstants,
  startOfDay,
  type Period,
} from '../../domain/period.ts'
import { formatInstant, instantRange, isInstant } from '../../domain/instant.ts'
import { AppError } from '../../errors.ts'

/** The period parameters of a request. */
export interface PeriodRequest {
  dateFrom?: string | undefined
  dateTo?: string | undefined
  timezone?: string | undefined
}

/** A period and its two ends as answers show them. */
export interface AskedPeriod {
  period: Period
  dateFrom: string
  dateTo: string
}

const usualDays = 30
const maxMonths = 60

/**
 * Reads a period: a date is a local day, and both days are included; a date-time is an instant, and the last one is
 * excluded. The default end is today, the default start the beginning of the last 30 local days up to the end. Throws
 * VALIDATION_ERROR.
 */
export function readPeriod({ timezone = 'UTC', ...asked }: PeriodRequest, now: number): AskedPeriod {
  const zone = parseTimeZone(timezone)
  const dateTo = asked.dateTo ?? localDayOf(now, zone)
  const dateFrom = asked.dateFrom ?? addDays(lastDayOf(dateTo, zone), 1 - usualDays)
  const period =
    isDate(dateFrom) && isDate(dateTo)
      ? wholeDays(dateFrom, dateTo, zone)
      : periodOfInstants(...orderedInstants(dateFrom, dateTo, zone), zone)
  refuseTooLong(period)
  return { period, dateFrom, dateTo }
}

/** Shows a period by its days if it consists of whole days, otherwise by its instants. */
export function daysAsked(firstDay: string, lastDay: string, zone: string): AskedPeriod {
  return { period: periodOfDays(firstDay, lastDay, zone), dateFrom: firstDay, dateTo: lastDay }
}

/** Shows a period by its instants. */
export function instantsAsked(period: Period): AskedPeriod {
  return { period, dateFrom: formatInstant(period.fromMs), dateTo: formatInstant(period.toMs) }
}

/** Returns the local day that is, or contains, the end of a period. */
function lastDayOf(dateTo: string, zone: string): string {
  return isDate(dateTo) ? parseLocalDate(dateTo, 'dateTo') : localDayOf(instant(dateTo, 'dateTo', zone) - 1, zone)
}

function wholeDays(dateFrom: string, dateTo: string, zone: string): Period {
  const [firstDay, lastDay] = [parseLocalDate(dateFrom, 'dateFrom'), parseLocalDate(dateTo, 'dateTo')]
  if (lastDay < firstDay) throw invalid('dateTo', `dateTo must not be before dateFrom (${dateFrom}).`)
  return periodOfDays(firstDay, lastDay, zone)
}

function orderedInstants(dateFrom: string, dateTo: string, zone: string): [fromMs: number, toMs: number] {
  const fromMs = isDate(dateFrom)
    ? startOfDay(parseLocalDate(dateFrom, 'dateFrom'), zone)
    : instant(dateFrom, 'dateFrom', zone)
  const toMs = isDate(dateTo)
    ? startOfDay(addDays(parseLocalDate(dateTo, 'dateTo'), 1), zone)
    : instant(dateTo, 'dateTo', zone)
  if (toMs <= fromMs) {
    const isSkipped = toMs === fromMs && dateTo > dateFrom
    const reason = isSkipped ? ` on the clocks of ${zone}, which skip the time between the two` : ''
    throw invalid('dateTo', `dateTo must be after dateFrom (${dateFrom})${reason}.`)
  }
  return [fromMs, toMs]
}

function isDate(text: string): boolean {
  return !/\d[Tt ]\d|:/.test(text)
}

function instant(text: string, field: string, zone: string): number {
  const instantMs = parseInstantIn(zone, text.replace(/^(\S{10}[Tt]\d\d:\d\d)(?!:)/, '$1:00'))
  if (instantMs !== undefined && isInstant(instantMs)) return instantMs
  if (instantMs !== undefined) throw invalid(field, `${field} ${instantRange}.`)
  throw invalid(
    field,
    `${field} must be a date such as 2026-05-03, or a time such as 2026-05-03T14:05:07Z; without an offset it is local.`,
  )
}

/** Five years from the first day, or from the first instant. */
function refuseTooLong({ zone, firstDay, fromMs, toMs }: Period): void {
  const limit = startOfDay(addMonths(firstDay, maxMonths), zone) + (fromMs - startOfDay(firstDay, zone))
  if (toMs <= limit) return
  throw invalid('dateTo', `dateTo must be at most ${maxMonths / 12} years after dateFrom.`)
}

function invalid(field: string, message: string): AppError {
  return new AppError('VALIDATION_ERROR', message, { details: [{ field, message }] })
}
