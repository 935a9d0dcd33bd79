import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openTestApp, type TestAccount, type TestApp } from './testApp.ts'

let earshot: TestApp
let account: TestAccount

const base = { channel: 'phone', status: 'completed', startedAt: '2026-05-03T10:00:00Z', durationSeconds: 60 }
const period = 'dateFrom=2026-05-01&dateTo=2026-05-31'

beforeAll(async () => {
  earshot = await openTestApp()
  account = await earshot.account()
  const calls = [
    { ...base, id: 'one', campaignId: 'c1', agentId: 'c1', queueId: 'c1', tags: ['VIP '] },
    { ...base, id: 'two', campaignId: 'C1', agentId: 'C1', queueId: 'C1', tags: ['Mesa, Santiago'] },
    { ...base, id: 'three', campaignId: 'c3', agentId: 'c3', queueId: 'c3', tags: ['say "no"', ' led'] },
  ]
  const sent = await account.request('POST', '/v1/ingest/calls', calls)
  expect(sent.status, sent.text).toBe(200)
})
afterAll(() => earshot.close())

/** How many calls each surface finds for one list, by what each of them calls the field. */
async function foundFor(list: string): Promise<number[]> {
  const calls = await account.request('GET', `/api/v1/calls?campaign_id=${list}`)
  const campaigns = await account.request('GET', `/v1/analytics/campaigns?${period}&campaignId=${list}`)
  const feed = await account.request('GET', `/v1/sa/call?queueId=${list}`)
  const heatMap = await account.request('GET', `/v1/console/heat-map?${period}&agentId=${list}`)
  const sum = (entries: { totalCalls?: number; calls?: number }[]): number =>
    entries.reduce((total, entry) => total + (entry.totalCalls ?? entry.calls ?? 0), 0)
  return [calls.json.total, sum(campaigns.json.data), feed.json.length, sum(heatMap.json.data)]
}

describe('lists are read alike by every surface', () => {
  test.each([
    ['c1', 1],
    ['c1,C1', 2],
    ['c1,%20C1', 2],
    ['c1%20,C1', 1],
    ['"c1","c3"', 2],
    ['"c1,C1"', 0],
    ['', 3],
  ])('%s', async (list, count) => {
    expect(await foundFor(list)).toEqual([count, count, count, count])
  })

  test.each([
    ['VIP ', 1],
    ['VIP', 0],
    ['"Mesa, Santiago"', 1],
    ['Mesa, Santiago', 0],
    ['VIP ,"say ""no"""', 2],
    ['" led"', 1],
  ])('the tag %j', async (tag, count) => {
    const query = `${period}&granularity=monthly&tag=${encodeURIComponent(tag)}`
    const { data } = (await account.request('GET', `/v1/analytics/trends?${query}`)).json
    expect(data[0].totalCalls).toBe(count)
  })
})

describe('what clients of many languages send is taken', () => {
  test.each([
    ['/v1/sa/call?consecutive=True&afterCallId=&fromTime=&agentId=&per_page=', 3],
    ['/v1/sa/call?sort_by[0]=documentId&sort_dir[0]=DESC&format=JSON', 3],
    ['/v1/sa/call?queueId[0]=c1&queueId[1]=C1', 2],
    ['//v1/sa/call?queueId=c1', 1],
    [`/v1/sa/call?${Array.from({ length: 350 }, () => 'queueId=7d6e7954-dc21-11ea-87d0-0242ac130030').join('&')}`, 0],
  ])('%.60s', async (path, count) => {
    const { status, json, text } = await account.request('GET', path)
    expect(status, text).toBe(200)
    expect(json).toHaveLength(count)
  })

  test('capitals and empty values in queries and bodies', async () => {
    const trends = await account.request(
      'GET',
      `//v1//analytics/trends?${period}&granularity=Weekly&campaignId=&metrics=`,
    )
    expect([trends.status, trends.json.granularity]).toEqual([200, 'weekly'])
    const calls = await account.request('GET', '/api/v1/calls?sort_order=DESC&status=Completed&limit=&offset=&q=')
    expect([calls.status, calls.json.total, calls.json.limit]).toEqual([200, 3, 20])
    const report = {
      dateFrom: '2026-05-01',
      dateTo: '2026-05-31',
      format: 'XLSX',
      granularity: '',
      campaignId: 'c1,C1',
    }
    expect((await account.request('POST', '/v1/analytics/export', report)).status).toBe(202)
    const asked = {
      dataset: 'calls',
      dateFrom: '2026-05-01',
      dateTo: '2026-05-31',
      status: '',
      format: 'CSV',
      outcome: null,
    }
    const started = await account.request('POST', '/v1/exports', asked)
    expect([started.status, started.json.data?.format, started.json.data?.request.status]).toEqual([
      202,
      'csv',
      undefined,
    ])
    const signs = await account.request('GET', '/api/v1/export/history')
    expect(signs.status).toBe(200)
  })

  test('a sorted feed follows the numbers of its lists', async () => {
    const query = 'sort_by[1]=documentId&sort_by[0]=time&sort_dir[0]=asc&sort_dir[1]=desc'
    const { json } = await account.request('GET', `/v1/sa/call?${query}`)
    expect(json.map(({ callId }: { callId: string }) => callId)).toEqual(['3', '2', '1'])
  })
})

test('exports take lists of the same kind', { timeout: 120_000 }, async () => {
  earshot.ports.jobs.start()
  const rowsOf = async (body: object): Promise<number> => {
    const days = { dateFrom: '2026-05-01', dateTo: '2026-05-31' }
    const { status, json, text } = await account.request('POST', '/v1/exports', { ...days, ...body })
    expect(status, text).toBe(202)
    const path = `/v1/exports/${json.data.exportId}`
    await expect
      .poll(async () => (await account.request('GET', path)).json.data.status, { timeout: 60_000 })
      .toBe('completed')
    return (await account.request('GET', path)).json.data.rowCount
  }
  for (const dataset of ['calls', 'ai-calls']) {
    expect(await rowsOf({ dataset, campaignId: 'c1' })).toBe(1)
    expect(await rowsOf({ dataset, campaignId: 'c1, C1' })).toBe(2)
    expect(await rowsOf({ dataset, campaignId: ['c1', 'C1', 'c3'], status: 'NotEvaluated', outcome: '' })).toBe(3)
    expect(await rowsOf({ dataset, campaignId: '"c1,C1"' })).toBe(0)
  }
})

interface Document {
  paths: Record<string, Record<string, { tags?: string[] }>>
}

describe('a parameter that is not known', () => {
  test('is refused by every path of our own API, and left alone by the published ones', async () => {
    const { paths } = (await (await fetch(`${earshot.url}/openapi.json`)).json()) as Document
    const published = ['exports', 'analytics', 'datasets', 'feed', 'calls', 'webhooks']
    const found = { refused: 0, leftAlone: 0 }
    for (const [path, methods] of Object.entries(paths)) {
      for (const [method, { tags = [] }] of Object.entries(methods)) {
        if (method === 'head') continue
        const isOwn = path.startsWith('/v1/') && !published.includes(tags[0] ?? '')
        const body = method === 'get' || method === 'delete' ? undefined : {}
        const address = `${path.replaceAll(/\{\w+\}/g, '00000000-0000-4000-8000-000000000000')}?curser=abc`
        const { status, text } = await account.request(method.toUpperCase(), address, body)
        const isNamed = text.includes('curser')
        // A wrong body is told before the query is looked at.
        const isRefused = isNamed || (body !== undefined && text.includes('The body is not valid'))
        expect([method, path, isOwn ? isRefused : isNamed, status]).toEqual([method, path, isOwn, expect.any(Number)])
        found[isOwn ? 'refused' : 'leftAlone'] += 1
      }
    }
    expect(found.refused).toBeGreaterThan(25)
    expect(found.leftAlone).toBeGreaterThan(20)
  })

  test('is named, with those that the path knows', async () => {
    const { status, json } = await account.request('GET', '/v1/changes/calls?curser=abc')
    expect(status).toBe(400)
    expect(json.error.message).toBe(
      'The query is not valid: curser: is not known here; known are cursor, limit, fields, format, compression, wait.',
    )
    const { rejected } = (await account.request('POST', '/v1/ingest/calls?dryrun=true', { ...base, id: 'four' })).json
    expect(rejected).toBeUndefined()
    expect((await account.request('GET', '/v1/records/calls/four')).status).toBe(404)
  })
})

describe('a wrong value says what would be right', () => {
  const days = { dateFrom: '2026-05-01', dateTo: '2026-05-02' }
  test.each([
    [{ dataset: 'calls', columns: 'id', ...days }, 'columns: must be a list of names such as ["id", "status"]'],
    [{ dataset: 'calls', from: '2026-05-01T00:00:00', to: '2026-05-02T00:00:00Z' }, 'RFC 3339 time with an offset'],
    [{ dataset: 'calls', from: '2026-05-01T00:00:00Z', to: '2026-05-02T00:00:00Z', ...days }, 'not parts of both'],
  ])('%j', async (body, message) => {
    const { status, json } = await account.request('POST', '/v1/exports', body)
    expect([status, json.error.message]).toEqual([422, expect.stringContaining(message)])
  })

  test.each(['/v1/records/calls', '/v1/exports', '/v1/admin/holds/calls'])('%s?limit=abc', async (path) => {
    for (const limit of ['abc', '1e2', '0x10', ' 5', '1001']) {
      const { json } = await account.request('GET', `${path}?limit=${limit}`)
      expect(json.error.message).toBe('The query is not valid: limit: must be a whole number from 1 to 1000.')
    }
  })
})
