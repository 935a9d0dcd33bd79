import { bucketsOf, type Granularity, type Period } from '../../domain/period.ts'
import { dimensions, type DimensionName, type Filters } from './dimensions.ts'
import { plainMetrics, type MetricName } from './metrics.ts'
import { parametersOf } from './parameters.ts'
import { callsOnly } from './sources.ts'
import { callsAggregates, leaderValue, roundedValue, type Question, type Statement } from './statement.ts'

/** How the rows of a report's file are grouped. */
interface Report {
  dimensions: readonly DimensionName[]
  /** Whether there is a row for each bucket; `every` includes buckets without calls. */
  buckets: 'none' | 'some' | 'every'
  /** Dimensions for which the name with the most calls is a column. */
  leaders: readonly DimensionName[]
  /** Excludes calls without a value in a dimension. */
  onlyNamed: boolean
}

/** All reports that can be exported. A new report is one entry. */
const reports = {
  'daily-campaigns': { dimensions: ['campaignId'], buckets: 'some', leaders: [], onlyNamed: false },
  summary: { dimensions: [], buckets: 'none', leaders: ['campaignId', 'callCenterId'], onlyNamed: true },
  campaigns: { dimensions: ['campaignId'], buckets: 'none', leaders: [], onlyNamed: true },
  'call-centers': { dimensions: ['callCenterId'], buckets: 'none', leaders: [], onlyNamed: true },
  executives: { dimensions: ['agentId'], buckets: 'none', leaders: [], onlyNamed: true },
  trends: { dimensions: [], buckets: 'every', leaders: [], onlyNamed: true },
} satisfies Record<string, Report>

export type ReportName = keyof typeof reports

export const reportNames = Object.keys(reports).map(asReportName)

export function reportOf(name: ReportName): Report {
  return reports[name]
}

/** `Object.keys` loses the type of the keys. */
function asReportName(key: string): ReportName {
  return key as ReportName
}

/** The content of a report's file. */
export interface ReportQuestion {
  report: ReportName
  period: Period
  granularity: Granularity
  filters: Filters
  metrics: readonly MetricName[]
}

/** Returns the metrics of a report's rows. */
export function reportMetrics({ metrics }: Pick<ReportQuestion, 'metrics'>): MetricName[] {
  return [...new Set([...plainMetrics, ...metrics])]
}

/**
 * Selects the rows of a report from the calls in one snapshot: `bucket` and its `date` with buckets, the dimensions'
 * ids and `name`, `top_…` names, the metrics, and `all_calls`.
 */
export function reportStatement(
  { accountId, lastNumber }: { accountId: number; lastNumber: number },
  { report: name, period, granularity, filters, metrics }: ReportQuestion,
): Statement {
  const report = reportOf(name)
  const all = bucketsOf(period, granularity)
  const lasting = all.filter(({ fromMs, toMs }) => toMs > fromMs)
  // A period may consist of one day that its zone skipped.
  const buckets = lasting.length > 0 ? lasting : all
  const question: Question = {
    metrics: reportMetrics({ metrics }),
    dimensions: report.dimensions,
    leaders: report.leaders,
    filters,
    starts: report.buckets === 'none' ? [period.fromMs] : buckets.map(({ fromMs }) => fromMs),
    tellsBuckets: report.buckets !== 'none',
    onlyNamed: report.onlyNamed,
    limit: undefined,
    lastNumber,
  }
  const sources = callsOnly(period)
  const parameters = { ...parametersOf(accountId, question, sources), dates: buckets.map(({ date }) => date) }
  return { query: withNames(question, metricRows(report, question, callsAggregates(question, sources))), parameters }
}

/** A bucket without calls has sums of 0. */
function metricRows(report: Report, question: Question, aggregates: string): string {
  const columns = [
    ...(question.tellsBuckets
      ? ['bucket', '{dates:Array(String)}[indexOf({starts:Array(Int64)}, bucket)] AS date']
      : []),
    ...question.dimensions.map((name) => `toString(${name}) AS ${name}`),
    ...question.leaders.map(leaderValue),
    ...question.metrics.map(roundedValue),
    'calls AS all_calls',
  ]
  const found = `(${aggregates}
    ) AS found`
  const everyBucket = `(
      SELECT arrayJoin({starts:Array(Int64)}) AS bucket
    ) AS every
    LEFT JOIN ${found} USING (bucket)`
  return `
    SELECT
      ${columns.join(',\n      ')}
    FROM ${report.buckets === 'every' ? everyBucket : found}`
}

/** An id without a record is shown instead of a name. */
function withNames({ dimensions: named, leaders }: Question, rows: string): string {
  const names = [
    ...named.map((name) => ({ table: dimensions[name].namedBy, key: name, column: 'name' })),
    ...leaders.map((name) => ({ table: dimensions[name].namedBy, key: `${name}_leader`, column: `top_${name}` })),
  ]
  const columns = names.map(
    ({ table, key, column }) => `if(empty(${table}.name), report.${key}, ${table}.name) AS ${column}`,
  )
  const joins = names.map(
    ({ table, key }) => `
    LEFT JOIN
    (
      SELECT id, name
      FROM ${table} FINAL
      WHERE account_id = {accountId:UInt32}
        AND removed = 0
    ) AS ${table} ON ${table}.id = report.${key}`,
  )
  return `
    SELECT
      ${['report.*', ...columns].join(',\n      ')}
    FROM
    (${rows}
    ) AS report${joins.join('')}
    SETTINGS prefer_column_name_to_alias = 1`
}
