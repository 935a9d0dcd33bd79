import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { bodyHashOf, canonicalText, signatureOf } from '../src/api/auth/signature.ts'
import { timed, type BenchOptions, type Figure, type Result } from './measure.ts'
import { startServer, type ServerProcess } from './serverProcess.ts'

/** The 92 days that the report is asked for; calls are spread over a year. */
export const reportPeriod = { dateFrom: '2026-06-01', dateTo: '2026-08-31', timezone: 'America/Santiago' }

/**
 * The report's file of 50,000 rows as a job, over two million calls: how long from the request to the finished file,
 * and how much memory it takes; against the engine's own time for the same query.
 */
export async function measureExports({ scale, directory }: BenchOptions): Promise<Result> {
  const calls = Math.round(2_000_000 * scale)
  const data = join(directory, 'exports')
  await inOwnProcess('fill', data, calls)
  const engine = await inOwnProcess('report', data, calls)
  const server = await startServer(data)
  const figures: Figure[] = []
  try {
    await wait(3000)
    figures.push({ label: 'memory of the server at rest', value: server.memory(), unit: 'MiB' })
    for (const format of ['csv', 'xlsx']) {
      const { seconds, growth, rows } = await runJob(server, format)
      figures.push(
        {
          label: `${format} of ${rows} rows, from request to file`,
          value: seconds,
          unit: 's',
          against: { what: `the engine's own ${engine.toFixed(2)} s for the query as CSV`, ratio: seconds / engine },
        },
        { label: `${format}, growth of memory`, value: growth, unit: 'MiB' },
      )
    }
  } finally {
    await server.stop()
  }
  return { name: `exports over ${calls.toLocaleString('en-US')} calls`, figures }
}

async function inOwnProcess(task: string, directory: string, calls: number): Promise<number> {
  const child = fork(new URL('./exportsEngine.ts', import.meta.url), [task, directory, String(calls)])
  const ended = once(child, 'exit')
  const [message] = (await once(child, 'message')) as [{ seconds: number }]
  await ended
  return message.seconds
}

/** The second of two runs: the first reads the files from the disk. */
async function runJob(
  server: ServerProcess,
  format: string,
): Promise<{ seconds: number; growth: number; rows: number }> {
  await runExportOnce(server, format)
  const before = server.memory()
  let max = before
  const watch = setInterval(() => (max = Math.max(max, server.memory())), 20)
  let rows = 0
  const milliseconds = await timed(async () => (rows = await runExportOnce(server, format)))
  clearInterval(watch)
  return { seconds: milliseconds / 1000, growth: max - before, rows }
}

/** Starts an export and waits for its end; gives the rows of its file. */
export async function runExportOnce(server: ServerProcess, format: string): Promise<number> {
  const started = await signed(server, 'POST', '/api/v1/exports/ai-calls', { ...reportPeriod, format })
  const jobId = String(started.data['jobId'])
  for (;;) {
    const job = await signed(server, 'GET', `/api/v1/exports/${jobId}`)
    if (job.data['status'] === 'failed') throw new Error(`The export failed: ${JSON.stringify(job)}`)
    if (job.data['status'] === 'completed') return Number(job.data['rowCount'] ?? job.data['totalRows'])
    await wait(20)
  }
}

async function signed(server: ServerProcess, method: string, path: string, body?: object) {
  const text = body === undefined ? '' : JSON.stringify(body)
  const timestamp = String(Math.floor(Date.now() / 1000))
  const canonical = canonicalText(timestamp, method, path, bodyHashOf(Buffer.from(text)))
  const answer = await fetch(`${server.url}${path}`, {
    method,
    headers: {
      'X-Api-Key': server.key.apiKey,
      'X-Timestamp': timestamp,
      'X-Signature': signatureOf(server.key.hmacSecret, canonical),
      'Content-Type': 'application/json',
    },
    ...(body === undefined ? {} : { body: text }),
  })
  if (!answer.ok) throw new Error(`${method} ${path} answers ${answer.status}: ${await answer.text()}`)
  const json: { data: Record<string, unknown> } = JSON.parse(await answer.text())
  return json
}
