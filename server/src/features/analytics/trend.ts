import { requireScope, type Context } from '../../context.ts'
import { isPartial, type Granularity } from '../../domain/period.ts'
import { readPeriod, type AskedPeriod } from './askedPeriod.ts'
import { previousOf } from './previous.ts'
import { queryAnalytics, type AnalyticsRow, type Figures } from './query.ts'
import { metricsOf, type ReportRequest } from './summarize.ts'

export interface TrendRequest extends ReportRequest {
  granularity: Granularity
}

export interface TrendRow {
  /** First local day of the bucket. */
  date: string
  /** Whether the period or the present cuts the bucket short. */
  isPartial: boolean
  figures: Figures
  /** The bucket at the same place of the period before; null when that has fewer, undefined when it is not asked for. */
  previous: { date: string; figures: Figures } | null | undefined
}

export interface Trend {
  /** IANA name of the zone of the days. */
  zone: string
  rows: TrendRow[]
}

/** The metrics of every day, week or month of a period, in their order. */
export async function trend(context: Context, request: TrendRequest): Promise<Trend> {
  requireScope(context, 'analytics:read')
  const nowMs = context.app.now()
  const asked = readPeriod(request, nowMs)
  const { zone } = asked.period
  const [now, before] = await Promise.all([
    rowsOf(context, request, asked),
    request.comparesWithPrevious ? rowsOf(context, request, previousOf(asked)) : undefined,
  ])
  const rows = now.map(({ bucket, figures }, index) => {
    const match = before?.[index]
    return {
      date: bucket.date,
      isPartial: isPartial(bucket, request.granularity, zone, nowMs),
      figures,
      previous: before && (match ? { date: match.bucket.date, figures: match.figures } : null),
    }
  })
  return { zone, rows }
}

async function rowsOf(context: Context, request: TrendRequest, { period }: AskedPeriod): Promise<AnalyticsRow[]> {
  const { rows } = await queryAnalytics(context, {
    metrics: metricsOf(request),
    dimensions: [],
    filters: request.filters,
    period,
    granularity: request.granularity,
  })
  return rows
}
