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
  limit: z.int().optional(),
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
  const { limit } = asked
  const question: ReportQuestion = { ...asked, period }
  const { buckets, dimensions } = reportOf(asked.report)
  const order = [...(buckets === 'none' ? ['all_calls DESC'] : ['bucket']), ...dimensions]
  return {
    fileName: `analytics_${asked.report}_${period.firstDay}_${period.lastDay}_${timezone.replaceAll('/', '-')}`,
    tables: ['calls', 'campaigns', 'call_centers', 'agents'],
    select({ accountId, watermark }) {
      const { query, parameters } = reportStatement({ accountId, lastNumber: watermark.number }, question)
      const first = limit === undefined ? '' : 'LIMIT {limit:UInt32}'
      const inOrder = `SELECT * FROM (${query}) ORDER BY ${order.join(', ')} ${first} SETTINGS ${takenInOrder}`
      return { query: inOrder, parameters: limit === undefined ? parameters : { ...parameters, limit } }
    },
    columns: async () => [...keyColumns(asked.report), ...reportMetrics(asked).map(metricColumn)],
  }
}

const idHeaders = { campaignId: 'campaignId', callCenterId: 'callCenterId', agentId: 'executiveId' } as const

function keyColumns(report: ReportName): Column[] {
  const { buckets, dimensions, leaders } = reportOf(report)
  return [
    ...(buckets === 'none' ? [] : [titled({ header: 'date', type: 'date', sql: 'date' })]),
    ...dimensions.flatMap((name): Column[] => [
      titled({ header: idHeaders[name], type: 'id', sql: name, width: 20 }),
      titled({ header: 'name', type: 'text', sql: 'name', width: 32 }),
    ]),
    ...leaders.map((name): Column => {
      const header = name === 'campaignId' ? 'topCampaign' : 'topCallCenter'
      return titled({ header, type: 'text', sql: `top_${name}`, width: 32 })
    }),
  ]
}

function metricColumn(name: MetricName): Column {
  const { decimals, unit } = metricOf(name)
  return decimals === 0
    ? titled({ header: name, type: 'integer', sql: name })
    : titled({ header: name, type: 'number', sql: name, decimals, isShare: unit === 'share' })
}

/** In a workbook people read the header: `averageDurationSeconds` is `Average duration (seconds)` there. */
function titled(column: Column): Column {
  const words = column.header.replaceAll(/(?<=[a-z\d])[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
  const title = `${words.charAt(0).toUpperCase()}${words.slice(1)}`
  return { ...column, title: title.replace(/ seconds$/, ' (seconds)').replace(/ id$/, ' ID') }
}
