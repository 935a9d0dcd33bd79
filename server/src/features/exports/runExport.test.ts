import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { download, signedRequest, waitForEnd, type ShownJob } from '../../../test/signedRequest.ts'
import { openTestApp, type TestAccount, type TestApp } from '../../../test/testApp.ts'
import type { Ports } from '../../ports.ts'
import { AppError } from '../../errors.ts'
import { sql } from '../../store/postgres/postgres.ts'
import { expireExports, sweepExports } from './expireExports.ts'
import { failExport } from './failExport.ts'
import { runExport } from './runExport.ts'
import { attemptOf, viewName } from './selection.ts'

let earshot: TestApp
let account: TestAccount

beforeAll(async () => {
  earshot = await openTestApp()
})
afterAll(() => earshot.close())
beforeEach(async () => {
  account = await earshot.account()
})

const may = { dateFrom: '2026-05-01', dateTo: '2026-05-31' }
const startMs = Date.UTC(2026, 4, 2)

const call = (index: number, more: object = {}) => ({
  id: `c${index}`,
  channel: 'phone',
  status: 'completed',
  startedAt: new Date(startMs + index * 1000).toISOString(),
  durationSeconds: 0,
  ...more,
})

async function ingest(collection: string, records: unknown): Promise<void> {
  const answer = await account.request('POST', `/v1/ingest/${collection}`, records)
  expect(answer.status, answer.text.slice(0, 500)).toBe(200)
}

/** Starts an export without anything that works on it; gives its id and its job's. */
async function start(body: object = may): Promise<{ exportId: string; jobId: string }> {
  const started = await signedRequest(earshot, account, 'POST', '/api/v1/exports/ai-calls', body)
  const exportId: string = started.json.data.jobId
  const row = await earshot.ports.postgres.first<{ job_id: string }>(
    sql`SELECT job_id FROM exports WHERE id = ${exportId}`,
  )
  return { exportId, jobId: row?.job_id ?? '' }
}

const held = (exportId: string, attempt: number, signal = new AbortController().signal) => ({
  id: randomUUID(),
  kind: 'export',
  accountId: account.id,
  input: { exportId },
  attempt,
  signal,
})

/** The program, where something happens each time that a file was stored. */
function afterPut(happens: () => unknown): Ports {
  const { files } = earshot.ports
  return {
    ...earshot.ports,
    files: {
      ...files,
      async put(...given) {
        const stored = await files.put(...given)
        await happens()
        return stored
      },
    },
  }
}

async function show(exportId: string): Promise<ShownJob> {
  return (await signedRequest(earshot, account, 'GET', `/api/v1/exports/${exportId}`)).json.data
}

async function filesOf(exportId: string): Promise<string[]> {
  const keys = []
  for await (const key of earshot.ports.files.list(`exports/${exportId}/`)) keys.push(key)
  return keys
}

/** The attempts of an export of which a view is left. */
async function viewsOf(exportId: string): Promise<number[]> {
  const views = await Promise.all(earshot.ports.clickhouse.nodes().map((node) => node.views()))
  const attempts = views.flat().flatMap((view) => attemptOf(view) ?? [])
  return attempts.filter((entry) => entry.exportId === exportId).map(({ attempt }) => attempt)
}

describe('workers (none runs by itself yet)', () => {
  test('one that lost its lease changes nothing, and its successor ends the export once', async () => {
    await ingest(
      'calls',
      Array.from({ length: 2000 }, (_, index) => call(index)),
    )
    const { exportId } = await start()
    const overtaken = Promise.withResolvers<void>()
    // The first worker stands still when its file is written and not yet told of.
    const slow = runExport(
      afterPut(() => overtaken.promise),
      held(exportId, 1),
    )
    await expect.poll(() => filesOf(exportId)).toHaveLength(1)
    expect(await show(exportId)).toMatchObject({ status: 'processing' })
    expect(await show(exportId)).not.toHaveProperty('downloadUrl')
    await runExport(earshot.ports, held(exportId, 2))
    const finished = await show(exportId)
    expect(finished).toMatchObject({ status: 'completed', rowCount: 2000 })
    overtaken.resolve()
    await slow
    expect(await show(exportId)).toEqual(finished)
    expect(await filesOf(exportId)).toEqual([`exports/${exportId}/2/ai-calls.csv`])
    expect(await viewsOf(exportId)).toEqual([])
    // Its job comes once more when the process died before it could end it.
    await runExport(earshot.ports, held(exportId, 3))
    expect(await filesOf(exportId)).toEqual([`exports/${exportId}/2/ai-calls.csv`])
    expect((await download(await show(exportId))).length).toBeGreaterThan(2000)
  })

  test('one that is told to stop leaves nothing behind', async () => {
    await ingest('calls', call(1))
    const { exportId } = await start()
    const abort = new AbortController()
    const lose = () => abort.abort(new Error('The lease of the job was lost.'))
    await expect(runExport(afterPut(lose), held(exportId, 1, abort.signal))).rejects.toThrow('lease')
    expect(await show(exportId)).toMatchObject({ status: 'processing' })
    expect([await filesOf(exportId), await viewsOf(exportId)]).toEqual([[], []])
    await runExport(earshot.ports, held(exportId, 2))
    expect(await show(exportId)).toMatchObject({ status: 'completed', rowCount: 1 })
  })

  test('one that loses the connection when it has completed the export keeps its files', async () => {
    await ingest('calls', call(1))
    const { exportId } = await start()
    const { postgres } = earshot.ports
    const transaction: typeof postgres.transaction = async (work) => {
      await postgres.transaction(work)
      throw new AppError('UNAVAILABLE', 'The control database is away; try again later.')
    }
    const broken: Ports = { ...earshot.ports, postgres: { ...postgres, transaction } }
    await expect(runExport(broken, held(exportId, 1))).rejects.toThrow('away')
    await runExport(earshot.ports, held(exportId, 2))
    const finished = await show(exportId)
    expect(finished).toMatchObject({ status: 'completed', rowCount: 1 })
    expect((await download(finished)).length).toBeGreaterThan(100)
  })

  test('what a dead one left is swept up, what is needed stays', async () => {
    await ingest('calls', call(1))
    const dead = await start()
    const done = await start()
    await runExport(earshot.ports, held(done.exportId, 1))
    const { clickhouse, files, postgres } = earshot.ports
    await postgres.run(sql`UPDATE exports SET status = 'processing', attempt = 4 WHERE id = ${dead.exportId}`)
    for (const attempt of [3, 4]) {
      await clickhouse.view(viewName(dead.exportId, attempt), ['calls'])
      await files.put(`exports/${dead.exportId}/${attempt}/ai-calls.csv`, [Buffer.from('x')] as never)
    }
    await sweepExports(earshot.ports)
    expect(await viewsOf(dead.exportId)).toEqual([4])
    expect(await filesOf(dead.exportId)).toEqual([`exports/${dead.exportId}/4/ai-calls.csv`])
    expect(await filesOf(done.exportId)).toHaveLength(1)
    await failExport(earshot.ports, held(dead.exportId, 5), new Error('secret detail'))
    await sweepExports(earshot.ports)
    expect([await viewsOf(dead.exportId), await filesOf(dead.exportId)]).toEqual([[], []])
    const failed = await show(dead.exportId)
    expect(failed).toMatchObject({ status: 'failed', error: expect.stringContaining('internal reason') })
    expect(failed['error']).not.toContain('secret')
  })

  test('a failure says what would help', async () => {
    for (const [reason, says] of [
      ['Code: 241. DB::Exception: Query memory limit exceeded. (MEMORY_LIMIT_EXCEEDED)', 'choose a shorter period'],
      ['Code: 243. DB::Exception: Cannot reserve 1.00 MiB (NOT_ENOUGH_SPACE)', 'disk is full'],
    ] as const) {
      const { exportId } = await start()
      await failExport(earshot.ports, held(exportId, 1), new Error(reason))
      expect(await show(exportId)).toMatchObject({ status: 'failed', error: expect.stringContaining(says) })
      // Whoever still worked on it cannot complete it any more.
      await runExport(earshot.ports, held(exportId, 1))
      expect(await show(exportId)).toMatchObject({ status: 'failed' })
    }
  })

  test('72 hours after its start an export is gone, with its files', async () => {
    await ingest('calls', call(1))
    const { exportId } = await start()
    await runExport(earshot.ports, held(exportId, 1))
    const { downloadUrl, createdAt } = await show(exportId)
    const { now } = earshot.ports
    try {
      earshot.ports.now = () => Date.parse(String(createdAt)) + 72 * 3_600_000 - 1
      await expireExports(earshot.ports)
      expect(await show(exportId)).toMatchObject({ status: 'completed' })
      expect(await filesOf(exportId)).toHaveLength(1)
      earshot.ports.now = () => Date.parse(String(createdAt)) + 72 * 3_600_000
      const gone = await signedRequest(earshot, account, 'GET', `/api/v1/exports/${exportId}`)
      expect([gone.status, gone.json.error.code]).toEqual([404, 'RESOURCE_NOT_FOUND'])
      await expireExports(earshot.ports)
      expect(await filesOf(exportId)).toEqual([])
      expect(await earshot.ports.postgres.query(sql`SELECT id FROM exports WHERE id = ${exportId}`)).toEqual([])
      expect((await fetch(downloadUrl)).status).toBe(410)
    } finally {
      earshot.ports.now = now
    }
  })

  test('a job whose worker died is taken up again and ended once', async () => {
    await ingest('calls', call(1))
    const { exportId, jobId } = await start()
    // As a worker leaves it that is killed in the middle.
    await earshot.ports.postgres.run(sql`
      UPDATE jobs
      SET worker = ${randomUUID()}, lease_until = now() + INTERVAL '1 second', attempt = 1
      WHERE id = ${jobId}`)
    await earshot.ports.postgres.run(sql`
      UPDATE exports
      SET status = 'processing', attempt = 1, progress = 40
      WHERE id = ${exportId}`)
    earshot.ports.jobs.start()
    expect(await waitForEnd(earshot, account, exportId)).toMatchObject({ status: 'completed', rowCount: 1 })
    expect(await filesOf(exportId)).toEqual([`exports/${exportId}/2/ai-calls.csv`])
    await expect.poll(() => earshot.ports.postgres.query(sql`SELECT id FROM jobs WHERE id = ${jobId}`)).toEqual([])
  })
})
