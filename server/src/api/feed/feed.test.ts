import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { giveRecording, ingest, numbersOf, phoneCall } from '../../../test/feedCalls.ts'
import { openTestApp, type TestAccount, type TestApp } from '../../../test/testApp.ts'

let earshot: TestApp
let account: TestAccount
let now: () => number

beforeAll(async () => {
  earshot = await openTestApp()
  now = earshot.ports.now
})
afterAll(() => earshot.close())
beforeEach(async () => {
  account = await earshot.account()
})

const get = (query: string, headers: Record<string, string> = {}) =>
  account.request('GET', `/v1/sa/call?${query}`, undefined, headers)
const numbers = async (query: string) => numbersOf(await get(query))
const send = (...records: Record<string, unknown>[]) => ingest(account, 'calls', records)

/** The calls 1 to `count`. */
const sendCalls = (count: number) => send(...Array.from({ length: count }, (_, index) => phoneCall(`c${index + 1}`)))

describe('filters', () => {
  test('afterCallId works with and without consecutive', async () => {
    await sendCalls(5)
    expect(await numbers('afterCallId=3')).toEqual([4, 5])
    expect(await numbers('afterCallId=3&consecutive=true')).toEqual([4, 5])
    expect(await numbers('afterCallId=0')).toEqual([1, 2, 3, 4, 5])
    expect(await numbers('afterCallId=9007199254740991')).toEqual([])
  })

  test('fromTime and toTime take [from, to) on the start, in any offset', async () => {
    await send(
      phoneCall('a', { startedAt: '2026-05-03T09:59:59.999Z' }),
      phoneCall('b', { startedAt: '2026-05-03T10:00:00.000Z' }),
      phoneCall('c', { startedAt: '2026-05-03T10:59:59.999Z' }),
      phoneCall('d', { startedAt: '2026-05-03T11:00:00.000Z' }),
    )
    expect(await numbers('fromTime=2026-05-03T10:00:00Z&toTime=2026-05-03T11:00:00Z')).toEqual([2, 3])
    expect(await numbers('fromTime=2026-05-03T12:00:00%2B02:00&toTime=2026-05-03T07:00:00-04:00')).toEqual([2, 3])
    // As it arrives when the plus was not encoded.
    expect(await numbers('fromTime=2026-05-03T12:00:00+02:00')).toEqual([2, 3, 4])
    expect(await numbers('fromTime=2026-05-03t10:00:00.0005z')).toEqual([2, 3, 4])
    expect(await numbers('fromTime=2026-05-03T10:00:00-00:00')).toEqual([2, 3, 4])
    expect(await numbers('fromTime=0000-01-01T00:00:00Z&toTime=2525-01-01T00:00:00Z')).toEqual([1, 2, 3, 4])
    expect(await numbers('fromTime=2525-01-01T00:00:00Z')).toEqual([])
  })

  test('times without an offset are on the account’s clock, also where it is changed', async () => {
    account = await earshot.account({ timezone: 'America/Santiago' })
    await send(
      phoneCall('a', { startedAt: '2026-05-03T13:59:59Z' }),
      phoneCall('b', { startedAt: '2026-05-03T14:00:00Z' }),
      phoneCall('c', { startedAt: '2026-09-06T04:00:00Z' }),
    )
    expect(await numbers('fromTime=2026-05-03T10:00:00&toTime=2026-05-03T10:00:01')).toEqual([2])
    // Midnight was skipped that day: it means the first moment after it.
    expect(await numbers('fromTime=2026-09-06T00:00:00')).toEqual([3])
  })

  test.each([
    ['today', [4, 5]],
    ['last24hours', [3, 4, 5]],
    ['thisWeek', [2, 3, 4, 5]],
    ['last7days', [2, 3, 4, 5]],
    ['thisMonth', [2, 3, 4, 5]],
    ['last30days', [1, 2, 3, 4, 5]],
    ['thisYear', [1, 2, 3, 4, 5]],
    ['last365days', [0, 1, 2, 3, 4, 5]],
  ])('period=%s ends now and begins on the account’s clock', async (period, expected) => {
    account = await earshot.account({ timezone: 'America/Santiago' })
    // A Wednesday, 11:00 in Santiago (UTC-4).
    earshot.ports.now = () => Date.parse('2026-06-03T15:00:00Z')
    try {
      const starts = [
        '2026-01-01T02:59:59Z',
        '2026-05-10T00:00:00Z',
        '2026-06-01T04:00:00Z',
        '2026-06-02T15:00:00Z',
        '2026-06-03T04:00:00Z',
        '2026-06-03T15:00:01Z',
      ]
      await send(...starts.map((startedAt, index) => phoneCall(`c${index}`, { startedAt })))
      expect((await numbers(`period=${period}`)).map((number) => number - 1)).toEqual(expected)
      expect(await numbers(`period=${period}&toTime=2026-06-03T00:00:00Z&fromTime=2026-06-02T00:00:00Z`)).toEqual(
        expected.includes(3) ? [4] : [],
      )
    } finally {
      earshot.ports.now = now
    }
  })

  test('lists are taken repeated, joined with commas, and with []', async () => {
    await send(...['q1', 'q2', 'q3', 'q4'].map((queueId) => phoneCall(queueId, { queueId })))
    expect(await numbers('queueId=q1&queueId=q3')).toEqual([1, 3])
    expect(await numbers('queueId=q1,q4')).toEqual([1, 4])
    expect(await numbers('queueId[]=q2&queueId=q3,q4')).toEqual([2, 3, 4])
    expect(await numbers('queueId=q9')).toEqual([])
  })

  test('agentId is the agent’s id or user id', async () => {
    await ingest(account, 'agents', [
      { id: 'a1', name: 'One', userId: 'user-1' },
      { id: 'a2', name: 'Two', userId: 'a3' },
    ])
    await send(...['a1', 'a2', 'a3', 'a4'].map((agentId) => phoneCall(agentId, { agentId })))
    expect(await numbers('agentId=a1')).toEqual([1])
    expect(await numbers('agentId=user-1')).toEqual([1])
    expect(await numbers('agentId=a3')).toEqual([2, 3])
    expect(await numbers('agentId=user-1,a4')).toEqual([1, 4])
  })

  test('aivrAppId, internalEndpoint, direction and voicemail', async () => {
    await send(
      phoneCall('a', { voicebotAppId: 'app-1', internalEndpoint: '+56223456789' }),
      phoneCall('b', { voicebotAppId: 'app-2', internalEndpoint: '14693333606', direction: 'outbound' }),
      phoneCall('c', { markers: [{ time: 5, type: 'VM_START', note: null }] }),
    )
    expect(await numbers('aivrAppId=app-1,app-2')).toEqual([1, 2])
    expect(await numbers('internalEndpoint=%2B56223456789')).toEqual([1])
    expect(await numbers('direction=outbound')).toEqual([2])
    expect(await numbers('direction=inbound')).toEqual([1, 3])
    expect(await numbers('voicemail=true')).toEqual([3])
    expect(await numbers('voicemail=false')).toEqual([1, 2])
    expect(await numbers('aivrAppId=app-1&direction=outbound')).toEqual([])
  })

  test('unknown parameters are ignored, and so are those that have no effect here', async () => {
    await sendCalls(1)
    expect(await numbers('utm=1&userGroupIds=a&recomputePhase=queued&inclSegments=true')).toEqual([1])
    expect(await numbers('contextId=17396f85-57b1-446c-874b-e40037998113')).toEqual([1])
  })
})

describe('sorting', () => {
  beforeEach(async () => {
    const at = (hour: number) => `2026-05-03T1${hour}:00:00Z`
    await send(...[3, 1, 1, 2].map((hour, index) => phoneCall(`c${index + 1}`, { startedAt: at(hour) })))
    await ingest(account, 'evaluations', [
      { callId: 'c2', status: 'evaluated', score: 9 },
      { callId: 'c4', status: 'evaluated', score: 2.5 },
    ])
  })

  test.each([
    ['', [1, 2, 3, 4]],
    ['sort_by=documentId&sort_dir=desc', [4, 3, 2, 1]],
    ['sort_dir=desc', [4, 3, 2, 1]],
    ['sort_by=time', [2, 3, 4, 1]],
    ['sort_by=time&sort_dir=desc', [1, 4, 2, 3]],
    ['sort_by=time&sort_by=documentId&sort_dir=desc&sort_dir=desc', [1, 4, 3, 2]],
    ['sort_by[]=time&sort_by[]=documentId&sort_dir[]=asc&sort_dir[]=desc', [3, 2, 4, 1]],
    ['sort_by=time,score&sort_dir=asc,asc', [2, 3, 4, 1]],
    // Calls without a score come last, both ways.
    ['sort_by=score&sort_dir=asc', [4, 2, 1, 3]],
    ['sort_by=score&sort_dir=desc', [2, 4, 1, 3]],
  ])('%s', async (query, expected) => {
    expect(await numbers(query)).toEqual(expected)
    const pages = await Promise.all([1, 2, 3].map((page) => numbers(`${query}&per_page=2&page=${page}`)))
    expect(pages).toEqual([expected.slice(0, 2), expected.slice(2), []])
  })
})

describe('consecutive', () => {
  test('stops at the first call that is neither DONE nor ERROR, and the next page is empty', async () => {
    await sendCalls(6)
    await send({ id: 'c3', phase: 'ERROR' }, { id: 'c5', phase: 'STOPPED' })
    expect(await numbers('consecutive=true&per_page=2&page=1')).toEqual([1, 2])
    expect(await numbers('consecutive=true&per_page=2&page=2')).toEqual([3, 4])
    expect(await numbers('consecutive=true&per_page=2&page=3')).toEqual([])
    const whole = await get('consecutive=true')
    expect(numbersOf(whole)).toEqual([1, 2, 3, 4])
    expect(whole.headers.get('x-total-count')).toBe('4')
    expect(whole.headers.get('link')).not.toContain('rel="next"')
    expect(await numbers('consecutive=false')).toEqual([1, 2, 3, 4, 5, 6])
  })

  test.each(['INPUT_READY', 'ACCEPTED', 'WAITING', 'QUEUED', 'FETCHING', 'FETCHED', 'PROCESSING', 'RECOMPUTING'])(
    '%s stops it',
    async (phase) => {
      await send(phoneCall('a'), phoneCall('b', { phase }), phoneCall('c'))
      expect(await numbers('consecutive=true')).toEqual([1])
    },
  )

  test('goes on, after the same afterCallId and on the same page, once the call is finished', async () => {
    await sendCalls(5)
    await send({ id: 'c2', phase: 'PROCESSING' })
    expect(await numbers('consecutive=true&per_page=3&page=1')).toEqual([1])
    await send({ id: 'c2', phase: 'DONE' })
    expect(await numbers('consecutive=true&per_page=3&page=2')).toEqual([2, 3, 4])
    expect(await numbers('consecutive=true&per_page=3&page=3')).toEqual([5])
  })

  test('any unfinished call in the time range stops it, whatever the other filters; outside it does not', async () => {
    await send(
      phoneCall('a', { queueId: 'q' }),
      phoneCall('b', { startedAt: '2020-01-01T00:00:00Z', phase: 'PROCESSING' }),
      phoneCall('c', { queueId: 'q' }),
      phoneCall('d', { phase: 'PROCESSING' }),
      phoneCall('e', { queueId: 'q' }),
    )
    expect(await numbers('consecutive=true&queueId=q&fromTime=2026-01-01T00:00:00Z')).toEqual([1, 3])
    expect(await numbers('consecutive=true&queueId=q')).toEqual([1])
    const { headers } = await get('consecutive=true&queueId=q&fromTime=2026-01-01T00:00:00Z&per_page=1')
    expect(headers.get('x-total-count')).toBe('2')
  })

  test('stops also where the run was counted before and a call is worked on anew', async () => {
    await sendCalls(6)
    expect((await get('consecutive=true&per_page=2')).headers.get('x-total-count')).toBe('6')
    await send({ id: 'c4', phase: 'RECOMPUTING' })
    const second = await get('consecutive=true&per_page=2&page=2')
    expect(numbersOf(second)).toEqual([3])
    expect(second.headers.get('x-total-count')).toBe('3')
  })

  test('finds its calls among many that do not match', async () => {
    await send(
      ...Array.from({ length: 5000 }, (_, index) =>
        phoneCall(`c${index + 1}`, index % 2500 === 2499 ? { queueId: 'rare' } : {}),
      ),
    )
    expect(await numbers('consecutive=true&queueId=rare&per_page=1')).toEqual([2500])
    expect(await numbers('consecutive=true&queueId=rare&per_page=1&page=2')).toEqual([5000])
    expect(await numbers('queueId=rare&sort_dir=desc')).toEqual([5000, 2500])
  })
})

describe('pages', () => {
  test('are told by X-Total-Count and Link, under the public address, with the query as it was', async () => {
    await sendCalls(5)
    const url = `${earshot.url}/v1/sa/call`
    const { headers } = await get('format=json&page=2&per_page=2&direction=none')
    expect(headers.get('link')).toBeNull()
    const second = await get('format=json&page=2&per_page=2')
    expect(second.headers.get('x-total-count')).toBe('5')
    const link = (page: number, rel: string) => `<${url}?format=json&page=${page}&per_page=2>; rel="${rel}"`
    expect(second.headers.get('link')?.split(', ')).toEqual([
      link(2, 'self'),
      link(1, 'first'),
      link(1, 'prev'),
      link(3, 'next'),
      link(3, 'last'),
    ])
    const third = await get('format=json&page=3&per_page=2')
    expect(third.headers.get('link')).not.toContain('rel="next"')
    expect((await get('')).headers.get('link')).toContain(`<${url}?page=1>; rel="last"`)
    expect((await get('afterCallId=5')).headers.get('x-total-count')).toBe('0')
  })

  test.each([
    ['by callId', 'per_page=2'],
    ['by callId, descending', 'per_page=2&sort_dir=desc'],
    ['by time', 'per_page=2&sort_by=time'],
    ['consecutive', 'per_page=2&consecutive=true'],
  ])('deletions between them shift nothing: %s', async (_, query) => {
    await sendCalls(8)
    const seen = await numbers(`${query}&page=1`)
    for (const number of seen) await account.request('DELETE', `/v1/ingest/calls/c${number}`)
    const rest = [...(await numbers(`${query}&page=2`)), ...(await numbers(`${query}&page=3`))]
    const all = query.includes('desc') ? [8, 7, 6, 5, 4, 3] : [1, 2, 3, 4, 5, 6]
    expect([...seen, ...rest]).toEqual(all)
    // A page asked for again is the same page.
    expect(await numbers(`${query}&page=3`)).toEqual(all.slice(4))
    // Page 1 begins anew.
    expect(await numbers(`${query}&page=1`)).toEqual(all.slice(2, 4))
    expect(await numbers(`${query}&page=2`)).toEqual(all.slice(4, 6))
  })

  test('what a page memory does not know is counted, from the nearest page that it does', async () => {
    await sendCalls(8)
    expect(await numbers('per_page=2&page=3')).toEqual([5, 6])
    expect(await numbers('per_page=3&page=1')).toEqual([1, 2, 3])
    await account.request('DELETE', '/v1/ingest/calls/c1')
    expect(await numbers('per_page=3&page=3')).toEqual([7, 8])
    expect(await numbers('per_page=3&page=2')).toEqual([4, 5, 6])
  })

  test('the memory is one key’s, and lasts a day', async () => {
    await sendCalls(6)
    const other = await account.request('POST', '/v1/admin/keys', { name: 'other', scopes: ['calls:read'] })
    await numbers('per_page=2&page=1')
    await account.request('DELETE', '/v1/ingest/calls/c1')
    const byOther = await get('per_page=2&page=2', { 'X-Api-Key': other.json.apiKey })
    expect(numbersOf(byOther)).toEqual([4, 5])
    expect(await numbers('per_page=2&page=2')).toEqual([3, 4])
    earshot.ports.now = () => now() + 24 * 3_600_000
    try {
      expect(await numbers('per_page=2&page=2')).toEqual([4, 5])
    } finally {
      earshot.ports.now = now
    }
  })

  test('X-Total-Count follows what comes during a run', async () => {
    await sendCalls(4)
    expect((await get('per_page=2')).headers.get('x-total-count')).toBe('4')
    await send(phoneCall('c5'), phoneCall('c6'))
    expect((await get('per_page=2&page=2')).headers.get('x-total-count')).toBe('6')
    expect(await numbers('per_page=2&page=3')).toEqual([5, 6])
  })

  test('10,000 calls fit into one', async () => {
    await sendCalls(10_000)
    const answer = await get('per_page=10000')
    expect(numbersOf(answer)).toEqual(Array.from({ length: 10_000 }, (_, index) => index + 1))
    expect((await get('format=csv&per_page=10000')).text.split('\r\n')).toHaveLength(10_002)
  })
})

describe('JSON or CSV', () => {
  test.each([
    ['', undefined, 'json'],
    ['', '*/*', 'json'],
    ['', 'text/csv', 'csv'],
    ['', 'text/csv, */*;q=0.1', 'csv'],
    ['', 'application/json, text/csv', 'json'],
    ['', 'text/csv;q=0.5, application/json', 'json'],
    ['format=json', 'text/csv', 'json'],
    ['format=csv', 'application/json', 'csv'],
    ['format=csv', '*/*', 'csv'],
  ])('%s with Accept %s is %s', async (query, accept, expected) => {
    const { headers } = await get(query, accept === undefined ? {} : { Accept: accept })
    expect(headers.get('content-type')).toBe(
      expected === 'csv' ? 'text/csv; charset=utf-8' : 'application/json; charset=utf-8',
    )
  })
})

describe('refusals', () => {
  test.each([
    ['format=xlsx', 'format'],
    ['consecutive=1', 'consecutive'],
    ['afterCallId=-1', 'afterCallId'],
    ['afterCallId=x', 'afterCallId'],
    ['afterCallId=99999999999999999999', 'afterCallId'],
    ['page=0', 'page'],
    ['page=1.5', 'page'],
    ['page=1&page=2', 'page'],
    ['per_page=0', 'per_page'],
    ['per_page=10001', 'per_page'],
    ['fromTime=yesterday', 'fromTime'],
    ['fromTime=2026-05-03', 'fromTime'],
    ['toTime=2026-02-30T00:00:00Z', 'toTime'],
    [`toTime=2026-05-03T00:00:00.${'0'.repeat(20)}Z`, 'toTime'],
    ['period=yesterday', 'period'],
    ['direction=both', 'direction'],
    ['voicemail=maybe', 'voicemail'],
    ['queueId=a,,b', 'queueId'],
    ['sort_by=callId', 'sort_by'],
    ['sort_dir=up', 'sort_dir'],
    ['sort_by=time&sort_dir=asc&sort_dir=asc', 'sort_by'],
    ['contextId=short', 'contextId'],
    ['consecutive=true&sort_by=documentId', 'consecutive'],
    ['consecutive=true&sort_dir=asc', 'consecutive'],
    ['consecutive=true&sort_by[]=time', 'consecutive'],
  ])('%s', async (query, named) => {
    const { status, json } = await get(query)
    expect([status, json]).toEqual([400, { error: { reason: 'Bad Request', detail: expect.stringContaining(named) } }])
  })

  test('without a key, with a wrong one, without the scope, beside the path, with another method', async () => {
    const ask = async (path: string, headers: Record<string, string>, method = 'GET') => {
      const answer = await fetch(`${earshot.url}${path}`, { method, headers })
      return [answer.status, ((await answer.json()) as { error: { reason: string } }).error.reason]
    }
    const narrow = await earshot.account({ scopes: ['ingest:write'] })
    expect(await ask('/v1/sa/call', {})).toEqual([401, 'Unauthorized'])
    expect(await ask('/v1/sa/call', { Authorization: `Bearer ${account.jwt}x` })).toEqual([401, 'Unauthorized'])
    expect(await ask('/v1/sa/call', { 'X-Api-Key': narrow.apiKey })).toEqual([403, 'Forbidden'])
    expect(await ask('/v1/sa/calls', { 'X-Api-Key': account.apiKey })).toEqual([404, 'Not Found'])
    expect(await ask('/v1/sa/call', { 'X-Api-Key': account.apiKey }, 'POST')).toEqual([405, 'Method Not Allowed'])
  })

  test('the JWT works with and without the word Bearer', async () => {
    await sendCalls(1)
    for (const authorization of [`Bearer ${account.jwt}`, `bearer ${account.jwt}`, account.jwt]) {
      const answer = await fetch(`${earshot.url}/v1/sa/call`, { headers: { Authorization: authorization } })
      expect([answer.status, ((await answer.json()) as unknown[]).length]).toEqual([200, 1])
    }
  })

  test('a page past the rate is 429 with Retry-After, and every answer tells the windows', async () => {
    const instant = now()
    // Requests of one minute, whenever this runs.
    earshot.ports.now = () => instant
    earshot.ports.config.rateLimit = 2
    try {
      const first = await get('')
      expect(first.headers.get('ratelimit-limit')).toBe('2, 2;window=60')
      expect(first.headers.get('ratelimit-remaining')).toBe('1')
      expect(Number(first.headers.get('ratelimit-reset'))).toBeGreaterThan(0)
      await get('')
      const third = await get('')
      expect([third.status, third.json.error.reason]).toEqual([429, 'Too Many Requests'])
      expect(Number(third.headers.get('retry-after'))).toBeGreaterThan(0)
    } finally {
      earshot.ports.now = now
      earshot.ports.config.rateLimit = 0
    }
  })
})

describe('what it shows', () => {
  test('only the account’s own calls, each once, as they are now', async () => {
    await sendCalls(3)
    const others = account
    account = await earshot.account()
    expect(await numbers('')).toEqual([])
    await send(phoneCall('c1', { notes: 'first' }))
    await send({ id: 'c1', notes: 'second', startedAt: '2025-01-01T00:00:00Z' })
    const { json } = await get('')
    expect(json.map((call: { notes: string }) => call.notes)).toEqual(['second'])
    expect(json[0].startTime).toBe('2025-01-01T00:00:00.000Z')
    expect(numbersOf(await others.request('GET', '/v1/sa/call'))).toEqual([1, 2, 3])
  })

  test('a recording by its id', async () => {
    await sendCalls(1)
    await giveRecording(earshot, account, 'c1', '49532709-1f2a-4e5b-a8c8-9e301c5a749d')
    expect((await get('')).json[0].recording).toBe('49532709-1f2a-4e5b-a8c8-9e301c5a749d')
  })

  test('clients that hang up at any moment leave no connection of the engine behind', async () => {
    await sendCalls(1500)
    const url = `${earshot.url}/v1/sa/call?format=csv&per_page=10000`
    const headers = { 'X-Api-Key': account.apiKey }
    for (let round = 0; round < 12; round++) {
      const hangUp = new AbortController()
      const answer = fetch(url, { headers, signal: hangUp.signal }).catch(() => undefined)
      if (round % 3 === 0) await answer
      else await new Promise((resolve) => setTimeout(resolve, round))
      hangUp.abort()
    }
    const whole = await get('format=csv&per_page=10000')
    expect(whole.text.split('\r\n')).toHaveLength(1502)
  })

  test('an engine that fails at once is told so, and one that fails on its way cuts the answer off', async () => {
    await sendCalls(1)
    const { ports } = earshot
    const { clickhouse } = ports
    const failingAfter = (pieces: string[]) =>
      async function* () {
        for (const piece of pieces) yield Buffer.from(piece)
        throw new Error('secret-host is gone')
      }
    try {
      ports.clickhouse = { ...clickhouse, stream: failingAfter([]) }
      const refused = await get('format=csv')
      expect([refused.status, refused.json.error.reason]).toEqual([500, 'Internal Server Error'])
      expect(refused.text).not.toContain('secret-host')
      ports.clickhouse = { ...clickhouse, stream: failingAfter(['a line\r\n']) }
      await expect(get('format=csv')).rejects.toThrow()
    } finally {
      ports.clickhouse = clickhouse
    }
  })
})
