import { z } from 'zod'
import { readPeriod } from '../../analytics/askedPeriod.ts'
import { filterNames } from '../../analytics/dimensions.ts'
import { metricNames, metricOf, metrics, type MetricName } from '../../analytics/metrics.ts'
import {
  reportMetrics,
  reportNames,
  reportOf,
  reportStatement,
  type ReportName,
  type ReportQuestion,
} from '../../analytics/reports.ts'
import type { Column } from '../formats/columns.ts'
import { csvFormat } from '../formats/csv.ts'
import { ndjsonFormat } from '../formats/ndjson.ts'
import { parquetFormat } from '../formats/parquet.ts'
import { xlsxFormat } from '../formats/xlsx.ts'
import { takenInOrder, type ColumnDescription, type Dataset, type Plan } from './dataset.ts'

/** What a report is asked with: a period, how its rows are told apart, filters and further metrics. */
const analyticsParameters = z.object({
  dateFrom: z.string(),
  dateTo: z.string(),
  timezone: z.string(),
  report: z.enum(reportNames),
  granularity: z.enum(['day', 'week', 'month']),
  filters: z.partialRecord(z.enum(filterNames), z.array(z.string())),
  metrics: z.array(z.enum(metricNames)),
})

/** The columns that every report has; others depend on it. */
const commonMetrics = reportMetrics({ metrics: [] })

/** An analytics report as a file. */
export const analytics: Dataset = {
  name: 'analytics',
  description: 'A report: metrics for each day and campaign, or for each entry of another breakdown or trend.',
  columns: commonMetrics.map(describeMetric),
  rowLimit: undefined,
  formats: {
    csv: csvFormat({ byteOrderMark: false, neutraliseFormulas: false }),
    xlsx: xlsxFormat({ sheetName: 'Analytics' }),
    ndjson: ndjsonFormat,
    parquet: parquetFormat,
  },
  plan: planAnalytics,
}

function describeMetric(name: MetricName): ColumnDescription {
  const { description, decimals } = metrics[name]
  return { name, type: decimals === 0 ? 'integer' : 'number', description }
}

function planAnalytics(given: unknown): Plan {
  const { dateFrom, dateTo, timezone, ...asked } = analyticsParameters.parse(given)
  // Both ends are given, so the present does not matter.
  const { period } = readPeriod({ dateFrom, dateTo, timezone }, 0)
  const question: ReportQuestion = { ...asked, period }
  const { buckets, dimensions } = reportOf(asked.report)
  const order = [...(buckets === 'none' ? ['all_calls DESC'] : ['bucket']), ...dimensions]
  return {
    fileName: `analytics_${asked.report}_${period.firstDay}_${period.lastDay}_${timezone.replaceAll('/', '-')}`,
    tables: ['calls', 'campaigns', 'call_centers', 'agents'],
    select({ accountId, watermark }) {
      const { query, parameters } = reportStatement({ accountId, lastNumber: watermark.number }, question)
      const inOrder = `SELECT * FROM (${query}) ORDER BY ${order.join(', ')} SETTINGS ${takenInOrder}`
      return { query: inOrder, parameters }
    },
    columns: async () => [...keyColumns(asked.report), ...reportMetrics(asked).map(metricColumn)],
  }
}

const idHeaders = { campaignId: 'campaignId', callCenterId: 'callCenterId', agentId: 'executiveId' } as const

function keyColumns(report: ReportName): Column[] {
  const { buckets, dimensions, leaders } = reportOf(report)
  return [
    ...(buckets === 'none' ? [] : [{ header: 'date', type: 'text' as const, sql: 'date', width: 12 }]),
    ...dimensions.flatMap((name): Column[] => [
      { header: idHeaders[name], type: 'id', sql: name, width: 20 },
      { header: 'name', type: 'text', sql: 'name', width: 32 },
    ]),
    ...leaders.map((name): Column => {
      return {
        header: name === 'campaignId' ? 'topCampaign' : 'topCallCenter',
        type: 'text',
        sql: `top_${name}`,
        width: 32,
      }
    }),
  ]
}

function metricColumn(name: MetricName): Column {
  const { decimals } = metricOf(name)
  return decimals === 0
    ? { header: name, type: 'integer', sql: name }
    : { header: name, type: 'number', sql: name, decimals }
}
