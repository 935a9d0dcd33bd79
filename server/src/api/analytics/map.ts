import type { Granularity } from '../../domain/period.ts'
import type { BreakdownRow } from '../../features/analytics/breakDown.ts'
import { filterNames, type Filters } from '../../features/analytics/dimensions.ts'
import { changesOf, toldFigure } from '../../features/analytics/figures.ts'
import { plainMetrics, type MetricName } from '../../features/analytics/metrics.ts'
import type { Figures } from '../../features/analytics/query.ts'
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
  metrics: MetricName[]
  compare?: 'previous' | undefined
}

/** The parameters of a report. The filters have the names of the registry. */
export function requestOf(asked: Asked): ReportRequest {
  const { dateFrom, dateTo, timezone, metrics, compare } = asked
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

/** The figures of a row. A metric is null when nothing can be averaged. */
function figuresOf(figures: Figures) {
  return {
    totalCalls: countOf(figures, 'totalCalls'),
    ...evaluationFiguresOf(figures),
    averageDurationSeconds: toldFigure('averageDurationSeconds', figures),
    escalationRate: toldFigure('escalationRate', figures),
    resolutionRate: toldFigure('resolutionRate', figures),
  }
}

function evaluationFiguresOf(figures: Figures) {
  return {
    totalEvaluations: countOf(figures, 'totalEvaluations'),
    completedEvaluations: countOf(figures, 'completedEvaluations'),
    averageScore: toldFigure('averageScore', figures),
    sentimentBreakdown: {
      positive: countOf(figures, 'sentimentPositive'),
      neutral: countOf(figures, 'sentimentNeutral'),
      negative: countOf(figures, 'sentimentNegative'),
    },
  }
}

function countOf(figures: Figures, name: MetricName): number {
  return toldFigure(name, figures) ?? 0
}

/** The metrics that the request names; undefined for none. */
function metricsOf(metrics: readonly MetricName[], figures: Figures) {
  if (metrics.length === 0) return {}
  return { metrics: Object.fromEntries(metrics.map((name) => [name, toldFigure(name, figures)])) }
}

function changeOf(metrics: readonly MetricName[], now: Figures, before: Figures) {
  return { change: changesOf([...new Set([...plainMetrics, ...metrics])], now, before) }
}

export function summaryOf({ now, previous }: { now: Summary; previous: Summary | undefined }, metrics: MetricName[]) {
  return {
    ...summaryFiguresOf(now, metrics),
    ...(previous
      ? { previous: { ...summaryFiguresOf(previous, metrics), ...changeOf(metrics, now.figures, previous.figures) } }
      : {}),
  }
}

function summaryFiguresOf({ asked, figures, topCampaign, topCallCenter }: Summary, metrics: MetricName[]) {
  return {
    dateFrom: asked.dateFrom,
    dateTo: asked.dateTo,
    ...evaluationFiguresOf(figures),
    averageDurationSeconds: toldFigure('averageDurationSeconds', figures),
    topCampaign,
    topCallCenter,
    ...metricsOf(metrics, figures),
  }
}

/** Rows of a breakdown, their ids under the published name. */
export function breakdownOf(rows: BreakdownRow[], idName: string, metrics: MetricName[]) {
  return {
    data: rows.map(({ id, name, figures, previous }) => ({
      [idName]: id,
      name,
      ...figuresOf(figures),
      ...metricsOf(metrics, figures),
      ...(previous
        ? {
            previous: {
              ...figuresOf(previous),
              ...metricsOf(metrics, previous),
              ...changeOf(metrics, figures, previous),
            },
          }
        : {}),
    })),
  }
}

/** The buckets; partial ones are marked if the request asks for more than the published answer. */
export function trendOf({ zone, rows }: Trend, granularity: PublishedGranularity, metrics: MetricName[]) {
  return { granularity, timezone: zone, data: rows.map((row) => bucketOf(row, metrics)) }
}

function bucketOf({ date, isPartial, figures, previous }: TrendRow, metrics: MetricName[]) {
  const isMarked = metrics.length > 0 || previous !== undefined
  return {
    date,
    ...figuresOf(figures),
    ...metricsOf(metrics, figures),
    ...(isMarked ? { partial: isPartial } : {}),
    ...(previous === undefined ? {} : { previous: previous && previousBucketOf(previous, figures, metrics) }),
  }
}

function previousBucketOf(previous: NonNullable<TrendRow['previous']>, figures: Figures, metrics: MetricName[]) {
  return {
    date: previous.date,
    partial: previous.isPartial,
    ...figuresOf(previous.figures),
    ...metricsOf(metrics, previous.figures),
    ...changeOf(metrics, figures, previous.figures),
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

/** A job with its known fields; `link` is the address of its file. */
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
