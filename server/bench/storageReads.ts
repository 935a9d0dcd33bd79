import { keyHash } from '../src/domain/keyHash.ts'
import { aiCalls } from '../src/features/exports/datasets/aiCalls.ts'
import { collectionNamed } from '../src/domain/collections/all.ts'
import { selectList } from '../src/recordLog/rows/rowFormat.ts'
import type { ClickHouse, Parameters } from '../src/store/clickhouse/clickhouse.ts'
import { reportPeriod } from './exports.ts'

/** Which tables a layout has, and by what its calls are found. */
export interface ReadLayout {
  calls?: string
  /** Calls are found by id and not by number. */
  isById?: boolean
  turns?: string
  keys?: string
}

interface Read {
  what: string
  run: () => Promise<unknown>
}

interface Sample {
  calls: number
  ids: string[]
}

const quarter = `ended_at >= toDateTime64('2026-06-01 00:00:00', 3, 'UTC') AND ended_at < toDateTime64('2026-09-01 00:00:00', 3, 'UTC')`

function listOf(name: string): string {
  const collection = collectionNamed(name)
  if (!collection) throw new Error(`There is no collection ${name}.`)
  return selectList(collection)
}

/** The reads that the product has to serve, as the features ask them. */
export function readsOf(clickhouse: ClickHouse, layout: ReadLayout, sample: Sample): Read[] {
  return [
    ...(layout.calls === undefined ? [] : callReads(clickhouse, layout.calls, layout.isById ?? false, sample)),
    ...(layout.turns === undefined ? [] : turnReads(clickhouse, layout.turns, sample)),
    ...(layout.keys === undefined ? [] : keyReads(clickhouse, layout.keys, sample)),
  ]
}

function callReads(clickhouse: ClickHouse, table: string, isById: boolean, { calls, ids }: Sample): Read[] {
  const rows = (query: string, parameters: Parameters = {}) => drain(clickhouse, query, parameters)
  const select = `SELECT ${listOf('calls')} FROM ${table} FINAL WHERE account_id = 1 AND`
  const recent = Array.from({ length: 10_000 }, (_, index) => calls - index)
  const anywhere = Array.from({ length: 10_000 }, (_, index) => 1 + ((index * 7_919_111) % calls))
  const bounds = { accountId: 1, watermark: { seq: calls, number: calls }, rowLimit: aiCalls.rowLimit }
  const report = aiCalls.plan(reportPeriod).select(bounds)
  return [
    {
      what: 'report, newest 50,000 of 92 days',
      run: () =>
        clickhouse.command(
          report.query.replaceAll('FROM calls FINAL', `FROM ${table} AS calls FINAL`),
          report.parameters,
        ),
    },
    {
      what: 'summary of a quarter',
      run: () =>
        rows(`SELECT count(), avg(duration_seconds), countIf(escalated), avg(evaluation_score), quantileExact(0.95)(duration_seconds),
          countIf(evaluation_sentiment = 'positive') FROM ${table} FINAL WHERE account_id = 1 AND removed = 0 AND ${quarter}`),
    },
    {
      what: 'feed, 10,000 by number',
      run: () =>
        rows(
          `${select} number > ${Math.floor(calls / 2)} AND number <= ${Math.floor(calls / 2) + 10_000} ORDER BY number`,
        ),
    },
    isById
      ? { what: 'one call', run: () => rows(`${select} id = {id:String}`, { id: ids[17] }) }
      : { what: 'one call', run: () => rows(`${select} number = ${Math.floor(calls / 3)}`) },
    ...[
      { what: 'merging 10,000 recent', numbers: recent },
      { what: 'merging 10,000 from anywhere', numbers: anywhere },
    ].map(({ what, numbers }) => ({
      what,
      run: isById
        ? () => rows(`${select} id IN {ids:Array(String)}`, { ids })
        : () => rows(`${select} number IN {numbers:Array(UInt64)}`, { numbers }),
    })),
  ]
}

function turnReads(clickhouse: ClickHouse, table: string, { ids }: Sample): Read[] {
  const select = `SELECT ${listOf('turns')} FROM ${table} FINAL WHERE account_id = 1 AND`
  return [
    { what: "one call's turns", run: () => drain(clickhouse, `${select} call_id = {id:String}`, { id: ids[3] }) },
    {
      what: "500 calls' turns",
      run: () => drain(clickhouse, `${select} call_id IN {ids:Array(String)}`, { ids: ids.slice(0, 500) }),
    },
    {
      what: 'one turn by its id alone',
      run: () => drain(clickhouse, `${select} id = {id:String}`, { id: `${ids[5]}-7` }),
    },
  ]
}

function keyReads(clickhouse: ClickHouse, table: string, { ids }: Sample): Read[] {
  const probe = (known: string[]) =>
    drain(
      clickhouse,
      `SELECT id_hash, collection, number, argMax(removed, batch) AS removed
       FROM ${table} WHERE account_id = 1 AND id_hash IN {hashes:Array(UInt64)} GROUP BY id_hash, collection, number`,
      { hashes: known.map(keyHash) },
    )
  return [
    { what: 'probing one id', run: () => probe(ids.slice(0, 1)) },
    { what: 'probing 10,000 ids', run: () => probe(ids) },
  ]
}

/** Takes the answer's bytes without reading them: parsing is the same for every layout. */
async function drain(clickhouse: ClickHouse, query: string, parameters: Parameters): Promise<number> {
  let bytes = 0
  for await (const chunk of clickhouse.stream(query, 'JSONEachRow', parameters)) bytes += chunk.length
  return bytes
}
