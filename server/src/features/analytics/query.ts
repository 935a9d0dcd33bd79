import type { Context } from '../../context.ts'
import type { Bucket, Period } from '../../domain/period.ts'
import { waitUntilReadable } from '../../recordLog/waitUntilReadable.ts'
import { readCallDays, readChangedDays } from './callDays.ts'
import type { DimensionName, Filters } from './dimensions.ts'
import type { Fraction } from './fraction.ts'
import type { MetricName } from './metrics.ts'
import { callsOnly, daysOf, sourcesOf } from './sources.ts'
import { asksForAgents, callsStatement, isSum, sumsStatement, totalsAnswer, type Question } from './statement.ts'

/** A query over an account's calls: metrics × dimensions × filters × period. */
export interface AnalyticsQuery {
  metrics: readonly MetricName[]
  dimensions: readonly DimensionName[]
  filters: Filters
  period: Period
  /** Buckets that divide the period without gaps; by default the whole period is one bucket. */
  buckets?: readonly Bucket[]
  /** Dimensions for which the id with the most calls is returned; none by default. */
  leaders?: readonly DimensionName[]
  /** Maximum rows, those with the most calls first; all by default. */
  limit?: number
}

/** Exact values by metric name; null for no value. */
export type Figures = Partial<Record<MetricName, Fraction | null>>

/** One combination of the dimensions in one bucket; without calls, counts are 0 and averages null. */
export interface AnalyticsRow {
  bucket: Bucket
  ids: Partial<Record<DimensionName, string>>
  figures: Figures
}

export interface AnalyticsResult {
  /** Without dimensions every bucket in order; otherwise the combinations that have calls, most calls first. */
  rows: AnalyticsRow[]
  leaders: Partial<Record<DimensionName, string>>
}

type Row = Record<string, unknown>

/** Attempts before everything is read from the calls, in case the days that are read as totals keep changing. */
const maxTries = 3

/**
 * Answers a query from totals if they are up to date, otherwise from the calls. Everything acknowledged before is
 * included, and all sums are of one moment.
 */
export async function queryAnalytics(context: Context, query: AnalyticsQuery): Promise<AnalyticsResult> {
  const { ports, accountId } = context
  const { period } = query
  await waitUntilReadable(ports, accountId)
  const whole: Bucket = { date: period.firstDay, fromMs: period.fromMs, toMs: period.toMs }
  const buckets = query.buckets ?? [whole]
  // A bucket without duration, such as a day that a zone skipped, has no calls.
  const starts = buckets.filter(({ fromMs, toMs }) => toMs > fromMs).map(({ fromMs }) => fromMs)
  const question: Question = {
    metrics: query.metrics.filter(isSum),
    dimensions: query.dimensions,
    leaders: query.leaders ?? [],
    filters: query.filters,
    starts,
    tellsBuckets: query.buckets !== undefined,
    onlyNamed: true,
    limit: query.limit,
  }
  if (starts.length === 0) return resultOf(query, buckets, [], [])
  const fromCalls = query.metrics.filter((name) => !isSum(name))
  const [sums, others] = await Promise.all([
    readSums(context, question, period),
    fromCalls.length === 0 ? [] : readFromCalls(context, { ...question, metrics: fromCalls }, period),
  ])
  return resultOf(query, buckets, sums, others)
}

/** Reads sums of one moment: days whose totals changed during the reading are read again from the calls. */
async function readSums({ ports, accountId }: Context, question: Question, period: Period): Promise<Row[]> {
  const { clickhouse } = ports
  const range = daysOf(period)
  const splitsDays = !asksForAgents(question)
  for (let tries = 0; tries < maxTries && totalsAnswer(question); tries++) {
    const known = await readCallDays(ports, accountId, range)
    const sources = sourcesOf(period, question.starts, known, { splitsDays })
    const { query, parameters } = sumsStatement(accountId, question, sources)
    const rows = await clickhouse.rows<Row>(query, parameters)
    if (sources.days.length === 0) return rows
    const changed = await readChangedDays(ports, accountId, { ...range, batch: known.batch })
    // Unlisted days were not read, but a call may have moved from a listed day to one of them.
    const listed = new Set(known.days.map(({ day }) => day))
    const readAsTotals = new Set(sources.days.map(({ day }) => day))
    if (![...changed].some((day) => readAsTotals.has(day) || !listed.has(day))) return rows
  }
  const { query, parameters } = sumsStatement(accountId, question, callsOnly(period))
  return clickhouse.rows<Row>(query, parameters)
}

async function readFromCalls({ ports, accountId }: Context, question: Question, period: Period): Promise<Row[]> {
  const { query, parameters } = callsStatement(accountId, question, callsOnly(period))
  return ports.clickhouse.rows<Row>(query, parameters)
}

function resultOf(
  { dimensions, metrics, period, buckets: divided, leaders = [] }: AnalyticsQuery,
  buckets: readonly Bucket[],
  sums: Row[],
  others: Row[],
): AnalyticsResult {
  const startOf = (row: Row): number => (divided === undefined ? period.fromMs : Number(row['bucket']))
  const keyOf = (row: Row): string => JSON.stringify([startOf(row), ...dimensions.map((name) => row[name])])
  const more = new Map(others.map((row) => [keyOf(row), row]))
  const byStart = Map.groupBy(sums, startOf)
  const rows = buckets.flatMap((bucket) => {
    const found = bucket.toMs > bucket.fromMs ? (byStart.get(bucket.fromMs) ?? []) : []
    const rowsOfBucket: Row[] = found.length === 0 && dimensions.length === 0 ? [{}] : found
    return rowsOfBucket.map((row) => {
      const all: Row = { ...row, ...more.get(keyOf(row)) }
      return {
        bucket,
        ids: Object.fromEntries(dimensions.map((name) => [name, String(row[name])])),
        figures: Object.fromEntries(metrics.map((name) => [name, figureOf(all[name])])),
      }
    })
  })
  const first = leaders.flatMap((name) => {
    const leader = sums[0]?.[`${name}_leader`]
    return typeof leader === 'string' ? [[name, leader]] : []
  })
  return { rows, leaders: Object.fromEntries(first) }
}

function figureOf(value: unknown): Fraction | null {
  if (!Array.isArray(value)) return null
  const [dividend, divisor] = value.map(BigInt)
  return dividend === undefined || divisor === undefined || divisor === 0n ? null : { dividend, divisor }
}
