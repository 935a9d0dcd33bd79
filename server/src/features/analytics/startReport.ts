import { requireScope, type Context } from '../../context.ts'
import { AppError } from '../../errors.ts'
import type { Granularity } from '../../domain/period.ts'
import type { Export } from '../exports/export.ts'
import { startExport } from '../exports/startExport.ts'
import { readPeriod, type PeriodRequest } from './askedPeriod.ts'
import type { Filters } from './dimensions.ts'
import type { MetricName } from './metrics.ts'
import { reportNames, reportOf, type ReportName } from './reports.ts'

export interface ReportExport extends PeriodRequest {
  report: ReportName
  granularity: Granularity
  filters: Filters
  metrics: readonly MetricName[]
  format: string
  /** Maximum rows of a breakdown; all by default. */
  limit: number | undefined
  /** A requested comparison, which files do not support. */
  compare: string | undefined
  idempotencyKey: string | undefined
}

/** Starts the export of a report. The period is fixed now, so that a file made later covers the requested period. */
export async function startReport(context: Context, request: ReportExport): Promise<Export> {
  requireScope(context, 'analytics:export')
  const { report, granularity, filters, metrics, format, limit, idempotencyKey } = request
  refuseUnfit(request)
  const { dateFrom, dateTo, period } = readPeriod(request, context.ports.now())
  return startExport(context, {
    surface: 'analytics',
    datasets: ['analytics'],
    format,
    parameters: { dateFrom, dateTo, timezone: period.zone, report, granularity, filters, metrics, limit },
    idempotencyKey,
  })
}

/** Refuses parameters that answers support and files do not, because the file would silently lack them. */
function refuseUnfit({ report, limit, compare }: ReportExport): void {
  if (compare !== undefined) {
    throw invalid('compare', 'compare is not for files: export the period before as a file of its own.')
  }
  if (limit !== undefined && !isBreakdown(report)) {
    throw invalid(
      'limit',
      `limit is for the reports ${reportNames.filter(isBreakdown).join(', ')}; ${report} has all rows.`,
    )
  }
}

function isBreakdown(name: ReportName): boolean {
  const { buckets, dimensions } = reportOf(name)
  return buckets === 'none' && dimensions.length > 0
}

function invalid(field: string, message: string): AppError {
  return new AppError('VALIDATION_ERROR', message, { details: [{ field, message }] })
}
