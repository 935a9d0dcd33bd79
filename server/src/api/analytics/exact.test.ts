import { parse } from 'csv-parse/sync'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { rebuildAllTotals } from '../../../test/analytics/rebuildAllTotals.ts'
import { exportDatasets, fileOf } from '../../../test/datasetExport.ts'
import { openTestApp, type TestAccount, type TestApp } from '../../../test/testApp.ts'

let earshot: TestApp
let account: TestAccount

beforeAll(async () => {
  earshot = await openTestApp()
  earshot.ports.jobs.start()
})
afterAll(() => earshot.close())
beforeEach(async () => {
  account = await earshot.account()
})

async function ingest(collection: string, records: unknown): Promise<void> {
  const answer = await account.request('POST', `/v1/ingest/${collection}`, records)
  expect(answer.status, answer.text).toBe(200)
}

async function get(path: string) {
  const answer = await account.request('GET', path)
  expect(answer.status, answer.text).toBe(200)
  return answer.json
}

const ascending = (left: number, right: number): number => left - right

let calls = 0
const timed = (day: string, durationSeconds: number) => ({
  id: `call-${++calls}`,
  channel: 'phone',
  status: 'completed',
  startedAt: `${day}T10:00:00Z`,
  durationSeconds,
})

const days = 'dateFrom=2026-03-01&dateTo=2026-03-31'

/** Queries that are answered twice: from the calls and from the totals. */
async function bothWays<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
  const answer = await ask()
  await rebuildAllTotals(earshot.ports, account.id)
  expect(await ask()).toEqual(answer)
  return answer
}

test.each([
  [[0, 3], { medianDurationSeconds: 1.5, p90DurationSeconds: 2.7, p95DurationSeconds: 2.9 }],
  [[1.005, 1.005], { medianDurationSeconds: 1, p90DurationSeconds: 1, p95DurationSeconds: 1 }],
  [[0.05], { medianDurationSeconds: 0.1, p90DurationSeconds: 0.1, p95DurationSeconds: 0.1 }],
  [[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4.5], { medianDurationSeconds: 0, p90DurationSeconds: 0, p95DurationSeconds: 2.3 }],
])('percentiles of %j are exact, and rounded once', async (durations, expected) => {
  await ingest(
    'calls',
    durations.map((duration) => timed('2026-03-10', duration)),
  )
  const { metrics } = await get(`/v1/analytics/summary?${days}&metrics=${Object.keys(expected).join(',')}`)
  expect(metrics).toEqual(expected)
})

test('a change is that of the exact figures, to four decimals', async () => {
  await ingest('calls', [timed('2026-02-10', 1.4), timed('2026-03-10', 1.6)])
  await ingest('surveys', [
    { callId: `call-${calls - 1}`, score: -0.25 },
    { callId: `call-${calls}`, score: -0.35 },
  ])
  const path = `/v1/analytics/summary?${days}&compare=previous&metrics=surveyAverageScore,p95DurationSeconds`
  const { averageDurationSeconds, metrics, previous } = await bothWays(() => get(path))
  expect([averageDurationSeconds, previous.averageDurationSeconds]).toEqual([2, 1])
  expect([metrics.surveyAverageScore, previous.metrics.surveyAverageScore]).toEqual([-0.3, -0.2])
  expect(previous.change).toMatchObject({
    averageDurationSeconds: { absolute: 0.2, relative: 0.1429 },
    p95DurationSeconds: { absolute: 0.2, relative: 0.1429 },
    surveyAverageScore: { absolute: -0.1, relative: 0.4 },
    totalCalls: { absolute: 0, relative: 0 },
  })
})

test('a duration is rounded to the same milliseconds and seconds on every surface', async () => {
  const durations = [12.345499992370605, 1.0005, 0.4994, 0.4996, 59.5]
  const sent = durations.map((duration) => timed('2026-03-10', duration))
  await ingest('calls', sent)
  const from = '2026-03-10T00:00:00Z'
  const shown = await exportDatasets(account, { from, to: '2026-03-11T00:00:00Z', include: 'engagement' })
  const rows: Record<string, string>[] = parse(await fileOf(shown, 'engagement'), { columns: true })
  const milliseconds = [12_345, 1001, 499, 500, 59_500]
  const seconds = [12, 1, 0, 1, 60]
  for (const [index, { id }] of sent.entries()) {
    const { data } = await get(`/v1/records/calls/${id}`)
    expect(data.endedAt).toBe(new Date(Date.parse('2026-03-10T10:00:00Z') + (milliseconds[index] ?? 0)).toISOString())
    expect((await get(`/api/v1/calls/${id}`)).duration_seconds).toBe(seconds[index])
    expect(rows.find(({ pid }) => pid === id)?.['total_time']).toBe(String(milliseconds[index]))
  }
  const feed = await get(`/v1/sa/call?format=json&fromTime=${from}&toTime=2026-03-11T00:00:00Z`)
  expect(feed.map((call: { duration: number }) => call.duration).toSorted(ascending)).toEqual(
    seconds.toSorted(ascending),
  )
  const { averageDurationSeconds } = await bothWays(() => get(`/v1/analytics/summary?${days}`))
  expect(averageDurationSeconds).toBe(Math.round((12_345 + 1001 + 499 + 500 + 59_500) / 5000))
})
