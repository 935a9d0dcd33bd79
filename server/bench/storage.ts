import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ClickHouse } from '../src/store/clickhouse/clickhouse.ts'
import { openEmbeddedClickHouse } from '../src/store/clickhouse/embeddedClickHouse.ts'
import { statementsOf } from '../src/store/migrate.ts'
import { fillCalls, fillKeys, fillTurns, insertOfCalls, sampleIds } from './fill.ts'
import { median, medianTime, timed, type BenchOptions, type Figure, type Result } from './measure.ts'
import { readsOf, type ReadLayout } from './storageReads.ts'

const migration = readFileSync(join(import.meta.dirname, '../src/store/migrations/clickhouse/0001_records.sql'), 'utf8')

/** Another way to lay a table out, as a change of its definition. */
interface Layout {
  table: string
  from: 'calls' | 'turns' | 'record_keys'
  label: string
  change: (definition: string) => string
  reads: ReadLayout
}

const granularity8192 = (text: string): string => text.replace('index_granularity = 1024', 'index_granularity = 8192')

const layouts: Layout[] = [
  { table: 'calls', from: 'calls', label: 'calls as they are', change: (text) => text, reads: { calls: 'calls' } },
  {
    table: 'calls_by_id',
    from: 'calls',
    label: 'calls ordered by (account_id, id)',
    change: (text) => text.replace('ORDER BY (account_id, number)', 'ORDER BY (account_id, id)'),
    reads: { calls: 'calls_by_id', isById: true },
  },
  {
    table: 'calls_8192',
    from: 'calls',
    label: 'calls, granules of 8,192',
    change: granularity8192,
    reads: { calls: 'calls_8192' },
  },
  {
    table: 'calls_low',
    from: 'calls',
    label: 'calls, LowCardinality for every string but id and notes',
    change: (text) =>
      text
        .replaceAll(/^( +(?!id |notes |meta )\w+ +)Nullable\(String\)/gm, '$1LowCardinality(Nullable(String))')
        .replaceAll(/^( +(?!id |notes |meta )\w+ +)String/gm, '$1LowCardinality(String)'),
    reads: { calls: 'calls_low' },
  },
  { table: 'turns', from: 'turns', label: 'turns as they are', change: (text) => text, reads: { turns: 'turns' } },
  {
    table: 'turns_8192',
    from: 'turns',
    label: 'turns, granules of 8,192',
    change: granularity8192,
    reads: { turns: 'turns_8192' },
  },
  {
    table: 'record_keys',
    from: 'record_keys',
    label: 'keys as they are',
    change: (text) => text,
    reads: { keys: 'record_keys' },
  },
  {
    table: 'keys_8192',
    from: 'record_keys',
    label: 'keys, granules of 8,192',
    change: granularity8192,
    reads: { keys: 'keys_8192' },
  },
]

/** The choice of table engines and keys: every read to serve, on the tables as they are and on others. */
export async function measureStorage({ scale, directory }: BenchOptions): Promise<Result> {
  const calls = Math.round(5_000_000 * scale)
  const turns = calls * 10
  const clickhouse = openEmbeddedClickHouse(join(directory, 'storage'), 0)
  const figures: Figure[] = []
  try {
    for (const statement of statementsOf(migration)) await clickhouse.command(statement)
    await fillCalls(clickhouse, calls)
    await fillTurns(clickhouse, calls, turns)
    await fillKeys(clickhouse, calls, turns)
    await fillOthers(clickhouse)
    await untilMerged(clickhouse)
    const ids = await sampleIds(clickhouse, calls, 10_000)
    const first = new Map<string, number>()
    for (const layout of layouts) figures.push(...(await measureLayout(clickhouse, layout, { calls, ids }, first)))
  } finally {
    await clickhouse.close()
  }
  return { name: `storage: ${calls.toLocaleString('en-US')} calls, ${turns.toLocaleString('en-US')} turns`, figures }
}

async function fillOthers(clickhouse: ClickHouse): Promise<void> {
  for (const { table, from, change } of layouts) {
    if (table === from) continue
    const definition = statementsOf(migration).find((statement) =>
      statement.startsWith(`CREATE TABLE IF NOT EXISTS ${from}\n`),
    )
    if (definition === undefined) throw new Error(`There is no table ${from}.`)
    const changed = change(definition)
    if (changed === definition) throw new Error(`The layout ${table} changes nothing.`)
    await clickhouse.command(changed.replace(`EXISTS ${from}\n`, `EXISTS ${table}\n`))
    await clickhouse.command(`INSERT INTO ${table} SELECT * FROM ${from}`)
  }
}

/** Merging goes on after the inserts; what is measured is the state in which tables are most of the time. */
async function untilMerged(clickhouse: ClickHouse): Promise<void> {
  const deadline = Date.now() + 15 * 60_000
  let quiet = 0
  while (quiet < 5 && Date.now() < deadline) {
    const [row] = await clickhouse.rows<{ count: number }>('SELECT count() AS count FROM system.merges')
    quiet = row?.count === 0 ? quiet + 1 : 0
    await new Promise((resolve) => setTimeout(resolve, 500))
  }
}

async function measureLayout(
  clickhouse: ClickHouse,
  { table, from, label, reads }: Layout,
  sample: { calls: number; ids: string[] },
  first: Map<string, number>,
): Promise<Figure[]> {
  const figures: Figure[] = []
  const note = (what: string, value: number, unit: string): void => {
    const known = first.get(`${from} ${what}`)
    if (known === undefined) first.set(`${from} ${what}`, value)
    const against = known === undefined ? undefined : { what: 'the chosen layout', ratio: value / known }
    figures.push({ label: `${label}: ${what}`, value, unit, against })
  }
  const [size] = await clickhouse.rows<{ bytes: number; parts: number }>(
    `SELECT sum(bytes_on_disk) AS bytes, count() AS parts FROM system.parts WHERE active AND table = {table:String}`,
    { table },
  )
  note('on disk', Math.round((size?.bytes ?? 0) / 2 ** 20), 'MiB')
  note('parts', size?.parts ?? 0, '')
  for (const { what, run } of readsOf(clickhouse, reads, sample)) note(what, await medianTime(run), 'ms')
  if (from === 'calls') note('inserting 10,000 rows', await insertTime(clickhouse, table, sample.calls), 'ms')
  return figures
}

/** New rows at the end, made beforehand, so that only writing them is measured. */
async function insertTime(clickhouse: ClickHouse, table: string, calls: number): Promise<number> {
  const source = `source_of_${table}`
  await clickhouse.command(`CREATE TABLE ${source} AS ${table} ENGINE = Memory`)
  await clickhouse.command(insertOfCalls(source, calls, calls, 10_000))
  const times: number[] = []
  for (let run = 0; run < 7; run++) {
    times.push(await timed(() => clickhouse.command(`INSERT INTO ${table} SELECT * FROM ${source}`)))
  }
  await clickhouse.command(`DROP TABLE ${source}`)
  return median(times)
}
