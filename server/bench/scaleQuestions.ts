import { setTimeout as wait } from 'node:timers/promises'
import { runExportOnce } from './exports.ts'
import { median, timed } from './measure.ts'
import { cpuSince, readCpu, total, type CpuSeconds, type ScaleEngines } from './scaleEngines.ts'
import type { ServerProcess } from './serverProcess.ts'

/** What one question takes: the time until it is answered, and the processor time of each role. */
export interface Cost {
  wallMs: number
  /** All ClickHouse processes together, and the busiest of them. */
  engineMs: number
  busiestMs: number
  postgresMs: number
  programMs: number
}

export interface Question {
  name: string
  runs: number
  ask: () => Promise<unknown>
}

/** What is asked of an account whose calls are spread over 2026. */
export function questionsOf(server: ServerProcess, calls: number, ids: string[], scale: number): Question[] {
  let next = 0
  const runs = (count: number): number => Math.max(3, Math.round(count * Math.min(1, scale)))
  const get = (path: string) => () => read(server, path)
  const feedAfter = Math.floor(calls / 2)
  const month = 'dateFrom=2026-08-01&dateTo=2026-08-30'
  return [
    {
      name: 'a call by its id',
      runs: runs(200),
      ask: () => read(server, `/api/v1/calls/${ids[next++ % ids.length]}`),
    },
    { name: 'newest page of the list', runs: runs(60), ask: get('/api/v1/calls') },
    {
      name: 'page of 1,000 of the feed',
      runs: runs(30),
      ask: get(`/v1/sa/call?format=csv&per_page=1000&page=1&afterCallId=${feedAfter}&consecutive=true`),
    },
    { name: 'summary of 30 days', runs: runs(60), ask: get(`/v1/analytics/summary?${month}`) },
    { name: 'daily trend of 30 days', runs: runs(60), ask: get(`/v1/analytics/trends?${month}`) },
    // Not in any totals: every call of the year is read.
    {
      name: 'daily percentiles of a year',
      runs: runs(10),
      ask: get('/v1/analytics/trends?dateFrom=2026-01-01&dateTo=2026-12-31&metrics=p95DurationSeconds'),
    },
    { name: 'export of 50,000 rows', runs: runs(5), ask: () => runExportOnce(server, 'csv') },
  ]
}

async function read(server: ServerProcess, path: string): Promise<void> {
  const answer = await fetch(`${server.url}${path}`, {
    headers: { 'X-Api-Key': server.key.apiKey, Authorization: `Bearer ${server.key.apiKey}` },
  })
  const text = await answer.text()
  if (!answer.ok) throw new Error(`${path} answers ${answer.status}: ${text}`)
}

/** Processor seconds a second that the processes use while nobody asks: background work, to be taken off. */
export async function idleCpu(engines: ScaleEngines, idleMs: number): Promise<CpuSeconds> {
  const before = readCpu(engines)
  const milliseconds = await timed(() => wait(idleMs))
  const spent = cpuSince(before, readCpu(engines))
  const each = (seconds: number): number => seconds / (milliseconds / 1000)
  return { shards: spent.shards.map(each), postgres: each(spent.postgres), program: each(spent.program) }
}

/** Asks the same question again and again, one after the other, after three that warm up. */
export async function costOf(engines: ScaleEngines, idle: CpuSeconds, { runs, ask }: Question): Promise<Cost> {
  for (let run = 0; run < 3; run++) await ask()
  const times: number[] = []
  const before = readCpu(engines)
  const seconds =
    (await timed(async () => {
      for (let run = 0; run < runs; run++) times.push(await timed(ask))
    })) / 1000
  const spent = cpuSince(before, readCpu(engines))
  const each = (used: number, idleRate: number): number => Math.max(0, ((used - idleRate * seconds) / runs) * 1000)
  const shards = spent.shards.map((used, index) => each(used, idle.shards[index] ?? 0))
  return {
    wallMs: median(times),
    engineMs: total(shards),
    busiestMs: Math.max(...shards),
    postgresMs: each(spent.postgres, idle.postgres),
    programMs: each(spent.program, idle.program),
  }
}
