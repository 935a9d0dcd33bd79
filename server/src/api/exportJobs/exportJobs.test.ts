import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { signedRequest } from '../../../test/signedRequest.ts'
import { openTestApp, type TestAccount, type TestApp } from '../../../test/testApp.ts'
import { sql } from '../../store/postgres/postgres.ts'

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

const start = (body: object, headers: Record<string, string> = {}) =>
  account.request('POST', '/v1/exports', body, headers)

async function started(body: object): Promise<string> {
  const answer = await start(body)
  expect(answer.status, answer.text).toBe(202)
  return answer.json.data.exportId
}

const show = async (id: string) => (await account.request('GET', `/v1/exports/${id}`)).json.data

describe('starting, listing and cancelling (no worker runs yet)', () => {
  test('a start is answered with the job as it waits, and its place', async () => {
    const { status, json } = await start({ dataset: 'turn', format: 'parquet', ...may })
    expect(status).toBe(202)
    expect(json.data).toEqual({
      exportId: expect.any(String),
      surface: 'export-jobs',
      datasets: ['turn'],
      format: 'parquet',
      compression: 'none',
      status: 'queued',
      progress: 0,
      queuePosition: 1,
      rowCount: null,
      totalRows: null,
      truncated: null,
      files: [],
      error: null,
      request: { datasets: ['turn'], format: 'parquet', compression: 'none', timezone: 'UTC', ...may },
      createdAt: expect.any(String),
      startedAt: null,
      completedAt: null,
      expiresAt: expect.any(String),
    })
    expect(await show(json.data.exportId)).toEqual(json.data)
  })

  test('places are those in which jobs are taken: accounts in turn', async () => {
    await earshot.ports.postgres.run(sql`DELETE FROM jobs`)
    const mine = [await started({ dataset: 'calls', ...may }), await started({ dataset: 'calls', ...may })]
    const first = account
    account = await earshot.account()
    const other = await started({ dataset: 'calls', ...may })
    expect((await show(other)).queuePosition).toBe(2)
    account = first
    const places = await Promise.all(mine.map(async (id) => (await show(id)).queuePosition))
    expect(places).toEqual([1, 3])
  })

  test('the list has the exports of every API, newest first', async () => {
    const signed = await signedRequest(earshot, account, 'POST', '/api/v1/exports/ai-calls', may)
    const day = 'from=2026-05-03T00:00:00Z&to=2026-05-04T00:00:00Z'
    const datasets = await account.request('POST', `/api/v1/export?${day}&include=turn,agent`)
    const own = await started({ datasets: ['calls', 'agent'], format: 'ndjson', compression: 'gzip', ...may })
    const { json } = await account.request('GET', '/v1/exports')
    expect(json.data.map((job: Record<string, unknown>) => [job.exportId, job.surface, job.datasets])).toEqual([
      [own, 'export-jobs', ['calls', 'agent']],
      [datasets.json.exportId, 'datasets', ['turn', 'agent']],
      [signed.json.data.jobId, 'signed-exports', ['ai-calls']],
    ])
    expect((await account.request('GET', '/v1/exports?limit=1')).json.data).toHaveLength(1)
    // The published APIs do not see it.
    expect((await signedRequest(earshot, account, 'GET', `/api/v1/exports/${own}`)).status).toBe(404)
    expect((await account.request('GET', `/api/v1/export/${own}/status`)).status).toBe(404)
    expect((await (await earshot.account()).request('GET', `/v1/exports/${own}`)).status).toBe(404)
  })

  test('are listed page after page, each once, also while others are started', async () => {
    const ids: string[] = []
    for (let made = 0; made < 5; made++) ids.unshift(await started({ dataset: 'turn', ...may }))
    const seen: string[] = []
    let cursor: string | null = ''
    while (cursor !== null) {
      const { status, json } = await account.request('GET', `/v1/exports?limit=2&cursor=${cursor}`)
      expect(status).toBe(200)
      seen.push(...json.data.map((job: { exportId: string }) => job.exportId))
      cursor = json.nextCursor
      await started({ dataset: 'turn', ...may })
    }
    expect(seen).toEqual(ids)
    const other = await account.request('GET', '/v1/exports?cursor=nonsense')
    expect([other.status, other.json.error.code]).toEqual([400, 'BAD_REQUEST'])
  })

  test('say when they are gone, with their files', async () => {
    const { createdAt, expiresAt } = await show(await started({ dataset: 'turn', ...may }))
    expect(Date.parse(expiresAt) - Date.parse(createdAt)).toBe(72 * 3_600_000)
  })

  test('what starts it again is told, unless nothing does', async () => {
    const asked = { datasets: ['calls'], columns: { calls: ['id', 'status'] }, outcome: 'ENDED', format: 'parquet' }
    const span = { from: '2026-05-03T00:00:00.000Z', to: '2026-05-04T00:00:00.000Z' }
    const job = await show(await started({ ...asked, compression: 'gzip', ...span }))
    expect(job.request).toEqual({ ...asked, compression: 'gzip', ...span })
    expect((await show(await started(job.request))).request).toEqual(job.request)
    const signed = await signedRequest(earshot, account, 'POST', '/api/v1/exports/ai-calls', may)
    expect((await show(signed.json.data.jobId)).request).toMatchObject({
      datasets: ['ai-calls'],
      format: 'csv',
      ...may,
    })
    await account.request('POST', '/v1/ingest/customers', { id: 'k1', contacts: ['one@example.com'] })
    const ofOne = await show(await started({ dataset: 'turn', contact: 'one@example.com', ...may }))
    expect(ofOne.request).toBeNull()
  })

  test('one that waits is cancelled, whichever API started it; one that has ended is not', async () => {
    const signed = await signedRequest(earshot, account, 'POST', '/api/v1/exports/ai-calls', may)
    const path = `/v1/exports/${signed.json.data.jobId}`
    const { status, json } = await account.request('DELETE', path)
    expect([status, json.data.status, json.data.queuePosition]).toEqual([200, 'cancelled', null])
    const again = await account.request('DELETE', path)
    expect([again.status, again.json.error.code]).toEqual([409, 'CONFLICT'])
    expect((await account.request('DELETE', '/v1/exports/nothing')).status).toBe(404)
  })

  test('an Idempotency-Key gives the first job again, also when a contact leads to others by now', async () => {
    const key = { 'Idempotency-Key': 'night' }
    await account.request('POST', '/v1/ingest/customers', { id: 'k1', contacts: ['one@example.com'] })
    const body = { dataset: 'turn', contact: 'one@example.com', ...may }
    const first = await start(body, key)
    await account.request('POST', '/v1/ingest/customers', { id: 'k2', contacts: ['one@example.com'] })
    const second = await start(body, key)
    expect(second.json.data.exportId).toBe(first.json.data.exportId)
    const other = await start({ ...body, format: 'parquet' }, key)
    expect([other.status, other.json.error.code]).toEqual([409, 'CONFLICT'])
    expect((await start({ dataset: 'turn', contact: 'two@example.com', ...may })).status).toBe(422)
  })

  test('an Idempotency-Key has 1 to 255 characters', async () => {
    // Random digits, because the index of the store packs simple ones.
    const long = randomBytes(4096).toString('hex')
    for (const [key, status] of [
      [long, 400],
      [long.slice(0, 256), 400],
      [long.slice(0, 255), 202],
      ['', 400],
    ] as const) {
      expect((await start({ dataset: 'turn', ...may }, { 'Idempotency-Key': key })).status, key).toBe(status)
    }
  })

  test.each([
    [{ ...may }, 'dataset', 'or datasets is needed'],
    [{ dataset: 'turn', datasets: ['turn'], ...may }, 'dataset', 'one of the two'],
    [{ dataset: 'turns', ...may }, 'dataset', 'Invalid'],
    [{ dataset: 'turn', format: 'xlsx', ...may }, 'format', 'must be one of csv, ndjson, parquet for the dataset turn'],
    [{ dataset: 'ai-calls', format: 'parquet', ...may }, 'format', 'must be one of csv, xlsx for the dataset ai-calls'],
    [{ dataset: 'ai-calls', from: '2026-05-01T00:00:00Z', to: '2026-05-02T00:00:00Z' }, 'from', 'is not for ai-calls'],
    [{ dataset: 'turn' }, 'dateFrom', 'and dateTo are needed, or from and to'],
    [{ dataset: 'turn', from: '2026-05-01T00:00:00Z' }, 'dateFrom', 'are needed'],
    [{ dataset: 'turn', from: '2026-05-01T00:00:00Z', ...may }, 'dateFrom', 'or from and to'],
    [{ dataset: 'turn', from: '2026-05-02T00:00:00Z', to: '2026-05-02T00:00:00Z' }, 'to', 'must be after from'],
    [{ dataset: 'turn', from: '2016-05-02T00:00:00Z', to: '2026-05-02T00:00:00Z' }, 'to', 'at most 1830 days'],
    [{ dataset: 'turn', from: 'now', to: '2026-05-02T00:00:00Z' }, 'from', 'Invalid'],
    [
      { dataset: 'turn', from: '0000-01-01T00:00:00+05:00', to: '0000-01-02T00:00:00Z' },
      'from',
      '1900-01-01T00:00:00Z and 2299',
    ],
    [
      { dataset: 'turn', from: '2298-01-01T00:00:00Z', to: '9999-12-31T23:00:00-05:00' },
      'to',
      '1900-01-01T00:00:00Z and 2299',
    ],
    [{ dataset: 'turn', dateFrom: '2026-05-02', dateTo: '2026-05-01' }, 'dateTo', 'must not be before dateFrom'],
    [{ dataset: 'turn', dateFrom: '2016-05-02', dateTo: '2026-05-01' }, 'dateTo', 'at most 1830 days'],
    [{ dataset: 'turn', timezone: 'Mars', ...may }, 'timezone', 'IANA'],
    [{ dataset: 'turn', outcome: 'x', ...may }, 'outcome', 'is a filter of ai-calls and calls'],
    [{ dataset: 'calls', contact: 'x', ...may }, 'contact', 'is a filter of engagement'],
    [{ dataset: 'calls', campaignId: '\0', ...may }, 'campaignId', 'null characters'],
    [{ dataset: 'calls', outcome: '\ud800', ...may }, 'outcome', 'broken'],
    [{ dataset: 'ai-calls', columns: ['EPA_\0'], ...may }, 'columns.0', 'null characters'],
    [{ dataset: 'turn', columns: ['pid', 'nothing'], ...may }, 'columns', '"nothing", which turn does not have'],
    [{ dataset: 'turn', columns: ['pid', 'pid'], ...may }, 'columns', 'twice'],
    [{ dataset: 'turn', columns: { agent: ['pid'] }, ...may }, 'columns', '"agent", which is not exported'],
    [{ datasets: ['turn', 'agent'], columns: ['pid'], ...may }, 'columns', 'lists by dataset'],
    [{ dataset: 'turn', whatever: 1, ...may }, 'whatever', 'not known'],
  ])('%j is refused', async (body, field, says) => {
    const { status, json } = await start(body)
    expect([status, json.error.code]).toEqual([422, 'VALIDATION_ERROR'])
    expect(json.error.message).toContain(says)
    expect(json.error.details[0].field).toBe(field)
  })
})
