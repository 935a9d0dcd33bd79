import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { exportToEnd, signedRequest } from '../../../test/signedRequest.ts'
import { openTestApp, type TestAccount, type TestApp } from '../../../test/testApp.ts'
import { systemContext } from '../../context.ts'
import { cancelExport } from '../../features/exports/cancelExport.ts'
import { listExports } from '../../features/exports/listExports.ts'

let earshot: TestApp
let account: TestAccount

beforeAll(async () => {
  earshot = await openTestApp()
})
afterAll(() => earshot.close())
beforeEach(async () => {
  account = await earshot.account()
})

const path = '/api/v1/exports/ai-calls'
const day = { dateFrom: '2026-05-03', dateTo: '2026-05-03' }

const post = (body: unknown, headers: Record<string, string> = {}) =>
  signedRequest(earshot, account, 'POST', path, body, headers)

const get = (id: string, by = account) => signedRequest(earshot, by, 'GET', `/api/v1/exports/${id}`)

describe('starting and asking', () => {
  test('a start is answered with 202, and the job waits with what is known of it', async () => {
    const started = await post(day)
    expect(started.status).toBe(202)
    expect(started.json).toEqual({ data: { jobId: expect.stringMatching(/^[0-9a-f-]{36}$/), status: 'queued' } })
    const { jobId } = started.json.data
    const asked = await get(jobId)
    expect(asked.status).toBe(200)
    expect(asked.json).toEqual({
      data: { jobId, status: 'queued', progress: 0, createdAt: expect.stringMatching(/^\d{4}-.*Z$/) },
    })
  })

  test('a key with the one scope is enough', async () => {
    account = await earshot.account({ scopes: ['analytics:export'] })
    const { jobId } = (await post(day)).json.data
    expect((await get(jobId)).status).toBe(200)
  })

  test('every start makes a job of its own, unless an Idempotency-Key says that it is the same', async () => {
    const key = { 'Idempotency-Key': 'night-1' }
    const ids = [await post(day), await post(day), await post(day, key), await post(day, key)].map(
      (answer) => answer.json.data.jobId,
    )
    expect(new Set(ids).size).toBe(3)
    expect(ids[3]).toBe(ids[2])
    const together = await Promise.all(Array.from({ length: 8 }, () => post(day, { 'Idempotency-Key': 'together' })))
    expect(new Set(together.map((answer) => answer.json.data.jobId)).size).toBe(1)
    const other = await post({ ...day, format: 'xlsx' }, key)
    expect([other.status, other.json.error.code]).toEqual([409, 'CONFLICT'])
  })

  test('are listed newest first, and one that waits can be cancelled', async () => {
    const context = systemContext(earshot.ports, account.id)
    const first = (await post(day)).json.data.jobId
    const second = (await post(day)).json.data.jobId
    expect((await listExports(context, 'signed-exports', { limit: 100 })).exports.map((entry) => entry.id)).toEqual([
      second,
      first,
    ])
    await cancelExport(context, 'signed-exports', first)
    expect((await get(first)).json.data).toMatchObject({ status: 'failed', error: 'The export was cancelled.' })
    await expect(cancelExport(context, 'signed-exports', first)).rejects.toMatchObject({ code: 'CONFLICT' })
    const other = systemContext(earshot.ports, (await earshot.account()).id)
    await expect(cancelExport(other, 'signed-exports', second)).rejects.toMatchObject({ code: 'RESOURCE_NOT_FOUND' })
    expect((await listExports(other, 'signed-exports', { limit: 100 })).exports).toEqual([])
  })
})

describe('what a body must be', () => {
  test.each([
    ['nothing', '', 'dateFrom', 'is required'],
    ['no dates', {}, 'dateFrom', 'is required'],
    ['no end', { dateFrom: '2026-05-03' }, 'dateTo', 'is required'],
    ['null for a date', { ...day, dateTo: null }, 'dateTo', 'must be a text'],
    ['a number for a date', { ...day, dateFrom: 20260503 }, 'dateFrom', 'must be a text'],
    ['another form of date', { ...day, dateFrom: '03-05-2026' }, 'dateFrom', 'must be a date in the form YYYY-MM-DD'],
    ['a time', { ...day, dateFrom: '2026-05-03T00:00:00Z' }, 'dateFrom', 'YYYY-MM-DD'],
    ['a null character', { ...day, campaignId: 'a\0' }, 'campaignId', 'must hold no broken or null characters'],
    ['half a character', { ...day, outcome: '\ud800' }, 'outcome', 'must hold no broken or null characters'],
    ['a day that is not', { ...day, dateTo: '2026-02-30' }, 'dateTo', 'a day that the calendar does not have'],
    [
      'the end before the start',
      { dateFrom: '2026-05-03', dateTo: '2026-05-02' },
      'dateTo',
      'must not be before dateFrom',
    ],
    [
      '93 days',
      { dateFrom: '2026-01-01', dateTo: '2026-04-03' },
      'dateTo',
      'at most 92 days from dateFrom, both included; these are 93',
    ],
    ['an unknown format', { ...day, format: 'pdf' }, 'format', 'must be one of csv, xlsx'],
    [
      'an unknown status',
      { ...day, status: 'judged' },
      'status',
      'must be one of evaluated, notEvaluated, pending, processing, failed',
    ],
    ['an unknown time zone', { ...day, timezone: 'America/Santiagoo' }, 'timezone', 'must be an IANA time zone name'],
    ['an offset for a time zone', { ...day, timezone: '-04:00' }, 'timezone', 'not an offset'],
    ['a number for a campaign', { ...day, campaignId: 7 }, 'campaignId', 'must be a text'],
    ['a list for an outcome', { ...day, outcome: ['x'] }, 'outcome', 'must be a text'],
    ['a list', [day], '', 'must be a JSON object'],
    ['a text', '"x"', '', 'must be a JSON object'],
    ['null', 'null', '', 'must be a JSON object'],
  ])('%s is refused, naming what would be right', async (_, body, field, says) => {
    const { status, json } = await post(body)
    expect([status, json.error.code]).toEqual([400, 'VALIDATION_ERROR'])
    expect(json.error.message).toContain(says)
    expect(json.error.requestId).toMatch(/^req_/)
    expect(json.error.details[0]).toMatchObject({ field, message: expect.stringContaining(says) })
  })

  test.each([
    ['a format in capitals', { format: 'CSV' }],
    ['a status in capitals', { status: 'Evaluated' }],
    ['an empty status', { status: '' }],
    ['an empty campaign', { campaignId: '' }],
  ])('%s is taken', async (_, value) => {
    expect((await post({ ...day, ...value })).status).toBe(202)
  })

  test('all faults are named at once', async () => {
    const { json } = await post({ dateFrom: 'x', format: 'y', timezone: 'z' })
    const fields = json.error.details.map((detail: { field: string }) => detail.field)
    expect(fields).toEqual(['dateFrom', 'dateTo', 'format', 'timezone'])
  })

  test.each(['{"dateFrom":', '{"dateFrom":"2026-05-03",}', '\ufffd'])('broken JSON: %j', async (body) => {
    const { status, json } = await post(body)
    expect([status, json.error.code]).toEqual([400, 'VALIDATION_ERROR'])
    expect(json.error.message).toMatch(/not well-formed JSON/)
  })

  test('92 days, aliases and other spellings of zones, unknown fields and other content types are taken', async () => {
    const bodies = [
      { dateFrom: '2026-01-01', dateTo: '2026-04-02' },
      { ...day, timezone: 'america/santiago' },
      { ...day, timezone: 'Asia/Calcutta' },
      { ...day, whatever: { is: 'ignored' } },
      { ...day, status: null, timezone: null },
    ]
    for (const body of bodies) expect((await post(body)).status, JSON.stringify(body)).toBe(202)
    expect((await post(day, { 'Content-Type': 'text/plain' })).status).toBe(202)
  })

  test('a body that is too large', async () => {
    const { status, json } = await post({ ...day, more: 'x'.repeat(70_000) })
    expect([status, json.error.code]).toEqual([413, 'PAYLOAD_TOO_LARGE'])
  })
})

describe('who may ask', () => {
  /** A timestamp so far from the moment of the request. */
  const seconds = (offset: number) => String(Math.floor(earshot.ports.now() / 1000) + offset)

  test.each<[string, () => Record<string, string>, string]>([
    ['no key', () => ({ 'X-Api-Key': '' }), 'INVALID_API_KEY'],
    ['an unknown key', () => ({ 'X-Api-Key': 'ak_live_00000000000000000000000000000000' }), 'INVALID_API_KEY'],
    ['a wrong signature', () => ({ 'X-Signature': 'AAAA' }), 'INVALID_SIGNATURE'],
    ['an unreadable timestamp', () => ({ 'X-Timestamp': 'now' }), 'INVALID_SIGNATURE'],
    ['an old timestamp', () => ({ 'X-Timestamp': seconds(-330) }), 'TIMESTAMP_EXPIRED'],
    ['a timestamp of the future', () => ({ 'X-Timestamp': seconds(330) }), 'TIMESTAMP_EXPIRED'],
  ])('%s', async (_, headersOf, code) => {
    for (const [method, url, body] of [
      ['POST', path, day],
      ['GET', '/api/v1/exports/x', undefined],
    ] as const) {
      const { status, json } = await signedRequest(earshot, account, method, url, body, headersOf())
      expect([status, json.error.code]).toEqual([401, code])
      expect(Object.keys(json.error).sort()).toEqual(['code', 'message', 'requestId'])
    }
  })

  test('unsigned requests', async () => {
    const { status, json } = await account.request('POST', path, day)
    expect([status, json.error.code]).toEqual([401, 'INVALID_SIGNATURE'])
  })

  test('a key without the scope', async () => {
    account = await earshot.account({ scopes: ['analytics:read', 'calls:read', 'ingest:write'] })
    for (const { status, json } of [await post(day), await get('x')]) {
      expect([status, json.error.code]).toEqual([403, 'INSUFFICIENT_SCOPE'])
    }
  })

  test("another account's job, unknown and malformed ids do not exist", async () => {
    const { jobId } = (await post(day)).json.data
    const other = await earshot.account()
    const answers = [
      await get(jobId, other),
      await get('00000000-0000-4000-8000-000000000000'),
      await get('job_1'),
      await get('%00'),
      await get("'; DROP TABLE exports; --".replaceAll(' ', '%20')),
    ]
    for (const { status, json } of answers) expect([status, json.error.code]).toEqual([404, 'RESOURCE_NOT_FOUND'])
  })

  test('unknown paths and methods below the prefix are answered in the same envelope', async () => {
    const unknown = await signedRequest(earshot, account, 'POST', '/api/v1/exports/other', day)
    expect([405, 404]).toContain(unknown.status)
    expect(unknown.json.error.requestId).toMatch(/^req_/)
    const wrong = await signedRequest(earshot, account, 'DELETE', path)
    expect([wrong.status, wrong.json.error.code]).toEqual([405, 'METHOD_NOT_ALLOWED'])
  })
})

describe('what the server cannot do just now', () => {
  test('too many requests', async () => {
    const { ports } = earshot
    const { now } = ports
    const { rateLimit } = ports.config
    const instant = now()
    // Two requests of one minute, whenever this runs.
    ports.now = () => instant
    ports.config.rateLimit = 2
    try {
      const answers = [await post(day), await post(day), await post(day)]
      expect(answers.map((answer) => answer.status)).toEqual([202, 202, 429])
      expect(answers[2]?.json.error).toMatchObject({ code: 'RATE_LIMIT_EXCEEDED', retryAfter: expect.any(Number) })
      expect(Number(answers[2]?.headers.get('retry-after'))).toBeGreaterThan(0)
      expect((await get(answers[0]?.json.data.jobId)).status).toBe(200)
    } finally {
      ports.now = now
      ports.config.rateLimit = rateLimit
    }
  })

  test('a full disk', async () => {
    const { minimumFreeBytes } = earshot.ports.config
    earshot.ports.config.minimumFreeBytes = Number.MAX_SAFE_INTEGER
    try {
      const { status, json } = await post(day)
      expect([status, json.error.code]).toEqual([507, 'DISK_FULL'])
    } finally {
      earshot.ports.config.minimumFreeBytes = minimumFreeBytes
    }
  })

  test('an engine that fails is a 503 that tells nothing', async () => {
    const { ports } = earshot
    const { postgres } = ports
    const failure = new Error('connection to secret-host refused')
    ports.postgres = { ...postgres, transaction: () => Promise.reject(failure) }
    try {
      const { status, json } = await post(day)
      expect([status, json.error.code]).toEqual([503, 'INTERNAL_ERROR'])
      expect(json.error.message).not.toContain('secret-host')
    } finally {
      ports.postgres = postgres
    }
  })
})

describe('a finished job', () => {
  test('shows file, link and counts', async () => {
    earshot.ports.jobs.start()
    const job = await exportToEnd(earshot, account, day)
    expect(Object.keys(job)).toEqual([
      'jobId',
      'status',
      'progress',
      'fileName',
      'downloadUrl',
      'rowCount',
      'totalRows',
      'truncated',
      'createdAt',
      'completedAt',
      'expiresAt',
    ])
    expect(job.downloadUrl.startsWith(`${earshot.url}/files/`)).toBe(true)
    expect(Date.parse(String(job['expiresAt'])) - Date.parse(String(job['completedAt']))).toBe(7_200_000)
  })
})
