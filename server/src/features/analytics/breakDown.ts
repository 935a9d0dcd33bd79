import { requireScope, type Context } from '../../context.ts'
import { periodBefore, type Period } from '../../domain/period.ts'
import { readPeriod } from './askedPeriod.ts'
import type { DimensionName } from './dimensions.ts'
import { readNames } from './names.ts'
import { queryAnalytics, type AnalyticsRow, type Figures } from './query.ts'
import { metricsOf, type ReportRequest } from './summarize.ts'

export interface BreakdownRequest extends ReportRequest {
  dimension: DimensionName
  /** Maximum rows; all by default. */
  limit: number | undefined
}

export interface BreakdownRow {
  id: string
  name: string
  figures: Figures
  /** Values of the previous period, if requested. */
  previous: Figures | undefined
}

/** Returns the metrics of a period for each campaign, call centre or agent, most calls first, ties by id. */
export async function breakDown(context: Context, request: BreakdownRequest): Promise<BreakdownRow[]> {
  requireScope(context, 'analytics:read')
  const { dimension } = request
  const nowMs = context.ports.now()
  const { period } = readPeriod(request, nowMs)
  const [now, before] = await Promise.all([
    rowsOf(context, request, period),
    request.comparesWithPrevious
      ? rowsOf(context, { ...request, limit: undefined }, periodBefore(period, nowMs).period)
      : undefined,
  ])
  const idOf = (row: AnalyticsRow): string => row.ids[dimension] ?? ''
  const previous = before && new Map(before.map((row) => [idOf(row), row.figures]))
  const nameOf = await readNames(context, dimension, now.map(idOf))
  return now.map((row) => {
    const id = idOf(row)
    return { id, name: nameOf(id), figures: row.figures, previous: previous && (previous.get(id) ?? {}) }
  })
}

async function rowsOf(context: Context, request: BreakdownRequest, period: Period): Promise<AnalyticsRow[]> {
  const { rows } = await queryAnalytics(context, {
    metrics: metricsOf(request),
    dimensions: [request.dimension],
    filters: request.filters,
    period,
    ...(request.limit === undefined ? {} : { limit: request.limit }),
  })
  return rows
}
