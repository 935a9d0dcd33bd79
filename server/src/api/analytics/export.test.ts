import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parse } from 'csv-parse/sync'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { rebuildAllTotals } from '../../../test/analytics/rebuildAllTotals.ts'
import { randomFrom, changeCalls } from '../../../test/analytics/randomCalls.ts'
import { byId, chosen, figuresOf, inBuckets, type SentCall } from '../../../test/analytics/bruteForce.ts'
import { readWorkbook } from '../../../test/readWorkbook.ts'
import { download, exportToEnd, type ShownJob } from '../../../test/signedRequest.ts'
import { openTestApp, type TestAccount, type TestApp } from '../../../test/testApp.ts'
import { periodOfDays } from '../../domain/period.ts'

let earshot: TestApp
let account: TestAccount
let calls: Map<string, SentCall>

beforeAll(async () => {
  earshot = await openTestApp()
  earshot.ports.jobs.start()
})
afterAll(() => earshot.close())
beforeEach(async () => {
  account = await earshot.account()
  calls = new Map()
  const random = randomFrom(21)
  for (let round = 0; round < 2; round++) await changeCalls(account, calls, random)
  await account.request('POST', '/v1/ingest/campaigns', { id: 'c1', name: 'Cobranza, "abril"' })
})

const zone = 'America/Santiago'
const asked = { dateFrom: '2026-03-30', dateTo: '2026-04-08', timezone: zone }
const query = new URLSearchParams(asked).toString()
const period = periodOfDays(asked.dateFrom, asked.dateTo, zone)

async function job(jobId: string): Promise<ShownJob> {
  for (;;) {
    const { status, text, json } = await account.request('GET', `/v1/analytics/export/${jobId}`)
    expect(status, text).toBe(200)
    if (json.status === 'completed' || json.status === 'failed') return json
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

async function exported(body: object): Promise<{ shown: ShownJob; file: Buffer }> {
  const started = await account.request('POST', '/v1/analytics/export', { ...asked, ...body })
  expect(started.status, started.text).toBe(202)
  expect(Object.keys(started.json)).toEqual(['jobId', 'status'])
  const shown = await job(started.json.jobId)
  expect(shown.status, JSON.stringify(shown)).toBe('completed')
  return { shown, file: await download(shown) }
}

function flat({ sentimentBreakdown, ...figures }: ReturnType<typeof figuresOf>): Record<string, unknown> {
  const { positive, neutral, negative } = sentimentBreakdown
  return { ...figures, sentimentPositive: positive, sentimentNeutral: neutral, sentimentNegative: negative }
}

const lines = (file: Buffer): Record<string, unknown>[] =>
  file
    .toString()
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))

test('a row a day and campaign by default, calls without one too', async () => {
  const { shown, file } = await exported({ format: 'ndjson' })
  expect(Object.keys(shown)).toEqual(['jobId', 'status', 'progress', 'fileName', 'downloadUrl'])
  expect(shown['fileName']).toBe('analytics_daily-campaigns_2026-03-30_2026-04-08_America-Santiago.ndjson')
  const expected = inBuckets(chosen(calls.values(), period, {}), period, 'day').flatMap(([{ date }, own]) => {
    const groups = Map.groupBy(own, (call) => call.campaignId ?? '')
    return [...groups]
      .toSorted(([left], [right]) => (left < right ? -1 : 1))
      .map(([id, some]) => ({
        date,
        campaignId: id === '' ? null : id,
        name: id === 'c1' ? 'Cobranza, "abril"' : id === '' ? null : id,
        ...flat(figuresOf(some)),
      }))
  })
  expect(lines(file)).toEqual(expected)
})

test('every report in every format', async () => {
  const of = chosen(calls.values(), period, { callCenterId: ['cc1'] })
  const { file } = await exported({
    report: 'campaigns',
    format: 'csv',
    callCenterId: 'cc1',
    metrics: 'p95DurationSeconds',
  })
  const rows: string[][] = parse(file)
  expect(rows[0]?.slice(0, 3)).toEqual(['campaignId', 'name', 'totalCalls'])
  expect(rows[0]?.at(-1)).toBe('p95DurationSeconds')
  expect(rows.slice(1).map((row) => [row[0], Number(row[2])])).toEqual(
    byId(of, 'campaignId').map(([id, own]) => [id, own.length]),
  )
  const weeks = inBuckets(chosen(calls.values(), period, {}), period, 'week')
  const trend = await exported({ report: 'trends', granularity: 'weekly', format: 'ndjson' })
  expect(lines(trend.file)).toEqual(weeks.map(([{ date }, own]) => ({ date, ...flat(figuresOf(own)) })))
  const empty = await exported({ report: 'trends', format: 'ndjson', campaignId: 'none' })
  expect(lines(empty.file)).toHaveLength(10)
  expect(lines(empty.file)[0]).toMatchObject({ totalCalls: 0, averageScore: null, averageDurationSeconds: null })
  const summary = await exported({ report: 'summary', format: 'ndjson' })
  const { topCampaign, topCallCenter } = (await account.request('GET', `/v1/analytics/summary?${query}`)).json
  expect(lines(summary.file)).toEqual([
    { topCampaign, topCallCenter, ...flat(figuresOf(chosen(calls.values(), period, {}))) },
  ])
  for (const report of ['executives', 'call-centers'] as const) {
    const parquet = await exported({ report, format: 'parquet' })
    expect(parquet.file.subarray(0, 4).toString()).toBe('PAR1')
    const workbook = await exported({ report, format: 'xlsx' })
    expect(workbook.file.subarray(0, 2).toString()).toBe('PK')
  }
})

test('trend, summary, breakdown and the signed export of one period agree', async () => {
  for (const settled of [false, true]) {
    if (settled) await rebuildAllTotals(earshot.ports, account.id)
    const get = async (path: string) => (await account.request('GET', `/v1/analytics/${path}`)).json
    for (const filter of [{}, { campaignId: 'c2' }] as Record<string, string>[]) {
      const search = new URLSearchParams({ ...asked, ...filter }).toString()
      const { metrics, ...summary } = await get(`summary?${search}&metrics=totalCalls`)
      const total = (rows: Record<string, number>[], name: string) =>
        rows.reduce((sum, row) => sum + (row[name] ?? 0), 0)
      for (const granularity of ['daily', 'weekly', 'monthly']) {
        const { data } = await get(`trends?granularity=${granularity}&${search}`)
        expect(total(data, 'totalCalls')).toBe(metrics.totalCalls)
        expect(total(data, 'completedEvaluations')).toBe(summary.completedEvaluations)
      }
      const { data: campaigns } = await get(`campaigns?${search}`)
      const without = chosen(calls.values(), period, {}).filter((call) => call.campaignId === null).length
      expect(total(campaigns, 'totalCalls') + ('campaignId' in filter ? 0 : without)).toBe(metrics.totalCalls)
      const rows: string[][] = parse(await download(await exportToEnd(earshot, account, { ...asked, ...filter })), {
        bom: true,
        from_line: 2,
      })
      expect(rows.length).toBe(metrics.totalCalls)
      expect(rows.filter((row) => row[0] === 'Evaluated').length).toBe(summary.completedEvaluations)
    }
  }
})

test('a day that its zone skipped is a file without calls', async () => {
  const skipped = { dateFrom: '2011-12-30', dateTo: '2011-12-30', timezone: 'Pacific/Apia', format: 'ndjson' }
  expect(lines((await exported({ ...skipped, report: 'trends' })).file)).toEqual([
    { date: '2011-12-30', ...flat(figuresOf([])) },
  ])
  expect((await exported(skipped)).file.toString()).toBe('')
})

test('a workbook and Parquet have dates as such; a workbook shares in per cent, and headers in words', async () => {
  const body = { report: 'trends', granularity: 'weekly', metrics: ['p95DurationSeconds', 'repeatCallRate'] }
  const weeks = inBuckets(chosen(calls.values(), period, {}), period, 'week')
  const [sheet] = await readWorkbook((await exported({ ...body, format: 'xlsx' })).file)
  expect(sheet?.rows[0]).toEqual(
    [
      'Date',
      'Total calls',
      'Total evaluations',
      'Completed evaluations',
      'Average score',
      'Sentiment positive',
      'Sentiment neutral',
      'Sentiment negative',
      'Average duration (seconds)',
      'Escalation rate',
      'Resolution rate',
      'P95 duration (seconds)',
      'Repeat call rate',
    ].map((text) => ({ text })),
  )
  expect(sheet?.rows.slice(1).map((cells) => [cells[0], cells[1], cells[9]])).toEqual(
    weeks.map(([{ date }, own]) => [
      { time: `${date} 00:00:00` },
      { number: own.length },
      { number: figuresOf(own).escalationRate },
    ]),
  )
  const percentStyle = 6
  const styled = (column: string) => [
    ...(sheet?.xml.matchAll(new RegExp(`<c r="${column}[2-9]" s="${percentStyle}">`, 'g')) ?? []),
  ]
  expect(['J', 'K', 'M', 'L'].map((column) => styled(column).length)).toEqual([
    weeks.length,
    weeks.length,
    weeks.length,
    0,
  ])
  const centres = await exported({ report: 'executives', format: 'xlsx' })
  expect((await readWorkbook(centres.file))[0]?.rows[0]?.slice(0, 2)).toEqual([
    { text: 'Executive ID' },
    { text: 'Name' },
  ])

  const folder = await mkdtemp(join(tmpdir(), 'earshot-report-'))
  try {
    const path = join(folder, 'report.parquet')
    await writeFile(path, (await exported({ ...body, format: 'parquet' })).file)
    const rows = await earshot.ports.clickhouse.rows(
      `SELECT date, toTypeName(date) AS type, escalationRate AS rate FROM file('${path}', Parquet)`,
    )
    expect(rows).toEqual(
      weeks.map(([{ date }, own]) => ({ date, type: 'Nullable(Date32)', rate: figuresOf(own).escalationRate })),
    )
  } finally {
    await rm(folder, { recursive: true })
  }
})

test('the first rows alone where there is a limit; what files cannot do is refused', async () => {
  const all = byId(chosen(calls.values(), period, {}), 'agentId')
  const { file } = await exported({ report: 'executives', limit: 2, format: 'ndjson' })
  expect(lines(file).map((row) => [row['executiveId'], row['totalCalls']])).toEqual(
    all.slice(0, 2).map(([id, own]) => [id, own.length]),
  )
  for (const [body, message] of [
    [
      { report: 'trends', limit: 2 },
      'limit is for the reports campaigns, call-centers, executives; trends has all rows.',
    ],
    [{ report: 'executives', limit: 0 }, 'must be a whole number from 1 to 10000'],
    [{ report: 'summary', compare: 'previous' }, 'compare is not for files'],
  ] as const) {
    const { status, json } = await account.request('POST', '/v1/analytics/export', { ...asked, ...body })
    expect([status, json.error.code]).toEqual([400, 'VALIDATION_ERROR'])
    expect(json.error.message).toContain(message)
  }
})

test('refusals, and jobs of others', async () => {
  const refused = async (body: object) => account.request('POST', '/v1/analytics/export', { ...asked, ...body })
  expect((await refused({ format: 'pdf' })).json.error).toMatchObject({
    code: 'VALIDATION_ERROR',
    message: expect.stringContaining('csv, xlsx, ndjson, parquet'),
  })
  expect((await refused({ report: 'weather' })).json.error.message).toContain('daily-campaigns')
  expect((await refused({ dateTo: 'x' })).json.error.message).toContain('dateTo')
  expect((await refused({ campaignId: [] })).json.error.message).toContain('leave it out for no filter')
  for (const campaignId of ['a\0', ['a', '\ud800']]) {
    expect((await refused({ campaignId })).json.error.message).toContain('must hold no broken or null characters')
  }
  const started = await account.request('POST', '/v1/analytics/export', {})
  expect(started.status).toBe(202)
  const other = await earshot.account()
  const path = `/v1/analytics/export/${started.json.jobId}`
  expect((await other.request('GET', path)).json.error.code).toBe('RESOURCE_NOT_FOUND')
  const completed = await job(started.json.jobId)
  const { now } = earshot.ports
  try {
    earshot.ports.now = () => now() + 2 * 3_600_000 + 60_000
    expect((await fetch(completed.downloadUrl)).status).toBe(410)
  } finally {
    earshot.ports.now = now
  }
})
