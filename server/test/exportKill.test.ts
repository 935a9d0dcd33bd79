import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { parse } from 'csv-parse/sync'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { loadConfig } from '../src/config.ts'
import { openControl } from '../src/control.ts'
import { issueKey } from '../src/features/keys/issueKey.ts'
import { openLog } from '../src/log.ts'
import { sql } from '../src/store/postgres/postgres.ts'
import { freePort } from './freePorts.ts'
import { requestWith } from './kill/client.ts'
import { readWorkbook } from './readWorkbook.ts'
import { download, signedRequest, waitForEnd } from './signedRequest.ts'

// Exports outlive the program: it is killed with SIGKILL in the middle of them, started again, and each ends once, whole.

const commandLine = join(import.meta.dirname, '../../bin/earshot.js')
const clock = { ports: { now: Date.now } }

let directory: string
let environment: Record<string, string>
let program: ChildProcess | undefined

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'earshot-kill-'))
  environment = {
    EARSHOT_PORT: String(await freePort()),
    EARSHOT_DATA_DIR: directory,
    EARSHOT_LOG_LEVEL: 'silent',
    EARSHOT_RATE_LIMIT: '0',
    EARSHOT_MIN_FREE_BYTES: '0',
  }
})
afterAll(async () => {
  if (program) await stop(program, 'SIGTERM')
  await rm(directory, { recursive: true, force: true, maxRetries: 10 })
})

async function start(url: string): Promise<ChildProcess> {
  const child = spawn(process.execPath, [commandLine, 'serve'], {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  program = child
  for (;;) {
    const healthy = await fetch(`${url}/health`).then(
      (answer) => answer.ok,
      () => false,
    )
    if (healthy) return child
    if (child.exitCode !== null || child.signalCode !== null) throw new Error('The server did not start.')
    await wait(50)
  }
}

async function stop(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  program = undefined
  const ended = once(child, 'exit')
  child.kill(signal)
  await ended
}

/** When the last of the leases that are held runs out, in milliseconds since 1970. */
async function lastLease(): Promise<number> {
  const config = loadConfig(environment)
  const control = await openControl(config, openLog(config))
  const row = await control.postgres.first<{ until: Date | null }>(sql`SELECT max(lease_until) AS until FROM jobs`)
  await control.close()
  return row?.until?.getTime() ?? 0
}

async function makeAccount(url: string) {
  const config = loadConfig(environment)
  const control = await openControl(config, openLog(config))
  const { apiKey, hmacSecret } = await issueKey(control, { account: 'killed', scopes: ['*'] })
  await control.close()
  return { hmacSecret, request: requestWith(url, apiKey) }
}

test('killed in the middle of exports, it ends each of them once, and leaves none waiting for 30 seconds', async () => {
  const url = `http://127.0.0.1:${environment['EARSHOT_PORT']}`
  const account = await makeAccount(url)
  let child = await start(url)
  const count = 20_000
  for (let from = 0; from < count; from += 10_000) {
    const lines = Array.from({ length: 10_000 }, (_, index) => {
      const startedAt = new Date(Date.UTC(2026, 4, 2) + (from + index) * 1000).toISOString()
      return JSON.stringify({
        id: `c${from + index}`,
        channel: 'phone',
        status: 'completed',
        startedAt,
        durationSeconds: 0,
      })
    })
    const headers = { 'Content-Type': 'application/x-ndjson' }
    expect((await account.request('POST', '/v1/ingest/calls', lines.join('\n'), headers)).status).toBe(200)
  }
  const ids: { id: string; format: string }[] = []
  for (const format of ['csv', 'xlsx', 'csv', 'xlsx', 'csv', 'xlsx']) {
    const body = { dateFrom: '2026-05-01', dateTo: '2026-05-31', format }
    const started = await signedRequest(clock, account, 'POST', '/api/v1/exports/ai-calls', body)
    ids.push({ id: started.json.data.jobId, format })
  }
  const statusOf = async (id: string) =>
    (await signedRequest(clock, account, 'GET', `/api/v1/exports/${id}`)).json.data.status as string
  for (const killed of [0, 3]) {
    while ((await statusOf(ids[killed]?.id ?? '')) === 'queued') await wait(5)
    await wait(Math.random() * 100)
    await stop(child, 'SIGKILL')
    // From then on any worker takes what the dead one held; the queue is looked at every two seconds.
    expect((await lastLease()) - Date.now()).toBeLessThan(25_000)
    child = await start(url)
  }
  const jobs = await Promise.all(ids.map(({ id }) => waitForEnd(clock, account, id)))
  for (const [index, job] of jobs.entries()) {
    expect(job).toMatchObject({ status: 'completed', rowCount: count, totalRows: count, truncated: false })
    const file = await download(job)
    const rows = ids[index]?.format === 'csv' ? parse(file, { bom: true }) : ((await readWorkbook(file))[0]?.rows ?? [])
    expect(rows).toHaveLength(count + 1)
  }
})
