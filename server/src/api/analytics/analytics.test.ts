import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { rebuildAllTotals } from '../../../test/analytics/rebuildAllTotals.ts'
import { openTestApp, type TestAccount, type TestApp } from '../../../test/testApp.ts'

let earshot: TestApp
let account: TestAccount

beforeAll(async () => {
  earshot = await openTestApp()
})
afterAll(() => earshot.close())
beforeEach(async () => {
  account = await earshot.account()
})

const ended = (id: string, endedAt: string, more: object = {}) => ({
  id,
  channel: 'phone',
  status: 'completed',
  startedAt: '2024-01-01T00:00:00Z',
  endedAt,
  durationSeconds: 60,
  ...more,
})

async function ingest(collection: string, records: unknown): Promise<void> {
  const answer = await account.request('POST', `/v1/ingest/${collection}`, records)
  expect(answer.status, answer.text).toBe(200)
}

async function get(path: string) {
  const answer = await account.request('GET', `/v1/analytics/${path}`)
  expect(answer.status, answer.text).toBe(200)
  return answer
}

async function refused(path: string): Promise<{ code: string; message: string; requestId: string }> {
  const answer = await account.request('GET', `/v1/analytics/${path}`)
  expect(answer.status, answer.text).toBe(400)
  return answer.json.error
}

const january = 'dateFrom=2024-01-01&dateTo=2024-01-31'

/** Three campaigns' calls with scores whose average lies between two decimals. */
async function ingestJanuary(): Promise<void> {
  await ingest('campaigns', [
    { id: 'camp_1', name: 'Q1 Outbound Sales' },
    { id: 'camp_2', name: 'Retention' },
  ])
  await ingest('call-centers', { id: 'cc_1', name: 'Santiago Central' })
  await ingest('agents', { id: 'agent_1', name: 'Camila' })
  await ingest('calls', [
    ended('a', '2024-01-01T00:00:00Z', {
      campaignId: 'camp_1',
      callCenterId: 'cc_1',
      agentId: 'agent_1',
      escalated: true,
      resolved: true,
    }),
    ended('b', '2024-01-31T23:59:59.999Z', {
      campaignId: 'camp_1',
      agentId: 'agent_2',
      durationSeconds: 61.5,
      resolved: false,
    }),
    ended('c', '2024-01-15T12:00:00Z', { campaignId: 'camp_2', callCenterId: 'cc_9', durationSeconds: 0 }),
    ended('d', '2024-01-15T12:00:00Z', { campaignId: 'camp_9' }),
    ended('e', '2024-01-15T12:00:00Z', { status: 'abandoned' }),
    ended('outside', '2024-02-01T00:00:00Z', { campaignId: 'camp_2' }),
    { id: 'active', channel: 'phone', status: 'active', startedAt: '2024-01-15T00:00:00Z' },
  ])
  await ingest('evaluations', [
    { callId: 'a', status: 'evaluated', score: 7.5, sentiment: 'positive' },
    { callId: 'b', status: 'evaluated', score: 8, sentiment: 'negative' },
    { callId: 'c', status: 'evaluated', sentiment: 'neutral' },
    { callId: 'd', status: 'pending', score: 1, sentiment: 'negative' },
  ])
}

const plainJanuary = {
  dateFrom: '2024-01-01',
  dateTo: '2024-01-31',
  totalEvaluations: 4,
  completedEvaluations: 3,
  averageScore: 7.8,
  sentimentBreakdown: { positive: 1, neutral: 1, negative: 1 },
  averageDurationSeconds: 48,
  topCampaign: 'Q1 Outbound Sales',
  topCallCenter: 'Santiago Central',
}

const nothing = {
  totalCalls: 0,
  totalEvaluations: 0,
  completedEvaluations: 0,
  averageScore: null,
  sentimentBreakdown: { positive: 0, neutral: 0, negative: 0 },
  averageDurationSeconds: null,
  escalationRate: null,
  resolutionRate: null,
}

describe.each(['from the calls', 'from the totals'])('answers %s', (how) => {
  beforeEach(async () => {
    await ingestJanuary()
    if (how === 'from the totals') await rebuildAllTotals(earshot.ports, account.id)
  })

  test('the summary is exactly the published one, under both addresses', async () => {
    const answer = await get(`summary?${january}`)
    expect(answer.text).toBe(JSON.stringify(plainJanuary))
    const other = await account.request('GET', `/api/v1/analytics/summary?${january}`)
    expect(other.text).toBe(answer.text)
  })

  test('breakdowns give names or ids, most calls first, ties by id, and leave calls without the id out', async () => {
    const campaigns = await get(`campaigns?${january}`)
    expect(campaigns.text.slice(0, campaigns.text.indexOf('}') + 1)).toBe(
      '{"data":[{"campaignId":"camp_1","name":"Q1 Outbound Sales","totalCalls":2,"totalEvaluations":2,' +
        '"completedEvaluations":2,"averageScore":7.8,"sentimentBreakdown":{"positive":1,"neutral":0,"negative":1}',
    )
    expect(campaigns.json.data[0]).toMatchObject({
      averageDurationSeconds: 61,
      escalationRate: 0.5,
      resolutionRate: 0.5,
    })
    expect(campaigns.json.data.map((row: { name: string }) => row.name)).toEqual([
      'Q1 Outbound Sales',
      'Retention',
      'camp_9',
    ])
    expect(campaigns.json.data[2]).toEqual({
      campaignId: 'camp_9',
      name: 'camp_9',
      ...nothing,
      totalCalls: 1,
      totalEvaluations: 1,
      averageDurationSeconds: 60,
      escalationRate: 0,
    })
    const centers = (await get(`call-centers?${january}`)).json.data
    expect(centers).toMatchObject([
      { callCenterId: 'cc_1', name: 'Santiago Central', totalCalls: 1, averageScore: 7.5 },
      { callCenterId: 'cc_9', name: 'cc_9', totalCalls: 1, averageScore: null, averageDurationSeconds: 0 },
    ])
    const executives = (await get(`executives?${january}`)).json.data
    expect(executives).toMatchObject([
      { executiveId: 'agent_1', name: 'Camila', totalCalls: 1 },
      { executiveId: 'agent_2', name: 'agent_2', totalCalls: 1 },
    ])
    expect((await get(`campaigns?${january}&limit=1`)).json.data).toEqual(campaigns.json.data.slice(0, 1))
  })

  test('trends have every day, with nothing where nothing happened', async () => {
    const { json, text } = await get(`trends?${january}`)
    expect(json).toMatchObject({ granularity: 'daily', timezone: 'UTC' })
    expect(Object.keys(json)).toEqual(['granularity', 'timezone', 'data'])
    expect(text).toContain(JSON.stringify({ date: '2024-01-02', ...nothing }))
    expect(json.data).toHaveLength(31)
    expect(json.data.map((row: { totalCalls: number }) => row.totalCalls).join('')).toBe(
      '1000000000000030000000000000001',
    )
  })

  test('weeks begin on Monday and months on the first, also before the period', async () => {
    const pairs = async (query: string) =>
      (await get(`trends?${query}&compare=previous`)).json.data.map(
        ({
          date,
          partial,
          previous,
        }: {
          date: string
          partial: boolean
          previous: { date: string; partial: boolean }
        }) => (previous ? [date, partial, previous.date, previous.partial] : [date, partial, null]),
      )
    // Sixteen days are no whole weeks: each bucket is compared with as many days.
    expect(await pairs('granularity=weekly&dateFrom=2024-01-15&dateTo=2024-01-30')).toEqual([
      ['2024-01-15', false, '2023-12-30', false],
      ['2024-01-22', false, '2024-01-06', false],
      ['2024-01-29', true, '2024-01-13', true],
    ])
    expect(await pairs('granularity=monthly&dateFrom=2024-01-01&dateTo=2024-02-29')).toEqual([
      ['2024-01-01', false, '2023-11-01', false],
      ['2024-02-01', false, '2023-12-01', false],
    ])
    const february = await pairs('dateFrom=2024-02-01&dateTo=2024-02-29')
    expect(february.at(-2)).toEqual(['2024-02-28', false, '2024-01-28', false])
    // The last day has the rest of a longer month beside it.
    expect(february.at(-1)).toEqual(['2024-02-29', false, '2024-01-29', true])
    expect((await pairs('dateFrom=2024-03-01&dateTo=2024-03-31')).slice(-3)).toEqual([
      ['2024-03-29', false, '2024-02-29', false],
      ['2024-03-30', false, null],
      ['2024-03-31', false, null],
    ])
    const campaigns = (await get('campaigns?dateFrom=2024-01-16&dateTo=2024-01-31&compare=previous')).json.data
    expect(campaigns).toMatchObject([{ campaignId: 'camp_1', previous: { totalCalls: 1, averageScore: 7.5 } }])
  })
})

test('calls at once, repeats and surveys', async () => {
  const call = (id: string, from: string, to: string) =>
    ended(id, `2024-03-01T${to}:00Z`, {
      startedAt: `2024-03-01T${from}:00Z`,
      externalEndpoint: '+1',
      internalEndpoint: '+2',
    })
  await ingest('calls', [call('a', '10:00', '10:10'), call('b', '10:10', '10:20'), call('c', '10:05', '10:15')])
  await ingest('surveys', [
    { callId: 'a', state: 'Completed', score: 5 },
    { callId: 'b', responses: [{ question: 'q', answer: 'x' }], score: 4.5 },
    {
      callId: 'c',
      responses: [
        { question: 'q', answer: 'x' },
        { question: 'q', answer: '' },
      ],
    },
  ])
  const names =
    'peakConcurrentCalls,repeatCalls,repeatCallRate,surveyResponseRate,surveyAverageScore,surveyCompletionRate,medianDurationSeconds'
  const expected = {
    peakConcurrentCalls: 2,
    repeatCalls: 2,
    repeatCallRate: 0.6667,
    surveyResponseRate: 0.6667,
    surveyAverageScore: 4.8,
    surveyCompletionRate: 0.5,
    medianDurationSeconds: 60,
  }
  const asked = () => get(`summary?dateFrom=2024-03-01&dateTo=2024-03-02&metrics=${names}`)
  expect((await asked()).json.metrics).toEqual(expected)
  await rebuildAllTotals(earshot.ports, account.id)
  expect((await asked()).json.metrics).toEqual(expected)
  const days = (await get(`trends?dateFrom=2024-03-01&dateTo=2024-03-02&metrics=${names}`)).json.data
  expect(days.map((row: { metrics: object }) => row.metrics)).toEqual([
    expected,
    {
      peakConcurrentCalls: 0,
      repeatCalls: 0,
      repeatCallRate: null,
      surveyResponseRate: null,
      surveyAverageScore: null,
      surveyCompletionRate: null,
      medianDurationSeconds: null,
    },
  ])
})

describe('periods', () => {
  test('local days: one without midnight, one of 25 hours', async () => {
    await ingest('calls', [
      ended('before', '2026-09-06T03:59:59.999Z', { startedAt: '2026-01-01T00:00:00Z' }),
      ended('first', '2026-09-06T04:00:00Z', { startedAt: '2026-01-01T00:00:00Z' }),
      ended('twice', '2026-04-05T03:59:59Z', { startedAt: '2026-01-01T00:00:00Z' }),
      ended('after', '2026-04-05T04:00:00Z', { startedAt: '2026-01-01T00:00:00Z' }),
    ])
    const days = async (query: string) =>
      (await get(`trends?timezone=America/Santiago&${query}`)).json.data.map(
        (row: { date: string; totalCalls: number }) => [row.date, row.totalCalls],
      )
    for (const settled of [false, true]) {
      if (settled) await rebuildAllTotals(earshot.ports, account.id)
      expect(await days('dateFrom=2026-09-05&dateTo=2026-09-06')).toEqual([
        ['2026-09-05', 1],
        ['2026-09-06', 1],
      ])
      expect(await days('dateFrom=2026-04-04&dateTo=2026-04-05')).toEqual([
        ['2026-04-04', 1],
        ['2026-04-05', 1],
      ])
    }
  })

  test('instants are half-open; times without an offset are local', async () => {
    await ingest('calls', [ended('a', '2024-05-01T10:00:00Z'), ended('b', '2024-05-01T11:00:00Z')])
    const count = async (query: string) => (await get(`trends?granularity=monthly&${query}`)).json.data[0].totalCalls
    expect(await count('dateFrom=2024-05-01T10:00:00Z&dateTo=2024-05-01T11:00:00Z')).toBe(1)
    expect(await count('dateFrom=2024-05-01T10:00:00Z&dateTo=2024-05-01T11:00:00.001Z')).toBe(2)
    expect(await count('dateFrom=2024-05-01T06:30&dateTo=2024-05-01&timezone=America/Santiago')).toBe(1)
    expect(await count('dateFrom=2024-05-01T12:30:00+02:00&dateTo=2024-05-02')).toBe(1)
    const { json } = await get('summary?dateFrom=2024-05-01T10:00:00Z&dateTo=2024-05-01T11:00:00Z&compare=previous')
    expect(json).toMatchObject({
      dateFrom: '2024-05-01T10:00:00Z',
      dateTo: '2024-05-01T11:00:00Z',
      previous: { dateFrom: '2024-05-01T09:00:00.000Z', dateTo: '2024-05-01T10:00:00.000Z' },
    })
  })

  test('a time that clocks skip is the instant at which they do', async () => {
    // Half past midnight and one o'clock in Santiago are the same instant, 04:00 in UTC.
    await ingest('calls', [ended('a', '2026-09-06T04:00:00Z'), ended('b', '2026-09-06T04:29:59.999Z')])
    const zone = 'timezone=America/Santiago'
    const count = async (query: string) =>
      (await get(`trends?granularity=monthly&${zone}&${query}`)).json.data[0].totalCalls
    expect(await count('dateFrom=2026-09-06T00:30&dateTo=2026-09-06T01:30')).toBe(2)
    expect(await count('dateFrom=2026-09-06T01:00&dateTo=2026-09-06T01:30')).toBe(2)
    const { message } = await refused(`summary?${zone}&dateFrom=2026-09-06T00:10&dateTo=2026-09-06T00:50`)
    expect(message).toContain('which skip the time between the two')
    expect((await refused(`summary?${zone}&dateFrom=2026-09-06T02:00&dateTo=2026-09-06T01:50`)).message).not.toContain(
      'skip',
    )
  })

  test('whatever can be stored can be asked for, in every zone', async () => {
    const first = { ...ended('first', '1900-01-01T00:00:00Z'), startedAt: '1900-01-01T00:00:00Z' }
    const last = ended('last', '2299-12-30T23:59:59.999Z')
    await ingest('calls', [first, last])
    const count = async (query: string) => (await get(`summary?${query}&metrics=totalCalls`)).json.metrics.totalCalls
    for (const settled of [false, true]) {
      if (settled) await rebuildAllTotals(earshot.ports, account.id)
      expect(await count('dateFrom=1899-12-31&dateTo=1899-12-31&timezone=America/Santiago')).toBe(1)
      expect(await count('dateFrom=1900-01-01&dateTo=1900-01-31&compare=previous')).toBe(1)
      expect(await count('dateFrom=2299-12-31&dateTo=2299-12-31&timezone=Pacific/Auckland')).toBe(1)
      expect(await count('dateFrom=2299-12-30T00:00:00Z&dateTo=2299-12-30T23:59:59.999Z')).toBe(0)
    }
    const { message } = await refused('summary?dateFrom=2026-01-01T00:00:00Z&dateTo=9999-12-31T23:59:59Z')
    expect(message).toBe('dateTo must lie between 1900-01-01T00:00:00Z and 2299-12-30T23:59:59.999Z.')
    const refusal = await account.request('POST', '/v1/ingest/calls', { ...last, endedAt: '9999-12-31T23:59:59Z' })
    expect(refusal.json.error.details[0].message).toContain('must lie between 1900-01-01')
  })

  test('a period that is not over yet is compared with the same part of the one before', async () => {
    await ingest('calls', [
      ended('early', '2026-05-02T08:59:59.999Z'),
      ended('late', '2026-05-02T09:00:00Z'),
      ended('now', '2026-05-03T08:00:00Z'),
      ended('april', '2026-04-01T00:00:00Z'),
    ])
    const { now } = earshot.ports
    earshot.ports.now = () => Date.UTC(2026, 4, 3, 9)
    try {
      const today = 'dateFrom=2026-05-03&dateTo=2026-05-03&compare=previous'
      expect((await get(`summary?${today}&metrics=totalCalls`)).json).toMatchObject({
        dateFrom: '2026-05-03',
        dateTo: '2026-05-03',
        metrics: { totalCalls: 1 },
        previous: {
          dateFrom: '2026-05-02T00:00:00.000Z',
          dateTo: '2026-05-02T09:00:00.000Z',
          metrics: { totalCalls: 1 },
          change: { totalCalls: { absolute: 0, relative: 0 } },
        },
      })
      const days = (await get('trends?dateFrom=2026-05-01&dateTo=2026-05-31&compare=previous')).json.data
      expect(days[0].previous).toMatchObject({ date: '2026-04-01', partial: false, totalCalls: 1 })
      expect(days[2]).toMatchObject({ partial: true, previous: { date: '2026-04-03', partial: true, totalCalls: 0 } })
      expect(days[3].previous).toBeNull()
    } finally {
      earshot.ports.now = now
    }
  })

  test('the last 30 local days without dates; nothing at all gives zeros and nulls', async () => {
    const { now } = earshot.ports
    earshot.ports.now = () => Date.UTC(2026, 4, 3, 23, 59, 59, 999)
    try {
      expect((await get('summary')).json).toEqual({
        dateFrom: '2026-04-04',
        dateTo: '2026-05-03',
        totalEvaluations: 0,
        completedEvaluations: 0,
        averageScore: null,
        sentimentBreakdown: { positive: 0, neutral: 0, negative: 0 },
        averageDurationSeconds: null,
        topCampaign: null,
        topCallCenter: null,
      })
      expect((await get('campaigns')).text).toBe('{"data":[]}')
      expect((await get('trends')).json.data).toHaveLength(30)
    } finally {
      earshot.ports.now = now
    }
  })

  test('five years and not a day more', async () => {
    await get('summary?dateFrom=2021-01-01&dateTo=2025-12-31')
    expect(await refused('summary?dateFrom=2021-01-01&dateTo=2026-01-01')).toMatchObject({
      code: 'VALIDATION_ERROR',
      message: expect.stringContaining('at most 5 years'),
      requestId: expect.any(String),
    })
  })
})

describe('refusals', () => {
  test.each([
    ['summary?dateFrom=2299-01-01', 'dateFrom'],
    ['summary?dateFrom=2024-01-02&dateTo=2024-01-01', 'must not be before'],
    ['summary?dateFrom=2024-13-01&dateTo=2024-01-01', 'calendar'],
    ['summary?dateFrom=yesterday&dateTo=2024-01-01', 'YYYY-MM-DD'],
    ['summary?dateFrom=2024-01-01T25:00Z&dateTo=2024-01-02', 'dateFrom must be a date'],
    ['summary?timezone=Mars/Olympus', 'timezone'],
    ['summary?metrics=happiness', 'averageScore'],
    ['summary?compare=next', 'previous'],
    ['summary?campaignId=a,,b', 'no empty value'],
    ['trends?granularity=hourly', 'daily, weekly, monthly'],
    ['trends?channel=pigeon', 'phone, mobile'],
    ['campaigns?limit=0', '1 to 10000'],
  ])('%s says what would be right', async (path, text) => {
    expect(await refused(path)).toMatchObject({
      code: 'VALIDATION_ERROR',
      message: expect.stringContaining(text),
      requestId: expect.any(String),
    })
  })

  test('each scope opens its own paths', async () => {
    const reader = await earshot.account({ scopes: ['analytics:read'] })
    expect((await reader.request('GET', '/v1/analytics/summary')).status).toBe(200)
    expect((await reader.request('POST', '/v1/analytics/export', {})).json.error.code).toBe('INSUFFICIENT_SCOPE')
    const other = await earshot.account({ scopes: ['analytics:export'] })
    expect((await other.request('GET', '/v1/analytics/trends')).status).toBe(403)
    const { url } = earshot
    const nobody = await fetch(`${url}/v1/analytics/summary`, { headers: { Authorization: 'Bearer nonsense' } })
    expect(nobody.status).toBe(401)
    const bearer = await fetch(`${url}/v1/analytics/summary`, { headers: { Authorization: `Bearer ${reader.apiKey}` } })
    expect(bearer.status).toBe(200)
  })
})
