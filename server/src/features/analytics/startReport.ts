import { requireScope, type Context } from '../../context.ts'
import type { Granularity } from '../../domain/period.ts'
import type { Export } from '../exports/export.ts'
import { startExport } from '../exports/startExport.ts'
import { readPeriod, type PeriodRequest } from './askedPeriod.ts'
import type { Filters } from './dimensions.ts'
import type { MetricName } from './metrics.ts'
import type { ReportName } from './reports.ts'

export interface ReportExport extends PeriodRequest {
  report: ReportName
  granularity: Granularity
  filters: Filters
  metrics: readonly MetricName[]
  format: string
  idempotencyKey: string | undefined
}

/** Starts the export of a report. The period is settled now, so that a file made later is the one that was asked for. */
export async function startReport(context: Context, request: ReportExport): Promise<Export> {
  requireScope(context, 'analytics:export')
  const { report, granularity, filters, metrics, format, idempotencyKey } = request
  const { dateFrom, dateTo, period } = readPeriod(request, context.app.now())
  return startExport(context, {
    surface: 'analytics',
    datasets: ['analytics'],
    format,
    parameters: { dateFrom, dateTo, timezone: period.zone, report, granularity, filters, metrics },
    idempotencyKey,
  })
}
