import { requireScope, type Context } from '../../context.ts'
import { periodBefore } from '../../domain/period.ts'
import { readPeriod, type AskedPeriod, type PeriodRequest } from './askedPeriod.ts'
import type { Filters } from './dimensions.ts'
import { plainMetrics, type MetricName } from './metrics.ts'
import { readNames } from './names.ts'
import { previousOf } from './previous.ts'
import { queryAnalytics, type Figures } from './query.ts'

/** The parameters of every report. */
export interface ReportRequest extends PeriodRequest {
  filters: Filters
  /** Metrics beside those of every answer. */
  metrics: readonly MetricName[]
  /** Whether the previous period is included. */
  comparesWithPrevious: boolean
}

export interface Summary {
  asked: AskedPeriod
  figures: Figures
  topCampaign: string | null
  topCallCenter: string | null
}

/** Returns the metrics that a report needs. */
export function metricsOf({ metrics }: ReportRequest): MetricName[] {
  return [...new Set([...plainMetrics, ...metrics])]
}

/** Returns the metrics of a whole period, and of the previous one if requested. */
export async function summarize(
  context: Context,
  request: ReportRequest,
): Promise<{ now: Summary; previous: Summary | undefined }> {
  requireScope(context, 'analytics:read')
  const nowMs = context.ports.now()
  const asked = readPeriod(request, nowMs)
  const [now, previous] = await Promise.all([
    summaryOf(context, request, asked),
    request.comparesWithPrevious
      ? summaryOf(context, request, previousOf(periodBefore(asked.period, nowMs)))
      : undefined,
  ])
  return { now, previous }
}

async function summaryOf(context: Context, request: ReportRequest, asked: AskedPeriod): Promise<Summary> {
  const { rows, leaders } = await queryAnalytics(context, {
    metrics: metricsOf(request),
    dimensions: [],
    leaders: ['campaignId', 'callCenterId'],
    filters: request.filters,
    period: asked.period,
  })
  const [topCampaign, topCallCenter] = await Promise.all([
    nameOf(context, 'campaignId', leaders.campaignId),
    nameOf(context, 'callCenterId', leaders.callCenterId),
  ])
  return { asked, figures: rows[0]?.figures ?? {}, topCampaign, topCallCenter }
}

async function nameOf(
  context: Context,
  dimension: 'campaignId' | 'callCenterId',
  id: string | undefined,
): Promise<string | null> {
  if (id === undefined) return null
  const nameOfId = await readNames(context, dimension, [id])
  return nameOfId(id)
}
