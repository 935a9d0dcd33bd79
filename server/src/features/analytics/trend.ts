import { requireScope, type Context } from '../../context.ts'
import { bucketsOf, isPartial, periodBefore, type Bucket, type Granularity, type Period } from '../../domain/period.ts'
import { readPeriod } from './askedPeriod.ts'
import { queryAnalytics, type AnalyticsRow, type Figures } from './query.ts'
import { metricsOf, type ReportRequest } from './summarize.ts'

export interface TrendRequest extends ReportRequest {
  granularity: Granularity
}

export interface TrendRow {
  /** First local day of the bucket. */
  date: string
  /** Whether the bucket is incomplete, because the period or the present ends within it. */
  isPartial: boolean
  figures: Figures
  /** The corresponding bucket of the previous period; null without one, undefined if not requested. */
  previous: { date: string; isPartial: boolean; figures: Figures } | null | undefined
}

export interface Trend {
  /** IANA name of the time zone of the days. */
  zone: string
  rows: TrendRow[]
}

/** Returns the metrics of every day, week or month of a period, in order. */
export async function trend(context: Context, request: TrendRequest): Promise<Trend> {
  requireScope(context, 'analytics:read')
  const { granularity } = request
  const nowMs = context.ports.now()
  const { period } = readPeriod(request, nowMs)
  const { zone } = period
  const buckets = bucketsOf(period, granularity)
  const before = request.comparesWithPrevious ? periodBefore(period, nowMs) : undefined
  const [now, then] = await Promise.all([
    rowsOf(context, request, period, buckets),
    before && rowsOf(context, request, before.period, buckets.map(before.counterpartOf)),
  ])
  const isCut = (bucket: Bucket): boolean => isPartial(bucket, granularity, zone, nowMs)
  const previousOf = ({ bucket, figures }: AnalyticsRow): TrendRow['previous'] =>
    bucket.toMs > bucket.fromMs ? { date: bucket.date, isPartial: isCut(bucket), figures } : null
  const rows = now.map(({ bucket, figures }, index) => {
    const counterpart = then?.[index]
    return { date: bucket.date, isPartial: isCut(bucket), figures, previous: counterpart && previousOf(counterpart) }
  })
  return { zone, rows }
}

/** Returns a row for each bucket. */
async function rowsOf(
  context: Context,
  request: TrendRequest,
  period: Period,
  buckets: Bucket[],
): Promise<AnalyticsRow[]> {
  const { rows } = await queryAnalytics(context, {
    metrics: metricsOf(request),
    dimensions: [],
    filters: request.filters,
    period,
    buckets,
  })
  return rows
}
