import type { Ports } from '../../ports.ts'
import { clampInstant } from '../../domain/instant.ts'
import { addDays, parseInstantIn, parseLocalDate, startOfDay } from '../../domain/period.ts'
import { AppError } from '../../errors.ts'
import { sql } from '../../store/postgres/postgres.ts'

/** A range `[fromMs, toMs)` for the starts of calls; undefined leaves an end open. */
export interface StartedRange {
  fromMs: number | undefined
  toMs: number | undefined
}

/**
 * Reads `from` and `to`: an RFC 3339 instant, or a date, which means a whole day in the account's time zone, so a `to`
 * date is included. A time without an offset is in that zone too. Throws VALIDATION_ERROR.
 */
export async function startedRange(
  ports: Ports,
  accountId: number,
  { from, to }: { from: string | undefined; to: string | undefined },
): Promise<StartedRange> {
  if (from === undefined && to === undefined) return { fromMs: undefined, toMs: undefined }
  const zone = await readTimeZone(ports, accountId)
  const fromMs = from === undefined ? undefined : momentOf('from', from, zone, 0)
  const toMs = to === undefined ? undefined : momentOf('to', to, zone, 1)
  if (fromMs !== undefined && toMs !== undefined && toMs <= fromMs) {
    const isSkipped = toMs === fromMs && String(to) > String(from)
    refuse(
      'to',
      isSkipped ? `must be after from on the clocks of ${zone}, which skip the time between` : 'must be after from',
    )
  }
  return {
    fromMs: fromMs === undefined ? undefined : clampInstant(fromMs),
    toMs: toMs === undefined ? undefined : clampInstant(toMs),
  }
}

/** Returns the instant, or the start of the day `daysLater` days after a date. */
function momentOf(field: string, text: string, zone: string, daysLater: number): number {
  if (/^\d{4}-\d\d-\d\d$/.test(text)) return startOfDay(addDays(parseLocalDate(text, field), daysLater), zone)
  return (
    parseInstantIn(zone, text) ??
    refuse(field, 'must be a date such as 2026-05-03, or a time such as 2026-05-03T14:05:07Z')
  )
}

async function readTimeZone(ports: Ports, accountId: number): Promise<string> {
  const row = await ports.postgres.first<{ timezone: string }>(sql`
    SELECT timezone
    FROM accounts
    WHERE id = ${accountId}`)
  if (!row) throw new AppError('RESOURCE_NOT_FOUND', 'There is no such account.')
  return row.timezone
}

function refuse(field: string, message: string): never {
  throw new AppError('VALIDATION_ERROR', `${field} ${message}.`, { details: [{ field, message }] })
}
