import type { Granularity } from '../../domain/period.ts'
import type { BreakdownRow } from '../../features/analytics/breakDown.ts'
import { filterNames, type Filters } from '../../features/analytics/dimensions.ts'
import { metricOf, plainMetrics, type MetricName } from '../../features/analytics/metrics.ts'
import { changesOf } from '../../features/analytics/previous.ts'
import type { Values } from '../../features/analytics/query.ts'
import type { ReportRequest, Summary } from '../../features/analytics/summarize.ts'
import type { Trend, TrendRow } from '../../features/analytics/trend.ts'
import type { Export, ExportStatus } from '../../features/exports/export.ts'

export const granularities = ['daily', 'weekly', 'monthly'] as const

export type PublishedGranularity = (typeof granularities)[number]

const granularityNames = { daily: 'day', weekly: 'week', monthly: 'month' } as const

export function granularityOf(published: PublishedGranularity): Granularity {
  return granularityNames[published]
}

/** A request's parameters, as their schema leaves them. */
interface Asked {
  dateFrom?: string | undefined
  dateTo?: string | undefined
  timezone?: string | undefined
  metrics?: MetricName[] | undefined
  compare?: 'previous' | undefined
}

/** What the report is asked with. The filters' names are those of the registry. */
export function requestOf(asked: Asked): ReportRequest {
  const { dateFrom, dateTo, timezone, metrics = [], compare } = asked
  return {
    dateFrom,
    dateTo,
    timezone,
    filters: filtersOf(asked),
    metrics,
    comparesWithPrevious: compare === 'previous',
  }
}

export function filtersOf(asked: object): Filters {
  const given: Record<string, unknown> = { ...asked }
  return Object.fromEntries(filterNames.filter((name) => given[name] !== undefined).map((name) => [name, given[name]]))
}

/** The figures of a row. A metric that was not worked out is of something that was not there. */
function figuresOf(values: Values) {
  return {
    totalCalls: countOf(values, 'totalCalls'),
    ...evaluationFiguresOf(values),
    averageDurationSeconds: values['averageDurationSeconds'] ?? null,
    escalationRate: values['escalationRate'] ?? null,
    resolutionRate: values['resolutionRate'] ?? null,
  }
}

function evaluationFiguresOf(values: Values) {
  return {
    totalEvaluations: countOf(values, 'totalEvaluations'),
    completedEvaluations: countOf(values, 'completedEvaluations'),
    averageScore: values['averageScore'] ?? null,
    sentimentBreakdown: {
      positive: countOf(values, 'sentimentPositive'),
      neutral: countOf(values, 'sentimentNeutral'),
      negative: countOf(values, 'sentimentNegative'),
    },
  }
}

function countOf(values: Values, name: MetricName): number {
  return values[name] ?? 0
}

/** The metrics that were asked for by name; nothing when none was. */
function metricsOf(metrics: readonly MetricName[], values: Values) {
  if (metrics.length === 0) return {}
  return { metrics: Object.fromEntries(metrics.map((name) => [name, valueOf(name, values)])) }
}

function valueOf(name: MetricName, values: Values): number | null {
  const { unit } = metricOf(name)
  return values[name] ?? (unit === 'calls' || unit === 'evaluations' ? 0 : null)
}

function changeOf(metrics: readonly MetricName[], now: Values, before: Values) {
  const all = [...new Set([...plainMetrics, ...metrics])]
  const filled = (values: Values): Values => Object.fromEntries(all.map((name) => [name, valueOf(name, values)]))
  return { change: changesOf(all, filled(now), filled(before)) }
}

export function summaryOf({ now, previous }: { now: Summary; previous: Summary | undefined }, metrics: MetricName[]) {
  return {
    ...summaryFiguresOf(now, metrics),
    ...(previous
      ? { previous: { ...summaryFiguresOf(previous, metrics), ...changeOf(metrics, now.values, previous.values) } }
      : {}),
  }
}

function summaryFiguresOf({ asked, values, topCampaign, topCallCenter }: Summary, metrics: MetricName[]) {
  return {
    dateFrom: asked.dateFrom,
    dateTo: asked.dateTo,
    ...evaluationFiguresOf(values),
    averageDurationSeconds: values['averageDurationSeconds'] ?? null,
    topCampaign,
    topCallCenter,
    ...metricsOf(metrics, values),
  }
}

/** Rows of a breakdown, their ids under the published name. */
export function breakdownOf(rows: BreakdownRow[], idName: string, metrics: MetricName[]) {
  return {
    data: rows.map(({ id, name, values, previous }) => ({
      [idName]: id,
      name,
      ...figuresOf(values),
      ...metricsOf(metrics, values),
      ...(previous
        ? {
            previous: {
              ...figuresOf(previous),
              ...metricsOf(metrics, previous),
              ...changeOf(metrics, values, previous),
            },
          }
        : {}),
    })),
  }
}

/** Buckets; those that are cut short are marked where more than the published answer is asked for. */
export function trendOf({ zone, rows }: Trend, granularity: PublishedGranularity, metrics: MetricName[]) {
  return { granularity, timezone: zone, data: rows.map((row) => bucketOf(row, metrics)) }
}

function bucketOf({ date, isPartial, values, previous }: TrendRow, metrics: MetricName[]) {
  const isMarked = metrics.length > 0 || previous !== undefined
  return {
    date,
    ...figuresOf(values),
    ...metricsOf(metrics, values),
    ...(isMarked ? { partial: isPartial } : {}),
    ...(previous === undefined ? {} : { previous: previous && previousBucketOf(previous, values, metrics) }),
  }
}

function previousBucketOf(previous: { date: string; values: Values }, values: Values, metrics: MetricName[]) {
  return {
    date: previous.date,
    ...figuresOf(previous.values),
    ...metricsOf(metrics, previous.values),
    ...changeOf(metrics, values, previous.values),
  }
}

/** The published API knows no cancelled jobs. */
const publishedStatus = {
  queued: 'queued',
  processing: 'processing',
  completed: 'completed',
  failed: 'failed',
  cancelled: 'failed',
} as const satisfies Record<ExportStatus, string>

export function startedJob({ id, status }: Export) {
  return { jobId: id, status: publishedStatus[status] }
}

/** A job with what is known of it; `link` is the address of its file. */
export function jobOf({ id, status, progress, files, error }: Export, link: string | undefined) {
  return {
    jobId: id,
    status: publishedStatus[status],
    progress,
    fileName: files[0]?.name,
    downloadUrl: link,
    error: status === 'cancelled' ? 'The export was cancelled.' : error,
  }
}
