import type { Parameters } from '../../store/clickhouse/clickhouse.ts'
import { dayMs } from './callDays.ts'
import { dimensions, filterOf, type DimensionName, type FilterName, type Filters } from './dimensions.ts'
import { roundedExpression } from './fraction.ts'
import { parametersOf, usedFilters } from './parameters.ts'
import { metricOf, type MetricName } from './metrics.ts'
import { outside, type Sources } from './sources.ts'
import { sums, type SumName } from './sums.ts'

/** What a statement calculates: metrics for each bucket and each combination of the dimensions. */
export interface Question {
  metrics: readonly MetricName[]
  dimensions: readonly DimensionName[]
  /** Dimensions for which the id with the most calls is returned. */
  leaders: readonly DimensionName[]
  filters: Filters
  /** The instants at which buckets begin. */
  starts: readonly number[]
  /** Whether results are grouped by bucket; otherwise there is one bucket. */
  tellsBuckets: boolean
  /** Excludes calls without a value in a dimension. */
  onlyNamed: boolean
  /** Maximum rows, those with the most calls first. */
  limit: number | undefined
  /** Excludes calls with a higher number. */
  lastNumber?: number
}

export interface Statement {
  query: string
  parameters: Parameters
}

/** Returns whether the totals support the query's grouping and filters. */
export function totalsAnswer({ filters }: Question): boolean {
  return usedFilters(filters).every((name) => filterOf(name).column !== undefined)
}

/** Returns whether the query concerns agents, which only the totals of whole days distinguish. */
export function asksForAgents({ dimensions, leaders, filters }: Question): boolean {
  return [...dimensions, ...leaders].includes('agentId') || filters.agentId !== undefined
}

/** Returns the statement for metrics that are calculated from sums, for any source. */
export function sumsStatement(accountId: number, question: Question, sources: Sources): Statement {
  const names = neededSums(question)
  const parts = [
    ...(sources.days.length > 0 ? [daysPart(question, names)] : []),
    ...(sources.moves.length > 0 ? [movesPart(question, names)] : []),
    ...(sources.calls.length > 0 || sources.days.length === 0 ? [callsPart(question, names, sources)] : []),
  ]
  const keys = [...bucketKey(question), ...question.dimensions]
  const columns = [
    ...keys,
    ...names.map((name) => `sum(${name}) AS ${name}`),
    ...question.leaders.map((name) => `sumMapIf([toString(${name})], [calls], ${name} != '') AS ${name}_calls`),
  ]
  const values = [...keys, ...question.metrics.map(exactValue), ...question.leaders.map(leaderValue)]
  const order = [...bucketKey(question), 'all_calls DESC', ...question.dimensions].join(', ')
  const query = `
    SELECT
      ${[...values, 'calls AS all_calls'].join(',\n      ')}
    FROM
    (
      SELECT
        ${columns.join(',\n        ')}
      FROM
      (${parts.join('\n        UNION ALL')}
      )
      WHERE bucket != ${outside}
      ${keys.length === 0 ? '' : `GROUP BY ${keys.join(', ')}`}
    )
    ${keys.length === 0 ? '' : '-- What was moved out of a bucket leaves nothing behind.\n    WHERE calls > 0'}
    ORDER BY ${order}
    ${question.limit === undefined ? '' : 'LIMIT {limit:UInt32}'}
    SETTINGS prefer_column_name_to_alias = 1`
  return { query, parameters: parametersOf(accountId, question, sources) }
}

/** Returns the statement for any metrics, read only from the calls; the key columns are `bucket` and the dimensions. */
export function callsStatement(accountId: number, question: Question, sources: Sources): Statement {
  const keys = [...bucketKey(question), ...question.dimensions]
  const query = `
    SELECT
      ${[...keys, ...question.metrics.map(exactValue)].join(',\n      ')}
    FROM
    (${callsAggregates(question, sources)}
    )
    SETTINGS prefer_column_name_to_alias = 1`
  return { query, parameters: parametersOf(accountId, question, sources) }
}

/**
 * Returns all aggregates over the calls that the metrics need: sums by their names, other metrics by `own_` and theirs.
 */
export function callsAggregates(question: Question, sources: Sources): string {
  const keys = [...bucketKey(question), ...question.dimensions]
  const aggregates = [
    ...neededSums(question).map((name) => `${sums[name].overCalls} AS ${name}`),
    ...question.metrics.flatMap((name) => {
      const { from } = metricOf(name)
      return 'sums' in from ? [] : [`${from.overCalls} AS own_${name}`]
    }),
    ...question.leaders.map(
      (name) =>
        `sumMapIf([assumeNotNull(toString(${dimensions[name].column}))], [toInt64(1)], ${dimensions[name].column} IS NOT NULL) AS ${name}_calls`,
    ),
  ]
  return `
      SELECT
        ${[...callKeys(question, sources), ...aggregates].join(',\n        ')}
        ${fromCalls(question, sources)}
        ${keys.length === 0 ? '' : `GROUP BY ${keys.join(', ')}`}`
}

/** Selects the unrounded metric: dividend and divisor as text, because a JavaScript number cannot hold every value. */
function exactValue(name: MetricName): string {
  const { dividend, divisor } = metricOf(name)
  return `[toString(${dividend}), toString(${divisor})] AS ${name}`
}

/** Selects the rounded metric from the result of `callsAggregates`. */
export function roundedValue(name: MetricName): string {
  const { dividend, divisor, decimals } = metricOf(name)
  return `${roundedExpression(dividend, divisor, decimals)} AS ${name}`
}

/** Returns whether a metric is calculated from sums. */
export function isSum(name: MetricName): boolean {
  return 'sums' in metricOf(name).from
}

/** Selects the id with the most calls: ids are sorted, so the first of several wins. */
export function leaderValue(name: DimensionName): string {
  const [ids, counts] = [`${name}_calls.1`, `${name}_calls.2`]
  return `if(empty(${ids}), NULL, ${ids}[indexOf(${counts}, arrayMax(${counts}))]) AS ${name}_leader`
}

function bucketKey({ tellsBuckets }: Question): string[] {
  return tellsBuckets ? ['bucket'] : []
}

function neededSums({ metrics }: Question): SumName[] {
  const used = metrics.flatMap((name) => {
    const { from } = metricOf(name)
    return 'sums' in from ? from.sums : []
  })
  return [...new Set<SumName>(['calls', ...used])]
}

/** Dimensions that the sources distinguish. */
function partDimensions({ dimensions, leaders }: Question): DimensionName[] {
  return [...new Set([...dimensions, ...leaders])]
}

const place = 'day - {firstDay:Int32} + 1'

function daysPart(question: Question, names: readonly SumName[]): string {
  const own = partDimensions(question)
  return `
        SELECT
          {dayBuckets:Array(Int64)}[${place}] AS bucket,
          ${[...own.map(totalsKey), ...names.map((name) => `sum(${name}) AS ${name}`)].join(',\n          ')}
        FROM ${asksForAgents(question) ? 'agent_totals' : 'day_totals'}
        WHERE account_id = {accountId:UInt32}
          AND day BETWEEN {firstDay:Int32} AND {lastDay:Int32}
          AND version = {versions:Array(Int64)}[${place}]
          ${totalsConditions(question)}
        GROUP BY ${['bucket', ...own].join(', ')}`
}

function movesPart(question: Question, names: readonly SumName[]): string {
  const own = partDimensions(question)
  return `
        SELECT
          move.1 AS bucket,
          ${[...own, ...names.map((name) => `sum(move.2 * moved_${name}) AS ${name}`)].join(',\n          ')}
        FROM
        (
          SELECT
            day,
            ${[...own.map(totalsKey), ...names.map((name) => `sum(${name}) AS moved_${name}`)].join(',\n            ')}
          FROM quarter_totals
          WHERE account_id = {accountId:UInt32}
            AND quarter BETWEEN {firstQuarter:UInt8} AND {lastQuarter:UInt8}
            AND day BETWEEN {firstDay:Int32} AND {lastDay:Int32}
            AND version = {versions:Array(Int64)}[${place}]
            AND quarter >= {fromQuarters:Array(UInt8)}[${place}]
            AND quarter < {toQuarters:Array(UInt8)}[${place}]
            ${totalsConditions(question)}
          GROUP BY ${['day', ...own].join(', ')}
        )
        ARRAY JOIN [
          (toInt64({movedFrom:Array(Int64)}[${place}]), -1),
          (toInt64({movedTo:Array(Int64)}[${place}]), 1)
        ] AS move
        GROUP BY ${['bucket', ...own].join(', ')}`
}

function callsPart(question: Question, names: readonly SumName[], sources: Sources): string {
  const own = partDimensions(question)
  const columns = [...own.map(callsKey), ...names.map((name) => `${sums[name].overCalls} AS ${name}`)]
  return `
        SELECT
          ${[callsBucket(question, sources), ...columns].join(',\n          ')}
        ${fromCalls(question, sources)}
        GROUP BY ${['bucket', ...own].join(', ')}`
}

function callKeys(question: Question, sources: Sources): string[] {
  return [
    ...(bucketKey(question).length === 0 ? [] : [callsBucket(question, sources)]),
    ...question.dimensions.map(callsKey),
  ]
}

/** If buckets begin with UTC days, a list with an entry per day is faster than a search. */
function callsBucket({ starts }: Question, { calls }: Sources): string {
  if (starts.length === 1) return 'toInt64({starts:Array(Int64)}[1]) AS bucket'
  const endedMs = 'toUnixTimestamp64Milli(assumeNotNull(ended_at))'
  if (!isDaily(starts, calls.at(-1)?.toMs ?? 0))
    return `toInt64(roundDown(${endedMs}, {starts:Array(Int64)})) AS bucket`
  return `{starts:Array(Int64)}[intDiv(${endedMs} - ${starts[0]}, ${dayMs}) + 1] AS bucket`
}

/** Whether all buckets up to `endMs` are as long as a day, the last one at most. */
function isDaily(starts: readonly number[], endMs: number): boolean {
  const first = starts[0] ?? 0
  return starts.every((start, index) => start === first + index * dayMs) && endMs <= first + starts.length * dayMs
}

function totalsKey(name: DimensionName): string {
  return `${dimensions[name].column} AS ${name}`
}

function callsKey(name: DimensionName): string {
  return `ifNull(${dimensions[name].column}, '') AS ${name}`
}

/** Returns the FROM and WHERE clauses that select the calls of a query. */
export function fromCalls(question: Question, { calls }: Sources): string {
  const ranges = calls.map(
    (_, index) => `(
            ended_at >= fromUnixTimestamp64Milli({from${index}:Int64}, 'UTC')
            AND ended_at < fromUnixTimestamp64Milli({to${index}:Int64}, 'UTC')
          )`,
  )
  const conditions = [
    ...(question.lastNumber === undefined ? [] : ['AND number <= {lastNumber:UInt64}']),
    ...usedFilters(question.filters).map((name) => conditionOf(name, filterOf(name).condition)),
    ...(question.onlyNamed ? question.dimensions.map((name) => `AND ${dimensions[name].column} IS NOT NULL`) : []),
  ]
  return `FROM calls FINAL
        WHERE account_id = {accountId:UInt32}
          AND removed = 0
          AND status != 'active'
          AND ${ranges.length === 0 ? '0' : `(${ranges.join(' OR ')})`}
          ${conditions.join('\n          ')}`
}

function totalsConditions(question: Question): string {
  const conditions = [
    ...usedFilters(question.filters).map((name) => conditionOf(name, `${filterOf(name).column} IN {values}`)),
    ...(question.onlyNamed ? question.dimensions.map((name) => `AND ${dimensions[name].column} != ''`) : []),
  ]
  return conditions.join('\n          ')
}

function conditionOf(name: FilterName, condition: string): string {
  return `AND ${condition.replace('{values}', `{${name}:Array(String)}`)}`
}
