import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { sampleIds } from './fill.ts'
import type { BenchOptions, Figure, Result } from './measure.ts'
import { serveCalls, startEngines, withApp, type CpuSeconds, type ScaleEngines } from './scaleEngines.ts'
import { measureIngest, rowSize, type IngestCost, type IngestLoad, type RowSize } from './scaleIngest.ts'
import { figuresOfModel } from './scaleModel.ts'
import { costOf, idleCpu, questionsOf, type Cost } from './scaleQuestions.ts'
import type { ServerProcess } from './serverProcess.ts'

/** Everything measured over one number of calls on one number of shards. */
export interface Setup {
  label: string
  shards: number
  questions: Record<string, Cost>
  ingest: Record<string, IngestCost>
}

/** Sizes and costs of rows that came through ingestion alone. */
export type Rows = Record<'calls' | 'turns' | 'record_keys', RowSize>

const loads: Record<string, Omit<IngestLoad, 'place'>> = {
  'calls, 10,000 a request': { collection: 'calls', senders: 1, requests: 4, perRequest: 10_000, pauseMs: 0 },
  'turns, 10,000 a request': { collection: 'turns', senders: 1, requests: 8, perRequest: 10_000, pauseMs: 0 },
  'turns, 10,000 a request, 3 senders': {
    collection: 'turns',
    senders: 3,
    requests: 4,
    perRequest: 10_000,
    pauseMs: 0,
  },
  // As calls end: so far apart that every request is inserted by itself.
  'turns, 50 a request': { collection: 'turns', senders: 1, requests: 40, perRequest: 50, pauseMs: 150 },
  'turns, 1,000 a request': { collection: 'turns', senders: 1, requests: 30, perRequest: 1000, pauseMs: 150 },
  'single calls': { collection: 'calls', senders: 1, requests: 40, perRequest: 1, pauseMs: 150 },
}

/**
 * The same questions and the same ingestion over 1, 5 and 20 million calls on one ClickHouse server, and over 2 million
 * on clusters of 1, 2 and 4 shards, by the program as it is served on server engines: the time, and the processor time
 * of every role, since all shards share this machine. From the costs, what a large operation would need.
 */
export async function measureScale({ scale, directory }: BenchOptions): Promise<Result> {
  const sizes = [1_000_000, 5_000_000, 20_000_000].map((calls) => Math.round(calls * scale))
  const rows = await measureRows(join(directory, 'rows'), scale)
  const single: Setup[] = []
  await withEngines(join(directory, 'single'), 1, false, async (engines) => {
    for (const calls of sizes) single.push(await measureSetup(engines, `${count(calls)} calls`, calls, scale))
  })
  const clusters: Setup[] = []
  for (const shards of [1, 2, 4]) {
    await withEngines(join(directory, `shards-${shards}`), shards, true, async (engines) => {
      const label = `cluster of ${shards}`
      clusters.push(await measureSetup(engines, label, Math.round(2_000_000 * scale), scale))
    })
  }
  return {
    name: `scale: ${sizes.map(count).join(', ')} calls on one server; ${count(Math.round(2_000_000 * scale))} on 1, 2 and 4 shards`,
    figures: [
      ...figuresOfRows(rows),
      ...figuresOfSetups(single),
      ...figuresOfSetups(clusters),
      ...figuresOfModel(clusters, rows),
    ],
  }
}

async function withEngines(
  directory: string,
  shards: number,
  isCluster: boolean,
  work: (engines: ScaleEngines) => Promise<void>,
): Promise<void> {
  const engines = await startEngines(directory, shards, isCluster)
  try {
    await work(engines)
  } finally {
    await engines.stop()
  }
}

/** Into empty tables, so that every row of them came this way. */
async function measureRows(directory: string, scale: number): Promise<Rows> {
  const sizes: Partial<Rows> = {}
  await withEngines(directory, 1, false, async (engines) => {
    const server = await serveCalls(engines, 0)
    try {
      const requests = Math.max(2, Math.round(20 * Math.min(1, scale)))
      for (const collection of ['calls', 'turns'] as const) {
        const load = { collection, senders: 1, requests, perRequest: 10_000, pauseMs: 0, place: 0 }
        await measureIngest(engines, server, none, load)
      }
      for (const table of ['calls', 'turns', 'record_keys'] as const) sizes[table] = await rowSize(engines, table)
    } finally {
      await server.stop()
    }
  })
  const { calls, turns, record_keys } = sizes
  if (!calls || !turns || !record_keys) throw new Error('Not every table was measured.')
  return { calls, turns, record_keys }
}

const none: CpuSeconds = { shards: [0], postgres: 0, program: 0 }

async function measureSetup(engines: ScaleEngines, label: string, calls: number, scale: number): Promise<Setup> {
  const ids = await withApp(engines, ({ clickhouse }) => sampleIds(clickhouse, calls, 1000))
  const server = await serveCalls(engines, calls)
  try {
    // What the engine merges after the filling is not what is measured.
    await wait(5000)
    const idle = await idleCpu(engines)
    const setup: Setup = { label, shards: engines.shards, questions: {}, ingest: {} }
    for (const question of questionsOf(server, calls, ids, scale))
      setup.questions[question.name] = await costOf(engines, idle, question)
    setup.ingest = await measureLoads(engines, server, idle)
    return setup
  } finally {
    await server.stop()
  }
}

async function measureLoads(
  engines: ScaleEngines,
  server: ServerProcess,
  idle: CpuSeconds,
): Promise<Record<string, IngestCost>> {
  const costs: Record<string, IngestCost> = {}
  let place = 1000
  for (const [name, load] of Object.entries(loads)) {
    costs[name] = await measureIngest(engines, server, idle, { ...load, place })
    place += 1000
  }
  return costs
}

function figuresOfRows(rows: Rows): Figure[] {
  return Object.entries(rows).flatMap(([table, { diskBytes, keyBytes, mergeMicroseconds }]) => [
    { label: `${table}: a row on disk`, value: diskBytes, unit: 'bytes' },
    { label: `${table}: primary key in memory, a million rows`, value: (keyBytes * 1e6) / 1024, unit: 'KiB' },
    { label: `${table}: merging a row once`, value: mergeMicroseconds, unit: 'µs of processor' },
  ])
}

/** Held against the first setup. */
function figuresOfSetups(setups: Setup[]): Figure[] {
  const [first] = setups
  return setups.flatMap((setup) => {
    const figure = (label: string, value: number, unit: string, base: number | undefined): Figure => ({
      label: `${setup.label}, ${label}`,
      value,
      unit,
      ...(setup === first || !base ? {} : { against: { what: first?.label ?? '', ratio: value / base } }),
    })
    return [
      ...Object.entries(setup.questions).flatMap(([name, cost]) => {
        const base = first?.questions[name]
        return [
          figure(name, cost.wallMs, 'ms', base?.wallMs),
          figure(`${name}: ClickHouse`, cost.engineMs, 'ms of processor', base?.engineMs),
          ...(setup.shards > 1
            ? [figure(`${name}: busiest shard`, cost.busiestMs, 'ms of processor', base?.busiestMs)]
            : []),
          figure(`${name}: program`, cost.programMs, 'ms of processor', base?.programMs),
        ]
      }),
      ...Object.entries(setup.ingest).flatMap(([name, cost]) => {
        const base = first?.ingest[name]
        return [
          figure(name, cost.perSecond, '/s', base?.perSecond),
          figure(`${name}: ClickHouse`, cost.engineMicroseconds, 'µs of processor a record', base?.engineMicroseconds),
          figure(`${name}: program`, cost.programMicroseconds, 'µs of processor a record', base?.programMicroseconds),
          figure(
            `${name}: PostgreSQL`,
            cost.postgresMicroseconds,
            'µs of processor a record',
            base?.postgresMicroseconds,
          ),
          figure(`${name}: write-ahead log`, cost.walBytes, 'bytes a record', base?.walBytes),
        ]
      }),
    ]
  })
}

function count(calls: number): string {
  return calls.toLocaleString('en-US')
}
