import type { Rows, Setup } from './scaleSetup.ts'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { sampleIds } from './fill.ts'
import type { BenchOptions, Figure, Result } from './measure.ts'
import { serveCalls, startEngines, withApp, type CpuSeconds, type ScaleEngines } from './scaleEngines.ts'
import { measureIngest, rowSize, untilMerged, type IngestCost, type IngestLoad, type RowSize } from './scaleIngest.ts'
import { figuresOfModel } from './scaleModel.ts'
import { measureRecordings } from './scaleRecordings.ts'
import { measureRetention } from './scaleRetention.ts'
import { costOf, idleCpu, questionsOf } from './scaleQuestions.ts'
import type { ServerProcess } from './serverProcess.ts'

/** How records come: each sender waits for its answers. */
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
  'single calls': { collection: 'calls', senders: 1, requests: 40, perRequest: 1, pauseMs: 150 },
}

/**
 * The same questions and the same ingestion over 1, 5 and 20 million calls on one ClickHouse server, and over 2 million
 * on clusters of 1, 2 and 4 shards, by the program as it is served on server engines: the time, and the processor time
 * of every role, since all shards share this machine. From the costs, what a large operation would need.
 */
export async function measureScale({ scale, directory }: BenchOptions): Promise<Result> {
  const sizes = [1_000_000, 5_000_000, 20_000_000].map((calls) => Math.round(calls * scale))
  const spread = Math.round(2_000_000 * scale)
  const rows = await measureRows(join(directory, 'rows'), scale)
  const clusters: Setup[] = []
  for (const shards of [1, 2, 4]) {
    await withEngines(join(directory, `shards-${shards}`), shards, true, async (engines) => {
      clusters.push(await measureSetup(engines, `cluster of ${shards}`, spread, scale))
    })
  }
  const single: Setup[] = []
  await withEngines(join(directory, 'single'), 1, false, async (engines) => {
    for (const calls of sizes) single.push(await measureSetup(engines, `${count(calls)} calls`, calls, scale))
  })
  return {
    name: `scale: ${sizes.map(count).join(', ')} calls on one server, ${count(spread)} on clusters`,
    figures: [
      ...figuresOfRows(rows),
      ...figuresOfSetups(single),
      ...figuresOfSetups(clusters),
      ...figuresOfModel({ rows, single, clusters }),
    ],
  }
}

async function withEngines<T>(
  directory: string,
  shards: number,
  isCluster: boolean,
  work: (engines: ScaleEngines) => Promise<T>,
): Promise<T> {
  const engines = await startEngines(directory, shards, isCluster)
  try {
    return await work(engines)
  } finally {
    await engines.stop()
  }
}

/** Into empty tables, so that every row of them came this way. */
function measureRows(directory: string, scale: number): Promise<Rows> {
  const share = Math.min(1, scale)
  return withEngines(directory, 1, false, async (engines) => {
    const came = await measureRecords(engines, share)
    return { ...came, retention: await measureRetention(engines, Math.max(1000, Math.round(4000 * share))) }
  })
}

async function measureRecords(engines: ScaleEngines, share: number): Promise<Omit<Rows, 'retention'>> {
  const ingest: Record<string, IngestCost> = {}
  const sizes: RowSize[] = []
  const server = await serveCalls(engines, 0)
  try {
    // Both engines tidy up after their start.
    await wait(8000)
    const idle = await idleCpu(engines, 10_000)
    const load = async (collection: 'calls' | 'turns', requests: number, perRequest: number, place: number) => {
      const scaled = { senders: 1, requests: Math.max(2, Math.round(requests * share)), perRequest, pauseMs: 0 }
      const cost = await measureIngest(engines, server, idle, { collection, ...scaled, place })
      ingest[`${collection}, ${perRequest} a request`] = cost
    }
    await load('calls', 20, 10_000, 0)
    await load('turns', 40, 10_000, 0)
    for (const table of tables) sizes.push(await rowSize(engines, table))
    await load('calls', 400, 1, 100)
    await load('turns', 400, 50, 100)
    const recording = await measureRecordings(engines, server, idle, Math.max(2, Math.round(30 * share)))
    const [calls, turns, keys] = sizes
    if (!calls || !turns || !keys) throw new Error('Not every table was measured.')
    return { tables: { calls, turns, record_keys: keys }, ingest, recording }
  } finally {
    await server.stop()
  }
}

const tables = ['calls', 'turns', 'record_keys'] as const

async function measureSetup(engines: ScaleEngines, label: string, calls: number, scale: number): Promise<Setup> {
  const ids = await withApp(engines, ({ clickhouse }) => sampleIds(clickhouse, calls, 1000))
  const server = await serveCalls(engines, calls)
  try {
    // What the engine merges after the filling is not what is measured.
    await untilMerged(engines, 120_000)
    await wait(2000)
    const idle = await idleCpu(engines, 5000)
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

function figuresOfRows({ tables: sizes, ingest, recording, retention }: Rows): Figure[] {
  return [
    ...Object.entries(sizes).flatMap(([table, { diskBytes, keyBytes, mergeMicroseconds }]) => [
      { label: `${table}: a row on disk`, value: diskBytes, unit: 'bytes' },
      { label: `${table}: primary key in memory, a million rows`, value: (keyBytes * 1e6) / 1024, unit: 'KiB' },
      { label: `${table}: merging a row once more`, value: mergeMicroseconds, unit: 'µs of processor' },
    ]),
    ...Object.entries(ingest).flatMap(([name, cost]) => [
      { label: `${name}: PostgreSQL`, value: cost.postgresMicroseconds, unit: 'µs of processor a record' },
      { label: `${name}: its write-ahead log`, value: cost.walBytes, unit: 'bytes a record' },
      { label: `${name}: as sent`, value: cost.sentBytes, unit: 'bytes a record' },
    ]),
    { label: 'a recording of 3 minutes: program', value: recording.programSeconds, unit: 's of processor' },
    { label: 'retention', value: retention.callsPerSecond, unit: 'calls/s' },
    { label: 'retention, turns with them', value: retention.recordsPerSecond, unit: 'records/s' },
  ]
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
        ]
      }),
    ]
  })
}

function count(calls: number): string {
  return calls.toLocaleString('en-US')
}
