import { requireScope, type Context } from '../../context.ts'
import { addDays, localTimeExpression, offsetTransitions, startOfDay } from '../../domain/period.ts'
import { waitUntilReadable } from '../../recordLog/waitUntilReadable.ts'
import { readPeriod, type PeriodRequest } from './askedPeriod.ts'
import type { Filters } from './dimensions.ts'
import { parametersOf } from './parameters.ts'
import { callsOnly } from './sources.ts'
import { fromCalls, type Question } from './statement.ts'

/** Calls that began in one hour of one weekday, in the requested time zone. */
export interface HeatMapCell {
  /** From 1, Monday, to 7. */
  weekday: number
  /** From 0 to 23. */
  hour: number
  calls: number
}

/** How far before the period the zone's offsets are looked up. */
const maxCallDays = 7

/**
 * Counts the calls of a period by the hour of the week in which they began, with the filters of every report; cells
 * without calls are left out.
 */
export async function heatMap(context: Context, request: PeriodRequest & { filters: Filters }): Promise<HeatMapCell[]> {
  requireScope(context, 'analytics:read')
  const { ports, accountId } = context
  const { period } = readPeriod(request, ports.now())
  await waitUntilReadable(ports, accountId)
  const question: Question = {
    metrics: [],
    dimensions: [],
    leaders: [],
    filters: request.filters,
    starts: [period.fromMs],
    tellsBuckets: false,
    onlyNamed: false,
    limit: undefined,
  }
  const sources = callsOnly(period)
  const offsetsFromMs = startOfDay(addDays(period.firstDay, -maxCallDays), period.zone)
  const localStart = localTimeExpression('started_at', offsetTransitions(period.zone, offsetsFromMs, period.toMs))
  const rows = await ports.clickhouse.rows<Record<keyof HeatMapCell, unknown>>(
    `SELECT
       toDayOfWeek(local_start) AS weekday,
       toHour(local_start) AS hour,
       count() AS calls
     FROM
     (
       SELECT ${localStart} AS local_start
       ${fromCalls(question, sources)}
     )
     GROUP BY weekday, hour
     ORDER BY weekday, hour`,
    parametersOf(accountId, question, sources),
  )
  return rows.map(({ weekday, hour, calls }) => ({
    weekday: Number(weekday),
    hour: Number(hour),
    calls: Number(calls),
  }))
}
