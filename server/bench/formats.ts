import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { ask, inOwnProcess, measured, warmUp, type Run } from './datasets.ts'
import type { BenchOptions, Figure, Result } from './measure.ts'
import { startServer } from './serverProcess.ts'

/** Every call there is: they are spread over 2026. */
export const exportedPeriod = { from: '2025-12-01T00:00:00Z', to: '2027-03-01T00:00:00Z' }

/** What a warehouse loads of a call. All 98 columns would make 2 kB of NDJSON a row, and 40 GB of 20 million. */
export const exportedColumns = [
  'number',
  'id',
  'direction',
  'status',
  'outcome',
  'startedAt',
  'endedAt',
  'durationSeconds',
  'externalEndpoint',
  'campaignId',
  'agentId',
  'customerId',
  'escalated',
  'evaluationStatus',
  'evaluationScore',
  'surveyScore',
]

const formats = [
  { name: 'ndjson', engineName: 'JSONEachRow', maxMiB: 200 },
  { name: 'parquet', engineName: 'Parquet', maxMiB: 600 },
] as const

type MeasuredFormat = (typeof formats)[number]

/** All calls of a year as NDJSON and as Parquet, 2 million and 20 million: memory must not grow with them. */
export async function measureFormats({ scale, directory }: BenchOptions): Promise<Result> {
  const figures: Figure[] = []
  for (const million of [2, 20]) {
    const calls = Math.round(million * 1_000_000 * scale)
    const data = join(directory, `formats${million}`)
    const filled = await inOwnProcess('calls', data, calls)
    say(`${calls.toLocaleString('en-US')} calls made in ${filled.toFixed(0)} s`)
    for (const format of formats) figures.push(...(await measureFormat(format, data, calls)))
    await rm(data, { recursive: true })
  }
  return { name: `${exportedColumns.length} columns of whole tables as NDJSON and Parquet`, figures }
}

async function measureFormat({ name, engineName, maxMiB }: MeasuredFormat, data: string, calls: number) {
  const engine = await inOwnProcess(engineName, data, calls)
  const run = await exported(name, data)
  say(`${name}: ${run.seconds.toFixed(0)} s, ${run.growth} MiB; the engine's own dump ${engine.toFixed(0)} s`)
  if (run.rows !== calls) throw new Error(`The export has ${run.rows} rows of ${calls}.`)
  const label = `${name}: ${run.rows.toLocaleString('en-US')} rows`
  const figures: Figure[] = [
    {
      label: `${label}, from request to file`,
      value: run.seconds,
      unit: 's',
      against: { what: `the engine's own dump, ${engine.toFixed(1)} s`, ratio: run.seconds / engine },
    },
    {
      label: `${label}, growth of memory`,
      value: run.growth,
      unit: 'MiB',
      goal: { text: `under ${maxMiB} MB`, isMet: run.growth * 1.048576 < maxMiB },
    },
  ]
  return figures
}

/** Each export has a server of its own: memory that the one before still held would hide the growth. */
async function exported(format: string, data: string): Promise<Run> {
  const server = await startServer(data)
  try {
    await warmUp(server)
    await wait(3000)
    const body = { dataset: 'calls', format, columns: exportedColumns, ...exportedPeriod }
    return await measured(server, async () => {
      const started = await ask<{ data: { exportId: string } }>(server, 'POST', '/v1/exports', body)
      return started.data.exportId
    })
  } finally {
    await server.stop()
    await rm(join(data, 'files', 'exports'), { recursive: true, force: true })
  }
}

function say(progress: string): void {
  process.stderr.write(`  ${progress}\n`)
}
