import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { timed, type BenchOptions, type Figure, type Result } from './measure.ts'
import { startServer, type ServerProcess } from './serverProcess.ts'

/** One export: how long from the request to its files, and how much the server's memory grew meanwhile. */
export interface Run {
  seconds: number
  growth: number
  rows: number
}

/**
 * The dataset export of one day of 100,000 calls, 100,000 engagements and 2 million turns, among five such days: all five
 * files, each alone, and what belongs to one customer.
 */
export async function measureDatasets({ scale, directory }: BenchOptions): Promise<Result> {
  const calls = Math.round(500_000 * scale)
  const data = join(directory, 'datasets')
  await inOwnProcess('days', data, calls)
  const server = await startServer(data)
  const figures: Figure[] = []
  try {
    await warmUp(server)
    await wait(3000)
    figures.push({ label: 'memory of the server at rest', value: server.memory(), unit: 'MiB' })
    for (const include of ['engagement,customer,turn,review,agent', 'engagement', 'turn', 'agent,customer']) {
      const day = `from=2026-05-03T00:00:00Z&to=2026-05-04T00:00:00Z&include=${include}`
      const run = await measured(server, async () => {
        const { exportId } = await ask<{ exportId: string }>(server, 'POST', `/api/v1/export?${day}`)
        return exportId
      })
      figures.push(...figuresOf(include, run))
    }
  } finally {
    await server.stop()
  }
  return { name: `dataset exports of a day of ${(calls / 5).toLocaleString('en-US')} calls`, figures }
}

function figuresOf(label: string, { seconds, growth, rows }: Run): Figure[] {
  const counted = `${label}: ${rows.toLocaleString('en-US')} rows`
  return [
    { label: `${counted}, from request to files`, value: seconds, unit: 's' },
    { label: `${counted}, growth of memory`, value: growth, unit: 'MiB' },
  ]
}

/** The engine's threads and caches come with the first export, however small: it is not measured. */
export async function warmUp(server: ServerProcess): Promise<void> {
  for (const format of ['csv', 'parquet']) {
    const body = { datasets: ['calls', 'turn'], format, from: '2026-05-01T00:00:00Z', to: '2026-05-01T01:00:00Z' }
    const started = await ask<{ data: { exportId: string } }>(server, 'POST', '/v1/exports', body)
    await untilEnd(server, started.data.exportId)
  }
}

/** Starts an export and waits for its end, watching the memory. */
export async function measured(server: ServerProcess, start: () => Promise<string>): Promise<Run> {
  const before = server.memory()
  let max = before
  const watch = setInterval(() => (max = Math.max(max, server.memory())), 20)
  let rows = 0
  const milliseconds = await timed(async () => (rows = await untilEnd(server, await start())))
  clearInterval(watch)
  return { seconds: milliseconds / 1000, growth: max - before, rows }
}

async function untilEnd(server: ServerProcess, exportId: string): Promise<number> {
  for (;;) {
    const { data } = await ask<{ data: { status: string; rowCount: number; error: string | null } }>(
      server,
      'GET',
      `/v1/exports/${exportId}`,
    )
    if (data.status === 'completed') return data.rowCount
    if (data.status === 'failed') throw new Error(`The export failed: ${data.error}`)
    await wait(20)
  }
}

/** One request of the server's API, as JSON. */
export async function ask<Answer>(server: ServerProcess, method: string, path: string, body?: object): Promise<Answer> {
  const answer = await fetch(`${server.url}${path}`, {
    method,
    headers: { 'X-Api-Key': server.key.apiKey, ...(body ? { 'Content-Type': 'application/json' } : {}) },
    ...(body ? { body: JSON.stringify(body) } : {}),
  })
  if (!answer.ok) throw new Error(`${method} ${path} answers ${answer.status}: ${await answer.text()}`)
  return answer.json() as Promise<Answer>
}

/** A task of datasetsEngine.ts, in a process that ends with it; the seconds that it took. */
export async function inOwnProcess(task: string, directory: string, calls: number): Promise<number> {
  const child = fork(new URL('./datasetsEngine.ts', import.meta.url), [task, directory, String(calls)])
  const ended = once(child, 'exit')
  const [message] = (await once(child, 'message')) as [{ seconds: number }]
  await ended
  return message.seconds
}
