import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { exportDatasets } from '../../../test/datasetExport.ts'
import { openTestApp, type TestAccount, type TestApp } from '../../../test/testApp.ts'
import { systemContext } from '../../context.ts'
import { cancelExport } from '../../features/exports/cancelExport.ts'
import { expireExports } from '../../features/exports/expireExports.ts'
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

const day = { from: '2026-05-03T00:00:00Z', to: '2026-05-04T00:00:00Z' }

const start = (query: Record<string, string> | string, body?: unknown) =>
  account.request('POST', `/api/v1/export?${new URLSearchParams(query).toString()}`, body)

const statusOf = (id: string, by = account) => by.request('GET', `/api/v1/export/${id}/status`)

async function parametersOf(exportId: string): Promise<Record<string, unknown>> {
  const row = await earshot.ports.postgres.first<{ request: { parameters: Record<string, unknown> } }>(sql`
    SELECT request
    FROM exports
    WHERE id = ${exportId}`)
  return row?.request.parameters ?? {}
}

describe('starting and asking (no worker runs yet)', () => {
  test('a start answers 200 with the id and a relative address; a body is ignored', async () => {
    for (const body of [undefined, { from: 'x' }, 'nonsense {']) {
      const { status, json } = await start(day, body)
      expect(status).toBe(200)
      expect(json).toEqual({ exportId: expect.any(String), statusUrl: `api/v1/export/${json.exportId}/status` })
      expect((await statusOf(json.exportId)).json).toEqual({
        exportId: json.exportId,
        status: 'PROCESSING',
        downloadUrls: {},
        error: null,
      })
    }
  })

  test.each([
    ['2024-01-01T00:00:00Z', '2024-01-01T00:00:00.000Z'],
    ['2024-01-01T02:30:00.25+02:30', '2024-01-01T00:00:00.250Z'],
    // A plus sign that was not escaped.
    ['2024-01-01T02:00:00 02:00', '2024-01-01T00:00:00.000Z'],
    ['2023-12-31T20:00:00-0400', '2024-01-01T00:00:00.000Z'],
    ['2024-01-01T01:00+01', '2024-01-01T00:00:00.000Z'],
    ['2024-01-01T00:00:00', '2024-01-01T00:00:00.000Z'],
    ['2024-01-01T00:00', '2024-01-01T00:00:00.000Z'],
    ['2024-01-01', '2024-01-01T00:00:00.000Z'],
  ])('the time %s is %s, also in another zone', async (from, instant) => {
    account = await earshot.account({ timezone: 'America/Santiago' })
    const { status, json, text } = await start({ from, to: '2024-01-01T12:00:00Z' })
    expect(status, text).toBe(200)
    expect(await parametersOf(json.exportId)).toEqual({ from: instant, to: '2024-01-01T12:00:00.000Z' })
  })

  test.each([
    ['no from', { to: day.to }, 'INVALID_DATE_RANGE', 'from is required'],
    ['no to', { from: day.from }, 'INVALID_DATE_RANGE', 'to is required'],
    ['an empty from', { ...day, from: '' }, 'INVALID_DATE_RANGE', 'from must be'],
    ['an unreadable from', { ...day, from: 'yesterday' }, 'INVALID_DATE_RANGE', 'from must be'],
    ['a day that is not', { ...day, to: '2026-02-30T00:00:00Z' }, 'INVALID_DATE_RANGE', 'to must be'],
    [
      'a year out of reach',
      { from: '9999-01-01', to: '9999-01-02' },
      'INVALID_DATE_RANGE',
      'from must lie between 1900',
    ],
    ['two of them', [...Object.entries(day), ['from', day.from]], 'INVALID_DATE_RANGE', 'must be one'],
    ['from after to', { from: day.to, to: day.from }, 'INVALID_DATE_RANGE', 'before to'],
    ['from equal to to', { from: day.to, to: day.to }, 'INVALID_DATE_RANGE', 'before to'],
    ['24 hours and a millisecond', { ...day, to: '2026-05-04T00:00:00.001Z' }, 'INVALID_DATE_RANGE', '24 hours'],
    ['an unknown dataset', { ...day, include: 'engagement,calls' }, 'INVALID_INCLUDE', '"calls"'],
    ['a plural', { ...day, include: 'turns' }, 'INVALID_INCLUDE', 'engagement, customer, turn, review, agent'],
    ['a gap in the list', { ...day, include: 'turn,,agent' }, 'INVALID_INCLUDE', '""'],
    ['an empty include', { ...day, include: '' }, 'EMPTY_INCLUDE', 'include is empty'],
    ['an include of commas', { ...day, include: ' , ' }, 'EMPTY_INCLUDE', 'include is empty'],
    ['an unknown contact', { ...day, contact: 'nobody@example.com' }, 'CONTACT_NOT_FOUND', 'contact'],
    ['an empty contact', { ...day, contact: ' ' }, 'CONTACT_NOT_FOUND', 'contact'],
    ['two contacts', [...Object.entries(day), ['contact', 'a'], ['contact', 'b']], 'CONTACT_NOT_FOUND', 'once'],
  ])('%s is refused', async (_, query, code, says) => {
    const answer = await account.request('POST', `/api/v1/export?${new URLSearchParams(query as never).toString()}`)
    expect([answer.status, answer.json.error.code]).toEqual([400, code])
    expect(answer.json).toEqual({ error: { code, message: expect.stringContaining(says) } })
  })

  test('exactly 24 hours, unknown parameters, spaces, repetitions and doublets in include are taken', async () => {
    const queries = [
      day,
      { ...day, whatever: '1' },
      { ...day, include: ' turn , agent,turn' },
      [...Object.entries(day), ['include', 'turn'], ['include', 'agent']],
    ]
    for (const query of queries) {
      const { status, text } = await account.request(
        'POST',
        `/api/v1/export?${new URLSearchParams(query as never).toString()}`,
      )
      expect(status, text).toBe(200)
    }
  })

  test('history shows the newest hundred of this API, newest first, and nobody else’s', async () => {
    const ids: string[] = []
    for (let index = 0; index < 103; index++) ids.push((await start(day)).json.exportId)
    await account.request('POST', '/v1/exports', { dataset: 'calls', ...day })
    const { json } = await account.request('GET', '/api/v1/export/history')
    expect(json.map((entry: { exportId: string }) => entry.exportId)).toEqual(ids.toReversed().slice(0, 100))
    expect(json[0]).toEqual({ exportId: ids.at(-1), status: 'PROCESSING', downloadUrls: {}, error: null })
    const other = await earshot.account()
    expect((await other.request('GET', '/api/v1/export/history')).json).toEqual([])
  })

  test('unknown ids, another account’s and another API’s exports do not exist', async () => {
    const { exportId } = (await start(day)).json
    const job = await account.request('POST', '/v1/exports', { dataset: 'calls', ...day })
    const answers = [
      await statusOf(exportId, await earshot.account()),
      await statusOf(job.json.data.exportId),
      await statusOf('12345'),
      await statusOf('00000000-0000-4000-8000-000000000000'),
      await account.request('GET', '/api/v1/export/nothing/here'),
    ]
    for (const { status, json } of answers) {
      expect(status).toBe(404)
      expect(json).toEqual({ error: { code: 'RESOURCE_NOT_FOUND', message: expect.any(String) } })
    }
  })

  test('no key, a key without the scope, and too many requests are answered in the same envelope', async () => {
    const url = `/api/v1/export?${new URLSearchParams(day).toString()}`
    const unknown = await account.request('POST', url, undefined, { 'X-Api-Key': 'ak_live_nobody' })
    expect([unknown.status, Object.keys(unknown.json.error)]).toEqual([401, ['code', 'message']])
    const bearer = { 'X-Api-Key': '', Authorization: `Bearer ${account.apiKey}` }
    expect((await account.request('POST', url, undefined, bearer)).status).toBe(200)
    const lacking = await earshot.account({ scopes: ['analytics:read', 'calls:read'] })
    const refused = await lacking.request('POST', url)
    expect([refused.status, refused.json.error.code]).toEqual([403, 'INSUFFICIENT_SCOPE'])
    const { ports } = earshot
    const { now } = ports
    const instant = now()
    ports.now = () => instant
    ports.config.rateLimit = 1
    try {
      account = await earshot.account()
      const answers = [await start(day), await start(day)]
      expect(answers.map(({ status }) => status)).toEqual([200, 429])
      expect(answers[1]?.json).toEqual({ error: { code: 'RATE_LIMIT_EXCEEDED', message: expect.any(String) } })
      expect(Number(answers[1]?.headers.get('retry-after'))).toBeGreaterThan(0)
    } finally {
      ports.now = now
      ports.config.rateLimit = 0
    }
  })

  test('a cancelled export has failed, and says so', async () => {
    const { exportId } = (await start(day)).json
    await cancelExport(systemContext(earshot.ports, account.id), 'datasets', exportId)
    expect((await statusOf(exportId)).json).toMatchObject({
      status: 'FAILED',
      downloadUrls: {},
      error: 'The export was cancelled.',
    })
  })
})

describe('the history (no worker runs yet)', () => {
  test('holds the newest hundred for as long as there are no newer ones', async () => {
    const { ports } = earshot
    const { now } = ports
    const began = now()
    const day72 = 72 * 3_600_000
    try {
      const [oldest = '', ...others] = await Promise.all(
        Array.from({ length: 101 }, async (_, index) => {
          const id = randomUUID()
          await ports.postgres.run(sql`
            INSERT INTO exports (id, account_id, surface, request, job_id, created_at, request_hash)
            VALUES (
              ${id}, ${account.id}, 'datasets', '{"datasets":["agent"],"format":"csv","parameters":{}}',
              ${randomUUID()}, ${new Date(began - day72 + index)}, ''
            )`)
          return id
        }),
      )
      ports.now = () => began + day72
      await expireExports(ports)
      const { json } = await account.request('GET', '/api/v1/export/history')
      expect(json.map(({ exportId }: { exportId: string }) => exportId)).toEqual(others.toReversed())
      // No worker came for three days.
      expect(json[0]).toMatchObject({ status: 'FAILED', error: expect.stringContaining('within 72 hours') })
      expect((await statusOf(oldest)).status).toBe(404)
      expect((await statusOf(others[0] ?? '')).status).toBe(200)
    } finally {
      ports.now = now
    }
  })
})

describe('a completed export', () => {
  beforeAll(async () => {
    await earshot.ports.postgres.run(sql`DELETE FROM jobs`)
    earshot.ports.jobs.start()
  })

  test('has a link for each dataset that was asked for, also without a row', async () => {
    const done = await exportDatasets(account, { ...day, include: 'review,engagement' })
    expect(Object.keys(done.downloadUrls).sort()).toEqual(['engagement', 'review'])
    for (const link of Object.values(done.downloadUrls)) {
      expect(link.startsWith(`${earshot.url}/files/`)).toBe(true)
      expect((await (await fetch(link)).text()).split('\r\n')).toHaveLength(2)
    }
  })

  test('signs links anew at every reading, each for an hour, until its files are gone after 72', async () => {
    const { exportId, downloadUrls } = await exportDatasets(account, { ...day, include: 'agent' })
    const { ports } = earshot
    const { now } = ports
    const began = now()
    const later = (ms: number) => (ports.now = () => began + ms)
    const hour = 3_600_000
    try {
      later(hour - 60_000)
      expect((await fetch(downloadUrls['agent'] ?? '')).status).toBe(200)
      later(hour + 60_000)
      expect((await fetch(downloadUrls['agent'] ?? '')).status).toBe(410)
      const again = (await statusOf(exportId)).json.downloadUrls
      expect(again).not.toEqual(downloadUrls)
      expect((await fetch(again.agent)).status).toBe(200)
      later(72 * hour - 60_000)
      const [last] = (await account.request('GET', '/api/v1/export/history')).json
      expect(last.exportId).toBe(exportId)
      expect((await fetch(last.downloadUrls.agent)).status).toBe(200)
      later(72 * hour + 60_000)
      // No link outlives the export.
      expect((await fetch(last.downloadUrls.agent)).status).toBe(410)
      // The record stays, before and after the files are removed.
      const kept = { exportId, status: 'COMPLETED', downloadUrls: {}, error: null }
      expect((await statusOf(exportId)).json).toEqual(kept)
      await expireExports(ports)
      later(60 * 24 * hour)
      await expireExports(ports)
      expect((await statusOf(exportId)).json).toEqual(kept)
      expect((await account.request('GET', '/api/v1/export/history')).json).toEqual([kept])
      // It is of no use to who looks for files.
      expect((await account.request('GET', '/v1/exports')).json.data).toEqual([])
      expect((await account.request('GET', `/v1/exports/${exportId}`)).status).toBe(404)
    } finally {
      ports.now = now
    }
  })
})
